"""Agencies and their teams; and no administrator shuts out everybody else."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Row, any_, delete, func, literal, select
from sqlalchemy.exc import DBAPIError

from portal import registry
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, or_not_found
from portal.changes.versions import count_change, insert_now, insert_unless_taken, lock, lock_row
from portal.extensions import db
from portal.policy import ContactKind, Policy
from portal.records.people.model import Agency, AgencyProvider, IdentityProvider, Team, User
from portal.vocabulary import ROLES_THAT_STAND_APART, Desk, Sector

#: The desks that a team of a sector can have.
DESKS_OF: Mapping[Sector, tuple[Desk, ...]] = MappingProxyType(
    {
        Sector.POLICE: (Desk.MISSING, Desk.EXPLOITATION, Desk.INTELLIGENCE),
        Sector.SOCIAL_CARE: (Desk.FRONT_DOOR,),
    }
)


@dataclass(frozen=True)
class Gap:
    """Somebody whom what is urgent, or what must be told, would not reach."""

    whose: str
    words: str


def teams_at(desk: Desk, *, authority: str | None = None) -> list[UUID]:
    """The teams that have a desk. Where no team of an authority's social care is named, all of them have its
    front door, because somebody has to be told. Who reads what they are told, says `ctx.front_door_keys`.

    Args:
        authority: code of policy `areas.authorities`: the teams of its agencies alone.
    """
    teams = [row for row in _teams(desk) if authority is None or row.authority == authority]
    named = {row.authority for row in teams if desk in row.desks}
    return [
        row.id
        for row in teams
        if desk in row.desks or (desk is Desk.FRONT_DOOR and row.authority not in named)
    ]


def councils_in(district: str) -> Sequence[UUID]:
    """The teams of the councils of a district (code of policy `areas.districts`)."""
    return db.session.scalars(
        select(Team.id)
        .join(Agency, Agency.id == Team.agency_id)
        .where(
            Team.active,
            Agency.active,
            Agency.sector == Sector.COUNCIL,
            literal(district) == any_(Agency.districts),
        )
    ).all()


def hub_at_night() -> Sequence[Row[str, str]]:
    """The teams of the hub whose number is answered at every hour: name and duty phone."""
    return db.session.execute(
        select(Team.name, Team.duty_phone)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Agency.sector == Sector.HUB, Agency.active, Team.active, Team.answers_at_night)
        .order_by(Team.name)
    ).all()


def gaps(policy: Policy) -> list[Gap]:
    """Where nobody is told, or nobody answers at night: for the administrator, and before a release opens."""
    return [*_of_hub(), *_of_police(policy), *_of_authorities(policy)]


def _of_hub() -> Iterator[Gap]:
    hub = _in_sector(Sector.HUB)
    if not hub:
        yield Gap("The hub", "has no team that is told of forms, and of whoever could not be told")
    if not any(row.answers_at_night for row in hub):
        yield Gap("The hub", "has nobody who answers at night: what is urgent may be read only when it opens")


def _of_police(policy: Policy) -> Iterator[Gap]:
    police = _in_sector(Sector.POLICE)
    for desk in DESKS_OF[Sector.POLICE]:
        if not any(desk in row.desks for row in police):
            yield Gap("The police", f"have no team at the desk “{desk.label}”")
    if not _answers(police, Desk.MISSING) and not _number(policy, ContactKind.NON_EMERGENCY, None):
        yield Gap("The police", "have nobody who answers at night about a missing child")


def _of_authorities(policy: Policy) -> Iterator[Gap]:
    for authority in policy.areas.authorities.offered:
        teams = [row for row in _in_sector(Sector.SOCIAL_CARE) if row.authority == authority.code]
        whose = f"Children’s social care of {authority.label}"
        if not teams:
            yield Gap(whose, "has no team on the portal: it is rung, and told nothing by the portal")
        elif not any(Desk.FRONT_DOOR in row.desks for row in teams):
            yield Gap(whose, "has no team at its front door: all its teams are told")
        if not _answers(teams, Desk.FRONT_DOOR) and not _number(
            policy, ContactKind.OUT_OF_HOURS, authority.code
        ):
            yield Gap(whose, "has nobody who answers at night, and no number for the night")


def _answers(teams: Sequence[Row[*tuple[Any, ...]]], desk: Desk) -> bool:
    return any(desk in row.desks and row.answers_at_night for row in teams)


def _number(policy: Policy, kind: ContactKind, authority: str | None) -> bool:
    return any(
        contact.kind is kind and contact.authority == authority and contact.is_given
        for contact in policy.hub.contacts.offered
    )


def _teams(desk: Desk) -> Sequence[Row[*tuple[Any, ...]]]:
    sector = next(sector for sector, desks in DESKS_OF.items() if desk in desks)
    return _in_sector(sector)


def _in_sector(sector: Sector) -> Sequence[Row[*tuple[Any, ...]]]:
    return db.session.execute(
        select(Team.id, Team.desks, Team.answers_at_night, Agency.authority)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Agency.sector == sector, Agency.active, Team.active)
        .order_by(Agency.name, Team.name)
    ).all()


#: Codes are part of an address, so they may not be words that the sign-in addresses use themselves.
RESERVED_CODES = frozenset({"return", "back-channel", "invitation"})
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_CODE = 40


#: How `rows.sql` refuses to take the last way in.
_LAST_WAY_IN = "CRE01"


@contextmanager
def keeping_a_way_in() -> Iterator[None]:
    """Take access away, unless no other administrator or no other coordinator could sign in afterwards.

    Raises DomainError.
    """
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LAST_WAY_IN:
            raise
        raise DomainError(
            "Nobody else of those who look after the portal could sign in then. Give another administrator"
            " and another coordinator a way in first."
        ) from error


def add(
    *,
    actor: Principal,
    code: str,
    name: str,
    sector: Sector,
    authority: str | None,
    districts: Collection[str],
) -> Agency:
    """Add an agency. Raises DomainError for a code that is taken or cannot be part of an address."""
    require(actor, "agency:manage")
    agency = Agency(
        code=checked_code(code),
        name=name.strip(),
        sector=sector,
        authority=authority,
        districts=sorted(districts),
    )
    _add_unless_taken(agency)
    audit.record("agencies:add", agency, code=agency.code, sector=agency.sector)
    return agency


def change(
    *,
    actor: Principal,
    agency_id: UUID,
    name: str,
    authority: str | None,
    districts: Collection[str],
    lead_id: UUID | None,
    version: int,
) -> None:
    """Change what is kept about an agency. Its code and its sector stay: other records rest on them.

    Raises Conflict if somebody else changed it since ``version``.
    """
    require(actor, "agency:manage")
    agency = found(agency_id)
    mine = {"name": name.strip(), "authority": authority, "districts": sorted(districts), "lead_id": lead_id}
    lock(agency, version, mine=mine)
    if lead_id != agency.lead_id:
        _of_agency(lead_id, agency_id, "Choose a lead from the agency’s own people.", "lead_id")
    count_change(agency, **mine)
    audit.record("agencies:change", agency)


def switch_off(*, actor: Principal, agency_id: UUID, reason: str) -> int:
    """End the access of everybody in an agency now; gives how many sessions ended."""
    from portal.records.people import roles  # noqa: PLC0415 - who holds a role uses this

    require(actor, "agency:manage")
    agency = found(agency_id)
    if agency_id == actor.agency_id:
        raise DomainError("You cannot switch your own agency off. Ask an administrator of another agency.")
    lock_row(agency)
    if agency.active:
        roles.tell_of_closing(actor, agency)
    with roles.telling_of_desks(actor, agency), keeping_a_way_in():
        agency.active = False
        agency.version += 1
    ended = int(db.session.scalar(select(func.ctx.end_sessions_of_agency(agency_id))) or 0)
    audit.record("agencies:switch_off", agency, reason=reason, sessions_ended=ended)
    return ended


def switch_on(*, actor: Principal, agency_id: UUID) -> None:
    """Let the people of an agency sign in again."""
    require(actor, "agency:manage")
    agency = found(agency_id)
    lock_row(agency)
    agency.active = True
    count_change(agency)
    audit.record("agencies:switch_on", agency)


def set_providers(*, actor: Principal, agency_id: UUID, provider_ids: Collection[UUID], version: int) -> None:
    """Say at which providers an agency's people sign in; none means the partnership's own.

    Raises Conflict if somebody else changed the agency since ``version``.
    """
    require(actor, "agency:manage")
    agency = found(agency_id)
    mine = {"provider_ids": sorted(map(str, provider_ids))}
    lock(agency, version, lambda _now: {"provider_ids": _providers_of(agency_id)}, mine=mine)
    known = set(db.session.scalars(select(IdentityProvider.id).where(IdentityProvider.id.in_(provider_ids))))
    if known != set(provider_ids):
        raise DomainError("Choose providers from the list.", field="provider_ids")
    before = set(db.session.scalars(select(AgencyProvider.provider_id).filter_by(agency_id=agency_id)))
    with keeping_a_way_in():
        agency.version += 1
        for provider_id in sorted(known - before):
            db.session.add(AgencyProvider(agency_id=agency_id, provider_id=provider_id))
        db.session.flush()
        db.session.execute(
            delete(AgencyProvider).where(
                AgencyProvider.agency_id == agency_id, AgencyProvider.provider_id.in_(before - known)
            )
        )
    audit.record("agencies:set_providers", agency, providers=sorted(map(str, known)))


def add_team(
    *,
    actor: Principal,
    agency_id: UUID,
    name: str,
    duty_email: str,
    duty_phone: str,
    manager_id: UUID | None = None,
    desks: Collection[str] = (),
    answers_at_night: bool = False,
) -> Team:
    """Add a team to an agency.

    Args:
        desks: of `Desk`, what the team answers for.

    Raises:
        DomainError: the manager is from another agency, or the desk is none of its sector.
    """
    agency = found(agency_id)
    require(actor, "agency:manage")
    _of_agency(manager_id, agency_id, "Choose a manager from the agency’s own people.", "manager_id")
    team = Team(
        agency_id=agency_id,
        name=name.strip(),
        duty_email=duty_email.strip(),
        duty_phone=duty_phone.strip(),
        manager_id=manager_id,
        desks=checked_desks(agency, desks),
        answers_at_night=answers_at_night,
    )
    insert_now(team)
    audit.record("teams:add", team, agency=agency.code)
    return team


def change_team(
    *,
    actor: Principal,
    team_id: UUID,
    name: str,
    duty_email: str,
    duty_phone: str,
    manager_id: UUID | None,
    desks: Collection[str] = (),
    answers_at_night: bool = False,
    active: bool,
    version: int,
) -> None:
    """Change a team.

    Raises:
        Conflict: somebody else changed it since ``version``.
        DomainError: the manager is from another agency, or the desk is none of its sector.
    """
    from portal.records.people import roles  # noqa: PLC0415 - who holds a role uses this

    team = or_not_found(db.session.get(Team, team_id), "There is no such team.")
    require(actor, "agency:manage")
    agency = found(team.agency_id)
    mine = {
        "name": name.strip(),
        "duty_email": duty_email.strip(),
        "duty_phone": duty_phone.strip(),
        "manager_id": manager_id,
        "desks": checked_desks(agency, desks),
        "answers_at_night": answers_at_night,
        "active": active,
    }
    lock(team, version, mine=mine)
    if manager_id != team.manager_id:
        _of_agency(manager_id, team.agency_id, "Choose a manager from the agency’s own people.", "manager_id")
    if closes := team.active and not active:
        roles.tell_of_closing(actor, agency, team)
    before = {name: getattr(team, name) for name in mine}
    with roles.telling_of_desks(actor, agency, team):
        count_change(team, **mine)
    roles.tell_of_team(actor=actor, team=team, before=before)
    if closes:
        registry.gone(actor=actor, team_id=team_id)
    audit.record("teams:change", team)


def checked_desks(agency: Agency, desks: Collection[str]) -> list[str]:
    """Desks of a team as they are kept. Raises DomainError for one that no team of the sector can have."""
    may = DESKS_OF.get(Sector(agency.sector), ())
    if not set(desks) <= set(may):
        raise DomainError("Choose from the list", field="desks")
    return [desk.value for desk in may if desk in desks]


def found(agency_id: UUID) -> Agency:
    """The agency. Raises NotFound."""
    return or_not_found(db.session.get(Agency, agency_id), "There is no such agency.")


def _providers_of(agency_id: UUID) -> list[str]:
    chosen = select(AgencyProvider.provider_id).filter_by(agency_id=agency_id)
    return sorted(map(str, db.session.scalars(chosen)))


def checked_code(code: str) -> str:
    """A code that can be part of an address. Raises DomainError."""
    code = code.strip()
    if not CODE.fullmatch(code) or len(code) > LONGEST_CODE or code in RESERVED_CODES:
        raise DomainError(
            "Use small letters, numbers and single hyphens, at most 40 of them, such as city-social-care.",
            field="code",
        )
    return code


def _add_unless_taken(agency: Agency) -> None:
    insert_unless_taken(agency, "Another agency has this code.", field="code")


def _of_agency(user_id: UUID | None, agency_id: UUID, message: str, field: str) -> None:
    user = db.session.get(User, user_id) if user_id else None
    if user_id and (user is None or user.agency_id != agency_id):
        raise DomainError(message, field=field)
    if user is not None and ROLES_THAT_STAND_APART.intersection(user.roles):
        raise DomainError(f"{user.name} sees no cases. Choose somebody else", field=field)
