"""One sign-in under way: bound to the browser that started it, good for ten minutes and for one use."""

import hmac
import secrets
from dataclasses import asdict, dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from portal.access.sign_in.errors import Refusal, SignInRefused

#: Seconds. Long enough to find a phone for the second step.
LIFETIME = 600


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What the portal has to remember between sending a person away and their return."""

    state: str
    nonce: str
    verifier: str
    provider: str
    agency: str
    return_to: str | None
    invitation: str | None
    again: bool = False  # somebody who is signed in proves once more who they are


def begin(
    *,
    provider: str,
    agency: str,
    return_to: str | None = None,
    invitation: str | None = None,
    again: bool = False,
) -> Attempt:
    """A fresh attempt with unguessable values."""
    return Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(64),
        provider=provider,
        agency=agency,
        return_to=return_to,
        invitation=invitation,
        again=again,
    )


def cookie_suffix(state: str) -> str:
    """Part of the cookie's name, so that sign-ins in two tabs do not disturb one another."""
    return state[:8] if state[:8].replace("-", "").replace("_", "").isalnum() else "unknown"


class AttemptKeeper:
    """Turns attempts into the content of a cookie, and back."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="sign-in attempt")

    def write(self, attempt: Attempt) -> str:
        """The content of the cookie."""
        return str(self._serializer.dumps(asdict(attempt)))

    def read(self, content: str | None, *, state: str, provider: str) -> Attempt:
        """The attempt that the browser started, if state and provider are the ones that came back.

        Raises :class:`SignInRefused`.
        """
        try:
            attempt = Attempt(**self._serializer.loads(content or "", max_age=LIFETIME))
        except (BadSignature, TypeError) as error:
            raise SignInRefused(Refusal.ATTEMPT) from error
        if not hmac.compare_digest(attempt.state.encode(), state.encode()):
            raise SignInRefused(Refusal.ATTEMPT)
        if attempt.provider != provider:
            raise SignInRefused(Refusal.ISSUER)
        return attempt
