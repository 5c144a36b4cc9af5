from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import KEPT_BACK, Identified, Model, Referenced, Versioned, index_where


def _whether_asked() -> Any:
    """As of a missing episode: whether who wrote it works with the child, or was asked (`ctx.was_asked`)."""
    return mapped_column(server_default=true(), deferred=True, info=KEPT_BACK)


class ReturnInterview(Identified, Referenced, Versioned, Model):
    """The independent conversation after a return: offered, accepted or declined, and what was learnt."""

    __tablename__ = "return_interview"
    __table_args__ = (
        CheckConstraint("(completed_at is null) = (completed_by is null)", name="completed_by_somebody"),
        CheckConstraint("done_at is null or accepted is not false", name="held_only_if_accepted"),
        Index("ix_return_interview_child", "child_id", "opened_at"),
        index_where("ix_return_interview_open", "team_id", where="completed_at IS NULL"),
    )
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"))
    handling: Mapped[str] = mapped_column(default="network")  # who reads it, as of an entry
    listed_agencies: Mapped[list[UUID]] = mapped_column(default=list)
    family_safe: Mapped[str] = mapped_column(default="ask")
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    opened_at: Mapped[datetime]
    offered: Mapped[str | None]  # a InterviewOffer
    offered_at: Mapped[datetime | None]
    offered_by: Mapped[str] = mapped_column(default="")
    offered_how: Mapped[str] = mapped_column(default="")
    accepted: Mapped[bool | None]
    declined_reason: Mapped[str] = mapped_column(default="")
    interviewer: Mapped[str] = mapped_column(default="")
    independent: Mapped[bool | None]
    independent_words: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(default="")
    seen_alone: Mapped[bool | None]
    limits_told: Mapped[bool | None]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    carer_information: Mapped[str] = mapped_column(default="")
    shared: Mapped[dict[str, Any]] = mapped_column(default=dict)
    assessment_needed: Mapped[bool | None]
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    corrected_because: Mapped[str] = mapped_column(
        default=""
    )  # why what was completed was put right, the last time
    policy_version: Mapped[str]


class ReturnInterviewEpisode(Model):
    """An episode that an interview covers. One interview may cover several; each is still counted."""

    __tablename__ = "return_interview_episode"
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("return_interview.id"), primary_key=True)
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("missing_episode.id"), primary_key=True, unique=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))  # whom to ask for the interview


class ReturnAttempt(Identified, Model):
    """Somebody tried to hold the interview, and how it went."""

    __tablename__ = "return_attempt"
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("return_interview.id"), index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    at: Mapped[datetime]
    way: Mapped[str]  # a code of policy return_interview.ways
    words: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    written_at: Mapped[datetime]
    asked: Mapped[bool] = _whether_asked()


class ReturnChange(Identified, Model):
    """What an interview said before a change, each answer under its own key. A trigger keeps it."""

    __tablename__ = "return_change"
    __table_args__ = (Index("ix_return_change_interview", "interview_id", "number"),)
    interview_id: Mapped[UUID] = mapped_column(ForeignKey("return_interview.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    number: Mapped[int]  # the version that the interview had afterwards
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    changed_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    changed_at: Mapped[datetime]
    asked: Mapped[bool] = _whether_asked()
