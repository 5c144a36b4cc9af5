"""What the hub decided about each subject of a referral."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced

#: Where a decision keeps, among its details, what the sender should know once all is decided.
TO_SENDER = "to_sender"


class TriageDecision(Identified, Model):
    """One outcome for one subject, or for the form as a whole when it names no subject."""

    __tablename__ = "triage_decision"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral_subject.id"))
    outcome: Mapped[str]
    reason: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    duplicate_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"))
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime]
    reopened_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    reopened_at: Mapped[datetime | None]
    reopen_reason: Mapped[str | None]


class IntelligenceReport(Identified, Referenced, Model):
    """The 3x5x2 grading of what a referral says and the sanitised text that others may see."""

    __tablename__ = "intelligence_report"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral_subject.id"))
    source_grade: Mapped[str]
    information_grade: Mapped[str]
    handling_code: Mapped[str]
    conditions: Mapped[str | None]
    sanitised_text: Mapped[str]
    graded_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    graded_at: Mapped[datetime]
    replaced_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("intelligence_report.id"))


class SocialCareReferral(Identified, Model):
    """A referral to a front door: open until somebody there has opened it, or said that they have it."""

    __tablename__ = "social_care_referral"
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("triage_decision.id"))
    authority: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    front_door_reference: Mapped[str | None]
    call_with: Mapped[str | None]
    call_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    withdrawn_at: Mapped[datetime | None]
    text: Mapped[str] = mapped_column(
        default=""
    )  # what the front door is told; none before it went by itself
    opened_at: Mapped[datetime | None]  # by whom at the front door first
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    outcome: Mapped[str | None]  # a code of policy `decisions.social_care_outcomes`
    outcome_words: Mapped[str] = mapped_column(default="")  # for the sender
    outcome_at: Mapped[datetime | None]
    outcome_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
