"""Forms that were sent and answered, so that the same one, sent again, is done once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Model


class IdempotencyKey(Model):
    """One sending of a form by a person: which, as a digest, and where its answer led."""

    __tablename__ = "idempotency_key"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)  # a digest of the page, the address, the words
    made_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # None while it is being answered
