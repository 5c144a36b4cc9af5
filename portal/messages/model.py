"""What the portal tells people: one row for each thing told to somebody, and the life of its e-mail.

There is no column for words: a message is a kind (policy reminders.kinds) and what it is about, which is a
row of its own, because whoever watches over messages need not see the record that one is about.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.model import Identified, Model, index_where


class OutboxMessage(Identified, Model):
    """Something that a person, or the duty address of a team, is told once."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(
            "(recipient_id is not null)::int + (recipient_team_id is not null)::int = 1",
            name="tells_one",
        ),
        index_where(
            "ix_outbox_message_waiting", "urgent", "next_try_at", where="state in ('owed', 'queued')"
        ),
        Index("ix_outbox_message_own", "recipient_id", "agency_id", "created_at", "id"),
        index_where("ix_outbox_message_own_unread", "recipient_id", "agency_id", where="read_at is null"),
        Index("ix_outbox_message_state", "state", "created_at"),
        Index("ix_outbox_message_agency", "agency_id", "created_at"),
        Index("ix_outbox_message_newest", "created_at", "id"),
        index_where("ix_outbox_message_digest", "recipient_id", "created_at", where="channel = 'digest'"),
        index_where("ix_outbox_message_weekly", "created_at", "recipient_id", where="channel = 'weekly'"),
        index_where("ix_outbox_message_unopened", "unopened_at", where="unopened_at is not null"),
        index_where("ix_outbox_message_passes_on", "passes_on_id", where="passes_on_id is not null"),
    )
    key: Mapped[str] = mapped_column(unique=True)  # what is told once; the id is derived from it
    kind: Mapped[str]  # a code of policy reminders.kinds
    event: Mapped[str | None]  # a code of policy telling.events, where something that happened is told
    ground: Mapped[str | None]  # a Ground: why the recipient is told of it
    last_word: Mapped[bool] = mapped_column(default=False)  # told although they lose sight by what happened
    channel: Mapped[str]  # a MessageChannel
    urgent: Mapped[bool] = mapped_column(default=False)
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    recipient_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))  # of the recipient, for their manager
    caused_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]  # of one to a team: when somebody of it opened it first
    unopened_at: Mapped[datetime | None]  # when it counts as not opened; null where nothing follows from that
    passes_on_id: Mapped[UUID | None] = mapped_column(ForeignKey("outbox_message.id"))  # which nobody opened
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]  # when it is owed, within the hours that policy allows
    next_try_at: Mapped[datetime]
    held_until: Mapped[datetime | None]  # until then it is neither sent nor shown to whoever it is for
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    address: Mapped[str | None]  # where it went
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # the code of why it was cancelled, or what the mail server said
    handed_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    handed_reason: Mapped[str | None]


class OutboxSubject(Model):
    """What a message is about."""

    __tablename__ = "outbox_subject"
    __table_args__ = (
        Index("ix_outbox_subject_subject", "subject_kind", "subject_id"),
        Index("ix_outbox_subject_deadline", "deadline_id"),
        Index("ix_outbox_subject_reference", "reference"),
    )
    message_id: Mapped[UUID] = mapped_column(
        ForeignKey("outbox_message.id", ondelete="CASCADE"), primary_key=True
    )
    subject_kind: Mapped[str]  # the name of a table
    subject_id: Mapped[UUID]
    reference: Mapped[str | None]  # the subject's own, which the e-mail shows
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"), index=True)
    deadline_id: Mapped[UUID | None] = mapped_column(ForeignKey("deadline.id"))
    due_at: Mapped[datetime | None]  # the due time that a reminder was owed for
    rung: Mapped[str | None]
    sequence: Mapped[int | None]  # of a calendar message
    method: Mapped[str | None]  # of a calendar message: REQUEST or CANCEL


class Untold(Identified, Model):
    """Somebody who had to be told of something, and could not be: the hub sees to it."""

    __tablename__ = "untold"
    __table_args__ = (
        index_where("ix_untold_open", "urgent", "created_at", "id", where="seen_to_at is null"),
        Index("ix_untold_case", "case_id"),
    )
    event: Mapped[str]  # a code of policy telling.events
    ground: Mapped[str]  # a Ground
    reason: Mapped[str]  # an UntoldReason
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    recipient_team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    subject_kind: Mapped[str]  # the name of a table
    subject_id: Mapped[UUID]
    reference: Mapped[str | None]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cre_case.id"))
    authority: Mapped[str | None]  # whose nobody there is: a code of policy areas.authorities
    urgent: Mapped[bool]
    caused_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
    seen_to_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    seen_to_at: Mapped[datetime | None]
    seen_to_words: Mapped[str] = mapped_column(default="")


class CaseNews(Identified, Model):
    """Something that changed on a case, for those who look at it and need no message."""

    __tablename__ = "case_news"
    __table_args__ = (Index("ix_case_news_case", "case_id", "at"),)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"))
    event: Mapped[str]  # a code of policy telling.events
    subject_kind: Mapped[str]  # the name of a table
    subject_id: Mapped[UUID]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    by_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    at: Mapped[datetime]


class CaseLooked(Model):
    """When somebody last looked at a case."""

    __tablename__ = "case_looked"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), primary_key=True, index=True)
    at: Mapped[datetime]


class ReminderPlan(Model):
    """When to look at an open deadline again. A trigger writes it; what is owed follows from the deadline."""

    __tablename__ = "reminder_plan"
    __table_args__ = (
        Index("ix_reminder_plan_look", "look_at"),
        Index("ix_reminder_plan_policy", "policy_version"),
    )
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime]  # when it was opened or moved: earlier rungs are not owed
    look_at: Mapped[datetime]
    given_at: Mapped[datetime | None]  # when it was last handed to somebody else
    told_until: Mapped[
        datetime | None
    ]  # rungs until then have been told; none after a move or a handing over
    policy_version: Mapped[str | None]  # the edition that it was last looked at with


class MessagePreference(Model):
    """Whether a person wants one kind of message by e-mail; without a row they do."""

    __tablename__ = "message_preference"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    by_mail: Mapped[bool]


class Absence(Identified, Model):
    """Days on which a person is away: messages go to whoever covers the case, else to the team."""

    __tablename__ = "absence"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="ends_after_it_starts"),)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    entered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # withdrawn, or back early


class AbsenceCover(Model):
    """A deputy for one named case, never for a colleague's whole list. It gives no reach."""

    __tablename__ = "absence_cover"
    absence_id: Mapped[UUID] = mapped_column(ForeignKey("absence.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cre_case.id"), primary_key=True)
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"), index=True)


class AddressSuspension(Identified, Model):
    """An address that a mail server refused for good; nothing is sent there until somebody lifts it."""

    __tablename__ = "address_suspension"
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    address: Mapped[str]
    reason: Mapped[str]  # the mail server's status code
    suspended_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
