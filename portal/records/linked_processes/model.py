"""Processes of other services for the same child, beside the case and never instead of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Ended, Identified, Model, Referenced, Versioned, index_where


class LinkedProcess(Identified, Referenced, Authored, Ended, Versioned, Model):
    """A process of another service: which, since when, who sees to it, and how it ended."""

    __tablename__ = "linked_process"
    __table_args__ = (
        CheckConstraint("num_nonnulls(owner_id, owner_team_id) <= 1", name="one_owner"),
        CheckConstraint("(state = 'running') = (ended_at is null)", name="ended_at_a_time"),
        CheckConstraint("not personal or owner_id = author_id", name="a_personal_duty_stays"),
        Index("ix_linked_process_case", "case_id", "state"),
        index_where(
            "uq_linked_process_running", "case_id", "kind", where="state = 'running' and not personal"
        ),
        Index("ix_linked_process_owner", "owner_agency_id", "state"),
    )
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"))
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    kind: Mapped[str]  # a code of policy linked_processes.processes
    personal: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(default="")
    their_reference: Mapped[str] = mapped_column(default="")  # in the other service, or of the police
    state: Mapped[str]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    owner_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    owner_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    status_id: Mapped[UUID | None] = mapped_column(ForeignKey("child_status.id"), index=True)
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("decision.id"), index=True)
    came_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("linked_process.id"), index=True)
    created_at: Mapped[datetime]
    outcome: Mapped[str | None]  # a code of the kind's outcomes
    outcome_words: Mapped[str] = mapped_column(default="")
    policy_version: Mapped[str]


class LinkedStep(Identified, Model):
    """Something that a process owes by a time, and when it was done."""

    __tablename__ = "linked_step"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (recorded_at is null)", name="recorded_at_a_time"),
        CheckConstraint("(state = 'done') = (done_at is not null)", name="done_at_a_time"),
        Index("ix_linked_step_process", "process_id", "counted_from"),
        index_where("uq_linked_step_open", "process_id", "kind", where="state = 'open'"),
        index_where("ix_linked_step_open", "owner_agency_id", "due_at", where="state = 'open'"),
    )
    process_id: Mapped[UUID] = mapped_column(ForeignKey("linked_process.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a code of the kind's steps
    number: Mapped[int]  # 1 for the first time
    owner_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    counted_from: Mapped[datetime]
    due_at: Mapped[datetime]
    deadline_id: Mapped[UUID | None] = mapped_column(ForeignKey("deadline.id"), index=True)
    state: Mapped[str]
    done_at: Mapped[datetime | None]
    answer: Mapped[str | None]  # a code of the step's answers, where policy asks for one
    words: Mapped[str] = mapped_column(default="")
    late_reason: Mapped[str | None]  # a code of policy linked_processes.late_reasons
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    recorded_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    recorded_at: Mapped[datetime | None]


class LinkedNote(Identified, Authored, Model):
    """What happened to a process and what was said of it. Only added to."""

    __tablename__ = "linked_note"
    __table_args__ = (Index("ix_linked_note_process", "process_id", "written_at"),)
    process_id: Mapped[UUID] = mapped_column(ForeignKey("linked_process.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    written_at: Mapped[datetime]
