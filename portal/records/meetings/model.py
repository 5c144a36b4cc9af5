"""Meetings on cases or on a district: who is asked to come, with which papers, and what changed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced, Stamped, Versioned


class Meeting(Identified, Referenced, Stamped, Versioned, Model):
    """A meeting with a date, a chair and a note-taker, who are two people."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("chair_id <> note_taker_id", name="two_people"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        Index("ix_meeting_starts", "starts_at"),
    )
    kind: Mapped[str]  # a code of policy meetings.kinds
    district: Mapped[str | None]  # a meeting on a district, its places and people, instead of cases
    state: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    chair_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    note_taker_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    called_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    called_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    sequence: Mapped[int] = mapped_column(default=0)  # of the calendar messages: counts every change
    required_sectors: Mapped[list[str]] = mapped_column(default=list)
    quorum_reason: Mapped[str | None]  # why it was held although a required sector was missing
    held_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]  # when it was said to be over, before it is recorded
    reach_until: Mapped[datetime | None]  # policy limits.request_reach after it was held
    policy_version: Mapped[str]


class MeetingCase(Model):
    """A case that a meeting is on; the child stands here too, for those invited who do not reach the case."""

    __tablename__ = "meeting_case"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), primary_key=True, index=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("child.id"), index=True)
    next_on: Mapped[date | None]  # when the meeting wants to meet again on this child


class MeetingChange(Identified, Model):
    """What was changed about a meeting after it was called, and why."""

    __tablename__ = "meeting_change"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    kind: Mapped[str]  # a MeetingChangeKind
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    changed_at: Mapped[datetime]


class Invitation(Identified, Referenced, Versioned, Model):
    """Somebody asked to a meeting: a team in a role, a person, or somebody without an account.

    The chair and the note-taker are invited too. Whoever comes for a team, or as a deputy, is `comes_id`.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("(agency_id is null) = (external_name is not null)", name="of_an_agency_or_outside"),
        CheckConstraint(
            "agency_id is null or team_id is not null or user_id is not null", name="asks_someone"
        ),
    )
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    comes_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    external_name: Mapped[str | None]  # a child, carer, advocate or worker without an account
    role: Mapped[str]  # a code of policy meetings.roles
    required: Mapped[bool] = mapped_column(default=False)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    invited_at: Mapped[datetime]
    reply: Mapped[str]
    reply_reason: Mapped[str | None]
    replied_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    replied_at: Mapped[datetime | None]
    walk_in: Mapped[bool] = mapped_column(default=False)
    attendance: Mapped[str | None]
    attendance_note: Mapped[str | None]  # which part somebody attended, or why they did not
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]


class AgendaItem(Identified, Versioned, Model):
    """One heading of an agenda; one on a single child follows that child."""

    __tablename__ = "agenda_item"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    position: Mapped[int]
    heading: Mapped[str]
    code: Mapped[str | None]  # of policy meetings.agenda, where it began as one of its headings


class MeetingPaper(Identified, Versioned, Model):
    """A paper that a meeting needs, and whether it is there. An agency's report is a request to it."""

    __tablename__ = "meeting_paper"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a code of policy meetings.papers
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("information_request.id"), index=True)
    received_at: Mapped[datetime | None]
    received_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    not_needed_reason: Mapped[str | None]


class MeetingHandout(Identified, Model):
    """What was handed to somebody without an account about one child, by whom and how."""

    __tablename__ = "meeting_handout"
    __table_args__ = (
        CheckConstraint("invitation_id is not null or case_id is not null", name="to_somebody"),
    )
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    # none where it was handed to the child of the case, whom nobody need have invited
    invitation_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    issue_id: Mapped[UUID | None] = mapped_column(ForeignKey("minutes_issue.id"))  # a version of the minutes
    what: Mapped[str]
    way: Mapped[str]  # a code of policy meetings.handout_ways
    handed_at: Mapped[datetime]
    handed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
