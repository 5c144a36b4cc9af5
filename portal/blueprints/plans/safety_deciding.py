"""Putting a safety plan in force with whoever agrees, renewing it, and ending it."""

from functools import partial

from flask import flash
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.safety import SafetyPlanFound, to_decide
from portal.records.cases.forms import ReasonForm
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans.ending import end_safety_plan, renew
from portal.records.safety_plans.forms import AgreementForm, InForceForm, RenewForm
from portal.records.safety_plans.presenter import groups, too_long
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.records.safety_plans.writing import longest, put_in_force
from portal.web.filters import day
from portal.web.page import render, see_other
from portal.web.steps import StepsOn, Words, carry_out

_on_plan = StepsOn[SafetyPlanFound](
    lambda found: {"case": found.record, "plan": found.plan},
    page=SafetyPlanFound.page,
    to=lambda found: found.address,
)


@blueprint.route("/safety-plans/<reference>/in-force", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def put_safety_plan_in_force(reference: str) -> ResponseReturnValue:
    """Say who agrees to the plan as it is written now, and let it hold."""
    found = to_decide(reference)
    first = found.plan.state == SafetyPlanState.DRAFT
    shape = InForceForm if first else AgreementForm
    form = shape(data={"version": str(found.plan.number), "until": longest(found.record)})
    step = carry_out(
        form,
        lambda: put_in_force(
            actor=current(),
            case=found.record,
            plan=found.plan,
            agreement=form.agreement,
            seen=form.seen_version,
            until=form.until.data if isinstance(form, InForceForm) else None,
        ),
    )
    if step.done:
        flash("The safety plan is in force")
        return see_other(found.address)
    if step.problem:
        form.version.data = str(found.plan.number)
    said = safety_plans.written(plan_id=found.plan.id)
    return render(
        "plans/safety_in_force.html",
        **found.page(),
        form=form,
        problem=step.problem,
        first=first,
        latest=longest(found.record),
        groups=groups(found.rules, said),
        too_long=too_long(found.rules, {code: one.words for code, one in said.items()}),
    )


@blueprint.route("/safety-plans/<reference>/renew", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def renew_safety_plan(reference: str) -> ResponseReturnValue:
    """Let a plan last longer, with a reason."""
    found = to_decide(reference)
    form = RenewForm.opened(found.plan, until=longest(found.record))
    return _on_plan.take(
        found,
        form,
        partial(renew, until=form.until.data, reason=form.said("reason")),
        lambda: _renewal(found),
        done="The safety plan goes on",
    )


@blueprint.route("/safety-plans/<reference>/end", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def end_plan(reference: str) -> ResponseReturnValue:
    """End a plan before its time, with a reason."""
    found = to_decide(reference)
    form = ReasonForm.opened(found.plan)
    return _on_plan.take(
        found,
        form,
        partial(end_safety_plan, reason=form.said("reason")),
        lambda: _end(found),
        done="The safety plan is ended. What it said stays to be read",
    )


def _renewal(found: SafetyPlanFound) -> Words:
    plan = found.plan
    ends = (
        f"It ended with a meeting on {day(plan.ended_at)}."
        if plan.state == SafetyPlanState.ENDED
        else f"It was to end on {day(plan.valid_until)}."
    )
    return Words(
        heading="Renew the safety plan",
        title=f"Renew safety plan {plan.reference}",
        lead=[f"{ends} At the latest it can hold until {day(longest(found.record))}."],
        button="Renew it",
    )


def _end(found: SafetyPlanFound) -> Words:
    draft = found.plan.state == SafetyPlanState.DRAFT
    return Words(
        heading="Give the safety plan up" if draft else "End the safety plan",
        title=f"End safety plan {found.plan.reference}",
        lead=["What it said stays to be read. Tell the child and the carer, and take back what was printed."],
        button="End it",
    )
