"""Intelligence on a case: how an entry is graded, until when that binds its use, and who it came from."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, index_where


class EntryGrading(Identified, Model):
    """The 3x5x2 grading of an entry, and what its use is bound to until the police release it.

    An entry is graded again by a further row; of each entry one is live. What it says never changes.
    """

    __tablename__ = "entry_grading"
    __table_args__ = (
        index_where("uq_entry_grading_live", "entry_id", where="replaced_at IS NULL"),
        index_where(
            "ix_entry_grading_waiting", "graded_at", "id", where="replaced_at IS NULL AND released_at IS NULL"
        ),
    )
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("chronology_entry.id"), index=True)
    source_grade: Mapped[str]  # codes of policy `decisions`
    information_grade: Mapped[str]
    handling_code: Mapped[str]
    codes: Mapped[list[str]] = mapped_column(default=list)  # of policy `sharing.conditions`
    conditions: Mapped[str] = mapped_column(default="")  # as they are read, one a line, own words last
    forbids: Mapped[list[str]] = mapped_column(default=list)  # Use, as the policy had it
    graded_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    graded_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    graded_at: Mapped[datetime]
    policy_version: Mapped[str]
    replaced_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    released_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    released_at: Mapped[datetime | None]
    release_reason: Mapped[str | None]


class EntrySource(Model):
    """Who or what intelligence came from: for its author and coordinators, and for nobody else."""

    __tablename__ = "entry_source"
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("chronology_entry.id"), primary_key=True)
    text: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    author_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    written_at: Mapped[datetime]
