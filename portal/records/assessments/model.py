"""Risk assessments, what each agency answered in them, and every level that was decided."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Identified, Model, Referenced, Saved, Versioned, index_where


class RiskAssessment(Identified, Referenced, Versioned, Model):
    """A screening or a full assessment. Once finalised it stands; a manager may still sign it off."""

    __tablename__ = "risk_assessment"
    __table_args__ = (
        CheckConstraint("second_id <> assessor_id and second_id <> concluded_by", name="two_people"),
        CheckConstraint("(state = 'finalised') = (finalised_at is not null)", name="finalised_at_a_time"),
        index_where("uq_risk_assessment_being_written", "case_id", where="state IN ('draft', 'waiting')"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a AssessmentKind
    trigger: Mapped[str]  # a code of policy assessment.triggers
    state: Mapped[str]
    assessor_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    started_at: Mapped[datetime]
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("risk_assessment.id"))
    concluded_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    concluded_at: Mapped[datetime | None]
    finalised_at: Mapped[datetime | None]
    abandoned_reason: Mapped[str | None]
    level: Mapped[str | None]
    level_before: Mapped[str | None]
    level_reason: Mapped[str] = mapped_column(default="")
    suggested_level: Mapped[str | None]
    suggested_rule: Mapped[str | None]
    suggested_signs: Mapped[list[str]] = mapped_column(default=list)
    difference_reason: Mapped[str] = mapped_column(default="")
    needs_full: Mapped[bool | None]  # what a screening ends in
    types: Mapped[list[str]] = mapped_column(default=list)
    s47_considered: Mapped[str | None]  # a Answer
    s47_reason: Mapped[str] = mapped_column(default="")
    nrm_considered: Mapped[str | None]
    nrm_reason: Mapped[str] = mapped_column(default="")
    safety_steps: Mapped[str] = mapped_column(default="")
    second_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    second_at: Mapped[datetime | None]
    returned_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    returned_reason: Mapped[str] = mapped_column(default="")
    refused_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))  # who did not sign it off
    refused_at: Mapped[datetime | None]
    refused_reason: Mapped[str] = mapped_column(default="")
    signed_off_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    signed_off_at: Mapped[datetime | None]
    signed_off_note: Mapped[str] = mapped_column(default="")
    policy_version: Mapped[str]


class AssessmentSection(Saved, Model):
    """A section that somebody has written in. `number` counts its savings: two people can meet in it."""

    __tablename__ = "assessment_section"
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("risk_assessment.id"), primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


class AssessmentAnswer(Identified, Authored, Model):
    """One answer as somebody saved it. A later one stands beside it: the latest counts, and all are kept."""

    __tablename__ = "assessment_answer"
    __table_args__ = (
        Index("uq_assessment_answer", "assessment_id", "section", "item", "number", unique=True),
    )
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("risk_assessment.id"))
    section: Mapped[str]
    item: Mapped[str]  # the code of a question or sign, or context_ and the code of a context
    number: Mapped[int]  # of the saving of the section that it came with
    answer: Mapped[str | None]  # a SignAnswer or an Influence
    words: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    not_obtained: Mapped[bool] = mapped_column(default=False)  # `words` then say why
    saved_at: Mapped[datetime]


class LevelDecision(Identified, Model):
    """A level that a case was given, from what before it, and why. A lower one takes a second person."""

    __tablename__ = "level_decision"
    __table_args__ = (
        CheckConstraint("second_id <> decided_by", name="two_people"),
        CheckConstraint(
            "before is null or second_id is not null"
            " or array_position(array['high', 'medium', 'low', 'none'], level)"
            " <= array_position(array['high', 'medium', 'low', 'none'], before)",
            name="two_people_lower",
        ),
        CheckConstraint("level in ('high', 'medium', 'low', 'none')", name="level_known"),
        Index("ix_level_decision_case", "case_id", "number"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"))
    assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("risk_assessment.id"), index=True)
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    before: Mapped[str | None]
    level: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    decided_at: Mapped[datetime]
    second_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    second_at: Mapped[datetime | None]
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))  # in the order made
