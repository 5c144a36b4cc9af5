"""Citations: a record that the network reads rests on an entry that not all of its readers may see."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model


class Citation(Identified, Model):
    """That a record cites something of an agency: what every reader of the record may know, and no more.

    What is cited stands in a row of its own, because row security cannot hide columns.
    """

    __tablename__ = "citation"
    __table_args__ = (Index("ix_citation_holder", "holder_id", "holder_kind"),)
    reference: Mapped[str] = mapped_column(unique=True)
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
