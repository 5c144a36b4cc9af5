"""Opening and ending sessions of people whom their organisation's provider vouched for."""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from flask import current_app
from sqlalchemy import Connection, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from portal import metrics
from portal.access import audit, context, principal
from portal.access.principal import Principal
from portal.access.sign_in.attempt import LIFETIME, Refusal, SignInRefused, signing_in
from portal.access.sign_in.flow import OLDEST, Identity, LogoutOrder
from portal.changes.errors import NotFound
from portal.extensions import db

#: Characters of what the browser says of itself that are kept, for the list of one's own sign-ins.
LONGEST_DEVICE = 200


def spend_attempt(state: str) -> None:
    """Use a sign-in attempt up. Raises SignInRefused if it was used before, here or on another machine."""
    with signing_in() as connection:
        if not _spend(connection, f"attempt {state}", timedelta(seconds=2 * LIFETIME)):
            raise SignInRefused(Refusal.REPLAYED)


def arrive(*, identity: Identity, invitation: str | None, device: str) -> str:
    """Sign in whoever the provider vouched for, after binding them if they follow an invitation.

    Gives the token for their browser, which is kept only as a hash. Whatever session the browser had before
    ends. Raises SignInRefused for somebody who has no access, who left, or whose agency does not use this
    provider (any more). An invitation is refused that was used, withdrawn or is too old, whose agency does
    not use the provider, whose person can sign in already, and to an account that somebody has already.
    """
    with signing_in() as connection:
        if invitation:
            _accept(connection, identity, invitation)
        return _open(connection, identity, device)


def open_session(*, identity: Identity, device: str) -> str:
    """Sign a person in who was bound to this identity before: see `arrive`."""
    return arrive(identity=identity, invitation=None, device=device)


def inviting_agency(token: str) -> str | None:
    """The code of the agency that a link invites to, while it can be followed."""
    with signing_in() as connection:
        code: str | None = connection.scalar(select(func.ctx.agency_inviting(invitation_hash(token))))
    return code


def invitation_hash(token: str) -> bytes:
    """What the database keeps of a one-time link."""
    return _hash(token)


def record_refusal(*, provider: str, reason: Refusal) -> None:
    """Leave a row about a sign-in that was refused, whose actor is nobody; many in a minute are counted."""
    with signing_in() as connection:
        connection.execute(select(func.ctx.refuse_sign_in(provider, reason.value, *audit.where())))
    metrics.SIGN_INS_REFUSED.labels(reason.value).inc()


def close_session() -> str | None:
    """Sign whoever asks out; gives the issuer at which they signed in."""
    with signing_in() as connection:
        issuer: str | None = connection.scalar(
            select(func.ctx.close_session(_hash(context.token()), *audit.where()))
        )
    principal.forget()
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
    with signing_in() as connection:
        if not _spend(connection, f"order {order.issuer} {order.identifier}", timedelta(seconds=4 * OLDEST)):
            raise SignInRefused(Refusal.REPLAYED)
        ended = connection.scalar(
            select(
                func.ctx.end_provider_sessions(
                    order.issuer,
                    order.subject,
                    order.provider_session,
                    order.issued_at + timedelta(seconds=1),
                    *audit.where(),
                )
            )
        )
    return int(ended or 0)


def _accept(connection: Connection, identity: Identity, token: str) -> None:
    asked = func.ctx.accept_invite(invitation_hash(token), identity.issuer, identity.subject, *audit.where())
    if not connection.scalar(select(asked)):
        raise SignInRefused(Refusal.INVITATION)


def _open(connection: Connection, identity: Identity, device: str) -> str:
    token = secrets.token_urlsafe(32)
    asked = func.ctx.open_session(
        _hash(token),
        _hash(context.token()),
        identity.issuer,
        identity.subject,
        identity.provider_session,
        device[:LONGEST_DEVICE],
        current_app.config["SESSION_IDLE_SECONDS"],
        current_app.config["SESSION_ABSOLUTE_SECONDS"],
        literal({"acr": identity.acr, "amr": list(identity.amr)}, JSONB),
        *audit.where(),
    )
    if not connection.scalar(select(asked)):
        raise SignInRefused(Refusal.UNKNOWN)
    return token


def _spend(connection: Connection, what: str, kept: timedelta) -> bool:
    return bool(connection.scalar(select(func.ctx.spend(_hash(what), int(kept.total_seconds())))))


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "replace")).digest()
