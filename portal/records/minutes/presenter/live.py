"""The record of a meeting while it is written: the lines under its headings, decisions and actions that
are typed, and what was added; what an open page is told of it while others write, and the versions of one
box.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal import clock
from portal.model import new_id
from portal.pathway.calendar import goes_out
from portal.pathway.characters import whole_number
from portal.policy import current_policy
from portal.records.meetings.model import Meeting
from portal.records.minutes.forms import ActionLineForm, DecisionLineForm, LineForm
from portal.records.minutes.lines import FIELDS, SentLine
from portal.records.minutes.vocabulary import LineKind
from portal.records.plans.actions import TELL_AFTER, is_under_way
from portal.web.choices import offer, terms
from portal.web.fields import Choice
from portal.web.filters import clock_time, day, moment


@dataclass
class Line:
    """One line and what is typed in it."""

    kind: LineKind
    line_id: UUID
    item_id: UUID
    case_id: UUID | None
    heading: str
    form: LineForm

    @property
    def came_back(self) -> bool:
        """Whether it was on the page that is sent."""
        return self.form[FIELDS[self.kind][0]].raw_data is not None

    @property
    def place(self) -> str:
        """By which it is known where it comes back."""
        return f"{self.kind.value}:{self.item_id}:{self.case_id or ''}:{self.line_id}"

    @property
    def fields(self) -> list[Any]:
        """Its fields in order."""
        return [self.form[name] for name in FIELDS[self.kind]]

    @property
    def was(self) -> list[str]:
        """What the page shows of it, so that what others write meanwhile is told from it."""
        return [f"{name}={value}" for name, value in self.form.fields(FIELDS[self.kind]).items() if value]

    @property
    def sent(self) -> SentLine:
        """As it comes back."""
        fields = self.form.fields(FIELDS[self.kind])
        return SentLine(self.line_id, self.item_id, self.kind, self.case_id, fields, self.form.seen())


#: Before the kind of whoever answers for an agency (`portal.records.minutes.reading.records.owners`).
OF_AGENCY = "agency-"


def owner_choice(row: Any) -> Choice:
    """Somebody who may be given an action."""
    kind = row.kind.removeprefix(OF_AGENCY)
    if kind != row.kind:
        who = f"Agency: {row.agency}, which {row.name} answers for"
    else:
        who = f"{row.name}, {row.agency}" if kind == "person" else f"Team: {row.name}, {row.agency}"
    return Choice(f"{kind}:{row.id}", who)


def lines_under(
    item: Any, case_id: UUID | None, rows: Iterable[Any], owners: Sequence[Choice], posted: Any
) -> list[Line]:
    """The lines under a heading that are not added yet, and an empty one of each kind that can be added.

    Args:
        item: the heading.
        case_id: of the child that they are on; without one there are no actions.
        rows: of `portal.records.minutes.reading.records.lines`, under this heading.
        posted: what comes back; None for a new page.
    """
    found: list[Line] = []
    rows, back = list(rows), _came_back(item, posted)
    for kind in (LineKind.ACTION, LineKind.DECISION) if case_id else (LineKind.DECISION,):
        typed = {row.id: row for row in rows if row.kind == kind and not row.added}
        ids = [*typed, *(one for one in back.get(kind, ()) if one not in {row.id for row in rows})] or [
            new_id()
        ]
        found += [line_of(kind, one, item, case_id, owners, posted=posted, row=typed.get(one)) for one in ids]
    return found


def line_of(
    kind: LineKind,
    line_id: UUID,
    item: Any,
    case_id: UUID | None,
    owners: Sequence[Choice],
    *,
    posted: Any = None,
    row: Any = None,
) -> Line:
    """One line, with what is kept of it and what comes back."""
    kept = {name: str(value) for name, value in row.fields.items()} if row else {}
    made = ActionLineForm if kind is LineKind.ACTION else DecisionLineForm
    came_back = posted if posted is not None and f"l-{line_id}-{FIELDS[kind][0]}" in posted else None
    form = made(came_back, line_id=str(line_id), **kept)
    if kind is LineKind.ACTION:
        offer(form["who"], owners)
        offer(form["category"], terms(current_policy().plans.categories.offered))
    return Line(kind, line_id, item.id, case_id, item.heading, form)


def _came_back(item: Any, posted: Any) -> dict[LineKind, list[UUID]]:
    found: dict[LineKind, list[UUID]] = {}
    for one in posted.getlist("lines") if posted is not None else ():
        kind, item_id, _, line_id = (*str(one).split(":"), "", "", "")[:4]
        if item_id == str(item.id) and kind in set(LineKind):
            try:
                found.setdefault(LineKind(kind), []).append(UUID(line_id))
            except ValueError:
                continue
    return found


def what_is_said(rows: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    """By heading what was added, and what is being typed, in words."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(str(row.item_id), []).append(said_line(row))
    return found


def said_line(row: Any) -> dict[str, Any]:
    """One line in words: “Action: ask the night team. Ola, by 7 December 2026”."""
    label, known = LineKind(row.kind).label, {"id": str(row.id), "code": row.kind}
    if not row.added:
        typed = row.fields.get("what") or row.fields.get("text") or ""
        return known | {"added": False, "kind": label, "words": typed, "by": row.saved_by}
    more = f"{row.owner}, by {day(row.due_on)}" if row.kind == LineKind.ACTION else f"Why: {row.reason}"
    return known | {"added": True, "kind": label, "words": row.words, "more": more}


def print_of(said: Mapping[str, Any]) -> str:
    """By which a page knows that nothing was added or typed since."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


#: What somebody saved in one go, moment by moment, is one version to look at.
ONE_GO = timedelta(minutes=5)


def here_words(present: Iterable[Any], rows: Sequence[Any]) -> list[str]:
    """Who is there, and where they write, as far as the reader has that heading on their page."""
    writing = {row.id: f"is writing in {row.heading}" for row in rows}
    return [f"{one.name} {writing.get(one.item_id, 'is here')}" for one in present]


def happenings(rows: Iterable[Any], there: Sequence[str], said: str, *, state: str) -> list[Any]:
    """All by which a page is told something new: the agenda, what stands under it, what was added (the print
    of it, `said`), and who is there.
    """
    return [state, list(there), said, [[str(row.id), row.version] for row in rows]]


def known_by(have: str) -> dict[str, int]:
    """By heading the version that a page says that it has: `id:3,id:0`."""
    pairs = (one.partition(":") for one in have.split(","))
    return {item: whole_number(version) for item, _, version in pairs}


def news_of(
    rows: Iterable[Any], known: Mapping[str, int], writers: Callable[[Mapping[Any, int]], Iterable[Any]]
) -> list[dict[str, Any]]:
    """The boxes that are newer than what a page has, with who else wrote in them since.

    Args:
        writers: asked for only where there is news, by heading with the version that is known: heading,
            number and name of everybody else’s.
    """
    newer = [row for row in rows if row.version > known.get(str(row.id), 0)]
    wrote = list(writers({row.id: known.get(str(row.id), 0) for row in newer})) if newer else []
    return [
        {
            "id": str(row.id),
            "version": row.version,
            "text": row.text,
            "last": row.saved_by,
            "by": _names(row, known.get(str(row.id), 0), wrote),
            "at": clock_time(row.saved_at),
        }
        for row in newer
    ]


def _names(row: Any, known: int, wrote: Iterable[Any]) -> str:
    names = {one.name for one in wrote if one.item_id == row.id and one.number > known}
    return " and ".join(sorted(names)) or "You, on another page,"


def hands(versions: Sequence[Any]) -> list[Any]:
    """The versions of a box, newest first, without the moments between of what one person saved in one go.

    One in which two had changed the same words is always there.
    """
    found: list[Any] = []
    for row in versions:
        after = found[-1] if found else None
        in_one_go = after and after.by_id == row.by_id and after.saved_at - row.saved_at < ONE_GO
        if not in_one_go or row.both_changed:
            found.append(row)
    return found


@dataclass(frozen=True)
class Sending:
    """What becomes of the messages about what a meeting gave, and what whoever runs it can do about it."""

    lines: Sequence[str]
    may_end: bool
    may_send: bool


def sending(meeting: Meeting, row: Any) -> Sending:
    """The same in words.

    Args:
        row: of `portal.records.plans.reading.messages_of_meeting`.
    """
    goes_on = is_under_way(meeting)
    return Sending(list(_sending(meeting, row, goes_on=goes_on)), may_end=goes_on, may_send=bool(row.held))


def _sending(meeting: Meeting, row: Any, *, goes_on: bool) -> Iterable[str]:
    if row.held:
        waits = "1 message waits" if row.held == 1 else f"{row.held} messages wait"
        unless = " or until you say the meeting is over" if goes_on else ""
        yield f"{waits} until {_hour(row.until)}{unless}."
    elif goes_on:
        at = goes_out(current_policy().reminders.hours, meeting.ends_at + TELL_AFTER, urgent=False)
        yield f"Whoever is given an action is told when the meeting is over, at {_hour(at)} at the latest."
    if row.waiting:
        yield f"{_messages(row.waiting)} on the way out {_now()}."
    if row.sent:
        yield f"{row.sent} {'message has' if row.sent == 1 else 'messages have'} been sent."
    if meeting.over_at and not goes_on and meeting.held_at is None:
        over = f"The meeting was over at {_hour(meeting.over_at)}, as whoever runs it said."
        yield f"{over} Whoever is given an action from now on is told at once."


def let_go(count: int, *, over: bool) -> str:
    """What the page says of messages that were let go."""
    said = ["The meeting is over"] if over else []
    if count:
        return ". ".join([*said, f"{count} {'message leaves' if count == 1 else 'messages leave'} {_now()}"])
    return ". ".join([*said, "No message was waiting"])


def _messages(count: int) -> str:
    return "1 message is" if count == 1 else f"{count} messages are"


def _now() -> str:
    """From when on an e-mail that is not urgent leaves."""
    now = clock.now()
    at = goes_out(current_policy().reminders.hours, now, urgent=False)
    return "within a minute or two" if at <= now else f"from {_hour(at)}"


def _hour(at: datetime) -> str:
    """An hour of today, or with its day."""
    return clock_time(at) if clock.local(at).date() == clock.today() else moment(at)
