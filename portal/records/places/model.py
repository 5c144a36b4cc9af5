"""Who could watch or act in a place of concern, what is known of it, and whom to ask in a district."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Ended, Identified, Model, Stamped, Versioned


class DirectoryEntry(Identified, Ended, Stamped, Versioned, Model):
    """An agency’s contact for a district, such as its Community Safety Team, and when it was last checked."""

    __tablename__ = "directory_entry"
    __table_args__ = (
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended_by_somebody"),
        Index("ix_directory_entry_district", "district", "role"),
    )
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    district: Mapped[str]
    role: Mapped[str]  # a code of policy directory.roles
    name: Mapped[str]
    job: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    hours: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    checked_on: Mapped[date]
    checked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))


class DirectoryChange(Identified, Model):
    """What a contact said before somebody changed it, or that it was checked. Only added to."""

    __tablename__ = "directory_change"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("directory_entry.id"), index=True)
    kind: Mapped[str]  # a DirectoryChangeKind
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    changed_at: Mapped[datetime]


class Guardian(Identified, Authored, Ended, Stamped, Versioned, Model):
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


class PlaceFact(Identified, Authored, Ended, Model):
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
    said_at: Mapped[datetime]
    ended_reason: Mapped[str | None]
