"""Putting a safety plan in force with whoever agrees, renewing it, and ending it."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.safety_looking import Found, find
from portal.records.cases.forms.opening import ReasonForm
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans.ending import end_safety_plan, renew
from portal.records.safety_plans.forms import AgreementForm, InForceForm, RenewForm
from portal.records.safety_plans.presenter import groups, too_long
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.records.safety_plans.writing import Agreement, deciding_facts, longest, put_in_force
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/safety-plans/<reference>/in-force", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def put_safety_plan_in_force(reference: str) -> ResponseReturnValue:
    """Say who agrees to the plan as it is written now, and let it hold."""
    found = _may_decide(reference)
    first = found.plan.state == SafetyPlanState.DRAFT
    shape = InForceForm if first else AgreementForm
    form = shape(data={"version": str(found.plan.number), "until": longest(found.record)})
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                put_in_force(
                    actor=current(),
                    case=found.record,
                    plan=found.plan,
                    agreement=_agreement(form),
                    seen=form.seen_version,
                    until=form.until.data if isinstance(form, InForceForm) else None,
                )
        except DomainError as refused:
            problem = refused
            form.version.data = str(found.plan.number)
        else:
            flash("The safety plan is in force")
            return see_other(url_for("plans.safety_plan", reference=found.plan.reference))
    said = safety_plans.written(plan_id=found.plan.id)
    return render(
        "plans/safety_in_force.html",
        **found.page(),
        form=form,
        problem=problem,
        first=first,
        latest=longest(found.record),
        groups=groups(found.rules, said),
        too_long=too_long(found.rules, {code: one.words for code, one in said.items()}),
    )


@blueprint.route("/safety-plans/<reference>/renew", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def renew_safety_plan(reference: str) -> ResponseReturnValue:
    """Let a plan last longer, with a reason."""
    found = _may_decide(reference)
    form = RenewForm(data={"version": str(found.plan.version), "until": longest(found.record)})
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                renew(
                    actor=current(),
                    case=found.record,
                    plan=found.plan,
                    until=form.until.data,
                    reason=form.said("reason"),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("The safety plan goes on")
            return see_other(url_for("plans.safety_plan", reference=found.plan.reference))
    latest = longest(found.record)
    return render("plans/safety_renew.html", **found.page(), form=form, problem=problem, latest=latest)


@blueprint.route("/safety-plans/<reference>/end", methods=["GET", "POST"])
@allow("safety_plan:decide", shows="case")
def end_plan(reference: str) -> ResponseReturnValue:
    """End a plan before its time, with a reason."""
    found = _may_decide(reference)
    form = ReasonForm(data={"version": str(found.plan.version)})
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                end_safety_plan(
                    actor=current(),
                    case=found.record,
                    plan=found.plan,
                    reason=form.said("reason"),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("The safety plan is ended. What it said stays to be read")
            return see_other(url_for("plans.safety_plan", reference=found.plan.reference))
    return render("plans/safety_end.html", **found.page(), form=form, problem=problem)


def _may_decide(reference: str) -> Found:
    found = find(reference)
    require(current(), "safety_plan:decide", deciding_facts(current(), found.record))
    return found


def _agreement(form: AgreementForm) -> Agreement:
    return Agreement(
        child=form.child.data == "yes",
        carer=form.carer.data == "yes",
        child_words=form.said("child_words"),
        carer_words=form.said("carer_words"),
    )
