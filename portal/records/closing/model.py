"""How a case ended, who follows up and what would reopen it; and what is handed over to another service."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced, Saved, Versioned, Withdrawn, index_where


class CaseClosure(Identified, Withdrawn, Model):
    """That a case is closed or transferred, why and by whom. It stands; a reopening is added to it.

    Without a meeting it waits for a second person, until `closed_at` or `withdrawn_at`.
    """

    __tablename__ = "case_closure"
    __table_args__ = (
        CheckConstraint("kind in ('closed', 'transferred')", name="kind_known"),
        CheckConstraint("(ground = 'meeting') = (decision_id is not null)", name="decided_by_a_meeting"),
        CheckConstraint("(decision_id is null) = (meeting_id is null)", name="decided_at_its_meeting"),
        CheckConstraint(
            "ground in (case kind when 'closed' then 'no_exploitation' else 'moved' end, 'meeting')",
            name="ground_fits",
        ),
        CheckConstraint("kind <> 'closed' or assessment_id is not null", name="closed_after_an_assessment"),
        CheckConstraint("kind <> 'transferred' or hand_over_id is not null", name="handed_over"),
        CheckConstraint("second_id <> asked_by", name="two_people"),
        CheckConstraint(
            "closed_at is null or ground = 'meeting' or second_id is not null", name="second_person"
        ),
        CheckConstraint("(second_id is null) = (second_at is null)", name="second_at_a_time"),
        CheckConstraint("withdrawn_at is null or closed_at is null", name="withdrawn_or_closed"),
        CheckConstraint("reopened_at is null or closed_at is not null", name="reopened_once_closed"),
        CheckConstraint("follow_up_id is not null or follow_up_name <> ''", name="somebody_follows_up"),
        index_where(
            "uq_case_closure_stands", "case_id", where="withdrawn_at IS NULL AND reopened_at IS NULL"
        ),
        index_where("uq_case_closure_decision", "decision_id", where="withdrawn_at IS NULL"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a ClosureKind
    ground: Mapped[str]  # a ClosureGround
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"))
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("decision.id"))
    assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("risk_assessment.id"))
    hand_over_id: Mapped[UUID | None] = mapped_column(ForeignKey("hand_over.id"))
    reason: Mapped[str]  # a code of policy closing.reasons
    minutes_reason: Mapped[str] = mapped_column(default="")  # before they were approved
    level_reason: Mapped[str] = mapped_column(default="")  # why at a level that does not say a lower risk
    undone_reason: Mapped[str] = mapped_column(default="")  # why, with what nobody did yet
    words: Mapped[str]
    follow_up_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    follow_up_name: Mapped[str] = mapped_column(default="")
    follow_up_agency: Mapped[str] = mapped_column(default="")
    follow_up_contact: Mapped[str] = mapped_column(default="")
    reopen_if: Mapped[str]
    left_over: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by the action
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    second_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    second_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    reopened_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    reopened_at: Mapped[datetime | None]
    reopen_reason: Mapped[str] = mapped_column(default="")
    policy_version: Mapped[str]


class HandOver(Identified, Referenced, Saved, Versioned, Model):
    """What another area, or the services after 18, must know. Once finalised it stands."""

    __tablename__ = "hand_over"
    __table_args__ = (
        CheckConstraint("kind in ('transfer', 'transition')", name="kind_known"),
        CheckConstraint("(finalised_at is null) = (finalised_by is null)", name="finalised_by_somebody"),
        index_where("uq_hand_over_being_written", "case_id", "kind", where="finalised_at IS NULL"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a HandOverKind
    service: Mapped[str] = mapped_column(default="")  # the authority and service that takes over
    person: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    meets_on: Mapped[date | None]  # when both meet about it
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by the code of policy closing.sections
    started_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    started_at: Mapped[datetime]
    finalised_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    finalised_at: Mapped[datetime | None]
    policy_version: Mapped[str]
