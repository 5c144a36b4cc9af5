"""Saying what the plan of a case is for."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.looking import around, look, record_of
from portal.blueprints.plans.blueprint import blueprint
from portal.records.plans.forms import GoalForm, SayForm
from portal.records.plans.reading import records as plans
from portal.records.plans.vocabulary import PlanPart
from portal.records.plans.writing import begin_plan, plan_facts, say
from portal.web.steps import Link, Words, take


@blueprint.route("/cases/<reference>/plan/<part>", methods=["GET", "POST"])
@allow("plan:write", shows="case")
def say_part(reference: str, part: str) -> ResponseReturnValue:
    """Write a part of the plan anew; what it said before stays to be read."""
    kind = PlanPart(part) if part in set(PlanPart) else abort(404)
    record = record_of(reference)
    require(current(), "plan:write", plan_facts(current(), record))
    plan = plans.plan_of_case(case_id=record.id)
    said = (plans.texts_of(plan_id=plan.id).get(kind) if plan else None) or []
    values = {"text": said[0].text, "not_obtained": said[0].not_obtained} if said else {}
    form = (GoalForm if kind is PlanPart.GOAL else SayForm)(data=values)
    return take(
        form,
        lambda: say(
            actor=current(),
            plan=begin_plan(actor=current(), case=record),
            case=record,
            part=kind,
            text=form.said("text"),
            not_obtained=form.nobody_asked,
        ),
        says=Words(
            heading=kind.label,
            lead=["What the plan said before stays to be read. Everybody who works on the case reads this."],
            button="Save",
        ),
        page=lambda: _page(reference),
        to=url_for("plans.show", reference=record.reference),
        done="Saved",
    )


def _page(reference: str) -> dict[str, Any]:
    case = look(reference)
    return {
        **around(case),
        "caption": f"{case.given_name} {case.family_name}, {case.reference}",
        "back": Link(url_for("plans.show", reference=case.reference), "Plan"),
    }
