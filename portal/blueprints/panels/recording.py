"""What a panel says and decides on one item."""

from uuid import UUID

from flask import abort, flash
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.panels.blueprint import blueprint
from portal.blueprints.panels.item import page
from portal.blueprints.panels.looking import Looked, around, look
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.panels.checks import panel_facts
from portal.records.panels.forms import DecideForm, SaidForm, TakeBackForm
from portal.records.panels.reading import items as panel_items
from portal.records.panels.records import decide, save_minute, take_back
from portal.web.page import see_other
from portal.web.steps import Words, carry_out, take


@blueprint.post("/panels/items/<reference>/said")
@allow("panel:record", shows="child")
def said(reference: str) -> ResponseReturnValue:
    """Keep what was said."""
    found, meeting = _recording(reference, "panel:record")
    form = SaidForm()
    step = carry_out(
        form,
        lambda: save_minute(
            actor=current(),
            meeting=meeting,
            item_id=found.item_id,
            text=form.said("words"),
            version=form.seen_version,
        ),
    )
    if not step.done:
        return page(found, said_form=form, problem=step.problem)
    flash("Saved")
    return see_other(found.address)


@blueprint.post("/panels/items/<reference>/decisions")
@allow("panel:decide", shows="child")
def decided(reference: str) -> ResponseReturnValue:
    """Record a decision; whoever proposed the item and the lead professional are told."""
    found, meeting = _recording(reference, "panel:decide")
    form = DecideForm()
    step = carry_out(
        form,
        lambda: decide(
            actor=current(),
            meeting=meeting,
            item_id=found.item_id,
            text=form.said("text"),
            reason=form.said("reason"),
            once=form.nonce,
        ),
    )
    if not step.done:
        return page(found, decide_form=form, problem=step.problem)
    flash("Recorded. Whoever proposed it and the lead professional are told")
    return see_other(found.address)


@blueprint.route("/panels/items/<reference>/decisions/<uuid:decision_id>", methods=["GET", "POST"])
@allow("panel:decide", shows="child")
def take_decision_back(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """Take a decision back that was recorded by mistake."""
    found, meeting = _recording(reference, "panel:decide")
    decision = panel_items.find_decision(item_id=found.item_id, decision_id=decision_id) or abort(404)
    form = TakeBackForm()
    return take(
        form,
        lambda: take_back(actor=current(), meeting=meeting, decision=decision, reason=form.said("reason")),
        says=Words(heading="Take a decision back", above="panels/_decision.html", button="Take it back"),
        page=lambda: around(found),
        to=found.address,
        done="The decision is taken back",
        decision=decision,
    )


def _recording(reference: str, verb: str) -> tuple[Looked, Meeting]:
    found = look(reference)
    require(current(), verb, panel_facts(current(), found.panel))
    return found, _meeting(found)


def _meeting(found: Looked) -> Meeting:
    """The panel that an item is on, for somebody who sees it."""
    if found.panel is None:
        abort(404)
    return meetings.find(reference=found.panel.reference) or abort(404)
