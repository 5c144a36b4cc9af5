"""Where the people of agencies sign in.

Whoever controls a provider decides who its people are. So a provider is switched on by a second
administrator, and its issuer, client and secret never change: a new provider replaces the old one.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.access.sign_in.discovery import secret_name, usable_address
from portal.changes.errors import DomainError, or_not_found
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
