"""Whom something is told: persons, teams, and those without an account."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from portal.extensions import db
from portal.records.by_hand.rules import Outsider
from portal.records.people.model import Team, TeamMember, User


@dataclass(frozen=True)
class Whom:
    """Persons and teams; and whoever has no account, whom somebody has to tell themselves."""

    people: frozenset[UUID] = frozenset()
    teams: frozenset[UUID] = frozenset()
    outside: frozenset[Outsider] = frozenset()

    def __or__(self, other: "Whom") -> "Whom":
        return Whom(self.people | other.people, self.teams | other.teams, self.outside | other.outside)

    def __sub__(self, other: "Whom") -> "Whom":
        return Whom(self.people - other.people, self.teams - other.teams, self.outside - other.outside)

    def __bool__(self) -> bool:
        return bool(self.people or self.teams or self.outside)


NOBODY = Whom()


def to_people(*ids: UUID | None) -> Whom:
    """Persons; None is nobody."""
    return Whom(people=frozenset(one for one in ids if one is not None))


def to_teams(*ids: UUID | None) -> Whom:
    """Teams; None is nobody."""
    return Whom(teams=frozenset(one for one in ids if one is not None))


def outside(*outsiders: Outsider) -> Whom:
    """Whoever has no account; one without a name is nobody."""
    return Whom(outside=frozenset(one for one in outsiders if one.name))


#: “01632 960 002, duty phone of Locality team”: of the first by name, where somebody is in several.
_duty_phone = (
    select(Team.duty_phone + ", duty phone of " + Team.name)
    .join(TeamMember, TeamMember.team_id == Team.id)
    .where(TeamMember.user_id == User.id, Team.active, Team.duty_phone != "")
    .order_by(Team.name, Team.id)
    .limit(1)
    .correlate(User)
    .scalar_subquery()
)


def names_of(persons: list[UUID], of_teams: list[UUID]) -> dict[UUID, Row[*tuple[Any, ...]]]:
    """By person and team, their name, agency, phone and whether they are in use, which whoever is signed in
    knows. Of whoever has no phone, the duty phone of a team of theirs, with whose it is.
    """
    found: dict[UUID, Row[*tuple[Any, ...]]] = {}
    own_or_duty = func.coalesce(func.nullif(User.phone, ""), _duty_phone, "")
    for shape, phone, ids in ((User, own_or_duty, persons), (Team, Team.duty_phone, of_teams)):
        if ids:
            named = select(shape.id, shape.name, shape.agency_id, shape.active, phone.label("phone"))
            found |= {row.id: row for row in db.session.execute(named.where(shape.id.in_(ids)))}
    return found
