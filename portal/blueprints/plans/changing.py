"""What those who answer for the case change about an action: its date, its owner, whether it is needed."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.looking import (
    ASKED,
    address,
    found_to,
    giving_to_somebody,
    page_of,
    subject_of,
)
from portal.records.plans.action_changes import end_as_covered, end_as_not_needed, hand_over, move_date
from portal.records.plans.forms import CoveredForm, HandOverForm, MoveForm, NotNeededForm
from portal.records.plans.model import Action
from portal.records.plans.presenter import offer_owners, owner_of
from portal.web.steps import Words, take


@blueprint.route("/actions/<reference>/date", methods=["GET", "POST"])
@allow("action:change", shows="child")
def move(reference: str) -> ResponseReturnValue:
    """Move the date; the first one stays on record."""
    record = found_to("action:change", reference)
    form = MoveForm(data={"version": str(record.version)})
    return take(
        form,
        lambda: move_date(
            actor=current(),
            action=record,
            due_on=form.due_on.data,
            reason=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="Move the date", above=ASKED, button="Move the date"),
        page=lambda: page_of(record),
        to=address(record),
        done="Saved",
    )


@blueprint.route("/actions/<reference>/owner", methods=["GET", "POST"])
@allow("action:hand_over", shows="child")
def give_on(reference: str) -> ResponseReturnValue:
    """Give it to another owner, who is told at once."""
    record = found_to("action:hand_over", reference)
    form = HandOverForm(data={"version": str(record.version)})
    offer_owners(form, subject_of(record) or abort(404))
    return take(
        form,
        lambda: _hand_over(record, form),
        says=Words(heading="Give it to somebody else", above=ASKED, button="Give it to them"),
        page=lambda: page_of(record),
        to=address(record),
        done="Saved",
    )


@giving_to_somebody()
def _hand_over(record: Action, form: HandOverForm) -> None:
    hand_over(
        actor=current(),
        action=record,
        owner=owner_of(form),
        reason=form.said("words"),
        version=form.seen_version,
    )


@blueprint.route("/actions/<reference>/not-needed", methods=["GET", "POST"])
@allow("action:change", shows="child")
def not_needed(reference: str) -> ResponseReturnValue:
    """Say that it is no longer needed."""
    record = found_to("action:change", reference)
    form = NotNeededForm(data={"version": str(record.version)})
    return take(
        form,
        lambda: end_as_not_needed(
            actor=current(), action=record, reason=form.said("words"), version=form.seen_version
        ),
        says=Words(heading="It is no longer needed", above=ASKED, button="Say that it is not needed"),
        page=lambda: page_of(record),
        to=address(record),
        done="Saved",
    )


@blueprint.route("/actions/<reference>/covered", methods=["GET", "POST"])
@allow("action:change", shows="child")
def covered(reference: str) -> ResponseReturnValue:
    """Say that another plan sees to it."""
    record = found_to("action:change", reference)
    form = CoveredForm(data={"version": str(record.version)})
    return take(
        form,
        lambda: end_as_covered(
            actor=current(), action=record, by=form.said("words"), version=form.seen_version
        ),
        says=Words(heading="Another plan sees to it", above=ASKED, button="Say that it is covered"),
        page=lambda: page_of(record),
        to=address(record),
        done="Saved",
    )
