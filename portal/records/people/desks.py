"""Desks: which teams are told of what no case of theirs says, and where nobody would be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Row, any_, literal, select

from portal.extensions import db
from portal.policy import ContactKind, Policy
from portal.records.people.model import Agency, Team
from portal.vocabulary import Desk, Sector

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
        yield Gap("The hub", "has nobody who answers at night: what is urgent to it waits until it opens")


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
