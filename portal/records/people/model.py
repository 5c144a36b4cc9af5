"""Organisations, their teams, where their people sign in, who may use the portal, and how they came to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Stamped, Versioned


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
    desks: Mapped[list[str]] = mapped_column(default=list)  # of Desk: what it answers for
    answers_at_night: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class IdentityProvider(Identified, Versioned, Model):
    """An OpenID Connect provider. Its client secret is in the environment, under its own name."""

    __tablename__ = "identity_provider"
    audited_as = "provider"
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


class User(Identified, Stamped, Versioned, Model):
    """A person with one current membership of one agency."""

    __tablename__ = "app_user"
    audited_as = "person"
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    name: Mapped[str]
    email: Mapped[str]
    job_title: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    roles: Mapped[list[str]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)
    left_at: Mapped[datetime | None]


class TeamMember(Model):
    """That a person is of a team."""

    __tablename__ = "team_member"
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True, index=True)


class PersonSetting(Model):
    """What a person has chosen for themselves, and what they chose last in a form that they fill in often."""

    __tablename__ = "person_setting"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    entry_kind: Mapped[str | None]  # of the last entry: code of policy `cases.entry_kinds`
    entry_handling: Mapped[str | None]  # of the last entry: a Handling
    shortcuts: Mapped[bool] = mapped_column(default=True, server_default=text("true"))  # single keys
    toured_at: Mapped[datetime | None]  # when they took the tour, or said not now
    edition_seen: Mapped[date | None]  # of the policy: from when the one holds that they were told of


class UserIdentity(Identified, Stamped, Model):
    """A person at a provider: the configured issuer and its subject, never an e-mail address."""

    __tablename__ = "user_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]


class StaffInvite(Identified, Stamped, Model):
    """A one-time link that binds an invited person to whoever their provider says they are."""

    __tablename__ = "staff_invite"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class RoleChange(Identified, Model):
    """A change of roles; the weighty ones wait for a second administrator."""

    __tablename__ = "role_change"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    roles_before: Mapped[list[str]]
    roles_after: Mapped[list[str]]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class SignInSession(Identified, Model):
    """A signed-in browser. In a schema that the application's role cannot read."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_user_id", "user_id"), {"schema": "ctx"})
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    issuer: Mapped[str]
    provider_session: Mapped[str | None]
    device: Mapped[str]
    opened_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    idle_seconds: Mapped[int]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SpentToken(Model):
    """The hash of something that may be used once and was: the state of a sign-in, an order to sign out."""

    __tablename__ = "spent"
    __table_args__ = ({"schema": "ctx"},)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kept_until: Mapped[datetime]


class RefusedSignIns(Model):
    """How many sign-ins were refused in a minute at a provider, and of those beyond the first ten, why."""

    __tablename__ = "refused"
    __table_args__ = ({"schema": "ctx"},)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    total: Mapped[int]
    beyond: Mapped[dict[str, Any]]
