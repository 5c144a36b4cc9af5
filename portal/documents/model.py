"""Long documents that are made beside the pages, for the few minutes until whoever asked has taken them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, index_where


class DocumentJob(Identified, Model):
    """One document for one sign-in: what it is made of, then the file. It is in no archive of the database:
    unlogged, it is neither in its journal nor on its standby.
    """

    __tablename__ = "document_job"
    __table_args__ = (
        index_where("ix_document_job_to_make", "asked_at", "id", where="state IN ('waiting', 'making')"),
        Index("ix_document_job_asked_by", "asked_by", "asked_at"),
        Index("ix_document_job_session", "session_id", "digest"),
        Index("ix_document_job_expires", "expires_at"),
        {"prefixes": ["UNLOGGED"]},
    )
    session_id: Mapped[UUID]  # the sign-in of whoever asked: nobody else reads it, nor they in another one
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    title: Mapped[str]  # without a name
    address: Mapped[str]  # where it was asked for, and is taken: there its reach is settled anew
    digest: Mapped[str]  # SHA-256 of what was gathered
    copy_reference: Mapped[str]
    payload: Mapped[str | None]  # JSON: what it is made of, until it is made
    state: Mapped[str]  # a DocumentState
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    taken_at: Mapped[datetime | None]
