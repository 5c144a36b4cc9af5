"""What those who answer for the case change about an action: its date, its owner, whether it is needed."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden, require
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.looking import find, subject_of
from portal.blueprints.plans.steps import take
from portal.records.plans.action_changes import end_as_covered, end_as_not_needed, hand_over, move_date
from portal.records.plans.action_steps import action_facts
from portal.records.plans.forms import CoveredForm, HandOverForm, MoveForm, NotNeededForm
from portal.records.plans.model import Action
from portal.records.plans.presenter.action_owners import offer_owners, owner_of
from portal.services.errors import DomainError


@blueprint.route("/actions/<reference>/date", methods=["GET", "POST"])
@allow("action:change", shows="child")
def move(reference: str) -> ResponseReturnValue:
    """Move the date; the first one stays on record."""
    record, form = find(reference), MoveForm()
    require(current(), "action:change", action_facts(current(), record))
    return take(
        record,
        form,
        "Move the date",
        "Move the date",
        lambda: move_date(
            actor=current(),
            action=record,
            due_on=form.due_on.data,
            reason=form.said("words"),
            version=form.seen_version,
        ),
    )


@blueprint.route("/actions/<reference>/owner", methods=["GET", "POST"])
@allow("action:hand_over", shows="child")
def give_on(reference: str) -> ResponseReturnValue:
    """Give it to another owner, who is told at once."""
    record, form = find(reference), HandOverForm()
    require(current(), "action:hand_over", action_facts(current(), record))
    offer_owners(form, subject_of(record) or abort(404))
    return take(
        record,
        form,
        "Give it to somebody else",
        "Give it to them",
        lambda: _hand_over(record, form),
    )


def _hand_over(record: Action, form: HandOverForm) -> None:
    try:
        hand_over(
            actor=current(),
            action=record,
            owner=owner_of(form),
            reason=form.said("words"),
            version=form.seen_version,
        )
    except Forbidden as refused:  # to somebody of another agency: what was typed stays
        raise DomainError(refused.reason, field="owner") from None


@blueprint.route("/actions/<reference>/not-needed", methods=["GET", "POST"])
@allow("action:change", shows="child")
def not_needed(reference: str) -> ResponseReturnValue:
    """Say that it is no longer needed."""
    record, form = find(reference), NotNeededForm()
    require(current(), "action:change", action_facts(current(), record))
    return take(
        record,
        form,
        "It is no longer needed",
        "Say that it is not needed",
        lambda: end_as_not_needed(
            actor=current(), action=record, reason=form.said("words"), version=form.seen_version
        ),
    )


@blueprint.route("/actions/<reference>/covered", methods=["GET", "POST"])
@allow("action:change", shows="child")
def covered(reference: str) -> ResponseReturnValue:
    """Say that another plan sees to it."""
    record, form = find(reference), CoveredForm()
    require(current(), "action:change", action_facts(current(), record))
    return take(
        record,
        form,
        "Another plan sees to it",
        "Say that it is covered",
        lambda: end_as_covered(
            actor=current(), action=record, by=form.said("words"), version=form.seen_version
        ),
    )
