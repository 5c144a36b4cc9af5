"""Agencies, their teams and where their people sign in, for whoever looks after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select

from portal.extensions import db
from portal.records.people.model.agencies import Agency, AgencyProvider, IdentityProvider, Team
from portal.records.people.model.people import User
from portal.vocabulary import Sector


class AgencyLine(NamedTuple):
    """One line of the list of agencies."""

    id: UUID
    code: str
    name: str
    sector: str
    active: bool
    people: int

    @property
    def sector_label(self) -> str:
        """The sector as people read it."""
        return Sector(self.sector).label


@dataclass(frozen=True, kw_only=True)
class Provider:
    """An identity provider as it was configured; its secret is elsewhere."""

    id: UUID
    code: str
    name: str
    issuer: str
    client_id: str
    secret_name: str | None
    required_acr: tuple[str, ...]
    required_amr: tuple[str, ...]
    max_age: int | None
    is_partnership_default: bool
    active: bool
    added_by: UUID | None
    version: int

    @property
    def label(self) -> str:
        """The name, and whether it is off."""
        return self.name if self.active else f"{self.name} (switched off)"

    @property
    def asks_for_strength(self) -> bool:
        """Whether a password alone would not do."""
        return bool(self.required_acr or self.required_amr)

    def as_typed(self) -> dict[str, Any]:
        """What the form to change it starts with."""
        return {
            "name": self.name,
            "required_acr": " ".join(self.required_acr),
            "required_amr": " ".join(self.required_amr),
            "max_age": str(self.max_age // 60) if self.max_age else "",
            "version": str(self.version),
        }


@dataclass(frozen=True, kw_only=True)
class AgencyDetails:
    """One agency."""

    id: UUID
    code: str
    name: str
    sector_label: str
    authority: str | None
    districts: tuple[str, ...]
    lead: str | None
    active: bool
    version: int
    providers: tuple[Provider, ...]


def every_agency() -> list[AgencyLine]:
    """All agencies by name, with how many people of each have access."""
    people = select(func.count()).where(User.agency_id == Agency.id, User.active)
    statement = select(
        Agency.id,
        Agency.code,
        Agency.name,
        Agency.sector,
        Agency.active,
        people.correlate(Agency).scalar_subquery(),
    )
    return [AgencyLine(*row) for row in db.session.execute(statement.order_by(Agency.name))]


def agency(code: str) -> Agency | None:
    """The agency with this code."""
    return db.session.scalar(select(Agency).where(Agency.code == code))


def details(code: str) -> AgencyDetails | None:
    """The agency with this code, and what hangs on it."""
    found = agency(code)
    if found is None:
        return None
    lead = db.session.get(User, found.lead_id) if found.lead_id else None
    own = _PROVIDERS.join(AgencyProvider, AgencyProvider.provider_id == IdentityProvider.id)
    return AgencyDetails(
        id=found.id,
        code=found.code,
        name=found.name,
        sector_label=Sector(found.sector).label,
        authority=found.authority,
        districts=tuple(found.districts),
        lead=lead.name if lead else None,
        active=found.active,
        version=found.version,
        providers=_providers(own.where(AgencyProvider.agency_id == found.id)),
    )


def teams_of(agency_id: UUID, *, active_only: bool = False) -> Sequence[Team]:
    """The teams of an agency by name, those that work on cases first."""
    statement = select(Team).where(Team.agency_id == agency_id).order_by(Team.active.desc(), Team.name)
    return db.session.scalars(statement.where(Team.active) if active_only else statement).all()


def team(team_id: UUID) -> Team | None:
    """A team."""
    return db.session.get(Team, team_id)


def people_of(agency_id: UUID) -> list[tuple[object, str]]:
    """Identifier and name of the people of an agency who have access, by name."""
    statement = select(User.id, User.name).where(User.agency_id == agency_id, User.active)
    return [(user_id, name) for user_id, name in db.session.execute(statement.order_by(User.name))]


def every_provider() -> tuple[Provider, ...]:
    """All identity providers by name."""
    return _providers(_PROVIDERS)


def provider(code: str) -> Provider | None:
    """The provider with this code, switched on or not."""
    return next(iter(_providers(_PROVIDERS.where(IdentityProvider.code == code))), None)


def agencies_of(provider_id: UUID) -> list[str]:
    """The names of the agencies that chose a provider."""
    statement = select(Agency.name).join(AgencyProvider, AgencyProvider.agency_id == Agency.id)
    chosen = statement.where(AgencyProvider.provider_id == provider_id)
    return list(db.session.scalars(chosen.order_by(Agency.name)))


_PROVIDERS: Select[Any] = select(IdentityProvider.__table__)


def _providers(statement: Select[Any]) -> tuple[Provider, ...]:
    rows = db.session.execute(statement.order_by(IdentityProvider.name)).mappings()
    return tuple(_provider({**row}) for row in rows)


def _provider(row: dict[str, Any]) -> Provider:
    lists = {name: tuple(row[name]) for name in ("required_acr", "required_amr")}
    return Provider(**{**row, **lists})
