"""What is said of a step of a process: that it was taken, or is not needed."""

from uuid import UUID

from flask import abort, flash
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.linked_processes.blueprint import blueprint
from portal.blueprints.linked_processes.looking import address, case_of, page_of, to_step
from portal.policy import current_policy
from portal.records.linked_processes import facts
from portal.records.linked_processes import reading as linked
from portal.records.linked_processes.beginning import rule_of
from portal.records.linked_processes.forms import TakenForm, WhyForm
from portal.records.linked_processes.model import LinkedProcess, LinkedStep
from portal.records.linked_processes.steps import not_needed, take_step
from portal.records.linked_processes.vocabulary import LinkedState, LinkedStepState
from portal.web.page import see_other
from portal.web.steps import Words, take


@blueprint.route("/linked/<reference>/steps/<uuid:step_id>", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def taken(reference: str, step_id: UUID) -> ResponseReturnValue:
    """Say that a step was taken, when, and what came of it."""
    process, step = _found(reference, step_id)
    rule = rule_of(process.kind)
    asked = rule.steps[step.kind]
    form = TakenForm(data={"version": str(process.version), "their_reference": process.their_reference})
    form.suit(rule, asked, current_policy(case_of(process).authority), step.due_at)
    return take(
        form,
        lambda: take_step(
            actor=current(), process=process, step=step, said=form.taken, version=form.seen_version
        ),
        says=Words(heading=asked.label, above="linked_processes/_due.html", button="Save"),
        page=lambda: page_of(process),
        to=address(process),
        done=lambda _: _saved(process),
        owed=step,
    )


@blueprint.route("/linked/<reference>/steps/<uuid:step_id>/not-needed", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def step_not_needed(reference: str, step_id: UUID) -> ResponseReturnValue:
    """Say that a step is not needed, and why."""
    process, step = _found(reference, step_id)
    form = WhyForm(data={"version": str(process.version)})
    return take(
        form,
        lambda: not_needed(
            actor=current(),
            process=process,
            step=step,
            reason=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(
            heading=f"Not needed: {facts.step_label(process.kind, step.kind)}",
            above="linked_processes/_standing.html",
            button="Save",
        ),
        page=lambda: page_of(process),
        to=address(process),
        done="Saved",
    )


def _found(reference: str, step_id: UUID) -> tuple[LinkedProcess, LinkedStep]:
    """A step that is still owed; one that was recorded meanwhile is answered by the page of its process."""
    process = to_step(reference)
    step = linked.find_step(process=process, step_id=step_id) or abort(404)
    if step.state != LinkedStepState.OPEN:
        flash("This was recorded already", "problem")
        abort(see_other(address(process)))
    return process, step


def _saved(process: LinkedProcess) -> str:
    ended = process.state == LinkedState.ENDED
    outcome = rule_of(process.kind).outcomes.get(process.outcome) if ended else None
    return "Saved. It asks for something else to begin" if outcome and outcome.opens else "Saved"
