"""Questions to a team, and what it answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Authored, Identified, Model, Referenced, index_where


class InformationRequest(Identified, Referenced, Model):
    """A question about a child to a team (or, on a sealed case, to one named person)."""

    __tablename__ = "information_request"
    __table_args__ = (
        CheckConstraint("asked_team_id is not null or asked_user_id is not null", name="asks_someone"),
        Index("ix_information_request_asked_by", "asked_by", "asked_at"),
        index_where("ix_information_request_entry_id", "entry_id", where="entry_id is not null"),
        *(
            index_where(f"ix_information_request_{which}_{whom}", column, day, "id", where=where)
            for which, day, where in (
                ("open_to", "due_at", "answered_at is null and withdrawn_at is null"),
                ("answered_by", "answered_at", "answered_at is not null"),
            )
            for whom, column in (("person", "asked_user_id"), ("team", "asked_team_id"))
        ),
    )
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"), index=True)
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("chronology_entry.id"))  # asked to release it
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    asked_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    asked_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    asked_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    question: Mapped[str]
    why: Mapped[str]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    reach_until: Mapped[datetime | None]  # policy: reach ends some working days after the answer


class InformationAnswer(Identified, Authored, Model):
    """What an agency answered, with handling; or that it holds nothing."""

    __tablename__ = "information_answer"
    __table_args__ = (
        CheckConstraint("locates <> 'held' or handling <> 'network'", name="held_for_named_agencies"),
    )
    request_id: Mapped[UUID] = mapped_column(ForeignKey("information_request.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    nothing_held: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(default="")
    handling: Mapped[str]
    listed_agencies: Mapped[list[UUID]] = mapped_column(default=list)
    answered_at: Mapped[datetime]
    locates: Mapped[str | None]  # `Locates`; of one from before it was asked nobody knows


class AccessRequest(Identified, Model):
    """Somebody who sees only that a case exists asks those who lead it for access."""

    __tablename__ = "access_request"
    __table_args__ = (index_where("ix_access_request_open", "asked_at", where="answered_at IS NULL"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    asked_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    answered_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    answer: Mapped[str | None]
