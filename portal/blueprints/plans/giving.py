"""Giving somebody an action on a case."""

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.looking import around, look, record_of
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.looking import address, giving_to_somebody
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.plans.actions import give_action, giving_facts
from portal.records.plans.forms import GiveForm
from portal.records.plans.model import Action
from portal.records.plans.presenter import offer_owners, owner_of
from portal.records.plans.vocabulary import ActionPriority
from portal.records.requests import reading as asking
from portal.web.steps import take


@blueprint.route("/cases/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="case")
def give(reference: str) -> ResponseReturnValue:
    """The form, and giving the action; whoever owns it is told at once."""
    record = record_of(reference)
    meeting = _meeting(record)
    require(current(), "action:give", giving_facts(current(), record, meeting=meeting))
    form = _form(record)
    return take(
        form,
        lambda: _give(record, meeting, form),
        template="plans/give.html",
        page=lambda: around(look(reference)),
        to=address,
        done="Given. Whoever does it is told now",
        meeting=meeting,
    )


@giving_to_somebody()
def _give(record: Case, meeting: Any, form: GiveForm) -> Action:
    return give_action(
        actor=current(),
        case=record,
        meeting=meeting,
        what=form.said("what"),
        measure=form.said("measure"),
        category=form.said("category"),
        target=form.said("target"),
        owner=owner_of(form),
        due_on=form.due_on.data,
        priority=ActionPriority(form.said("priority")),
        support=form.supporting,
        once=form.nonce,
    )


def _meeting(record: Case) -> Any:
    """The meeting that the address names; one on another case is answered like none."""
    named = request.args.get("meeting")
    if not named:
        return None
    return asking.find_meeting(reference=named, case_id=record.id) or abort(404)


def _form(record: Case) -> GiveForm:
    form = GiveForm()
    offer_owners(form, record)
    agencies = asking.agencies_to_list(without=current().agency_id)
    form.offer_words(current_policy(record.authority), [(str(one.id), one.name) for one in agencies])
    form.start()
    return form
