"""The agenda of a meeting: put a heading on it, say it in other words, move it, take it off."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.meetings.blueprint import blueprint
from portal.blueprints.meetings.looking import around, running
from portal.records.meetings import agendas
from portal.records.meetings.forms.day import HeadingForm, NewHeadingForm
from portal.records.meetings.reading import records as meetings
from portal.services.errors import DomainError
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, carry_out, take
from portal.web.transaction import attempt


@blueprint.route("/meetings/<reference>/agenda", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def agenda(reference: str) -> ResponseReturnValue:
    """Every heading with what can be done with it, and a new one."""
    meeting, children, found = running(reference)
    form = _offering(children)
    step = carry_out(
        form,
        lambda: agendas.add_item(
            actor=current(), meeting=found, heading=form.said("heading"), case_id=form.case_id
        ),
    )
    return _back(meeting) if step.done else _page(meeting, children, form, step.problem)


@blueprint.route("/meetings/<reference>/agenda/<uuid:item_id>", methods=["GET", "POST"])
@allow("meeting:run", shows="case")
def heading(reference: str, item_id: UUID) -> ResponseReturnValue:
    """Say a heading in other words."""
    meeting, _, found = running(reference)
    item = agendas.find_item(meeting=found, item_id=item_id)
    form = HeadingForm(data={"heading": item.heading, "version": str(item.version)})
    agenda_page = url_for("meetings.agenda", reference=meeting.reference)
    return take(
        form,
        lambda: agendas.reword_item(
            actor=current(),
            meeting=found,
            item_id=item_id,
            heading=form.said("heading"),
            version=form.seen_version,
        ),
        says=Words(
            heading="Change a heading",
            title=f"Change a heading, {meeting.reference}",
            back=Link(agenda_page, "Agenda"),
            button="Keep",
        ),
        page=lambda: around(meeting),
        to=agenda_page,
    )


@blueprint.post("/meetings/<reference>/agenda/<uuid:item_id>/move")
@allow("meeting:run", shows="case")
def move_heading(reference: str, item_id: UUID) -> ResponseReturnValue:
    """Up, or down."""
    up = request.form.get("direction") == "up"
    return _do(
        reference,
        lambda found: agendas.move_item(actor=current(), meeting=found, item_id=item_id, up=up),
    )


@blueprint.post("/meetings/<reference>/agenda/<uuid:item_id>/remove")
@allow("meeting:run", shows="case")
def remove_heading(reference: str, item_id: UUID) -> ResponseReturnValue:
    """Take it off."""
    return _do(
        reference,
        lambda found: agendas.remove_item(actor=current(), meeting=found, item_id=item_id),
    )


def _do(reference: str, act: Callable[[Any], None]) -> ResponseReturnValue:
    meeting, children, found = running(reference)
    try:
        with attempt():
            act(found)
    except DomainError as refused:
        return _page(meeting, children, _offering(children, posted=False), refused)
    return _back(meeting)


def _offering(children: Sequence[Any], *, posted: bool = True) -> NewHeadingForm:
    form = NewHeadingForm() if posted else NewHeadingForm(formdata=None)
    each = [
        Choice(str(one.case_id), f"{one.given_name} {one.family_name}") for one in children if one.case_id
    ]
    form.offer("about", [Choice("", "Everybody" if len(each) > 1 else "The whole meeting"), *each])
    return form


def _back(meeting: Any) -> ResponseReturnValue:
    return see_other(url_for("meetings.agenda", reference=meeting.reference), same_page=True)


def _page(
    meeting: Any, children: Sequence[Any], form: NewHeadingForm, problem: DomainError | None
) -> ResponseReturnValue:
    found = meetings.agenda(meeting_id=meeting.id)
    return render(
        "meetings/agenda.html",
        **around(meeting),
        form=form,
        problem=problem,
        headings=found,
        several=len(children) > 1,
        agenda_open=agendas.is_open(meeting),
    )
