"""The page on which a meeting is recorded, and each agency's part in a decision."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from markupsafe import Markup

from portal import clock
from portal.changes.errors import Conflict
from portal.pathway.characters import whole_number
from portal.policy import current_policy
from portal.records.children.presenter import full_name
from portal.records.minutes.forms import ActionForm, ChildForm, DecisionForm, MinuteForm, PartForm
from portal.records.minutes.meeting_decisions import AgencyPart, Saying
from portal.records.minutes.meeting_levels import why_no_level
from portal.records.minutes.presenter.live import Line, lines_under, owner_choice, said_line
from portal.records.minutes.presenter.minutes import Recorded, recorded
from portal.records.minutes.presenter.reviews import LastAction, last_action
from portal.records.minutes.reading import records as minutes
from portal.records.minutes.typing import Taken
from portal.records.minutes.vocabulary import Stance
from portal.web.choices import offer, terms
from portal.web.fields import Choice

WHOLE = "whole"


@dataclass
class Box:
    """One heading and what is typed under it."""

    row: Any
    form: MinuteForm
    lines: list[Line] = field(default_factory=list)
    said: list[Any] = field(default_factory=list)

    @property
    def must_be_answered(self) -> bool:
        """Whether policy says that something is recorded under it."""
        asked = current_policy().meetings.agenda.get(self.row.code or "")
        return asked is not None and asked.must_be_answered

    @property
    def is_answered(self) -> bool:
        """Whether something is said, decided or given to do under it."""
        return bool(self.row.text or self.said)

    @property
    def words(self) -> str:
        """What is typed, as it would be kept."""
        return _plain(self.form.words.data)

    @property
    def is_changed(self) -> bool:
        """Whether somebody typed in it since it was shown."""
        return self.form.came_back and fingerprint(self.words) != self._seen[1]

    @property
    def seen_version(self) -> int:
        """The version that the box was last set to."""
        return whole_number(self._seen[0])

    @property
    def seq(self) -> int:
        """How often its page has sent it; 0 where the page does not count."""
        return whole_number(str(self.form.seq.data or "0"))

    @property
    def _seen(self) -> tuple[str, str]:
        number, _, print_ = str(self.form.seen.data or "").partition(":")
        return number, print_

    def is_taken(self, taken: Taken) -> None:
        """What is typed stands there, with what others wrote."""
        self.form.words.data, self.form.seen.data = taken.text, seen(taken.version, taken.text)
        self.form.seq.data = ""


@dataclass
class SheetPart:
    """What is recorded on one child, or on the whole meeting."""

    key: str
    name: str
    boxes: list[Box]
    form: DecisionForm
    child: Any = None
    actions: list[ActionForm] = field(default_factory=list)
    last: list[LastAction] = field(default_factory=list)

    @property
    def forms(self) -> list[Any]:
        """Its forms in the order of the page."""
        lines = [line.form for box in self.boxes for line in box.lines]
        last = [one.form for one in self.last]
        return [*last, *(box.form for box in self.boxes), *lines, self.form, *self.actions]

    @property
    def unspoken(self) -> int:
        """How many actions of last time are to be done and nothing is said of them."""
        return sum(one.must_be_answered for one in self.last)

    @property
    def is_begun(self) -> bool:
        """Whether something is typed that is only kept when somebody saves."""
        typed = self.form
        child = isinstance(typed, ChildForm) and bool(
            typed.level.data or typed.level_reason.data or typed.next_on.raw_data or typed.next_reason.data
        )
        return typed.is_begun or child or any(one.is_begun for one in self.actions)


@dataclass(frozen=True)
class Offered:
    """What can be chosen on the page.

    Args:
        owners: rows of `portal.records.minutes.reading.records.owners`, by case.
        lines: rows of `portal.records.minutes.reading.records.lines`.
        last: rows of `portal.records.minutes.reading.records.last_actions`, by case.
    """

    agencies: Sequence[Any]
    owners: Mapping[UUID, Sequence[Any]]
    lines: Sequence[Any] = ()
    last: Mapping[UUID, Sequence[Any]] = field(default_factory=dict)


class RecordSheet:
    """Everything that is typed on the page.

    Args:
        headings: rows of `portal.records.minutes.reading.records.headings`.
        children: rows of `meetings.reading.records.children`; without those whose case one does not read.
        posted: what comes back; None for a new page.
    """

    def __init__(
        self, headings: Sequence[Any], children: Sequence[Any], offered: Offered, posted: Any
    ) -> None:
        self._offered, self._posted = offered, posted
        self.page = page_of(posted)
        boxes = [Box(row, _minute_form(row, posted)) for row in headings]
        read = [child for child in children if child.case_id]
        if len(read) == 1:  # of one child the agenda is kept in its order
            own = [box for box in boxes if box.row.case_id in {None, read[0].case_id}]
            self.parts = [self._child(read[0], own)]
        else:
            self.parts = [self._whole([box for box in boxes if box.row.case_id is None])]
            self.parts += [
                self._child(child, [box for box in boxes if box.row.case_id == child.case_id])
                for child in read
            ]
        for part in self.parts:
            self._line_up(part)

    @property
    def boxes(self) -> list[Box]:
        """Every heading of the page."""
        return [box for part in self.parts for box in part.boxes]

    @property
    def forms(self) -> list[Any]:
        """Every form in the order of the page."""
        return [form for part in self.parts for form in part.forms]

    def part(self, key: str) -> SheetPart | None:
        """The part of a child, by case, or of the whole meeting."""
        return next((one for one in self.parts if one.key == key), None)

    def add_row(self, part: SheetPart) -> None:
        """Make room for one more action."""
        if isinstance(part.form, ChildForm):
            part.form.rows.data = str(part.form.row_count + 1)
            part.actions.append(self._action(part, len(part.actions), None))

    def clear(self, part: SheetPart) -> None:
        """What was typed of a decision is on record: its boxes are empty again."""
        fresh = self._whole([], None) if part.child is None else self._child(part.child, [], None)
        part.form, part.actions = fresh.form, fresh.actions

    def _whole(self, boxes: list[Box], posted: Any = ...) -> SheetPart:
        form = DecisionForm(self._or(posted), prefix=f"d-{WHOLE}-", data={"once": str(uuid4())})
        self._offer_agencies(form)
        return SheetPart(WHOLE, "The whole meeting", boxes, form)

    def _child(self, child: Any, boxes: list[Box], posted: Any = ...) -> SheetPart:
        typed, key = self._or(posted), str(child.case_id)
        form = ChildForm(typed, prefix=f"d-{key}-", data={"once": str(uuid4())})
        self._offer_agencies(form)
        part = SheetPart(key, full_name(child), boxes, form, child)
        part.actions = [self._action(part, number, typed) for number in range(form.row_count)]
        part.last = [last_action(row, typed) for row in self._offered.last.get(child.case_id, ())]
        return part

    def line(self, line_id: str) -> Line | None:
        """A line of the page."""
        lines = (line for part in self.parts for box in part.boxes for line in box.lines)
        return next((line for line in lines if str(line.line_id) == line_id), None)

    def _line_up(self, part: SheetPart) -> None:
        """Under each heading the lines that are typed, then an empty one of each kind."""
        case_id = part.child.case_id if part.child else None
        owners = self._owners(case_id)
        for box in part.boxes:
            rows = [row for row in self._offered.lines if (row.item_id, row.case_id) == (box.row.id, case_id)]
            box.said = [said_line(row) for row in rows if row.added]
            box.lines = lines_under(box.row, case_id, rows, owners, self._posted)

    def _owners(self, case_id: UUID | None) -> list[Choice]:
        return [owner_choice(one) for one in self._offered.owners.get(case_id, ())] if case_id else []

    def _action(self, part: SheetPart, number: int, posted: Any) -> ActionForm:
        form = ActionForm(posted, prefix=f"a-{part.key}-{number}-")
        plans = current_policy().plans
        offer(form.owner, self._owners(part.child.case_id))
        offer(form.category, terms(plans.categories.offered))
        offer(form.target, terms(plans.targets.offered))
        return form

    def _offer_agencies(self, form: DecisionForm) -> None:
        offer(form.dissenter, [Choice(str(one.id), one.name) for one in self._offered.agencies])

    def _or(self, posted: Any) -> Any:
        return self._posted if posted is ... else posted


def unanswered(sheet: RecordSheet, on_record: Mapping[UUID | None, Recorded]) -> set[UUID]:
    """The items that must be answered and are not: a level, or a next date, answers the item on it too.

    Args:
        on_record: what was decided, by case.
    """
    read = [part.child.case_id for part in sheet.parts if part.child]
    found = set()
    for part in sheet.parts:
        on = [on_record[case_id] for case_id in ([part.child.case_id] if part.child else read)]
        for box in part.boxes:
            settled = bool(on) and (
                (box.row.code == "level" and all(one.levels for one in on))
                or (box.row.code == "next" and all(one.next_on for one in on))
            )
            if box.must_be_answered and not box.is_answered and not settled:
                found.add(box.row.id)
    return found


def left_open(meeting_id: UUID, children: Sequence[Any]) -> list[str]:
    """In words what must be answered of a meeting on children and is not, as its record says it.

    Args:
        children: rows of `meetings.reading.records.children`.
    """
    read = [child.case_id for child in children if child.case_id]
    last = {one: minutes.last_actions(meeting_id=meeting_id, case_id=one) for one in read}
    offered = Offered((), {}, minutes.lines(meeting_id=meeting_id), last)
    sheet = RecordSheet(minutes.headings(meeting_id=meeting_id), children, offered, None)
    items = unanswered(sheet, recorded(meeting_id)) if read else set()
    found = []
    for part in sheet.parts:
        on = f", {part.name}" if part.child and len(read) > 1 else ""
        found += [f"{box.row.heading}{on}" for box in part.boxes if box.row.id in items]
        found += [f"Actions of last time{on}: {part.unspoken}"] if part.unspoken else []
    return found


def no_level(meeting: Any, children: Sequence[Any]) -> dict[UUID, str]:
    """By case why the meeting can decide no level on it; empty where it can.

    Args:
        meeting: a row with `starts_at`.
        children: rows of `meetings.reading.records.children` whose case one reads.
    """
    waiting = minutes.cases_that_wait(case_ids=[child.case_id for child in children])
    begun = meeting.starts_at <= clock.now()
    return {
        child.case_id: why_no_level(
            state=child.case_state, level=child.level, waits=child.case_id in waiting, begun=begun
        )
        for child in children
    }


def page_of(posted: Any) -> UUID:
    """By which a page is known whose boxes are sent again and again; a new one where it does not say."""
    try:
        return UUID(str((posted or {}).get("page", "")))
    except ValueError:
        return uuid4()


def fingerprint(words: str) -> str:
    """By which a text is known again without its words."""
    return hashlib.sha256(_plain(words).encode()).hexdigest()[:16]


def seen(version: int, words: str) -> str:
    """What a box says of the text that it shows."""
    return f"{version}:{fingerprint(words)}"


def _minute_form(row: Any, posted: Any) -> MinuteForm:
    return MinuteForm(
        posted, item=str(row.id), heading=row.heading, words=row.text, seen=seen(row.version, row.text)
    )


def _plain(words: str | None) -> str:
    return (words or "").replace("\r\n", "\n").strip()


_ABOUT = Markup('{}<span class="govuk-visually-hidden">: {}</span>')


class PartSheet:
    """A line for each agency that is invited.

    Args:
        posted: what comes back; None for a new page.
    """

    def __init__(self, meeting_id: UUID, decision_id: UUID, posted: Any) -> None:
        self._meeting_id, self._decision_id = meeting_id, decision_id
        self._kept = self._on_record()
        self.lines = {
            row.id: _form(row, self._kept.get(row.id, AgencyPart()), posted)
            for row in minutes.agencies(meeting_id=meeting_id)
        }

    @property
    def forms(self) -> list[PartForm]:
        """Its forms in the order of the page."""
        return list(self.lines.values())

    def sayings(self) -> dict[UUID, Saying]:
        """What was changed since it was shown. What somebody else said meanwhile is what was not seen."""
        found = {}
        for agency, form in self.lines.items():
            now, shown = _part(form), str(form.seen.data or "")
            if _print(now) == shown:
                continue
            kept = self._kept.get(agency, AgencyPart())
            seen = kept if _print(kept) == shown else AgencyPart(words=shown)
            found[agency] = Saying(seen, now)
        return found

    def blame(self, faults: Mapping[UUID, str]) -> None:
        """Say beside each agency what is wrong."""
        for agency, fault in faults.items():
            self.lines[agency].blame(fault)

    def take_over(self, clash: Conflict) -> Conflict:
        """Show both versions by name. Whoever saves again has seen what the other said."""
        self._kept = self._on_record()
        for agency, form in self.lines.items():
            form.seen.data = _print(self._kept.get(agency, AgencyPart()))
        names = {str(agency): form.name for agency, form in self.lines.items()}
        return clash.reworded(lambda side: {names[key]: value for key, value in side.items()})

    def _on_record(self) -> dict[UUID, AgencyPart]:
        """What is said of each agency now; what somebody else says meanwhile is there when asked again."""
        return {
            row.agency_id: AgencyPart(Stance(row.stance), row.words, row.escalation)
            for row in minutes.parts(meeting_id=self._meeting_id)
            if row.decision_id == self._decision_id
        }


def _form(row: Any, kept: AgencyPart, posted: Any) -> PartForm:
    form = PartForm(
        posted,
        agency=str(row.id),
        name=row.name,
        stance=kept.stance or "",
        words=kept.words,
        escalation=kept.escalation,
        seen=_print(kept),
    )
    form.words.label.text = _ABOUT.format("Why, or what they add", row.name)
    form.escalation.label.text = _ABOUT.format("Where a dissent goes next", row.name)
    offer(form.stance, Stance)
    return form


def _part(form: PartForm) -> AgencyPart:
    known = next((one for one in Stance if one.value == form.stance.data), None)
    return AgencyPart(known, str(form.words.data or "").strip(), str(form.escalation.data or "").strip())


def _print(part: AgencyPart) -> str:
    return fingerprint("\n".join((part.stance or "", part.words, part.escalation)))
