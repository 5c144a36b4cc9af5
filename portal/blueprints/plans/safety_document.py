"""A safety plan as a file: the record, and the one side for the child and the carer."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.safety import barred
from portal.blueprints.plans.safety_looking import find
from portal.records.disclosures.presenter import send
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans.document import for_family, safety_plan
from portal.records.safety_plans.presenter import family_page
from portal.web.page import render


@blueprint.get("/safety-plans/<reference>/pdf")
@allow("safety_plan:view", shows="case", releases="export")
def download_safety_plan(reference: str) -> ResponseReturnValue:
    """The PDF of a plan that is or was in force; a draft has none."""
    found = find(reference)
    made = safety_plans.versions(plan_id=found.plan.id) or abort(404)
    page = found.page(action="safety_plan:download", edition=made[0].edition)
    return send(
        safety_plan(
            plan=found.plan,
            case=page["case"],
            policy=page["policy"],
            alerts=page["alerts"],
            rules=found.rules,
            versions=made,
        )
    )


@blueprint.get("/safety-plans/<reference>/family.pdf")
@allow("safety_plan:view", shows="case", releases="export")
def download_for_family(reference: str) -> ResponseReturnValue:
    """The PDF for the child and the carer, where nothing stands against handing it over."""
    found = find(reference)
    made = safety_plans.versions(plan_id=found.plan.id)
    problem = barred(found, made)
    page = found.page(action="safety_plan:download_for_family", edition=made[0].edition if made else 0)
    if problem is not None:
        return render("plans/safety_print_barred.html", **page, problem=problem)
    said = safety_plans.written(plan_id=found.plan.id, up_to=made[0].number)
    case = page["case"]
    printed = family_page(
        plan=found.plan, version=made[0], given_name=case.given_name, rules=found.rules, said=said
    )
    return send(for_family(plan=found.plan, case=case, printed=printed))
