"""Orders and notices on people and places of concern: what was made, until when, and what happened since."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Ended, Identified, Model, Referenced, Stamped, Versioned, index_where


class ConcernOrder(Identified, Referenced, Authored, Ended, Stamped, Versioned, Model):
    """An order or notice. It runs until a day, or has none and is looked at by a day; the first day stays."""

    __tablename__ = "concern_order"
    __table_args__ = (
        CheckConstraint("num_nonnulls(expires_on, review_on) = 1", name="runs_out_or_is_reviewed"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended_by_somebody"),
        index_where(
            "ix_concern_order_in_force",
            text("coalesce(expires_on, review_on)"),
            "id",
            where="ended_at IS NULL",
        ),
    )
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"), index=True)
    kind: Mapped[str]  # a code of policy orders.types
    made_by_words: Mapped[str] = mapped_column(default="")  # which court, or who signed it
    starts_on: Mapped[date]
    expires_on: Mapped[date | None]
    original_expires_on: Mapped[date | None]  # never moves
    review_on: Mapped[date | None]
    conditions: Mapped[str]
    served_on: Mapped[date | None]
    served_words: Mapped[str] = mapped_column(default="")
    owner_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    ended_on: Mapped[date | None]
    outcome: Mapped[str | None]  # a code of policy orders.outcomes
    ended_words: Mapped[str | None]
    policy_version: Mapped[str]


class OrderChild(Model):
    """A child whom an order protects: for whoever reads the order and the child's record."""

    __tablename__ = "order_child"
    order_id: Mapped[UUID] = mapped_column(ForeignKey("concern_order.id"), primary_key=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), primary_key=True, index=True)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    added_at: Mapped[datetime]


class OrderStep(Identified, Model):
    """Something that happened to an order. Never changed."""

    __tablename__ = "order_step"
    __table_args__ = (Index("ix_order_step_order", "order_id", "made_at"),)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("concern_order.id"))
    kind: Mapped[str]  # a OrderStepKind
    happened_on: Mapped[date]
    before: Mapped[date | None]  # the day on which it ran out, where that moved
    after: Mapped[date | None]
    words: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    made_at: Mapped[datetime]
