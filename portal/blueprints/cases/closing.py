"""A case ends, as its last meeting decided or by two people, and is reopened."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted, require, require_on
from portal.access.principal import current
from portal.blueprints.cases.blueprint import (
    address,
    blueprint,
    facts,
    on_case,
    page_context,
    record_of,
    view_case,
)
from portal.changes.errors import DomainError
from portal.pathway.states import OPEN_CASE_STATES
from portal.records.assessments.lifecycle import lead_facts
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.closing import ending
from portal.records.closing.checks import Standing, close_facts, closure_of, standing
from portal.records.closing.effects import former_teams, reopen_case
from portal.records.closing.forms import AnswerEndForm, EndForm, ReopenForm, end_form
from portal.records.closing.model import CaseClosure
from portal.records.closing.policy import Closing
from portal.records.closing.presenter import actions_in_words, end_words, ground_words, not_ready
from portal.records.closing.vocabulary import ClosureKind
from portal.records.entries.reading import case_page
from portal.records.linked_processes.presenter import of_head
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/end/<any(closed, transferred):kind>", methods=["GET", "POST"])
@allow("case:close", shows="case")
def end(reference: str, kind: str) -> ResponseReturnValue:
    """Close or transfer a case: what stands in the way, or what has to be said."""
    record = require_on("case:close", record_of(reference), close_facts)
    case, how = view_case(reference), ClosureKind(kind)
    found = standing(record)
    form = _form(case, record, how, found)
    return on_case.take(
        record,
        form,
        lambda **given: ending.end_case(ending=_ending(form, how), **given),
        template="cases/end.html",
        page=lambda: _end_page(case, record, how, found),
        done=end_words,
    )


@blueprint.route("/<reference>/end/asked", methods=["GET", "POST"])
@allow("case:agree_to_close", shows="case")
def end_asked(reference: str) -> ResponseReturnValue:
    """What waits for a second person; who may not agree reads it, and whoever asked takes it back here."""
    record = record_of(reference)
    case, closure = view_case(reference), _waiting(record)
    form = AnswerEndForm()
    return on_case.take(
        record,
        form,
        partial(ending.refuse_to_end, closure=closure, reason=form.said("reason")),
        template="cases/end_asked.html",
        page=lambda: _asked_page(case, record, closure),
        done="The case goes on",
    )


@blueprint.post("/<reference>/end/agree")
@allow("case:agree_to_close", shows="case")
def agree_end(reference: str) -> ResponseReturnValue:
    """Agree, as the second person, that a case ends."""
    record = record_of(reference)
    require(current(), "case:agree_to_close", ending.second_facts(current(), record))
    case, closure = view_case(reference), closure_of(record)
    if closure is None or closure.closed_at is not None:
        return see_other(address(record), done="Nobody asks any more that this case end")
    try:
        with attempt():
            ending.agree_to_end(actor=current(), case=record, closure=closure)
    except DomainError as refused:
        page = _asked_page(case, record, closure)
        return render("cases/end_asked.html", **page, form=AnswerEndForm(formdata=None), problem=refused)
    return see_other(address(record), done=end_words(closure))


def _end_page(case: Any, record: Case, how: ClosureKind, found: Standing) -> dict[str, Any]:
    return page_context(case) | {
        "how": how,
        "found": found,
        "waits": closure_of(record) is not None,
        "ground": ground_words(how, found),
        "first": not_ready(record, how, found),
        "linked": of_head(case),
    }


def _asked_page(case: Any, record: Case, closure: CaseClosure) -> dict[str, Any]:
    asked_it = closure.asked_by == current().user_id
    may = permitted(current(), "case:agree_to_close", ending.second_facts(current(), record))
    page = page_context(case)
    return page | {
        "closure": closure,
        "reasons": page["policy"].of(Closing).reasons,
        "how": ClosureKind(closure.kind),
        "left_over": actions_in_words(record, closure),
        "asked_it": asked_it,
        "may": may and not asked_it,
    }


def _waiting(record: Case) -> CaseClosure:
    closure = closure_of(record)
    if closure is None or closure.closed_at is not None:
        abort(404)
    return closure


def _form(case: Any, record: Case, kind: ClosureKind, found: Standing) -> EndForm:
    shape = end_form([(one.id, one.what) for one in found.actions])
    policy = page_context(case)["policy"]
    return shape.of(kind, policy.of(Closing), _people(case), {"version": str(record.version)})


def _people(case: Any) -> list[tuple[str, str]]:
    """Who could follow up: the workers of the teams on the case."""
    network = case_page.network(case=case)
    return [(str(one.worker_id), f"{one.worker}, {one.agency}") for one in network if one.worker_id]


def _ending(form: EndForm, kind: ClosureKind) -> ending.Ending:
    chosen = form.said("follow_up")
    return ending.Ending(
        kind=kind,
        reason=form.said("reason"),
        words=form.said("words"),
        follow_up=ending.FollowUp(
            person=case_records.find_person(user_id=UUID(chosen)) if chosen else None,
            name=form.said("follow_up_name"),
            agency=form.said("follow_up_agency"),
            contact=form.said("follow_up_contact"),
        ),
        reopen_if=form.said("reopen_if"),
        minutes_reason=form.said("minutes_reason"),
        actions={one: ending.Settled(becomes, words) for one, (becomes, words) in form.settled().items()},
    )


@blueprint.route("/<reference>/reopen", methods=["GET", "POST"])
@allow("case:reopen", shows="case")
def reopen(reference: str) -> ResponseReturnValue:
    """Reopen a case: what is new, and which teams it needs again."""
    record = require_on("case:reopen", record_of(reference), lead_facts)
    case = view_case(reference)
    may_bring = permitted(current(), "involvement:add", facts(record))
    teams = {str(team.id): (team, reads) for team, reads in former_teams(record)} if may_bring else {}
    still_reading = [one for one, (_, reads) in teams.items() if reads]
    form = ReopenForm.opened(record, teams=still_reading)
    form.offer("teams", [Choice(one, team.name) for one, (team, _) in teams.items()])
    return on_case.take(
        record,
        form,
        lambda **given: reopen_case(
            reason=form.said("reason"), teams=[teams[one][0] for one in form.teams.data or ()], **given
        ),
        template="cases/reopen.html",
        page=lambda: page_context(case) | {"is_open": record.state in OPEN_CASE_STATES},
        done="The case is open again. It has to be assessed",
        teams=teams,
    )
