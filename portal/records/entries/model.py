"""Citations of entries in other records, and what became of the assessment after a critical moment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced


class Citation(Identified, Referenced, Model):
    """That a record cites something of an agency: what every reader of the record may know, and no more.

    What is cited stands in a row of its own, because row security cannot hide columns.
    """

    __tablename__ = "citation"
    __table_args__ = (Index("ix_citation_holder", "holder_id", "holder_kind"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    holder_kind: Mapped[str]  # a CitationHolder
    holder_id: Mapped[UUID]
    part: Mapped[str] = mapped_column(default="")  # of the holder: the code of a section, where it has parts
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))  # whose entry it is
    cited_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class CitedEntry(Model):
    """Which entry a citation is of, and under what conditions: for whoever may read the entry."""

    __tablename__ = "cited_entry"
    citation_id: Mapped[UUID] = mapped_column(ForeignKey("citation.id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("chronology_entry.id"), index=True)
    conditions: Mapped[str] = mapped_column(default="")  # as they were when it was cited
    cited_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    cited_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class EntryChange(Identified, Model):
    """Who reads an entry, whether the family may know of it, its kind or its day was put right, and why."""

    __tablename__ = "entry_change"
    __table_args__ = (Index("uq_entry_change", "entry_id", "number", unique=True),)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("chronology_entry.id"))
    number: Mapped[int]  # the version that the entry had afterwards
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    changed_at: Mapped[datetime]


class MomentReview(Model):
    """That the risk assessment was looked at after a critical moment: a new one was finalised, or nothing
    changes, because. A trigger writes the first; somebody says the second.
    """

    __tablename__ = "moment_review"
    __table_args__ = (
        CheckConstraint("assessment_id is not null or words <> ''", name="says_why_nothing_changes"),
    )
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("chronology_entry.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("risk_assessment.id"), index=True)
    words: Mapped[str] = mapped_column(default="")
    reviewed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    reviewed_at: Mapped[datetime]
