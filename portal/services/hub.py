"""The hub as a receiver: the teams that answer for it."""

from uuid import UUID

from sqlalchemy import select

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.people.model import Agency, Team
from portal.services.messages import About, tell_team
from portal.vocabulary import Sector


def hub_teams() -> list[UUID]:
    """The teams of the hub that are in use."""
    return list(
        db.session.scalars(
            select(Team.id)
            .join(Agency, Agency.id == Team.agency_id)
            .where(Agency.sector == Sector.HUB, Agency.active, Team.active)
            .order_by(Team.id)
        )
    )


def tell_hub(*, actor: Principal, kind: str, about: About, once: str = "") -> None:
    """Tell the duty address and the people of every team of the hub."""
    for team_id in hub_teams():
        tell_team(actor=actor, kind=kind, about=about, team_id=team_id, once=once)
