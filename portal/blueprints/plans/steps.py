"""An action that cannot go on, the second person who confirms that it is done, and what came of it."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.blueprints.plans.looking import ASKED, address, found_to, page_of
from portal.policy import current_policy
from portal.records.plans.action_steps import block, confirm, give_effect
from portal.records.plans.forms import BlockForm, ConfirmForm, EffectForm
from portal.web.steps import Words, take


@blueprint.route("/actions/<reference>/blocked", methods=["GET", "POST"])
@allow("action:work", shows="child")
def blocked(reference: str) -> ResponseReturnValue:
    """Say that it cannot go on, and why."""
    record = found_to("action:work", reference)
    form = BlockForm(data={"version": str(record.version)})
    return take(
        form,
        lambda: block(actor=current(), action=record, why=form.said("words"), version=form.seen_version),
        says=Words(heading="It is blocked", above=ASKED, button="Say that it is blocked"),
        page=lambda: page_of(record),
        to=address(record),
        done="Saved",
    )


@blueprint.route("/actions/<reference>/confirm", methods=["GET", "POST"])
@allow("action:confirm", shows="child")
def confirm_done(reference: str) -> ResponseReturnValue:
    """Confirm, as the second person, that it is done."""
    record = found_to("action:confirm", reference)
    form = ConfirmForm(data={"version": str(record.version)})
    form.offer_effects(current_policy())
    return take(
        form,
        lambda: confirm(
            actor=current(),
            action=record,
            effect=form.said("effect") or None,
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="Confirm that it is done", above=ASKED, button="Confirm"),
        page=lambda: page_of(record),
        to=address(record),
        done="Saved",
    )


@blueprint.route("/actions/<reference>/effect", methods=["GET", "POST"])
@allow("action:effect", shows="child")
def effect(reference: str) -> ResponseReturnValue:
    """Say what came of it."""
    record = found_to("action:effect", reference)
    form = EffectForm(data={"version": str(record.version)})
    form.offer_effects(current_policy())
    return take(
        form,
        lambda: give_effect(
            actor=current(),
            action=record,
            effect=form.said("effect"),
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="Say what came of it", above=ASKED, button="Save"),
        page=lambda: page_of(record),
        to=address(record),
        done="Saved",
    )
