"""Where people can sign in. Read by anybody: it names organisations and no person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Row, and_, exists, or_, select

from portal.access.sign_in.settings import ProviderSettings
from portal.extensions import db
from portal.records.people.model.agencies import Agency, AgencyProvider, IdentityProvider
from portal.vocabulary import Sector

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


def provider(code: str) -> ProviderSettings | None:
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
