"""Asking for reports for a meeting: about one or more of the children that it is on, due before it."""

from collections.abc import Sequence

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.meetings.looking import record_of
from portal.blueprints.requests import ask_page
from portal.blueprints.requests.blueprint import blueprint
from portal.records.cases.model import Case
from portal.records.children import presenter as child_page
from portal.records.children.model import Child
from portal.records.meetings.model import Meeting
from portal.records.requests import reading as asking
from portal.records.requests.asking import asking_facts, is_sealed
from portal.records.requests.forms import AskForm
from portal.records.requests.model import InformationRequest
from portal.services.errors import DomainError
from portal.web.fields import Choice
from portal.web.page import see_other
from portal.web.steps import Link


@blueprint.route("/ask/meeting/<reference>", methods=["GET", "POST"])
@allow("request:ask", shows="case")
def ask_for_meeting(reference: str) -> ResponseReturnValue:
    """Ask teams for a report; the invited are ticked. A sealed case has a page of its own, with people."""
    meeting = record_of(reference)
    mine = _children(meeting)
    sealed = [case.reference for case, _ in mine if is_sealed(child_id=case.child_id)]
    on = [(case, child) for case, child in mine if case.reference not in sealed]
    if not on and len(sealed) == 1:
        return see_other(url_for("requests.ask_about_case", reference=sealed[0], meeting=meeting.reference))
    form = _form(meeting, on)
    return ask_page.show(
        form,
        lambda: _ask(form, meeting, [case for case, _ in on]),
        children=lambda: [child for _, child in on],
        back=Link(url_for("meetings.show", reference=meeting.reference), f"Meeting {meeting.reference}"),
        meeting=meeting,
        sealed_cases=sealed,
    )


def _children(meeting: Meeting) -> list[tuple[Case, Child]]:
    """The cases that the person may ask about for the meeting; 404 for one that is on no child's case."""
    person, on = current(), asking.cases_of_meeting(meeting_id=meeting.id)
    if not on:
        abort(404)
    facts = {case.id: asking_facts(actor=person, case=case) for case, _ in on}
    mine = [(case, child) for case, child in on if permitted(person, "request:ask", facts[case.id])]
    if not mine:
        require(person, "request:ask", facts[on[0][0].id])
    return mine


def _form(meeting: Meeting, on: Sequence[tuple[Case, Child]]) -> AskForm:
    form = AskForm()
    ask_page.offer(form)
    form.offer("children", [Choice(case.reference, child_page.full_name(child)) for case, child in on])
    if not form.is_submitted():
        form.start(
            due_on=ask_page.due_on(meeting=meeting),
            children=[case.reference for case, _ in on],
            teams=map(str, asking.invited_teams(meeting_id=meeting.id)),
        )
    return form


def _ask(form: AskForm, meeting: Meeting, cases: Sequence[Case]) -> list[InformationRequest]:
    chosen = form.children.data or ()
    wanted = [case for case in cases if len(cases) == 1 or case.reference in chosen]
    if not wanted:
        raise DomainError("Choose at least one child", field="children")
    return [
        one
        for case in wanted
        for one in ask_page.send(form, child_id=case.child_id, case=case, meeting=meeting)
    ]
