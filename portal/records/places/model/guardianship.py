"""Who could watch or act in a place of concern, and what is known of its licence, landlord and premises."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Stamped, Versioned


class Guardian(Identified, Stamped, Versioned, Model):
    """Somebody who could watch or act in a place, such as staff of a shop. Whether they were asked, and what
    they said, stands in `state`; how it came to that in its steps.
    """

    __tablename__ = "guardian"
    __table_args__ = (
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended_by_somebody"),
        Index("ix_guardian_concern", "concern_id", "ended_at"),
    )
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"))
    role: Mapped[str]  # a code of policy guardianship.roles
    name: Mapped[str]  # a person, a job or an organisation
    can: Mapped[str]  # what they could see or do
    contact: Mapped[str] = mapped_column(default="")
    state: Mapped[str]  # a GuardianState
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class GuardianStep(Identified, Model):
    """Somebody was asked, answered, is reached otherwise or watches no longer. Only added to."""

    __tablename__ = "guardian_step"
    __table_args__ = (Index("ix_guardian_step_guardian", "guardian_id", "made_at"),)
    guardian_id: Mapped[UUID] = mapped_column(ForeignKey("guardian.id"))
    kind: Mapped[str]  # a GuardianStepKind
    happened_on: Mapped[date]
    before: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    made_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    made_at: Mapped[datetime]


class PlaceFact(Identified, Model):
    """What an agency says of a place: its licence, its landlord. A later statement stands beside it; one that
    is no longer right is ended.
    """

    __tablename__ = "place_fact"
    __table_args__ = (
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended_by_somebody"),
        Index("ix_place_fact_concern", "concern_id", "ended_at"),
    )
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"))
    kind: Mapped[str]  # a code of policy guardianship.facts
    text: Mapped[str]
    holder: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(default="")
    until_on: Mapped[date | None]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    said_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    ended_reason: Mapped[str | None]
