"""Organisations, their teams, and where their people sign in."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Versioned


class Agency(Identified, Versioned, Model):
    """A part of an organisation with one sector."""

    __tablename__ = "agency"
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    sector: Mapped[str]
    authority: Mapped[str | None]
    districts: Mapped[list[str]] = mapped_column(default=list)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", use_alter=True))
    active: Mapped[bool] = mapped_column(default=True)


class Team(Identified, Versioned, Model):
    """The people of an agency who work together, with an address that is always answered."""

    __tablename__ = "team"
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    name: Mapped[str]
    duty_email: Mapped[str]
    duty_phone: Mapped[str]
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", use_alter=True))
    active: Mapped[bool] = mapped_column(default=True)


class IdentityProvider(Identified, Versioned, Model):
    """An OpenID Connect provider. Its client secret is in the environment, under its own name."""

    __tablename__ = "identity_provider"
    __table_args__ = (
        CheckConstraint("secret_name = 'OIDC_SECRET_' || upper(replace(code, '-', '_'))", name="own_secret"),
    )
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    issuer: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str]
    secret_name: Mapped[str | None]
    required_acr: Mapped[list[str]] = mapped_column(default=list)
    required_amr: Mapped[list[str]] = mapped_column(default=list)
    max_age: Mapped[int | None]  # seconds since the person last proved who they are
    is_partnership_default: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", use_alter=True))


class AgencyProvider(Model):
    """That the people of an agency sign in at a provider."""

    __tablename__ = "agency_provider"
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("identity_provider.id"), primary_key=True)
