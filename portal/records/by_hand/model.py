"""Who has to be told by a person, and when, how and by whom they were."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.messages.vocabulary import Event
from portal.model import Identified, Model, Referenced, Versioned


class ToldByHand(Identified, Referenced, Versioned, Model):
    """Somebody without an account, or a service outside the portal, who has to be told of one thing.

    Whoever made it happen owes it: a duty of the kind `by_hand` hangs on it until it is ticked.
    """

    __tablename__ = "told_by_hand"
    __table_args__ = (
        CheckConstraint(
            "(told_on is null) = (way is null) and (told_on is null) = (told_by is null)"
            " and (told_on is null) = (recorded_at is null)",
            name="told_as_a_whole",
        ),
        CheckConstraint("(dropped_at is null) = (dropped_reason is null)", name="dropped_with_a_reason"),
        CheckConstraint("told_on is null or dropped_at is null", name="told_or_dropped"),
        CheckConstraint("num_nonnulls(case_id, referral_id, meeting_id) >= 1", name="hangs_on_something"),
        Index("ix_told_by_hand_subject", "subject_kind", "subject_id"),
    )
    key: Mapped[str] = mapped_column(unique=True)  # who is told once of what
    event: Mapped[str]  # a code of policy telling.events
    ground: Mapped[str]  # a Ground
    subject_kind: Mapped[str]  # the name of a table
    subject_id: Mapped[UUID]
    subject_reference: Mapped[str | None]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"), index=True)
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    name: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))  # who made it happen
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))  # of which they were then
    created_at: Mapped[datetime]
    told_on: Mapped[date | None]
    way: Mapped[str | None]  # a Way
    told_by: Mapped[str | None]  # the name of whoever told them
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime | None]
    dropped_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    dropped_at: Mapped[datetime | None]
    dropped_reason: Mapped[str | None]  # why they need not be told


class ByHandChange(Identified, Model):
    """What was recorded of a telling before it was corrected. A trigger keeps it."""

    __tablename__ = "by_hand_change"
    told_id: Mapped[UUID] = mapped_column(ForeignKey("told_by_hand.id"), index=True)
    told_on: Mapped[date]
    way: Mapped[str]
    told_by: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
    corrected_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    corrected_at: Mapped[datetime]


def is_telling_of(event: Event) -> ColumnElement[bool]:
    """Of duties, whether one is to tell somebody of an event by hand.

    Each is looked up by its key: an `exists` lets the database read through all that was ever told by hand.
    """
    told = select(ToldByHand.event).where(ToldByHand.id == Deadline.subject_id)
    return (Deadline.kind == DeadlineKind.BY_HAND) & (
        told.correlate(Deadline).scalar_subquery() == event.code
    )
