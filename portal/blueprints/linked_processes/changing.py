"""What else is said of a process: its reference, who sees to it, how it ended, that it was a mistake."""

from collections.abc import Callable

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.linked_processes.beginning import chosen_owner, owners
from portal.blueprints.linked_processes.blueprint import blueprint
from portal.blueprints.linked_processes.looking import find, page_of
from portal.records.linked_processes.beginning import rule_of
from portal.records.linked_processes.changes import hand_over, set_reference
from portal.records.linked_processes.ending import end, take_back
from portal.records.linked_processes.forms import EndForm, OwnerForm, ReferenceForm, StepForm, WhyForm
from portal.records.linked_processes.holding import require_to_step
from portal.records.linked_processes.model import LinkedProcess
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/linked/<reference>/reference", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def their_reference(reference: str) -> ResponseReturnValue:
    """Say the reference that it has in the other service."""
    process, form = _to_change(reference), ReferenceForm()
    if not form.is_submitted():
        form.their_reference.data = process.their_reference
    return _take(
        process,
        form,
        rule_of(process.kind).reference,
        lambda: set_reference(
            actor=current(),
            process=process,
            reference=form.said("their_reference"),
            version=form.seen_version,
        ),
    )


@blueprint.route("/linked/<reference>/owner", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def owner(reference: str) -> ResponseReturnValue:
    """Let somebody else see to it."""
    process, form = _to_change(reference), OwnerForm()
    form.offer("owner", owners(page_of(process)["case"]), prompt=True)
    return _take(process, form, "Who sees to it", lambda: _hand_over(process, form))


@blueprint.route("/linked/<reference>/end", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def end_process(reference: str) -> ResponseReturnValue:
    """Say how it ended."""
    process, form = _to_change(reference), EndForm()
    form.suit(rule_of(process.kind))
    return _take(
        process,
        form,
        "It has ended",
        lambda: end(
            actor=current(),
            process=process,
            outcome=form.said("outcome"),
            words=form.said("words"),
            ended_at=form.ended,
            version=form.seen_version,
        ),
    )


@blueprint.route("/linked/<reference>/mistake", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def mistake(reference: str) -> ResponseReturnValue:
    """Say that it was recorded by mistake. It stays to be read."""
    process, form = _to_change(reference), WhyForm()
    return _take(
        process,
        form,
        "It was recorded by mistake",
        lambda: take_back(
            actor=current(), process=process, reason=form.said("words"), version=form.seen_version
        ),
    )


def _to_change(reference: str) -> LinkedProcess:
    process = find(reference)
    require_to_step(current(), process)
    return process


def _hand_over(process: LinkedProcess, form: OwnerForm) -> None:
    chosen = chosen_owner(form.said("owner"))
    if chosen is None:
        raise DomainError("Choose who sees to it", field="owner")
    hand_over(
        actor=current(), process=process, owner=chosen, reason=form.said("words"), version=form.seen_version
    )


def _take(process: LinkedProcess, form: StepForm, title: str, act: Callable[[], None]) -> Response:
    """The page of one change to a process, and making it."""
    problem = None
    if not form.is_submitted():
        form.version.data = str(process.version)
    if form.validate_on_submit():
        try:
            with attempt():
                act()
        except DomainError as refused:
            problem = refused
        else:
            flash("Saved")
            return see_other(url_for("linked_processes.show", reference=process.reference))
    return render("linked_processes/why.html", **page_of(process), form=form, problem=problem, title=title)
