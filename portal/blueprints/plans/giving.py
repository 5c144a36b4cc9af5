"""Giving somebody an action on a case or on something of concern, and what is done about the latter."""

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import page_context, record_of, view_case
from portal.blueprints.plans.blueprint import address, blueprint, giving_to_somebody
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.plans import presenter
from portal.records.plans.actions import give_action, giving_facts
from portal.records.plans.forms import GiveForm, GiveOnConcernForm
from portal.records.plans.model import Action
from portal.records.plans.presenter import offer_owners, owner_of
from portal.records.plans.reading import actions as plan_actions
from portal.records.plans.vocabulary import ActionPriority
from portal.records.requests import reading as requests
from portal.web.page import render
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
        page=lambda: page_context(view_case(reference)),
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
    return requests.find_meeting(reference=named, case_id=record.id) or abort(404)


def _form(record: Case) -> GiveForm:
    form = GiveForm()
    offer_owners(form, record)
    agencies = requests.agencies_to_list(without=current().agency_id)
    form.offer_words(current_policy(record.authority), [(str(one.id), one.name) for one in agencies])
    form.start()
    return form


@blueprint.route("/concerns/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="child")
def give_on_concern(reference: str) -> ResponseReturnValue:
    """The form, and giving the action; whoever owns it is told at once."""
    concern = concerns.find_concern(reference=reference) or abort(404)
    require(current(), "action:give", giving_facts(current(), concern))
    form = _concern_form(concern)
    return take(
        form,
        lambda: _give_on_concern(concern, form),
        template="plans/give_on_concern.html",
        page=lambda: _page(concern),
        to=address,
        done="Given. Whoever does it is told now",
    )


@giving_to_somebody()
def _give_on_concern(concern: Concern, form: GiveOnConcernForm) -> Action:
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


def _concern_form(concern: Concern) -> GiveOnConcernForm:
    form = GiveOnConcernForm()
    offer_owners(form, concern)
    agencies = requests.agencies_to_list(without=current().agency_id)
    policy = current_policy(concern.authority)
    form.offer_words(policy, [(str(one.id), one.name) for one in agencies], concern.kind)
    form.start_to_disrupt()
    return form


@blueprint.get("/actions/places-and-people")
@allow("action:view", shows="list")
def on_concerns() -> ResponseReturnValue:
    """The actions on places and people of concern that one may see, the worst first."""
    shown = presenter.chosen(request.args.get("show", ""))
    every = request.args.get("whose") == "all"
    rows = plan_actions.on_concerns(agency_id=None if every else current().agency_id, states=shown.states)
    audit.record("action:list", shown=shown.code)
    policy = current_policy()

    mine = "all" if every else "ours"

    def address(whose: str, show: str) -> str:
        return url_for("plans.on_concerns", whose=whose, show=show)

    return render(
        "plans/on_concerns.html",
        lines=[presenter.line(one, policy) for one in rows],
        whose=[
            {"text": label, "href": address(code, shown.code), "current": (code == "all") is every}
            for code, label in (("ours", f"{current().agency_name}’s"), ("all", "All that you may see"))
        ],
        views=[
            {
                "text": one.label,
                "href": address(mine, one.code),
                "current": one == shown,
            }
            for one in presenter.CHOICES
        ],
        shown=shown,
        most=plan_actions.MOST,
        marking=True,
        wide=True,
    )
