"""Opening and ending sessions of people whom their organisation's provider vouched for."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Connection, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from portal import metrics
from portal.access import audit, principal
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.access.sign_in.attempt import LIFETIME, Refusal, SignInRefused, signing_in
from portal.access.sign_in.discovery import secret_name, usable_address
from portal.access.sign_in.flow import OLDEST, Identity, LogoutOrder
from portal.changes.errors import DomainError, NotFound, or_not_found
from portal.changes.versions import count_change, insert_unless_taken, lock, lock_row
from portal.extensions import db
from portal.messages.telling import About, tell, to_people
from portal.messages.vocabulary import Ground
from portal.records.people.agencies import checked_code, keeping_a_way_in
from portal.records.people.model import Agency, AgencyProvider, IdentityProvider
from portal.records.people.roles import other_administrators
from portal.records.people.vocabulary import PROVIDER_ADDED, PROVIDER_OFF

#: Seconds. A working day: longer would say nothing about who sits at the screen.
LONGEST_MAX_AGE = 43_200


def add(
    *,
    actor: Principal,
    code: str,
    name: str,
    issuer: str,
    client_id: str,
    required_acr: Collection[str],
    required_amr: Collection[str],
    max_age: int | None,
    allow_http: bool = False,
) -> IdentityProvider:
    """Add a provider. Nobody can sign in with it before another administrator switches it on.

    Raises DomainError for an issuer that is not https, or a code or issuer that is taken.
    """
    require(actor, "provider:manage")
    provider = IdentityProvider(
        code=checked_code(code),
        name=name.strip(),
        issuer=checked_issuer(issuer, allow_http=allow_http),
        client_id=client_id.strip(),
        secret_name=secret_name(checked_code(code)),
        active=False,
        added_by=actor.user_id,
    )
    _set_strength(provider, required_acr, required_amr, max_age)
    insert_unless_taken(provider, "Another provider has this code or this issuer.", field="issuer")
    audit.record("providers:add", provider, issuer=provider.issuer)
    given = {Ground.ADMINISTRATOR: other_administrators(actor.user_id)}
    tell(actor=actor, event=PROVIDER_ADDED, about=_about(provider), given=given)
    return provider


def change(
    *,
    actor: Principal,
    provider_id: UUID,
    name: str,
    required_acr: Collection[str],
    required_amr: Collection[str],
    max_age: int | None,
    version: int,
) -> None:
    """Change a provider's name and how strongly its people have to prove who they are.

    Raises Conflict if somebody else changed it since ``version``.
    """
    require(actor, "provider:manage")
    provider = found(provider_id)
    mine = _in_words(name.strip(), required_acr, required_amr, max_age)
    lock(provider, version, _says, mine=mine)
    before = {"acr": provider.required_acr, "amr": provider.required_amr, "max_age": provider.max_age}
    provider.name = name.strip()
    _set_strength(provider, required_acr, required_amr, max_age)
    count_change(provider)
    after = {"acr": provider.required_acr, "amr": provider.required_amr, "max_age": provider.max_age}
    audit.record("providers:change", provider, before=before, after=after)


def switch_on(*, actor: Principal, provider_id: UUID) -> None:
    """Let people sign in with a provider. Raises DomainError for the one who added it or switched it off."""
    require(actor, "provider:manage")
    provider = found(provider_id)
    if provider.added_by == actor.user_id:
        raise DomainError("You added this provider. Another administrator has to switch it on.")
    lock_row(provider)
    provider.active = True
    count_change(provider)
    audit.record("providers:switch_on", provider)


def switch_off(*, actor: Principal, provider_id: UUID) -> None:
    """Stop sign-in with a provider and end what was opened with it.

    Raises DomainError if no other administrator, or no other coordinator, could sign in then.
    """
    require(actor, "provider:manage")
    provider = found(provider_id)
    lock_row(provider)
    with keeping_a_way_in():
        provider.active = False
        provider.version += 1
    ended = db.session.scalar(select(func.ctx.end_sessions_from(provider.issuer)))
    audit.record("providers:switch_off", provider, ended=ended)
    leads = (
        select(Agency.lead_id)
        .join(AgencyProvider, AgencyProvider.agency_id == Agency.id)
        .where(AgencyProvider.provider_id == provider.id, Agency.active)
    )
    given, once = {Ground.AGENCY_LEAD: to_people(*db.session.scalars(leads))}, str(provider.version)
    tell(actor=actor, event=PROVIDER_OFF, about=_about(provider), given=given, once=once)


def _about(provider: IdentityProvider) -> About:
    return About("identity_provider", provider.id)


def found(provider_id: UUID) -> IdentityProvider:
    """The provider. Raises NotFound."""
    return or_not_found(db.session.get(IdentityProvider, provider_id), "There is no such provider.")


def checked_issuer(issuer: str, *, allow_http: bool) -> str:
    """An issuer as its provider writes it. Raises DomainError for one that is not https."""
    issuer = issuer.strip()
    if not usable_address(issuer, allow_http=allow_http) or "?" in issuer:
        raise DomainError(
            "Enter the issuer as an https address, exactly as the provider writes it.", field="issuer"
        )
    return issuer


def _says(provider: IdentityProvider) -> dict[str, Any]:
    return _in_words(provider.name, provider.required_acr, provider.required_amr, provider.max_age)


def _in_words(name: str, acr: Collection[str], amr: Collection[str], max_age: int | None) -> dict[str, Any]:
    """What can be changed of a provider, as its form says it."""
    return {
        "name": name,
        "required_acr": " ".join(sorted(acr)),
        "required_amr": " ".join(sorted(amr)),
        "max_age": str(max_age // 60) if max_age else "",
    }


def _set_strength(
    provider: IdentityProvider, acr: Collection[str], amr: Collection[str], max_age: int | None
) -> None:
    if max_age is not None and not 0 < max_age <= LONGEST_MAX_AGE:
        raise DomainError("Enter a number of minutes between 1 and 720, or leave it empty.", field="max_age")
    provider.required_acr, provider.required_amr, provider.max_age = sorted(acr), sorted(amr), max_age


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
            select(func.ctx.close_session(_hash(principal.token()), *audit.where()))
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
        _hash(principal.token()),
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
