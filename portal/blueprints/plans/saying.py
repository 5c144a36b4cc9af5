"""Saying what the plan of a case is for."""

from flask import abort, flash, url_for
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
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/cases/<reference>/plan/<part>", methods=["GET", "POST"])
@allow("plan:write", shows="case")
def say_part(reference: str, part: str) -> ResponseReturnValue:
    """Write a part of the plan anew; what it said before stays to be read."""
    kind = PlanPart(part) if part in set(PlanPart) else abort(404)
    record = record_of(reference)
    require(current(), "plan:write", plan_facts(current(), record))
    plan = plans.plan_of_case(case_id=record.id)
    said = (plans.texts_of(plan_id=plan.id).get(kind) if plan else None) or []
    now = said[0] if said else None
    values = {"text": now.text, "not_obtained": now.not_obtained} if now else {}
    form: SayForm | GoalForm = (GoalForm if kind is PlanPart.GOAL else SayForm)(data=values)
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                say(
                    actor=current(),
                    plan=begin_plan(actor=current(), case=record),
                    case=record,
                    part=kind,
                    text=form.said("text"),
                    not_obtained=bool(isinstance(form, GoalForm) and form.not_obtained.data),
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved")
            return see_other(url_for("plans.show", reference=record.reference))
    page = around(look(reference))
    return render("plans/say.html", **page, form=form, problem=problem, part=kind)
