"""The page on which a meeting is recorded: who came, what was said and decided, and what is cited."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.cases import page_context as case_around
from portal.blueprints.cases import view_case as case_look
from portal.blueprints.meetings import blueprint, facts, page_context, view_with_children
from portal.blueprints.meetings.attending import way_on
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.queries.paging import MomentCursor
from portal.records.assessments.lifecycle import lead_facts
from portal.records.assessments.presenter import change_words, level_label
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.entries.citations import cite, minute_of, whom_to_ask
from portal.records.entries.presenter.citation import choices, cited_in, find_choice
from portal.records.entries.reading import case_page
from portal.records.entries.vocabulary import CitationHolder
from portal.records.meetings import agenda, attendance
from portal.records.meetings.attendance import BadMarks
from portal.records.meetings.chairing import say_over, send_now, why_not_recorded
from portal.records.meetings.forms.day import DayForm
from portal.records.meetings.model import Meeting
from portal.records.meetings.presenter.day import Sheet, alert_strip, came_lines, missing_words, was_held
from portal.records.meetings.presenter.words import gap_lines, is_over
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.lines import take_back_line
from portal.records.minutes.model import Minute
from portal.records.minutes.presenter.live import Sending, let_go, sending
from portal.records.minutes.presenter.minutes import look_back, recorded
from portal.records.minutes.presenter.record_saving import (
    add_typed,
    keep_all,
    keep_boxes,
    keep_together,
    saved_words,
)
from portal.records.minutes.presenter.record_sheet import Offered, RecordSheet, no_level, unanswered
from portal.records.minutes.reading import records as minutes
from portal.records.minutes.reviewing import follow_all_reviews
from portal.records.plans.actions import is_under_way
from portal.records.plans.reading import messages_of_meeting
from portal.web.choices import offer
from portal.web.fields import Choice
from portal.web.held_words import check_words
from portal.web.idempotency import attempt
from portal.web.page import render, see_other

#: Buttons of the page beside Save; each keeps everything too.
HOLD, ROW, CITE, ADD, UNDO, OVER, SEND = "hold", "row:", "cite:", "add:", "undo:", "over", "send"
UP, DOWN, ITEM = "up:", "down:", "item"


@dataclass
class _Page:
    """The page: the meeting as it is shown and as forms work on it, and everything that is typed."""

    meeting: Any
    children: Sequence[Any]
    found: Meeting
    form: DayForm
    sheet: RecordSheet
    marks: Sheet

    @classmethod
    def of(cls, meeting: Any, children: Sequence[Any], found: Meeting) -> "_Page":
        """With what is posted, if anything is."""
        marks = Sheet(meetings.invited(meeting_id=meeting.id), _posted(), over=is_over(meeting))
        form, sheet = DayForm(), _sheet(meeting, children)
        form.prefill(quorum_reason=found.quorum_reason or "")
        for part in sheet.parts:
            after = [(box, f", {part.name}" if len(sheet.parts) > 1 else "") for box in part.boxes]
            offer(form.item_after, [Choice(str(box.row.id), f"{box.row.heading}{on}") for box, on in after])
        return cls(meeting, children, found, form, sheet, marks)

    @property
    def has_errors(self) -> bool:
        """Whether something that is typed cannot be kept."""
        return any(one.errors for one in [*self.sheet.forms, *self.marks.forms])

    def show(self, *, problem: DomainError | None = None) -> Response:
        """With what is on record now."""
        meeting = self.meeting
        now = meetings.children(meeting_id=meeting.id) if _posted() else self.children
        read = [child for child in now if child.case_id]
        rows, on_record = meetings.invited(meeting_id=meeting.id), recorded(meeting.id)
        lacking, gaps = missing_words(meeting, rows), gap_lines(meeting, rows)
        return render(
            "meetings/record.html",
            **page_context(meeting),
            wide=True,
            alert_strip=alert_strip(self.children),
            form=self.form,
            forms=[*self.marks.forms, *self.sheet.forms],
            sheet=self.sheet,
            marks=self.marks,
            problem=problem,
            on_record=on_record,
            unanswered=unanswered(self.sheet, on_record),
            sending=sending_now(self.found),
            look_backs={child.case_id: look_back(meeting, child) for child in read},
            change_words=change_words,
            level_label=level_label,
            no_level=no_level(meeting, read),
            may_assess=_may_assess(read),
            cited=_cited(meeting, read),
            closed=minutes.closed_parts(meeting_id=meeting.id),
            arranging=bool(self.form.item.errors or request.args.get("order")),
            under_way=is_under_way(self.found),
            runs=current().user_id in {meeting.chair_id, meeting.note_taker_id},
            held=was_held(self.found),
            begins=self.found.starts_at if self.found.starts_at > clock.now() else None,
            came=came_lines(rows),
            lacking=lacking,
            gaps=gaps,
            asks_about_quorum=_asks_about_quorum(problem, self.found, lacking)
            or bool(gaps or self.form.said("quorum_reason")),
            not_now=why_not_recorded(self.found),
        )


@blueprint.route("/meetings/<reference>/record", methods=["GET", "POST"])
@allow("minutes:write", shows="case")
def record(reference: str) -> ResponseReturnValue:
    """The whole record on one page; what can be kept is kept, and what cannot stays as it was typed."""
    page = _Page.of(*recording(reference))
    action = request.form.get("action", "")
    if stands := why_not_recorded(page.found):
        return page.show(problem=DomainError(stands) if request.method == "POST" else None)
    if not page.form.validate_on_submit():
        return page.show()
    sheet, found = page.sheet, page.found
    try:
        keep_boxes(found, [box for box in sheet.boxes if box.form.validate()], page=sheet.page)
    except DomainError as refused:  # approved, or taken off the agenda, since the page was opened
        return page.show(problem=refused)
    if action.startswith(ROW) and (part := sheet.part(action.removeprefix(ROW))):
        sheet.add_row(part)
        return page.show()
    problem = _take_back(found, action.removeprefix(UNDO)) if action.startswith(UNDO) else None
    holds, onward = way_on(found, holds=action == HOLD)
    problem, kept = _keep(page, problem, hold=holds)
    if action.startswith(ADD) and kept and (line := sheet.line(action.removeprefix(ADD))):
        kept = add_typed(found, line)
    if action in {OVER, SEND}:  # what could not be kept keeps nobody from being told
        problem = _let_go(found, over=action == OVER) or problem
    if not problem and action.startswith((UP, DOWN, ITEM)):
        problem = _arrange(page, action)
    if problem or not kept or page.has_errors:
        return page.show(problem=problem)
    if action not in {OVER, SEND}:  # those say what came of them
        flash(saved_words(minutes.lines(meeting_id=found.id)))
    named = {"reference": page.meeting.reference}
    if action.startswith((UP, DOWN, ITEM)):
        named |= {"order": "open", "_anchor": "order"}
    if action.startswith(CITE):
        named["item_id"] = action.removeprefix(CITE)
    return see_other(url_for("meetings.choose_cited" if "item_id" in named else onward, **named))


def _keep(page: _Page, problem: DomainError | None, *, hold: bool) -> tuple[DomainError | None, bool]:
    """Keep what is typed besides the headings; with it that the meeting was held, all of it or none."""
    if hold:
        held = partial(_mark, page, hold=True)
        return keep_together(page.found, page.sheet, first=held, wrong=lambda: page.has_errors)
    return problem or _mark(page, hold=False), keep_all(page.found, page.sheet)


def sending_now(found: Meeting) -> Sending | None:
    """What becomes of the messages about what a meeting gave, once it has begun."""
    if found.starts_at > clock.now():
        return None
    return sending(found, messages_of_meeting(meeting_id=found.id))


def _let_go(found: Meeting, *, over: bool) -> DomainError | None:
    """Tell whoever the meeting gave something to do."""
    try:
        with attempt():
            count = (say_over if over else send_now)(actor=current(), meeting=found)
            if over:
                follow_all_reviews(actor=current(), meeting=found)
    except DomainError as refused:
        return refused
    flash(let_go(count, over=over))
    return None


def _arrange(page: _Page, action: str) -> DomainError | None:
    """Put an item on the agenda, or move one among those with which it is shown."""
    way, _, item_id = action.partition(":")
    form, boxes = page.form, {str(box.row.id): box.row for box in page.sheet.boxes}
    about = boxes.get(form.item_after.data or "")
    among = [
        box.row.id
        for part in page.sheet.parts
        if item_id in {str(box.row.id) for box in part.boxes}
        for box in part.boxes
    ]
    try:
        with attempt():
            if way == ITEM:
                case_id = about.case_id if about else None
                agenda.add_item(
                    actor=current(),
                    meeting=page.found,
                    heading=form.said("item"),
                    case_id=case_id,
                    after=form.after,
                )
            else:
                row = boxes.get(item_id) or abort(404)
                agenda.move_item(
                    actor=current(), meeting=page.found, item_id=row.id, up=way == "up", among=among
                )
    except DomainError as refused:
        if refused.field == "heading":
            form.item.errors = [refused.message]
        return refused
    return None


def _take_back(found: Meeting, line_id: str) -> DomainError | None:
    try:
        with attempt():
            take_back_line(actor=current(), meeting=found, line_id=UUID(line_id))
    except (DomainError, ValueError) as refused:
        return refused if isinstance(refused, DomainError) else NotFound("There is no such line")
    return None


def recording(reference: str) -> tuple[Any, Sequence[Any], Meeting]:
    """A meeting that the person records: as it is shown, with its children, and as a form works on it."""
    meeting, children = view_with_children(reference, action="minutes:record")
    require(current(), "minutes:write", facts(meeting, children))
    return meeting, children, meetings.find_meeting(reference=meeting.reference) or abort(404)


def heading_of(meeting: Any, item_id: UUID) -> Any:
    """A heading of the agenda, with what was said under it."""
    return minutes.heading(meeting_id=meeting.id, item_id=item_id) or abort(404)


def _sheet(meeting: Any, children: Sequence[Any]) -> RecordSheet:
    offered = Offered(
        agencies=minutes.agencies(meeting_id=meeting.id),
        owners={
            child.case_id: minutes.owners(meeting_id=meeting.id, case_id=child.case_id)
            for child in children
            if child.case_id
        },
        lines=minutes.lines(meeting_id=meeting.id),
        last={
            child.case_id: minutes.last_actions(meeting_id=meeting.id, case_id=child.case_id)
            for child in children
            if child.case_id
        },
    )
    return RecordSheet(minutes.headings(meeting_id=meeting.id), children, offered, _posted())


def _posted() -> Any:
    return request.form if request.method == "POST" else None


def _mark(page: _Page, *, hold: bool) -> DomainError | None:
    """Keep who came, where the page had it; with it that the meeting was held."""
    form, sheet = page.form, page.marks
    if not any(one.came_back for one in sheet.forms):
        return None
    marks, reason = sheet.marks(rest=bool(form.rest.data)), form.said("quorum_reason")
    said: dict[str, Any] = {"actor": current(), "meeting": page.found, "marks": marks}
    try:
        check_words(form)
        with attempt():
            if hold:
                attendance.hold(**said, quorum_reason=reason, **form.times)
            elif reason or any(one.now != one.seen for one in marks.values()):
                attendance.mark_attendance(**said, quorum_reason=reason)
    except BadMarks as refused:
        sheet.blame(refused.faults)
    except Conflict as refused:
        return sheet.take_over(refused)
    except DomainError as refused:
        return refused
    return None


def _asks_about_quorum(problem: DomainError | None, found: Meeting, lacking: Sequence[str]) -> bool:
    """Whether it has to be said why the meeting was held without somebody."""
    refused = problem is not None and problem.field == "quorum_reason"
    return refused or (was_held(found) and bool(lacking))


def _may_assess(children: Sequence[Any]) -> set[UUID]:
    """The cases without a level that the person may assess."""
    return {
        child.case_id
        for child in children
        if child.level is None and permitted(current(), "assessment:start", lead_facts(current(), child))
    }


def _cited(meeting: Any, children: Sequence[Any]) -> dict[Any, Any]:
    """What the minutes on each child cite, by minute."""
    found: dict[Any, Any] = {}
    rows = minutes.headings(meeting_id=meeting.id)
    for child in children:
        ids = [row.minute_id for row in rows if row.case_id == child.case_id and row.minute_id]
        if ids:
            by = cited_in(kind=CitationHolder.MINUTE, ids=ids, case=child)
            found |= {minute_id: items for (minute_id, _), items in by.items()}
    return found


@blueprint.get("/meetings/<reference>/record/<uuid:item_id>/cite")
@allow("minutes:write", shows="case")
def choose_cited(reference: str, item_id: UUID) -> ResponseReturnValue:
    """The entries of the case that the person may read, newest first."""
    meeting, _, record, minute = _found(reference, item_id)
    if minute is None:
        flash("Write what was said under this heading first, then cite", "problem")
        return see_other(_record_of(meeting))
    case = case_look(record.reference, action="entry:choose")
    before = MomentCursor.read(request.args.get("before"))
    entries = case_page.entries(case_id=case.id, before=before)
    address = _address(meeting, item_id, "choose_cited")
    return render(
        "citations/choose.html",
        **case_around(case),
        where=f"meeting {meeting.reference}",
        chosen_from=choices(entries, case, lambda one: _address(meeting, item_id, "cite_in_minutes", one)),
        older=f"{address}?before={entries.next}" if entries.next else "",
        back=_record_of(meeting),
        back_text="The record",
    )


@blueprint.route("/meetings/<reference>/record/<uuid:item_id>/cite/<uuid:entry_id>", methods=["GET", "POST"])
@allow("minutes:write", shows="case")
def cite_in_minutes(reference: str, item_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Show the conditions that go with an entry, and cite it."""
    meeting, found, record, minute = _found(reference, item_id)
    entry = case_records.find_entry(case_id=record.id, entry_id=entry_id) or abort(404)
    problem = None
    if request.method == "POST" and minute is not None:
        holder = minute_of(minute=minute, case=record, recorded=not why_not_recorded(found))
        try:
            with attempt():
                cite(actor=current(), holder=holder, entry=entry)
        except DomainError as refused:
            problem = refused
        else:
            return see_other(_record_of(meeting), done="The entry was cited")
    case = case_look(record.reference, action="entry:cite_page")
    shown, ruling = find_choice(case=case, happened_at=entry.happened_at, entry_id=entry.id) or abort(404)
    return render(
        "citations/confirm.html",
        **case_around(case),
        where=f"meeting {meeting.reference}",
        entry=shown,
        ruling=ruling,
        ask="" if ruling.allowed else whom_to_ask(entry=entry),
        action=_address(meeting, item_id, "cite_in_minutes", entry.id),
        back=_address(meeting, item_id, "choose_cited"),
        problem=problem,
    )


def _found(reference: str, item_id: UUID) -> tuple[Any, Any, Case, Minute | None]:
    """The heading's case; a heading that is on no child cites nothing."""
    require(current(), "entry:cite")
    meeting, _, found = recording(reference)
    row = next((one for one in minutes.headings(meeting_id=meeting.id) if one.id == item_id), None)
    if row is None or row.case_id is None:
        abort(404)
    record = minutes.case_of(case_id=row.case_id) or abort(404)
    return meeting, found, record, minutes.find_minute(meeting_id=meeting.id, item_id=item_id)


def _record_of(meeting: Any) -> str:
    return url_for("meetings.record", reference=meeting.reference)


def _address(meeting: Any, item_id: UUID, view: str, entry_id: UUID | None = None) -> str:
    named: dict[str, Any] = {"entry_id": entry_id} if entry_id else {}
    return url_for(f"meetings.{view}", reference=meeting.reference, item_id=item_id, **named)
