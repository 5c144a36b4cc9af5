"""Opening and ending sessions of people whom their organisation's provider vouched for."""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from portal import clock
from portal.access import audit, context, principal
from portal.access.principal import Principal
from portal.access.sign_in.attempt import LIFETIME
from portal.access.sign_in.errors import Refusal, SignInRefused
from portal.access.sign_in.id_token import Identity
from portal.access.sign_in.logout_token import OLDEST, LogoutOrder
from portal.extensions import db
from portal.models.base import new_id
from portal.services.errors import NotFound

#: Characters of what the browser says of itself that are kept, for the list of one's own sign-ins.
LONGEST_DEVICE = 200


def spend_attempt(state: str) -> None:
    """Use a sign-in attempt up. Raises SignInRefused if it was used before, here or on another machine."""
    if not _spend(f"attempt {state}", timedelta(seconds=2 * LIFETIME)):
        raise SignInRefused(Refusal.REPLAYED)


def arrive(*, identity: Identity, invitation: str | None, device: str) -> str:
    """Sign in whoever the provider vouched for, after binding them if they follow an invitation.

    Gives the token for their browser. Raises SignInRefused.
    """
    if invitation:
        accept_invitation(identity=identity, token=invitation)
    return open_session(identity=identity, device=device)


def open_session(*, identity: Identity, device: str) -> str:
    """Sign a person in and give the token for their browser, which is kept only as a hash.

    Whatever session the browser had before ends. Raises SignInRefused for somebody who has no access, who
    left, or whose agency does not use this provider (any more).
    """
    token = secrets.token_urlsafe(32)
    db.session.execute(select(func.ctx.close_session()))
    user_id = db.session.scalar(
        select(
            func.ctx.open_session(
                new_id(),
                sha256(token.encode()).digest(),
                identity.issuer,
                identity.subject,
                identity.provider_session,
                device[:LONGEST_DEVICE],
                current_app.config["SESSION_IDLE_SECONDS"],
                current_app.config["SESSION_ABSOLUTE_SECONDS"],
            )
        )
    )
    if user_id is None:
        raise SignInRefused(Refusal.UNKNOWN)
    _ask_as(token)
    audit.record("session:open", issuer=identity.issuer, acr=identity.acr, amr=list(identity.amr))
    return token


def accept_invitation(*, identity: Identity, token: str) -> None:
    """Bind the invited person to who the provider says they are.

    Raises SignInRefused for a link that was used, withdrawn or is too old, for a provider that the agency
    does not use, and for an account that somebody has already.
    """
    bound = db.session.scalar(
        select(func.ctx.accept_invite(new_id(), invitation_hash(token), identity.issuer, identity.subject))
    )
    if not bound:
        raise SignInRefused(Refusal.INVITATION)
    audit.record("people:bind", issuer=identity.issuer)


def inviting_agency(token: str) -> str | None:
    """The code of the agency that a link invites to, while it can be followed."""
    code: str | None = db.session.scalar(select(func.ctx.inviting_agency(invitation_hash(token))))
    return code


def invitation_hash(token: str) -> bytes:
    """What the database keeps of a one-time link."""
    return sha256(token.encode("utf-8", "replace")).digest()


def record_refusal(*, provider: str, reason: Refusal) -> None:
    """Leave a row about a sign-in that was refused; nobody is its actor."""
    audit.record("session:refused", ground=reason, provider=provider)


def close_session(*, actor: Principal) -> str | None:
    """Sign the person of this request out; gives the issuer at which they signed in."""
    issuer: str | None = db.session.scalar(select(func.ctx.issuer_of_session()))
    audit.record("session:close", session=str(actor.session_id))
    db.session.execute(select(func.ctx.close_session()))
    return issuer


def end_own(*, actor: Principal, session_id: UUID) -> None:
    """End one of one's own sessions, for example on a lost phone. Raises NotFound."""
    if not db.session.scalar(select(func.ctx.end_my_session(session_id))):
        raise NotFound("This sign-in has ended already.")
    audit.record("session:end", session=str(session_id), by=str(actor.session_id))


def end_others(*, actor: Principal, session_ids: list[UUID]) -> int:
    """End one's own sessions on every other device; gives how many."""
    others = [session_id for session_id in session_ids if session_id != actor.session_id]
    ended = sum(bool(db.session.scalar(select(func.ctx.end_my_session(one)))) for one in others)
    audit.record("session:end_others", ended=ended)
    return ended


def obey(order: LogoutOrder) -> int:
    """End the sessions that a provider orders to end; gives how many. An order counts once."""
    fresh = _spend(f"order {order.issuer} {order.identifier}", timedelta(seconds=4 * OLDEST))
    if not fresh:
        raise SignInRefused(Refusal.REPLAYED)
    ended = db.session.scalar(
        select(
            func.ctx.end_provider_sessions(
                order.issuer, order.subject, order.provider_session, order.issued_at + timedelta(seconds=1)
            )
        )
    )
    audit.record("session:end_by_provider", issuer=order.issuer, ended=ended)
    return int(ended or 0)


def _spend(what: str, kept: timedelta) -> bool:
    digest = sha256(what.encode()).digest()
    return bool(db.session.scalar(select(func.ctx.spend(digest, clock.now() + kept))))


def _ask_as(token: str) -> None:
    context.become(db.session(), token)
    principal.forget()
