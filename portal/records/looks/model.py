"""Why somebody looks at more than most people do, and whom governance lets do so for a day."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model


class LookReason(Identified, Model):
    """Somebody who opened, searched or took very much in an hour said why they go on."""

    __tablename__ = "look_reason"
    __table_args__ = (Index("ix_look_reason_user", "user_id", "said_at"),)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    kind: Mapped[str]
    reason: Mapped[str]
    said_at: Mapped[datetime]


class LookException(Identified, Model):
    """Governance named somebody who may go on until the end of a day, whatever they opened."""

    __tablename__ = "look_exception"
    __table_args__ = (Index("ix_look_exception_user", "user_id", "until"),)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    reason: Mapped[str]
    named_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    named_at: Mapped[datetime]
    until: Mapped[datetime]
