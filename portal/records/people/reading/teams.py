"""Teams that can be told something or brought onto a case, and people by their work address."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from portal.extensions import db
from portal.records.people.model.agencies import Agency, Team
from portal.records.people.model.people import User
from portal.vocabulary import Sector


@dataclass(frozen=True)
class TeamChoice:
    """A team to choose, with the number that is always answered."""

    id: UUID
    name: str
    agency: str
    sector: Sector
    authority: str | None
    duty_phone: str

    @property
    def label(self) -> str:
        """The team and its agency."""
        return f"{self.agency}: {self.name}"


def teams_to_choose() -> Sequence[TeamChoice]:
    """Every team in use of the partnership's agencies but the hub, by sector and name."""
    rows = db.session.execute(
        select(Team.id, Team.name, Agency.name, Agency.sector, Agency.authority, Team.duty_phone)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.active, Agency.active, Agency.sector != Sector.HUB)
        .order_by(Agency.name, Team.name)
    )
    order = list(Sector)
    found = [TeamChoice(row[0], row[1], row[2], Sector(row[3]), row[4], row[5]) for row in rows]
    return sorted(found, key=lambda team: order.index(team.sector))


def find_teams(*, ids: Sequence[UUID]) -> Sequence[Team]:
    """Teams by identifier, in the order given."""
    found = {team.id: team for team in db.session.scalars(select(Team).where(Team.id.in_(ids)))}
    return [found[one] for one in ids if one in found]


def teams_by_name(*, ids: Collection[UUID]) -> Sequence[Team]:
    """Teams by identifier, in the order of their names: as choices stand on a page."""
    return db.session.scalars(select(Team).where(Team.id.in_(ids)).order_by(Team.name, Team.id)).all()


def team_names(*, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Each of some teams by its name and its agency’s, because many teams bear the same name."""
    rows = db.session.execute(
        select(Team.id, Team.name, Agency.name)
        .join(Agency, Agency.id == Team.agency_id)
        .where(Team.id.in_(ids))
    )
    return {row[0]: f"{row[1]}, {row[2]}" for row in rows}


def find_person(*, email: str) -> User | None:
    """Somebody who works here, by their work address; nobody when two share it."""
    found = db.session.scalars(
        select(User).where(func.lower(User.email) == email.strip().lower(), User.active).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None
