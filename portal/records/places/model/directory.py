"""Whom to ask in a district. Contacts of work, open to everybody who signs in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Stamped, Versioned


class DirectoryEntry(Identified, Stamped, Versioned, Model):
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
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class DirectoryChange(Identified, Model):
    """What a contact said before somebody changed it, or that it was checked. Only added to."""

    __tablename__ = "directory_change"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("directory_entry.id"), index=True)
    kind: Mapped[str]  # a DirectoryChangeKind
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    changed_at: Mapped[datetime]
