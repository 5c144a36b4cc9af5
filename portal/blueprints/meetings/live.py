"""What the page on which a meeting is recorded sends and asks by itself: its lines, decisions and actions,
typed, added, taken back; and the history of a box.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.permissions import Forbidden, require
from portal.access.principal import current
from portal.blueprints.meetings import ONLY_INVITED, blueprint, facts, page_context, record_look
from portal.blueprints.meetings.recording import heading_of, recording, sending_now
from portal.changes.errors import DomainError, NotFound
from portal.messages import told
from portal.model import new_id
from portal.pathway.characters import identifier, whole_number
from portal.pathway.references import Prefix, read_reference
from portal.records.meetings.chairing import why_not_recorded
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.minutes.forms import MinuteForm
from portal.records.minutes.lines import FIELDS, add_line, day_of, keep_line, take_back_line
from portal.records.minutes.presenter.live import (
    Line,
    hands,
    happenings,
    here_words,
    known_by,
    line_of,
    news_of,
    owner_choice,
    print_of,
    what_is_said,
)
from portal.records.minutes.presenter.record_sheet import Box, page_of
from portal.records.minutes.presenter.reviews import heard, sent_review
from portal.records.minutes.reading import records as minutes
from portal.records.minutes.reviewing import FIELDS as FIELDS_OF_REVIEW
from portal.records.minutes.reviewing import review_action
from portal.records.minutes.typing import STAYS, Sent, Taken, be_here, put_back, take_in
from portal.records.minutes.vocabulary import LineKind
from portal.records.plans.actions import is_under_way
from portal.web.fields import Choice, NotSaved
from portal.web.filters import day
from portal.web.idempotency import attempt
from portal.web.page import render, see_other


@blueprint.post("/meetings/<reference>/record/<uuid:item_id>/save")
@allow("minutes:write", background=True)
def save_box(reference: str, item_id: UUID) -> ResponseReturnValue:
    """Keep what is being typed in one box, together with what others wrote there.

    204 says in X-Version what it is now, and in X-Same whether that is what the box shows. Whoever asks for
    the text (`want`) gets it.
    """
    meeting, _, found = recording(reference)
    row = heading_of(meeting, item_id)
    box = Box(row, MinuteForm(request.form, item=str(item_id), heading=row.heading))
    taken = _take(found, Sent(item_id, page_of(request.form), box.seen_version, box.words, box.seq))
    if request.form.get("want"):
        return jsonify(version=taken.version, text=taken.text)
    same = "1" if taken.text == box.words else "0"
    return Response(status=204, headers={"X-Version": str(taken.version), "X-Same": same})


def _take(found: Meeting, sent: Sent) -> Taken:
    try:
        with attempt():
            taken = take_in(actor=current(), meeting=found, sent=[sent])[sent.item_id]
    except DomainError as refused:
        raise NotSaved(f"Not saved. {refused.message}") from refused
    if isinstance(taken, DomainError):
        raise NotSaved(f"Not saved. {taken.message}")
    return taken


@blueprint.get("/meetings/<reference>/record/news")
@allow("minutes:write", background=True, is_activity=False)
def news(reference: str) -> ResponseReturnValue:
    """What others wrote since the page was told last, and who is there; 304 while that is as it was."""
    meeting = meetings.page(reference=read_reference(reference, Prefix.MEETING) or abort(404)) or abort(404)
    if not meeting.full_reach:
        raise Forbidden(ONLY_INVITED)
    children = meetings.children(meeting_id=meeting.id)
    require(current(), "minutes:write", facts(meeting, children))
    shown = {child.case_id for child in children} | {None}
    rows = [row for row in minutes.headings(meeting_id=meeting.id) if row.case_id in shown]
    there = _who_is_here(meeting, rows)
    said = what_is_said(row for row in minutes.lines(meeting_id=meeting.id) if row.case_id in shown)
    agenda = [str(row.id) for row in rows]
    last = heard(row for row in minutes.reviews(meeting_id=meeting.id) if row.case_id in shown)
    told = json.dumps([*happenings(rows, there, print_of(said), state=meeting.state), last])
    headers = {"ETag": f'"{hashlib.sha256(told.encode()).hexdigest()[:24]}"'}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status=304, headers=headers)

    def wrote(since: Mapping[UUID, int]) -> Sequence[Any]:
        return minutes.writers(meeting_id=meeting.id, but=current().user_id, since=since)

    boxes, added = news_of(rows, known_by(request.args.get("have", "")), wrote), said_anew(said, agenda)
    if added:
        added["sending"] = sending_html(meetings.find_meeting(reference=meeting.reference) or abort(404))
    if boxes or (added and said):
        record_look(meeting, children, action="minutes:record")
    return jsonify(boxes=boxes, here=there, agenda=agenda, said=added, last=last), headers


def _who_is_here(meeting: Any, rows: Sequence[Any]) -> list[str]:
    """Everybody else who has the record open; that whoever asks has it open is said to them."""
    person, box = current(), identifier(request.args.get("in", ""))
    page = identifier(request.args.get("page", ""))
    there = minutes.present(meeting_id=meeting.id, since=clock.now() - STAYS, page=page)
    if page:
        item_id = box if box in {row.id for row in rows} else None
        known = next((one for one in there if one.asks and one.id == person.user_id), None)
        be_here(actor=person, meeting_id=meeting.id, page=page, item_id=item_id, known=known)
    return here_words((one for one in there if one.id != person.user_id), rows)


@blueprint.route("/meetings/<reference>/record/<uuid:item_id>/history", methods=["GET", "POST"])
@allow("minutes:write", shows="case")
def history(reference: str, item_id: UUID) -> ResponseReturnValue:
    """Every version of what was said under a heading, with who and when; any of them can be put back."""
    meeting, _, found = recording(reference)
    row = heading_of(meeting, item_id)
    problem = _put_back(found, item_id) if request.method == "POST" else None
    if request.method == "POST" and problem is None:
        return see_other(url_for("meetings.record", reference=meeting.reference), done="Put back")
    return render(
        "meetings/history.html",
        **page_context(meeting),
        row=row,
        versions=hands(minutes.versions(meeting_id=meeting.id, item_id=item_id)),
        not_now=why_not_recorded(found),
        problem=problem,
    )


def _put_back(found: Meeting, item_id: UUID) -> DomainError | None:
    version = whole_number(request.form.get("version", ""))
    try:
        with attempt():
            put_back(actor=current(), meeting=found, item_id=item_id, version=version)
    except DomainError as refused:
        return refused
    return None


def said_anew(said: Mapping[str, Any], agenda: Sequence[str]) -> dict[str, Any]:
    """What was added under each heading, as the page shows it; nothing where the page shows just that."""
    if request.args.get("said") == (now := print_of(said)):
        return {}
    return {"print": now, "items": {item: said_html(item, said.get(item, [])) for item in agenda}}


def sending_html(found: Meeting) -> str:
    """What becomes of the messages about what the meeting gave."""
    shown = sending_now(found)
    return render_template("meetings/_sending.html", sending=shown) if shown and shown.lines else ""


def said_html(item: str, lines: Sequence[Any]) -> str:
    """The list of what was added under one heading."""
    return render_template("meetings/_said.html", item=item, said=lines)


@blueprint.post("/meetings/<reference>/record/<uuid:item_id>/lines/<uuid:line_id>")
@allow("decision:record", background=True)
def save_line(reference: str, item_id: UUID, line_id: UUID) -> ResponseReturnValue:
    """Keep what is typed in one line; `do` adds it, or takes back what was added.

    200 says what stands under the heading then, how the day was understood, and after adding an empty line;
    422 says at which field what is missing: what is typed is kept all the same.
    """
    meeting, children, found = recording(reference)
    row = heading_of(meeting, item_id)
    typed = _typed_line(meeting, children, row, line_id)
    do = request.form.get("do", "")
    try:
        answer = _do(do, found, typed)
    except DomainError as refused:
        if do != "add":
            raise NotSaved(f"Not saved. {refused.message}") from refused
        with attempt():
            keep_line(actor=current(), meeting=found, sent=typed.sent)
        return jsonify(field=refused.field or "", message=refused.message), 422
    said = what_is_said(one for one in minutes.lines(meeting_id=meeting.id) if one.item_id == item_id)
    answer["said"] = said_html(str(item_id), said.get(str(item_id), []))
    if do:
        answer["sending"] = sending_html(found)
        answer["told"] = ". ".join(filter(None, (answer.get("told", "Taken back"), told.take())))
    if do == "add":
        empty = line_of(typed.kind, new_id(), row, typed.case_id, owner_choices(meeting, typed.case_id))
        answer["line"] = render_template("meetings/_line.html", line=empty, meeting=meeting)
    return jsonify(answer)


def _do(do: str, found: Meeting, typed: Line) -> dict[str, Any]:
    """Keep, add or take back."""
    with attempt():
        if do == "take_back":
            dropped = take_back_line(actor=current(), meeting=found, line_id=typed.line_id)
            return {"fields": dropped.fields, "kind": dropped.kind}
        draft = keep_line(actor=current(), meeting=found, sent=typed.sent)
        if do == "add":
            add_line(actor=current(), meeting=found, draft=draft)
            return {"told": f"{typed.kind.label} added: {draft.fields[FIELDS[typed.kind][0]]}"}
    by = draft.fields.get("by", "")
    on = day_of(meeting=found, case_id=draft.case_id, typed=by) if by else None
    return {
        "fields": draft.fields,
        "by": f"{on:%A} {day(on)}" if on else "",
        "unclear": bool(by) and on is None,
    }


def _typed_line(meeting: Any, children: Sequence[Any], row: Any, line_id: UUID) -> Line:
    """The line that is sent: on the child that the page says, where the meeting is on that child."""
    kind, case_id = request.form.get("kind", ""), identifier(request.form.get("case", ""))
    if kind not in set(LineKind) or (case_id and case_id not in {one.case_id for one in children}):
        abort(404)
    owners = owner_choices(meeting, case_id)
    return line_of(LineKind(kind), line_id, row, case_id, owners, posted=request.form)


@blueprint.post("/meetings/<reference>/record/actions/<uuid:action_id>")
@allow("minutes:write", background=True)
def save_review(reference: str, action_id: UUID) -> ResponseReturnValue:
    """Keep what the meeting hears of an action of last time.

    200 says what stands in its row then; 422 says at which field what is wrong.
    """
    _, _, found = recording(reference)
    try:
        with attempt():
            kept = review_action(actor=current(), meeting=found, sent=sent_review(action_id, request.form))
    except NotFound:
        abort(404)
    except DomainError as refused:
        return jsonify(field=refused.field or "", message=refused.message), 422
    fields = {name: getattr(kept, name, "") for name in FIELDS_OF_REVIEW}
    return jsonify(fields=fields, over=not is_under_way(found))


def owner_choices(meeting: Any, case_id: UUID | None) -> list[Choice]:
    """Who may be given an action."""
    if case_id is None:
        return []
    return [owner_choice(one) for one in minutes.owners(meeting_id=meeting.id, case_id=case_id)]
