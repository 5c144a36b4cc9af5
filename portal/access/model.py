"""What anyone looked at, changed or was refused. The application's role may only add to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model


class AuditEvent(Identified, Model):
    """Something that somebody looked at, changed or was refused, or that the portal did. Only added to."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_child", "child_id", "at"),
        Index("ix_audit_event_case", "case_id", "at"),
        Index("ix_audit_event_actor", "actor_id", "at"),
        Index("ix_audit_event_seal", "seal_number"),
        Index("ix_audit_event_connection", "connection_id", "connection_position"),
    )
    at: Mapped[datetime]  # by the clock of whoever wrote it
    recorded_at: Mapped[datetime | None]  # by the database's clock; nothing in rows from before it was kept
    xact: Mapped[int] = mapped_column(BigInteger)  # the transaction
    actor_id: Mapped[UUID | None]
    agency_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    child_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    route: Mapped[str | None]
    ground: Mapped[str | None]
    address: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seal_number: Mapped[int | None] = mapped_column(BigInteger)
    #: The rows of one database connection are numbered without gaps, each with the digest of the one before.
    connection_id: Mapped[UUID | None]
    connection_position: Mapped[int | None] = mapped_column(BigInteger)
    connection_previous: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuditSearch(Model):
    """What somebody searched for. Governance alone reads it, and it is not kept for ever."""

    __tablename__ = "audit_search"
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    actor_id: Mapped[UUID | None]
    searched_at: Mapped[datetime] = mapped_column(index=True)  # by the database's clock
    text: Mapped[str]


class AuditSeal(Model):
    """A batch of audit rows, numbered without gaps and chained to the batch before."""

    __tablename__ = "audit_seal"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]
    rows: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    #: How many of its rows did not follow the row before them on their connection as it was.
    breaks: Mapped[int | None]
    #: The digest of a former kind that an upgrade has checked and replaced.
    replaced_digest: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuditChain(Model):
    """Where the chain of batches ends: one row, which the sealer locks."""

    __tablename__ = "audit_chain"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class AuditLink(Model):
    """Where the rows of each connection to the database end. A crash ends the connections, and empties it."""

    __tablename__ = "audit_link"
    __table_args__ = ({"schema": "ctx", "prefixes": ["UNLOGGED"]},)
    pid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # the server's process
    connection_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)  # of its last row
    written_at: Mapped[datetime]


class Heartbeat(Model):
    """When each tick of the worker last ran, and how far one came that looks at some things at a time."""

    __tablename__ = "heartbeat"
    tick: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]
    reached: Mapped[UUID | None]


class SavedFilter(Identified, Model):
    """A person's own view of a list: what they filter and sort it by, under a name.

    The list begins with the one that is the default, where somebody has one.
    """

    __tablename__ = "saved_filter"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[dict[str, Any]]
    is_default: Mapped[bool] = mapped_column(default=False)


class StateTransition(Model):
    """The transitions that the pathway allows; a trigger refuses every other."""

    __tablename__ = "state_transition"
    machine: Mapped[str] = mapped_column(primary_key=True)
    before: Mapped[str] = mapped_column(primary_key=True)
    after: Mapped[str] = mapped_column(primary_key=True)
