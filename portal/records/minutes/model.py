"""What was said and decided at a meeting, and the minutes that went out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, Referenced, Saved, Versioned, index_where


class Minute(Identified, Saved, Versioned, Model):
    """What was said under one heading of the agenda; it follows the child that the heading is on."""

    __tablename__ = "minute"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"), unique=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    text: Mapped[str]
    both_changed: Mapped[bool] = mapped_column(
        default=False
    )  # two wrote the same words: both paragraphs stand


class MinuteVersion(Saved, Model):
    """What stood under a heading after each save. The database keeps it, whoever writes the minute."""

    __tablename__ = "minute_version"
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # the version that the minute had then
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    text: Mapped[str]
    both_changed: Mapped[bool] = mapped_column(default=False)


class MinutePage(Model):
    """What an open page sent of one box last, from which its next words are counted. Gone after approval."""

    __tablename__ = "minute_page"
    page: Mapped[UUID] = mapped_column(primary_key=True)  # made by the page
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id"), primary_key=True)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    seen: Mapped[int]  # the version that the box was last set to
    seq: Mapped[int]  # counts what the page sends: what comes twice, or late, is known by it
    typed: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(index=True)


class MeetingDraft(Identified, Saved, Model):
    """A decision or an action as it is typed in one line under a heading, until it is added. It counts for
    nothing until then: what is added is a decision or an action of its own. Gone after approval.
    """

    __tablename__ = "meeting_draft"
    __table_args__ = (
        CheckConstraint("(added_at is null) = (record_id is null)", name="added_as_a_record"),
        CheckConstraint("kind <> 'action' or case_id is not null", name="action_on_a_child"),
        Index("ix_meeting_draft_meeting", "meeting_id", "made_at"),
    )
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a LineKind
    fields: Mapped[dict[str, Any]]  # what is typed, by the name of the field
    made_at: Mapped[datetime]
    added_at: Mapped[datetime | None]
    record_id: Mapped[UUID | None]  # the decision or action that was made of it
    dropped_at: Mapped[datetime | None]


class ActionReview(Saved, Versioned, Model):
    """What a meeting heard of an action of last time. The action follows it when the meeting is over."""

    __tablename__ = "action_review"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("action.id"), primary_key=True, index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    outcome: Mapped[str] = mapped_column(default="")  # an ActionOutcome; empty while nothing is said of it
    effect: Mapped[str] = mapped_column(default="")  # a code of policy plans.effects
    words: Mapped[str] = mapped_column(default="")
    followed_at: Mapped[datetime | None]  # since when the action says the same


class MeetingPresence(Model):
    """Somebody who has the record of a meeting open, and the box in which they are. It lives for seconds."""

    __tablename__ = "meeting_presence"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)
    page: Mapped[UUID] = mapped_column(primary_key=True)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    seen_at: Mapped[datetime] = mapped_column(index=True)


class ClosedMinute(Identified, Saved, Versioned, Model):
    """A closed part of a meeting. Chair, note-taker and those whom they name read it; it is nowhere else."""

    __tablename__ = "closed_minute"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    heading: Mapped[str]
    text: Mapped[str]


class ClosedReader(Model):
    """Somebody who is named for a closed part."""

    __tablename__ = "closed_reader"
    closed_id: Mapped[UUID] = mapped_column(ForeignKey("closed_minute.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True, index=True)
    named_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    named_at: Mapped[datetime]


class ClosedReaderEnd(Identified, Model):
    """Somebody who was taken off a closed part: who took them off, and why."""

    __tablename__ = "closed_reader_end"
    closed_id: Mapped[UUID] = mapped_column(ForeignKey("closed_minute.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    ended_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime]
    reason: Mapped[str]


class Decision(Identified, Referenced, Versioned, Model):
    """What a meeting decided and why. One for each child has an outcome: how the case goes on."""

    __tablename__ = "decision"
    __table_args__ = (
        index_where(
            "uq_decision_outcome",
            "meeting_id",
            "case_id",
            where="outcome IS NOT NULL AND withdrawn_at IS NULL",
        ),
        CheckConstraint("outcome is null or case_id is not null", name="outcome_of_a_case"),
    )
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    text: Mapped[str]
    reason: Mapped[str]
    outcome: Mapped[str | None]  # a MeetingOutcome
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]


class DecisionPart(Saved, Model):
    """What an agency's part in a decision was: it agreed, or it did not and said why."""

    __tablename__ = "decision_part"
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    stance: Mapped[str]  # a Stance
    words: Mapped[str] = mapped_column(default="")
    escalation: Mapped[str] = mapped_column(default="")  # where a dissent goes next


class LevelProposal(Identified, Model):
    """A level that a meeting came to. A lower one waits for a second person, who takes it or does not."""

    __tablename__ = "level_proposal"
    __table_args__ = (
        CheckConstraint("settled_by is null or accepted is not null", name="settled_one_way"),
        CheckConstraint("accepted is not true or settled_by <> proposed_by", name="two_people"),
        CheckConstraint("not taken_back or accepted is false", name="taken_back_is_not_accepted"),
        index_where("uq_level_proposal_open", "meeting_id", "case_id", where="settled_at IS NULL"),
    )
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    before: Mapped[str | None]
    level: Mapped[str]
    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    proposed_at: Mapped[datetime]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    settled_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    settle_reason: Mapped[str] = mapped_column(default="")
    # whoever ran the meeting took it back, and no second person said no
    taken_back: Mapped[bool] = mapped_column(default=False, server_default=false())


class MinutesIssue(Identified, Referenced, Model):
    """The minutes on one child as they went out. They stand: what is wrong is noted beside them."""

    __tablename__ = "minutes_issue"
    __table_args__ = (
        Index(
            "uq_minutes_issue_number",
            "meeting_id",
            "case_id",
            "kind",
            "number",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    kind: Mapped[str]  # a MinutesKind
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    made_at: Mapped[datetime]


class MinutesCopy(Identified, Model):
    """A version given to somebody invited, or to a team of the network, and when it was first opened."""

    __tablename__ = "minutes_copy"
    __table_args__ = (
        CheckConstraint("(invitation_id is null) <> (team_id is null)", name="given_to_one"),
        Index("uq_minutes_copy_invitation", "issue_id", "invitation_id", unique=True),
        Index("uq_minutes_copy_team", "issue_id", "team_id", unique=True),
        index_where("ix_minutes_copy_unopened", "given_at", where="opened_at is null"),
    )
    issue_id: Mapped[UUID] = mapped_column(ForeignKey("minutes_issue.id"))
    invitation_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    given_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    given_at: Mapped[datetime]
    reach_until: Mapped[datetime]  # policy limits.request_reach after it was given
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    disclosure_id: Mapped[UUID | None] = mapped_column(ForeignKey("disclosure.id"))  # its line on the ledger


class MinutesCorrection(Identified, Model):
    """What somebody asks to be put right in the minutes, and what became of it."""

    __tablename__ = "minutes_correction"
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("agenda_item.id"))
    text: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    asked_at: Mapped[datetime]
    taken: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(default="")
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    settled_at: Mapped[datetime | None]
    unmade_reason: Mapped[str | None]  # why the minutes were approved without it, although it was taken


class FamilyPassage(Identified, Model):
    """A passage chosen for the child and family, as it stood then. The chair confirms it."""

    __tablename__ = "family_passage"
    __table_args__ = (
        index_where(
            "uq_family_passage_standing",
            "meeting_id",
            "case_id",
            "source_kind",
            "source_id",
            "position",
            where="removed_at IS NULL",
        ),
    )
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), index=True)
    source_kind: Mapped[str]  # minute, decision or action
    source_id: Mapped[UUID]
    position: Mapped[int]  # of the passage in its source
    text: Mapped[str]
    chosen_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    chosen_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
