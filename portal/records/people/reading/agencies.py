"""Agencies, their teams, and where their people sign in. No person is named to whoever is not signed in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import Row, Select, and_, exists, func, or_, select

from portal.access.sign_in.discovery import ProviderSettings
from portal.extensions import db
from portal.queries.rows import filled
from portal.records.people.model import Agency, AgencyProvider, IdentityProvider, Team, TeamMember, User
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
    return filled(
        AgencyDetails,
        found,
        sector_label=Sector(found.sector).label,
        districts=tuple(found.districts),
        lead=lead.name if lead else None,
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


def colleague(user_id: UUID) -> User | None:
    """Somebody who works here, whom a page offered."""
    return db.session.scalars(select(User).where(User.id == user_id, User.active)).one_or_none()


#: People that a page offers of those who fit: whoever fits worse is found by more words.
_MOST_PEOPLE = 8


@dataclass(frozen=True)
class PersonFound:
    """Somebody who works here, and what tells them from others of the name."""

    id: UUID
    name: str
    email: str
    about: str


def find_people(words: str) -> list[PersonFound]:
    """Who works here and fits every one of some words: name, job, team or agency, or the work address."""
    teams = (
        select(func.string_agg(Team.name, ", "))
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == User.id)
        .scalar_subquery()
    )
    spoken = func.lower(func.concat_ws(" ", User.name, User.job_title, Agency.name, teams))
    typed = words.strip().lower()
    fits = and_(*(spoken.contains(one, autoescape=True) for one in typed.split()))
    rows = db.session.execute(
        select(
            User.id, User.name, User.email, User.job_title, teams.label("teams"), Agency.name.label("agency")
        )
        .join(Agency, Agency.id == User.agency_id)
        .where(User.active, Agency.active, or_(fits, func.lower(User.email) == typed))
        .order_by(func.lower(User.email) != typed, User.name, User.id)
        .limit(_MOST_PEOPLE)
    )
    return [
        PersonFound(
            row.id, row.name, row.email, ", ".join(filter(None, (row.job_title, row.teams, row.agency)))
        )
        for row in rows
    ]


_HAS_THIS = (
    exists()
    .where(AgencyProvider.agency_id == Agency.id, AgencyProvider.provider_id == IdentityProvider.id)
    .correlate(Agency, IdentityProvider)
)
_HAS_ANY = exists().where(AgencyProvider.agency_id == Agency.id).correlate(Agency)

#: An agency signs in at the providers that it has, or at the partnership's if it has none of its own: the
#: same rule as ``ctx.uses_provider``, which decides.
_SERVES = and_(
    IdentityProvider.active, or_(_HAS_THIS, and_(IdentityProvider.is_partnership_default, ~_HAS_ANY))
)


@dataclass(frozen=True)
class Organisation:
    """An agency whose people can sign in."""

    code: str
    name: str
    sector: str

    def matches(self, words: Sequence[str]) -> bool:
        """Whether every word begins a word of the name or of the line of work."""
        own = f"{self.name} {self.sector}".casefold().replace("-", " ").split()
        return all(any(part.startswith(word) for part in own) for word in words)


def organisations(*, text: str = "") -> list[Organisation]:
    """The organisations whose people can sign in, by name; with ``text``, those that it fits."""
    statement = (
        select(Agency.code, Agency.name, Agency.sector)
        .where(Agency.active, exists().where(_SERVES).correlate(Agency))
        .order_by(Agency.name)
    )
    rows = db.session.execute(statement)
    found = [Organisation(code, name, Sector(sector).label) for code, name, sector in rows]
    words = text.casefold().replace("-", " ").split()
    return [organisation for organisation in found if organisation.matches(words)]


def organisation(code: str) -> Organisation | None:
    """The organisation with this code, if its people can sign in."""
    return next((found for found in organisations() if found.code == code), None)


def providers_of(agency_code: str) -> list[ProviderSettings]:
    """The providers at which the people of an agency sign in, by name."""
    statement = (
        select(IdentityProvider.__table__)
        .select_from(Agency)
        .join(IdentityProvider, _SERVES)
        .where(Agency.code == agency_code, Agency.active)
        .order_by(IdentityProvider.name)
    )
    return [_settings(row) for row in db.session.execute(statement)]


def provider_settings(code: str) -> ProviderSettings | None:
    """A provider that is switched on."""
    statement = select(IdentityProvider.__table__).where(
        IdentityProvider.code == code, IdentityProvider.active
    )
    row = db.session.execute(statement).one_or_none()
    return _settings(row) if row is not None else None


def code_of(issuer: str) -> str | None:
    """The code of the provider with this issuer."""
    return db.session.scalar(select(IdentityProvider.code).where(IdentityProvider.issuer == issuer))


def _settings(row: Row[Any]) -> ProviderSettings:
    secrets: dict[str, str] = current_app.config["OIDC_SECRETS"]
    return ProviderSettings(
        code=row.code,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        client_secret=secrets.get(row.secret_name or "", ""),
        required_acr=tuple(row.required_acr),
        required_amr=tuple(row.required_amr),
        max_age=row.max_age,
    )
