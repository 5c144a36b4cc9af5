"""The lines of a meeting's record as its page sends them: decisions and actions, typed, added, taken back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.recording import heading_of, recording, sending_now
from portal.changes.errors import DomainError, NotFound
from portal.messages import told
from portal.model import new_id
from portal.pathway.characters import identifier
from portal.records.meetings.model import Meeting
from portal.records.minutes.lines import FIELDS, add_line, day_of, keep_line, take_back_line
from portal.records.minutes.presenter.lines import Line, line_of, owner_choice, print_of, what_is_said
from portal.records.minutes.presenter.reviews import sent_review
from portal.records.minutes.reading import records as minutes
from portal.records.minutes.reviewing import FIELDS as FIELDS_OF_REVIEW
from portal.records.minutes.reviewing import review_action
from portal.records.minutes.vocabulary import LineKind
from portal.records.plans.actions import is_under_way
from portal.web.fields import Choice, NotSaved
from portal.web.filters import day
from portal.web.transaction import attempt


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
