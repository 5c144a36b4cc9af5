"""Citing an entry of the case under a heading of the record."""

from typing import Any
from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.looking import around, look
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.recording import recording
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.entries.citations import cite, minute_of, whom_to_ask
from portal.records.entries.presenter.citation import choices, find_choice
from portal.records.entries.reading import case_page
from portal.records.entries.reading.case_page import EntryCursor
from portal.records.meetings.chairing import why_not_recorded
from portal.records.minutes.model import Minute
from portal.records.minutes.reading import records as minutes
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.get("/meetings/<reference>/record/<uuid:item_id>/cite")
@allow("minutes:write", shows="case")
def choose_cited(reference: str, item_id: UUID) -> ResponseReturnValue:
    """The entries of the case that the person may read, newest first."""
    meeting, _, record, minute = _found(reference, item_id)
    if minute is None:
        flash("Write what was said under this heading first, then cite", "problem")
        return see_other(_record_of(meeting))
    case = look(record.reference, action="entry:choose")
    before = EntryCursor.read(request.args.get("before"))
    entries = case_page.entries(case_id=case.id, before=before)
    address = _address(meeting, item_id, "choose_cited")
    return render(
        "citations/choose.html",
        **around(case),
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
            flash("Cited")
            return see_other(_record_of(meeting))
    case = look(record.reference, action="entry:cite_page")
    shown, ruling = find_choice(case=case, happened_at=entry.happened_at, entry_id=entry.id) or abort(404)
    return render(
        "citations/confirm.html",
        **around(case),
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
