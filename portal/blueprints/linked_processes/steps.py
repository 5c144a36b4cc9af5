"""What is said of a step of a process: that it was taken, or is not needed."""

from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.linked_processes.blueprint import blueprint
from portal.blueprints.linked_processes.looking import find, page_of
from portal.records.linked_processes import facts
from portal.records.linked_processes.beginning import rule_of
from portal.records.linked_processes.forms import TakenForm, WhyForm
from portal.records.linked_processes.holding import require_to_step
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.policy import LinkedKind
from portal.records.linked_processes.reading import records as linked
from portal.records.linked_processes.steps import Taken, not_needed, take_step
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/linked/<reference>/steps/<uuid:step_id>", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def taken(reference: str, step_id: UUID) -> ResponseReturnValue:
    """Say that a step was taken, when, and what came of it."""
    process, step = _found(reference, step_id)
    rule = rule_of(process.kind)
    page = page_of(process)
    form = TakenForm()
    form.suit(rule, rule.steps[step.kind], page["policy"], step.due_at)
    if not form.is_submitted():
        form.version.data = str(process.version)
        if form.their_reference:
            form.their_reference.data = process.their_reference
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                take_step(
                    actor=current(), process=process, step=step, said=_said(form), version=form.seen_version
                )
        except DomainError as refused:
            problem = refused
        else:
            return _go_on(process, rule)
    asked = rule.steps[step.kind]
    return render("linked_processes/taken.html", **page, step=asked, owed=step, form=form, problem=problem)


@blueprint.route("/linked/<reference>/steps/<uuid:step_id>/not-needed", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def step_not_needed(reference: str, step_id: UUID) -> ResponseReturnValue:
    """Say that a step is not needed, and why."""
    process, step = _found(reference, step_id)
    form, problem = WhyForm(), None
    if not form.is_submitted():
        form.version.data = str(process.version)
    if form.validate_on_submit():
        try:
            with attempt():
                not_needed(
                    actor=current(),
                    process=process,
                    step=step,
                    reason=form.said("words"),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved")
            return see_other(url_for("linked_processes.show", reference=process.reference))
    title = f"Not needed: {facts.step_label(process.kind, step.kind)}"
    return render("linked_processes/why.html", **page_of(process), form=form, problem=problem, title=title)


def _found(reference: str, step_id: UUID) -> tuple[LinkedProcess, LinkedStep]:
    """A step that is still owed; one that was recorded meanwhile is answered by the page of its process."""
    process = find(reference)
    step = linked.find_step(process=process, step_id=step_id) or abort(404)
    require_to_step(current(), process)
    if step.state != LinkedStepState.OPEN:
        flash("This was recorded already", "problem")
        abort(see_other(url_for("linked_processes.show", reference=process.reference)))
    return process, step


def _said(form: TakenForm) -> Taken:
    return Taken(
        done_at=form.done,
        words=form.said("words"),
        late_reason=form.answer("late_reason"),
        outcome=form.answer("outcome"),
        their_reference=form.answer("their_reference") or "",
    )


def _go_on(process: LinkedProcess, rule: LinkedKind) -> ResponseReturnValue:
    outcome = rule.outcomes.get(process.outcome) if process.state == LinkedState.ENDED else None
    flash("Saved. It asks for something else to begin" if outcome and outcome.opens else "Saved")
    return see_other(url_for("linked_processes.show", reference=process.reference))
