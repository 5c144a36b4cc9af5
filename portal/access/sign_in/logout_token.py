"""Is this logout token an order of the organisation to end somebody's sessions?

OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from portal.access.sign_in.attempt import Refusal, SignInRefused
from portal.access.sign_in.discovery import ProviderSettings
from portal.access.sign_in.id_token import LEEWAY, Keys, checked_subject, decode, seconds_now

EVENT = "http://schemas.openid.net/event/backchannel-logout"

#: Seconds for which an order can be given. It is sent at once, and an old one could end a later session.
OLDEST = 180


@dataclass(frozen=True, kw_only=True)
class LogoutOrder:
    """Whose sessions end: those of a subject, those of one session at the provider, or both named."""

    issuer: str
    subject: str | None
    provider_session: str | None
    identifier: str
    issued_at: datetime


def verify(raw: str, *, provider: ProviderSettings, keys: Keys) -> LogoutOrder:
    """Check a logout token. Raises :class:`SignInRefused`."""
    header, claims = decode(raw, keys)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if str(header.get("typ", "logout+jwt")).lower() not in {"logout+jwt", "jwt"}:
        raise SignInRefused(Refusal.MALFORMED)
    if claims.get("iss") != provider.issuer:
        raise SignInRefused(Refusal.ISSUER)
    if audiences != [provider.client_id]:
        raise SignInRefused(Refusal.AUDIENCE)
    events = claims.get("events")
    if "nonce" in claims or not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise SignInRefused(Refusal.MALFORMED)
    issued_at = _issued_at(claims)
    subject, session, identifier = claims.get("sub"), claims.get("sid"), claims.get("jti")
    if (subject is None and session is None) or not isinstance(identifier, str):
        raise SignInRefused(Refusal.SUBJECT)
    return LogoutOrder(
        issuer=provider.issuer,
        subject=checked_subject(subject) if subject is not None else None,
        provider_session=checked_subject(session) if session is not None else None,
        identifier=identifier,
        issued_at=issued_at,
    )


def _issued_at(claims: dict[str, object]) -> datetime:
    now, issued, expires = seconds_now(), claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not now - OLDEST - LEEWAY <= issued <= now + LEEWAY:
        raise SignInRefused(Refusal.EXPIRED)
    if expires is not None and (not isinstance(expires, int) or expires <= now - LEEWAY):
        raise SignInRefused(Refusal.EXPIRED)
    return datetime.fromtimestamp(issued, UTC)
