"""A meeting's papers, agenda and day in words, and the sheet on which is marked who came."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal import clock
from portal.changes.errors import Conflict
from portal.pathway.states import COMING_MEETING_STATES
from portal.policy import current_policy
from portal.records.cases.presenter import strip_item
from portal.records.cases.reading.records import alerts_of
from portal.records.children.presenter import full_name
from portal.records.meetings.attendance import Mark, Marking
from portal.records.meetings.chairing import HELD_STATES
from portal.records.meetings.external_copies import CHILD
from portal.records.meetings.forms.day import AttendanceForm
from portal.records.meetings.presenter.words import CAME_UNASKED, reply_words, role_words
from portal.records.meetings.reading import records as meetings
from portal.records.meetings.rules import TOOK_PART, Invited, attended_by, missing, was_there
from portal.records.meetings.vocabulary import Attendance, InvitationReply, MeetingState
from portal.vocabulary import Sector

ATTENDANCE_TAGS = {
    **dict.fromkeys(TOOK_PART, "green"),
    Attendance.PART: "turquoise",
    Attendance.APOLOGIES: "yellow",
    Attendance.ABSENT: "red",
}


def alert_strip(children: Sequence[Any]) -> list[dict[str, Any]]:
    """What everyone must know of the children of a meeting, as far as the reader may read it; whose it is
    stands with it where there are several.
    """
    found = []
    for child in children:
        policy = current_policy(child.authority)
        for item in (strip_item(one, policy) for one in alerts_of(child)):
            whose = f"{full_name(child)}: " if len(children) > 1 else ""
            found.append(item | {"label": f"{whose}{item['label']}"})
    return found


@dataclass(frozen=True)
class Paper:
    """A paper of the policy, and what was said of it for one child."""

    kind: str
    label: str
    mark: str  # a value of portal.records.meetings.preparing.PaperMark
    words: str
    tag: str
    detail: str
    reason: str
    version: int


@dataclass(frozen=True)
class Report:
    """What one agency was asked to write."""

    reference: str
    agency: str
    whom: str
    words: str
    tag: str
    awaited: bool
    due_at: datetime


@dataclass(frozen=True)
class ChildsPapers:
    """The papers and reports on one child."""

    name: str
    reference: str
    papers: Sequence[Paper]
    reports: Sequence[Report]


@dataclass(frozen=True)
class Came:
    """One line of who came."""

    whom: str
    of: str
    role: str
    words: str
    tag: str
    note: str
    walk_in: bool
    was_there: bool


@dataclass(frozen=True)
class Handout:
    """One line of what was handed out."""

    to: str
    role: str
    what: str
    way: str
    at: datetime
    by: str


def child_papers(
    children: Iterable[Any], papers: Iterable[Any], reports: Iterable[Any]
) -> list[ChildsPapers]:
    """What is needed on each child whose case one reads, and whether it is there."""
    said = {(row.case_id, row.kind): row for row in papers}
    asked = defaultdict[UUID, list[Any]](list)
    for row in reports:
        asked[row.case_id].append(row)
    needed = [one for one in current_policy().meetings.papers.offered if not one.from_agency]
    return [
        ChildsPapers(
            name=full_name(child),
            reference=child.reference,
            papers=[_paper(one, said.get((child.case_id, one.code))) for one in needed],
            reports=[_report(row) for row in asked[child.case_id]],
        )
        for child in children
        if child.case_id
    ]


def missing_words(meeting: Any, rows: Iterable[Any]) -> list[str]:
    """The sectors that a meeting needed and of which nobody took part, by what is marked."""
    required = [Sector(one) for one in meeting.required_sectors]
    return [sector.label for sector in missing(required, _invited(rows))]


def came_lines(rows: Iterable[Any]) -> list[Came]:
    """How everyone who was invited took part."""
    return [
        Came(
            whom=name_of(row),
            of=row.agency or "Without an account",
            role=current_policy().meetings.roles.label(row.role),
            words=Attendance(row.attendance).label if row.attendance else "Not marked",
            tag=ATTENDANCE_TAGS[Attendance(row.attendance)] if row.attendance else "grey",
            note=attended_by(row.attendance, row.attendance_note, row.comes),
            walk_in=row.walk_in,
            was_there=bool(row.attendance) and was_there(row.attendance),
        )
        for row in rows
    ]


def handout_lines(rows: Iterable[Any], children: Iterable[Any]) -> list[tuple[str, list[Handout]]]:
    """What was handed out, under the name of each child; under no name for a meeting on a district."""
    by_case: Mapping[UUID | None, list[Handout]] = defaultdict(list)
    policy = current_policy().meetings
    names = [(child.case_id, full_name(child)) for child in children if child.case_id]
    named = dict(names)
    for row in rows:
        by_case[row.case_id].append(
            Handout(
                to=row.external_name or named.get(row.case_id, ""),
                role=policy.roles.label(row.role or CHILD),
                what=row.what,
                way=policy.handout_ways.label(row.way),
                at=row.handed_at,
                by=row.handed_by,
            )
        )
    return [(name, by_case[case_id]) for case_id, name in [*names, (None, "")] if by_case[case_id]]


def name_of(row: Any) -> str:
    """Who an invitation is for."""
    return str(row.person or row.team or row.external_name)


def was_held(meeting: Any) -> bool:
    """Whether a meeting is recorded as held."""
    return MeetingState(meeting.state) in HELD_STATES


def day_has_come(meeting: Any) -> bool:
    """Whether who comes to a meeting can be recorded: from its day on."""
    booked = MeetingState(meeting.state) is MeetingState.BOOKED
    return booked and clock.today() >= clock.local(meeting.starts_at).date()


#: The paper that the pack holds in any case: a case that was opened is a line of it.
CHRONOLOGY = "chronology"


def _paper(rule: Any, row: Any) -> Paper:
    mark, words, tag, detail = "missing", "Not there yet", "yellow", ""
    if row and row.received_at:
        mark, words, tag, detail = "there", "There", "green", f"Marked by {row.received_by}"
    elif row and row.not_needed_reason:
        mark, words, tag, detail = "not_needed", "Not needed", "grey", row.not_needed_reason
    elif row and row.held:
        mark, words, tag, detail = "there", "There", "green", "In the portal, and in the pack"
    elif rule.code == CHRONOLOGY:
        words, detail = "No entries that you read", "The pack has what other records say of this child"
    return Paper(
        kind=rule.code,
        label=rule.label,
        mark=mark,
        words=words,
        tag=tag,
        detail=detail,
        reason=(row.not_needed_reason or "") if row else "",
        version=row.version if row else 0,
    )


def _report(row: Any) -> Report:
    late = row.answered_at is None and row.due_at < clock.now()
    words, tag = ("Late", "red") if late else ("Not there yet", "yellow")
    if row.answered_at is not None:
        words, tag = ("Nothing held", "grey") if row.nothing_held else ("Answered", "green")
    return Report(
        reference=row.reference,
        agency=row.agency,
        whom=row.team or row.person,
        words=words,
        tag=tag,
        awaited=row.answered_at is None,
        due_at=row.due_at,
    )


def _invited(rows: Iterable[Any]) -> list[Invited]:
    return [
        Invited(
            sector=Sector(row.sector) if row.sector else None,
            reply=InvitationReply(row.reply),
            attendance=Attendance(row.attendance) if row.attendance else None,
        )
        for row in rows
    ]


class Sheet:
    """A line for everybody who is invited or walked in.

    Args:
        rows: of `portal.records.meetings.reading.records.invited`.
        posted: what comes back; None for a new page.
        over: the meeting is over, so that nobody answers any more.
    """

    def __init__(self, rows: Sequence[Any], posted: Any, *, over: bool = False) -> None:
        self.rows = rows
        self.forms = [_form(row, posted, over=over) for row in rows]

    def marks(self, *, rest: bool) -> dict[UUID, Marking]:
        """Everybody who is on the sheet that came back.

        Args:
            rest: whoever is not marked was there.
        """
        return {
            row.id: Marking(seen=_mark(form.seen.data, form.seen_note.data), now=_now(form, rest=rest))
            for row, form in zip(self.rows, self.forms, strict=True)
            if form.came_back
        }

    def blame(self, faults: Mapping[UUID, str]) -> None:
        """Say beside each person what is wrong."""
        for row, form in zip(self.rows, self.forms, strict=True):
            if row.id in faults:
                form.blame(faults[row.id])

    def take_over(self, clash: Conflict) -> Conflict:
        """Show both versions by name. Whoever saves again has seen what the other marked."""
        names = {str(row.id): _called(row) for row in self.rows}
        for row, form in zip(self.rows, self.forms, strict=True):
            kept, seen = Mark.of(row), _mark(form.seen.data, form.seen_note.data)
            if _now(form, rest=False) == seen:
                form.attendance.data, form.note.data = kept.attendance or "", kept.note
            form.seen.data, form.seen_note.data = kept.attendance or "", kept.note
        return clash.reworded(lambda side: {names[key]: value for key, value in side.items()})


def _form(row: Any, posted: Any, *, over: bool) -> AttendanceForm:
    kept = Mark.of(row)
    said = kept if kept.attendance else _announced(row)
    return AttendanceForm(
        posted,
        invitation=str(row.id),
        name=_called(row),
        hint=_hint(row, over=over),
        attendance=said.attendance or "",
        note=said.note,
        seen=kept.attendance or "",
        seen_note=kept.note,
    )


def _called(row: Any) -> str:
    """Who is meant; a team with its agency, because many teams bear the same name."""
    return name_of(row) if row.person or not row.team else f"{row.team}, {row.agency}"


def _announced(row: Any) -> Mark:
    """What somebody said beforehand needs no typing again, where it was that they cannot come."""
    if row.reply == InvitationReply.APOLOGIES:
        return Mark(Attendance.APOLOGIES, row.reply_reason or "")
    return Mark()


def _hint(row: Any, *, over: bool) -> str:
    said = CAME_UNASKED if row.walk_in else reply_words(row.reply, over=over)
    who = f"{said}: {row.comes}" if row.comes and not row.walk_in else said
    of = row.agency or "without an account"
    return f"{role_words(row.role)}, {of}. {who}" if row.person or not row.agency else who


def _now(form: AttendanceForm, *, rest: bool) -> Mark:
    given = form.attendance.data
    if not given:
        return Mark(Attendance.PRESENT, (form.note.data or "").strip()) if rest else Mark()
    return _mark(given, form.note.data)


def _mark(attendance: str | None, note: str | None) -> Mark:
    known = next((one for one in Attendance if one.value == attendance), None)
    return Mark(known, (note or "").strip())


def parts(meeting: Any, children: Sequence[Any], invited: Sequence[Any]) -> dict[str, Any]:
    """What the templates of the page's further parts need, by their own names.

    Args:
        meeting: the row of `portal.records.meetings.reading.records.page`.
        children, invited: the rows of the functions of these names there.
    """
    held, ahead = was_held(meeting), meeting.state in COMING_MEETING_STATES
    return {
        "papers_of": child_papers(
            children,
            meetings.papers(meeting_id=meeting.id),
            meetings.reports(meeting_id=meeting.id),
        ),
        "headings": meetings.agenda(meeting_id=meeting.id),
        "on_the_day": day_has_come(meeting),
        "was_held": held,
        "came": came_lines(invited) if held else [],
        "lacking": missing_words(meeting, invited) if held and meeting.full_reach else [],
        "handed_out": handout_lines(meetings.handouts(meeting_id=meeting.id), children),
        "can_hand_out": meeting.full_reach
        and meeting.state != "cancelled"
        and any(row.external_name for row in invited),
        "agenda_open": ahead or meeting.state == "held",
    }
