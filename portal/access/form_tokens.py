"""Where a form was sent from, whose it is, and how it is sent again after a session ended (ADR 24).

The browser says where from by itself, in headers that no script can write. Beside it stands the token of
the form, which proves that the page was made for this sign-in; a request that changes something needs both.

A form's token belongs to one sign-in and dies with it. Its secret begins with the person's id, so that a
dead token still says, signed by us, for whom its page was made. The page on which somebody signs in again
then carries a *ticket*: the same person may send the same answers to the same address, once they are back.
"""

import hashlib
import secrets
from collections.abc import Iterable
from enum import Enum
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, current_app, request, session
from itsdangerous import BadData, URLSafeTimedSerializer

from portal.access import principal
from portal.access.permissions import Forbidden
from portal.extensions import csrf

#: Methods that change nothing, whoever leads a browser to them.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: An identity provider posts there itself, a signed order and no form.
SENT_BY_SERVERS = frozenset({"auth.back_channel"})
_USUAL_PORTS = {"http": 80, "https": 443}

_REFUSAL = "This was sent by another site, not from a page of the portal. Open the portal and do it there."


class Origin(Enum):
    """What the browser says of the page that sent a request."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    UNSAID = "unsaid"  # no browser of today, or nobody's page: the token alone decides


def refuse_other_sites(app: Flask) -> None:
    """Refuse what another site sends. Goes before every other guard: nothing of the request is read."""
    app.before_request(_refuse_other_sites)


def of_request() -> Origin:
    """Where the present request was sent from.

    `Sec-Fetch-Site` decides where there is one: it is right behind any proxy, and says `same-site` of a
    neighbouring host, to whose pages our cookies are given and which is somebody else's. Browsers without it
    send `Origin` with every form; `null` there is a page that hides where it comes from.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return {"same-origin": Origin.HERE, "none": Origin.UNSAID}.get(site, Origin.ELSEWHERE)
    origin = request.headers.get("Origin")
    if origin is None:
        return Origin.UNSAID
    ours = {_parts(request.host_url), _parts(current_app.config.get("PORTAL_ADDRESS", ""))} - {None}
    return Origin.HERE if _parts(origin) in ours else Origin.ELSEWHERE


def _refuse_other_sites() -> None:
    if request.method in _SAFE or request.endpoint is None or request.endpoint in SENT_BY_SERVERS:
        return
    principal.use_token(request.cookies.get(current_app.config["PORTAL_SESSION_COOKIE"], ""))
    if of_request() is Origin.ELSEWHERE:
        raise Forbidden(_REFUSAL)


def _parts(address: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no address."""
    try:
        found = urlsplit(address)
        port = found.port
    except ValueError:
        return None
    if not found.scheme or not found.hostname:
        return None
    return found.scheme, found.hostname, port or _USUAL_PORTS.get(found.scheme)


FIELD = "send_again"  # the ticket, in a form
TOKEN = "csrf_token"  # noqa: S105 - the name of a field, and of the secret in the session
KEY = "idempotency_key"  # which sending of a form it is: `portal.web.idempotency`
#: Fields that are about sending, not about what was typed.
BESIDE = frozenset({FIELD, TOKEN, KEY})

_FROM = "."  # parts the person's id from what is random
_OWN_SALT, _TOKEN_SALT = "send again", "wtf-csrf-token"

#: Leaving has to work from any page of ours, however long it was open: whoever chose it wants to be out.
_NEEDS_NO_TOKEN = frozenset({"auth.sign_out"})


def init_app() -> None:
    """Let through, of the forms whose token is no longer good, those that this module knows."""
    csrf.excused = _is_excused


def belong_to(person: UUID) -> None:
    """Make the secret of this sign-in's form tokens, if it has none: it names its person."""
    if TOKEN not in session:
        session[TOKEN] = f"{person}{_FROM}{secrets.token_hex(20)}"


def ticket(action: str, fields: Iterable[tuple[str, str]]) -> str:
    """What lets whoever typed `fields` send them to `action` once they have signed in again.

    Nothing where the posted token does not say whose the form was, or did not come from a page of ours.
    """
    posted = request.form.get(TOKEN) or request.headers.get("X-CSRFToken", "")
    try:
        secret = _signer(_TOKEN_SALT).loads(posted)
    except BadData:
        return ""
    person = _person_in(secret)
    if not person or of_request() is not Origin.HERE:
        return ""
    return str(_signer(_OWN_SALT).dumps([person, action, _digest(fields)]))


def evened(typed: str) -> str:
    """The same words with the same line ends: a browser ends lines in its own way each time it sends them."""
    return typed.replace("\r\n", "\n").replace("\r", "\n")


def _is_excused() -> bool:
    """Whether a form without a good token may be taken all the same: from a page of ours, for certain."""
    if of_request() is not Origin.HERE:
        return False
    return request.endpoint in _NEEDS_NO_TOKEN or _is_sent_again()


def _is_sent_again() -> bool:
    lasts = int(current_app.config["SESSION_ABSOLUTE_SECONDS"])
    try:
        person, action, digest = _signer(_OWN_SALT).loads(request.form.get(FIELD, ""), max_age=lasts)
    except (BadData, ValueError):
        return False
    here = request.full_path.rstrip("?"), _digest(request.form.items(multi=True))
    back = principal.optional() if (action, digest) == here else None
    return back is not None and person == str(back.user_id)


def _person_in(secret: object) -> str | None:
    person, parted, _ = secret.partition(_FROM) if isinstance(secret, str) else ("", "", "")
    return person if parted else None


def _digest(fields: Iterable[tuple[str, str]]) -> str:
    """Of what was typed, in its order."""
    typed = [f"{name}\0{evened(value)}" for name, value in fields if name not in BESIDE]
    return hashlib.sha256("\1".join(typed).encode("utf-8", "surrogatepass")).hexdigest()


def _signer(salt: str) -> URLSafeTimedSerializer:
    keys = [*(current_app.config.get("SECRET_KEY_FALLBACKS") or []), current_app.secret_key]
    return URLSafeTimedSerializer(keys, salt=salt)
