"""Giving somebody an action on a case or on something of concern, and what is done about the latter."""

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.blueprint import page_context, record_of, view_case
from portal.blueprints.plans.blueprint import address, blueprint, given_by, giving_form, giving_to_somebody
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.plans import presenter
from portal.records.plans.actions import give_action, giving_facts
from portal.records.plans.forms import GiveForm
from portal.records.plans.model import Action
from portal.records.plans.reading import actions as plan_actions
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
    form = giving_form(record)
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
    return give_action(actor=current(), case=record, meeting=meeting, **given_by(form))


def _meeting(record: Case) -> Any:
    """The meeting that the address names; one on another case is answered like none."""
    named = request.args.get("meeting")
    if not named:
        return None
    return requests.find_meeting(reference=named, case_id=record.id) or abort(404)


@blueprint.route("/concerns/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="child")
def give_on_concern(reference: str) -> ResponseReturnValue:
    """The form, and giving the action; whoever owns it is told at once."""
    concern = concerns.find_concern(reference=reference) or abort(404)
    require(current(), "action:give", giving_facts(current(), concern))
    form = giving_form(concern)
    form.prefill(category="disrupt")  # as most actions on one do
    return take(
        form,
        lambda: _give_on_concern(concern, form),
        template="plans/give_on_concern.html",
        page=lambda: _page(concern),
        to=address,
        done="Given. Whoever does it is told now",
    )


@giving_to_somebody()
def _give_on_concern(concern: Concern, form: GiveForm) -> Action:
    return give_action(actor=current(), concern=concern, **given_by(form))


def _page(concern: Concern) -> dict[str, Any]:
    audit.record("action:giving", subject_kind="concern", subject_id=concern.id)
    return {"concern": concern, "marking": True}


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
