"""Interim safety plans: what was written in them, each version that was in force, and each renewal."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Ended, Identified, Model, Referenced, Versioned, index_where


class SafetyPlan(Identified, Referenced, Authored, Ended, Versioned, Model):
    """What keeps a child safe until the first meeting. A case has one that is not ended.

    `number` counts the savings, so that two people can meet in it.
    """

    __tablename__ = "safety_plan"
    __table_args__ = (
        CheckConstraint("state in ('draft', 'in_force', 'ended')", name="state_known"),
        CheckConstraint("(state = 'ended') = (ended_at is not null)", name="ended_at_a_time"),
        CheckConstraint(
            "state <> 'in_force'"
            " or (in_force_at is not null and valid_from is not null and valid_until is not null)",
            name="in_force_for_a_time",
        ),
        CheckConstraint("valid_until >= valid_from", name="lasts"),
        Index("ix_safety_plan_case", "case_id", "started_at"),
        index_where("uq_safety_plan_not_ended", "case_id", where="state <> 'ended'"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"))
    state: Mapped[str]
    started_at: Mapped[datetime]
    number: Mapped[int] = mapped_column(default=0)
    in_force_at: Mapped[datetime | None]  # when it first came into force
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]  # the last day
    ended_reason: Mapped[str] = mapped_column(default="")
    ended_meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"))  # by holding it
    policy_version: Mapped[str]


class SafetyPlanAnswer(Identified, Authored, Model):
    """What somebody wrote under one heading. A later row stands beside it: the latest counts."""

    __tablename__ = "safety_plan_answer"
    __table_args__ = (Index("uq_safety_plan_answer", "plan_id", "item", "number", unique=True),)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("safety_plan.id"))
    item: Mapped[str]  # a code of policy safety_plan.fields
    number: Mapped[int]  # of the saving that it came with
    words: Mapped[str] = mapped_column(default="")
    saved_at: Mapped[datetime]


class SafetyPlanVersion(Identified, Model):
    """The plan as it came into force: the answers up to the saving `number`, and who agreed."""

    __tablename__ = "safety_plan_version"
    __table_args__ = (Index("uq_safety_plan_version", "plan_id", "edition", unique=True),)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("safety_plan.id"))
    edition: Mapped[int]
    number: Mapped[int]
    child_agrees: Mapped[bool]
    child_words: Mapped[str] = mapped_column(default="")  # why not, or what the child said
    carer_agrees: Mapped[bool]
    carer_words: Mapped[str] = mapped_column(default="")
    put_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    put_at: Mapped[datetime]


class SafetyPlanRenewal(Identified, Model):
    """A plan that was made to last longer, from which last day to which, and why."""

    __tablename__ = "safety_plan_renewal"
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("safety_plan.id"), index=True)
    before: Mapped[date]
    until: Mapped[date]
    reason: Mapped[str]
    renewed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    renewed_at: Mapped[datetime]
