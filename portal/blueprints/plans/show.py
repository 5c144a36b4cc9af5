"""The plan of a case, the child's own goal first, and the list of one's own actions."""

from typing import Any

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.cases.looking import around, look, record_of
from portal.blueprints.plans.blueprint import blueprint
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.disclosures.presenter import send
from portal.records.plans import presenter
from portal.records.plans.actions import giving_facts
from portal.records.plans.document import plan as plan_document
from portal.records.plans.reading import actions
from portal.records.plans.reading import records as plans
from portal.records.plans.vocabulary import PlanPart
from portal.records.plans.writing import plan_facts
from portal.web.page import render


@blueprint.get("/cases/<reference>/plan")
@allow("plan:view", shows="case")
def show(reference: str) -> ResponseReturnValue:
    """What the plan says and its actions, by what they are for and the worst first."""
    return _page(reference, presenter.chosen(request.args.get("show", "")))


@blueprint.get("/cases/<reference>/plan/print")
@allow("plan:view", shows="case", releases="print")
def print_plan(reference: str) -> ResponseReturnValue:
    """The plan on paper, with every action."""
    return _page(reference, presenter.EVERY, action="plan:print", printing=True)


@blueprint.get("/cases/<reference>/plan/pdf")
@allow("plan:view", shows="case", releases="export")
def download_plan(reference: str) -> ResponseReturnValue:
    """The PDF of the plan, with every action."""
    case = look(reference, action="plan:download")
    page = around(case)
    made = plans.plan_of_case(case_id=case.id) or abort(404)
    return send(plan_document(plan=made, case=case, policy=page["policy"], alerts=page["alerts"]))


@blueprint.get("/actions")
@allow("action:view", shows="list")
def mine() -> ResponseReturnValue:
    """What is to be done by oneself and one's teams, also on cases that one does not read."""
    to_do, lately = actions.mine(person=current())
    audit.record("action:list")
    policy = current_policy()
    return render(
        "plans/mine.html",
        to_do=[presenter.line(one, policy) for one in to_do],
        lately=[presenter.line(one, policy) for one in lately],
        marking=True,
        wide=True,
    )


def _page(
    reference: str, shown: presenter.Shown, *, action: str = "plan:view", printing: bool = False
) -> Response:
    case, record = look(reference, action=action), record_of(reference)
    page, person = around(case), current()
    plan = plans.plan_of_case(case_id=case.id)
    rows = plans.actions_of_case(case_id=case.id, states=shown.states)
    is_open = record.state in OPEN_CASE_STATES
    parts: Any = plans.texts_of(plan_id=plan.id) if plan else dict.fromkeys(PlanPart, ())
    return render(
        "plans/show.html",
        **page,
        plan=plan,
        parts=parts,
        groups=presenter.groups(rows, page["policy"]),
        views=presenter.views(plans.counts_of_case(case_id=case.id)),
        shown=shown,
        printing=printing,
        may_write=is_open and permitted(person, "plan:write", plan_facts(person, record)),
        may_give=is_open and permitted(person, "action:give", giving_facts(person, record)),
        wide=True,
    )
