"""How something that is due reads: how long it is overdue, due today, due later; with whom it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.pathway.calendar import ends_a_day
from portal.pathway.states import COMING_MEETING_STATES
from portal.queries.about import Key, Seen, Subject
from portal.records.linked_processes.facts import duty_label
from portal.records.meetings.presenter import words as meeting_words
from portal.records.meetings.vocabulary import InvitationReply
from portal.web.message_subjects import page_of_subject
from portal.web.message_words import joined

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Duty:
    """One duty, as a list or a sheet shows it."""

    what: str
    names: str
    reference: str
    href: str
    due_at: datetime
    original_due_at: datetime
    owner: str
    phone: str
    late: str  # “3 days”; empty when it is not overdue
    today: bool


def duties(rows: Sequence[Any], seen: Mapping[Key, Seen], now: datetime) -> list[Duty]:
    """Rows of `portal.queries.work` in words."""
    return [_duty(row, seen, now) for row in rows]


@dataclass(frozen=True)
class ComingMeeting:
    """One meeting that somebody, or their team, is invited to."""

    what: str
    names: str
    reference: str
    invitation: str  # the reference of the page on which one answers
    when: str
    role: str
    reply: str
    waits: bool  # for an answer


def meetings(rows: Sequence[Any], seen: Mapping[Key, Seen], now: datetime) -> list[ComingMeeting]:
    """Those of the rows of `portal.records.meetings.reading.records.mine` that are not over, in words."""
    found = [
        (row, seen.get(meeting_subject(row).key))
        for row in rows
        if row.ends_at >= now and row.state in COMING_MEETING_STATES
    ]
    return [
        ComingMeeting(
            what=meeting_words.kind_words(row),
            names=joined(about.names) if about else "",
            reference=row.reference,
            invitation=row.invitation,
            when=meeting_words.when_words(row),
            role=meeting_words.role_words(row.role),
            reply=meeting_words.reply_words(row.reply),
            waits=row.reply == InvitationReply.WAITING,
        )
        for row, about in found
    ]


def meeting_subject(row: Any) -> Subject:
    """A meeting, to be looked up."""
    return Subject("meeting", row.id)


def subject_of(row: Any) -> Subject:
    """What a duty is about."""
    return Subject(row.subject_kind, row.subject_id, row.case_id)


def overdue_by(due_at: datetime, now: datetime) -> str:
    """How long something is overdue: “3 days”, “5 hours”; empty when it is not. What was due with the end of
    a day is overdue by days as people count them, from the next one on.
    """
    late = now - due_at
    if late <= timedelta(0):
        return ""
    if ends_a_day(due_at):
        return _count(max((clock.local(now).date() - clock.local(due_at).date()).days, 1), "day")
    if late >= _DAY:
        return _count(late // _DAY, "day")
    return _count(max(late // _HOUR, 1), "hour") if late >= _HOUR else "less than an hour"


def _duty(row: Any, seen: Mapping[Key, Seen], now: datetime) -> Duty:
    subject = subject_of(row)
    found = seen.get(subject.key)
    return Duty(
        what=duty_label(row.kind, row.source),
        names=joined(found.names) if found else "",
        reference=(found.reference if found else "") or "",
        href=page_of_subject(subject, None, seen) if found else "",
        due_at=row.due_at,
        original_due_at=row.original_due_at,
        owner=row.owner or "",
        phone=row.phone,
        late=overdue_by(row.due_at, now),
        today=clock.local(row.due_at).date() == clock.local(now).date(),
    )


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
