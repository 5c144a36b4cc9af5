"""Giving somebody an action on a place or person of concern."""

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.looking import address, giving_to_somebody
from portal.policy import current_policy
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.plans.actions import give_action, giving_facts
from portal.records.plans.forms import GiveOnConcernForm
from portal.records.plans.model import Action
from portal.records.plans.presenter import offer_owners, owner_of
from portal.records.plans.vocabulary import ActionPriority
from portal.records.requests import reading as asking
from portal.web.steps import take


@blueprint.route("/concerns/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="child")
def give_on_concern(reference: str) -> ResponseReturnValue:
    """The form, and giving the action; whoever owns it is told at once."""
    concern = concerns.find_concern(reference=reference) or abort(404)
    require(current(), "action:give", giving_facts(current(), concern))
    form = _form(concern)
    return take(
        form,
        lambda: _give(concern, form),
        template="plans/give_on_concern.html",
        page=lambda: _page(concern),
        to=address,
        done="Given. Whoever does it is told now",
    )


@giving_to_somebody()
def _give(concern: Concern, form: GiveOnConcernForm) -> Action:
    return give_action(
        actor=current(),
        concern=concern,
        what=form.said("what"),
        measure=form.said("measure"),
        category=form.said("category"),
        means=form.said("means") or None,
        owner=owner_of(form),
        due_on=form.due_on.data,
        priority=ActionPriority(form.said("priority")),
        support=form.supporting,
        once=form.nonce,
    )


def _page(concern: Concern) -> dict[str, Any]:
    audit.record("action:giving", subject_kind="concern", subject_id=concern.id)
    return {"concern": concern, "marking": True}


def _form(concern: Concern) -> GiveOnConcernForm:
    form = GiveOnConcernForm()
    offer_owners(form, concern)
    agencies = asking.agencies_to_list(without=current().agency_id)
    policy = current_policy(concern.authority)
    form.offer_words(policy, [(str(one.id), one.name) for one in agencies], concern.kind)
    form.start()
    return form
