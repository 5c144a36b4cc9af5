"""A closed part of a meeting, on its own page: written by chair and note-taker, read by whom they name."""

from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.meetings import blueprint, facts, page_context, view_meeting
from portal.pathway.references import Prefix, read_reference
from portal.records.children.presenter import full_name
from portal.records.meetings.chairing import case_of, why_not_recorded
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.minutes import writing
from portal.records.minutes.forms import ClosedForm, ReaderForm, ReasonForm
from portal.records.minutes.model import ClosedMinute
from portal.records.minutes.presenter.minutes import is_approved
from portal.records.minutes.reading import records as minutes
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import Link, StepsOn, Words, take

_TEMPLATE = "meetings/closed.html"


class ClosedPart(NamedTuple):
    """A closed part, and its meeting: as it is shown, and as services take it."""

    meeting: Any
    found: Meeting
    closed: ClosedMinute


@blueprint.route("/meetings/<reference>/closed/new", methods=["GET", "POST"])
@allow("minutes:close_part", shows="case")
def new_closed_part(reference: str) -> ResponseReturnValue:
    """Write one. Nobody but chair and note-taker reads it until somebody is named."""
    meeting, found = _writing(reference)
    form = _about(meeting)
    return take(
        form,
        lambda: writing.open_closed_part(
            actor=current(),
            meeting=found,
            heading=form.said("heading"),
            text=form.said("text"),
            case=case_of(meeting=found, case_id=form.case_id) if form.case_id else None,
        ),
        template="meetings/closed_new.html",
        page=lambda: page_context(meeting) | {"not_now": why_not_recorded(found)},
        to=lambda closed: _address(meeting, closed.id),
        done="Saved. Now name who may read it",
        several=len(list(form.about.choices or ())) > 1,
    )


@blueprint.get("/meetings/<reference>/closed")
@allow("meeting:view", shows="list")
def closed_parts(reference: str) -> ResponseReturnValue:
    """Where the message to whoever is named leads: to the closed part that they may read, or the choice of
    several. For everybody else it is the page of the meeting, which says nothing of it.
    """
    meeting = _seen(reference)
    match meeting.closed_parts:
        case []:
            return see_other(url_for("meetings.show", reference=meeting.reference))
        case [only]:
            return see_other(_address(meeting, only))
    audit.record("minutes:closed_list", subject_kind="meeting", subject_id=meeting.id)
    return render("meetings/closed_parts.html", **page_context(meeting))


@blueprint.get("/meetings/<reference>/closed/<uuid:closed_id>")
@allow("meeting:view", shows="case")
def closed_part(reference: str, closed_id: UUID) -> ResponseReturnValue:
    """Read one, as chair, note-taker or somebody who is named; for everybody else there is none."""
    return render(_TEMPLATE, **_page(_reading(reference, closed_id)))


@blueprint.post("/meetings/<reference>/closed/<uuid:closed_id>")
@allow("minutes:close_part", shows="case")
def write_closed(reference: str, closed_id: UUID) -> ResponseReturnValue:
    """Write on in it."""
    on, form = _changing(reference, closed_id), ClosedForm()
    return _on_closed.take(
        on,
        form,
        partial(writing.write_closed_part, heading=form.said("heading"), text=form.said("text")),
        template=_TEMPLATE,
        page=lambda: _page(on, form=form),
    )


@blueprint.post("/meetings/<reference>/closed/<uuid:closed_id>/readers")
@allow("minutes:close_part", shows="case")
def name_closed_reader(reference: str, closed_id: UUID) -> ResponseReturnValue:
    """Name somebody who may read it."""
    on = _changing(reference, closed_id)
    form = _readers(on.meeting, on.closed)
    return _on_closed.take(
        on,
        form,
        lambda **given: writing.name_reader(
            person=minutes.person(user_id=UUID(form.said("person"))) or abort(404), **given
        ),
        template=_TEMPLATE,
        page=lambda: _page(on, readers=form),
        done="They may read it from now on",
    )


@blueprint.route(
    "/meetings/<reference>/closed/<uuid:closed_id>/readers/<uuid:user_id>/remove", methods=["GET", "POST"]
)
@allow("minutes:close_part", shows="case")
def unname_closed_reader(reference: str, closed_id: UUID, user_id: UUID) -> ResponseReturnValue:
    """Take somebody off it, and say why."""
    on, form = _changing(reference, closed_id), ReasonForm()
    before = minutes.closed_readers_before(closed_id=closed_id)
    readers = (*minutes.closed_readers(closed_id=closed_id), *before)
    name = next((one.name for one in readers if one.user_id == user_id), None) or abort(404)
    return _on_closed.take(
        on,
        form,
        partial(writing.unname_reader, user_id=user_id, reason=form.said("reason")),
        Words(
            heading=f"Take {name} off the closed part",
            lead=["They are told that they no longer read it and whom to ask. Who reads it sees why."],
            back=Link(_address(on.meeting, closed_id), "Closed part"),
            button="Take them off",
        ),
        page=lambda: page_context(on.meeting),
        done="They no longer read it",
    )


def _writing(reference: str) -> tuple[Any, Meeting]:
    meeting = view_meeting(reference)
    require(current(), "minutes:close_part", facts(meeting))
    return meeting, meetings.find_meeting(reference=meeting.reference) or abort(404)


def _changing(reference: str, closed_id: UUID) -> ClosedPart:
    """For chair and note-taker. Everybody else is told the same, whether or not there is one."""
    _writing(reference)
    return _reading(reference, closed_id)


def _reading(reference: str, closed_id: UUID) -> ClosedPart:
    """Whoever is named may be somebody who is invited and reads no case of the meeting."""
    meeting = _seen(reference)
    found = meetings.find_meeting(reference=meeting.reference) or abort(404)
    closed = writing.find_closed(meeting=found, closed_id=closed_id)
    audit.record(
        "minutes:closed_view", subject_kind="closed_minute", subject_id=closed.id, case_id=closed.case_id
    )
    return ClosedPart(meeting, found, closed)


def _seen(reference: str) -> Any:
    return meetings.page(reference=read_reference(reference, Prefix.MEETING) or abort(404)) or abort(404)


def _about(meeting: Any) -> ClosedForm:
    form = ClosedForm()
    children = meetings.children(meeting_id=meeting.id)
    each = [Choice(str(one.case_id), full_name(one)) for one in children if one.case_id]
    form.offer("about", [*each, *([Choice("", "The whole meeting")] if len(each) != 1 else [])])
    return form


def _readers(meeting: Any, closed: ClosedMinute, *, posted: bool = True) -> ReaderForm:
    form = ReaderForm() if posted else ReaderForm(formdata=None)
    known = {one.user_id for one in minutes.closed_readers(closed_id=closed.id)}
    known |= {meeting.chair_id, meeting.note_taker_id}
    people = minutes.may_be_named(meeting_id=meeting.id, closed_id=closed.id)
    offered = [Choice(str(one.id), f"{one.name}, {one.agency}") for one in people if one.id not in known]
    form.offer("person", offered)
    return form


def _address(meeting: Any, closed_id: UUID) -> str:
    return url_for("meetings.closed_part", reference=meeting.reference, closed_id=closed_id)


def _page(
    on: ClosedPart, *, form: ClosedForm | None = None, readers: ReaderForm | None = None
) -> dict[str, Any]:
    meeting, found, closed = on
    writes = current().user_id in {meeting.chair_id, meeting.note_taker_id} and not why_not_recorded(found)
    words = {"heading": closed.heading, "text": closed.text, "version": closed.version}
    return page_context(meeting) | {
        "closed": closed,
        "writes": writes,
        "names": writing.names_readers(actor=current(), meeting=found),
        "stands": is_approved(found.state),
        "change": form or ClosedForm(formdata=None, data=words),
        "naming": readers or _readers(meeting, closed, posted=False),
        "named": minutes.closed_readers(closed_id=closed.id),
        "taken_off": minutes.closed_readers_before(closed_id=closed.id),
    }


_on_closed = StepsOn[ClosedPart](
    lambda on: {"meeting": on.found, "closed": on.closed},
    page=_page,
    to=lambda on: _address(on.meeting, on.closed.id),
)
