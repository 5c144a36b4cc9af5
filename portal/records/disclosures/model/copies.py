"""The sharing ledger’s other side: what somebody took out of the portal as a file."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model


class TakenCopy(Identified, Model):
    """One file that one person took, for one case; a pack on three children leaves three rows.

    The rows of one file share its reference, which is printed on every page of a document that we make.
    """

    __tablename__ = "taken_copy"
    __table_args__ = (
        Index(
            "uq_taken_copy_reference", "reference", "case_id", unique=True, postgresql_nulls_not_distinct=True
        ),
        Index("ix_taken_copy_taken", "taken_at", "id"),
        Index("ix_taken_copy_subject", "subject_reference"),
    )
    reference: Mapped[str]
    kind: Mapped[str]  # a CopyKind
    subject_id: Mapped[UUID]  # the record, or the meeting of a pack
    subject_reference: Mapped[str]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    taken_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    taken_at: Mapped[datetime]
    digest: Mapped[str]  # SHA-256 of the file, so that a copy that turns up can be told
    size: Mapped[int]  # bytes
