"""What a panel says and decides on one item."""

from uuid import UUID

from flask import abort, flash, url_for
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
from portal.services.errors import Conflict, DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.post("/panels/items/<reference>/said")
@allow("panel:record", shows="child")
def said(reference: str) -> ResponseReturnValue:
    """Keep what was said."""
    found, meeting = _recording(reference, "panel:record")
    form = SaidForm()
    if not form.validate_on_submit():
        return page(found, said_form=form)
    try:
        with attempt():
            save_minute(
                actor=current(),
                meeting=meeting,
                item_id=found.item_id,
                text=form.said("words"),
                version=form.seen_version,
            )
    except DomainError as refused:
        if isinstance(refused, Conflict) and (now := panel_items.said(item_id=found.item_id)):
            form.version.data = str(now.version)
        return page(found, said_form=form, problem=refused)
    flash("Saved")
    return see_other(url_for("panels.item", reference=found.reference))


@blueprint.post("/panels/items/<reference>/decisions")
@allow("panel:decide", shows="child")
def decided(reference: str) -> ResponseReturnValue:
    """Record a decision; whoever proposed the item and the lead professional are told."""
    found, meeting = _recording(reference, "panel:decide")
    form = DecideForm()
    if not form.validate_on_submit():
        return page(found, decide_form=form)
    try:
        with attempt():
            decide(
                actor=current(),
                meeting=meeting,
                item_id=found.item_id,
                text=form.said("text"),
                reason=form.said("reason"),
                once=form.nonce,
            )
    except DomainError as refused:
        return page(found, decide_form=form, problem=refused)
    flash("Recorded. Whoever proposed it and the lead professional are told")
    return see_other(url_for("panels.item", reference=found.reference))


@blueprint.route("/panels/items/<reference>/decisions/<uuid:decision_id>", methods=["GET", "POST"])
@allow("panel:decide", shows="child")
def take_decision_back(reference: str, decision_id: UUID) -> ResponseReturnValue:
    """Take a decision back that was recorded by mistake."""
    found, meeting = _recording(reference, "panel:decide")
    decision = panel_items.find_decision(item_id=found.item_id, decision_id=decision_id) or abort(404)
    form, problem = TakeBackForm(), None
    if form.validate_on_submit():
        try:
            with attempt():
                take_back(actor=current(), meeting=meeting, decision=decision, reason=form.said("reason"))
        except DomainError as refused:
            problem = refused
        else:
            flash("The decision is taken back")
            return see_other(url_for("panels.item", reference=found.reference))
    return render("panels/take_back.html", **around(found), form=form, problem=problem, decision=decision)


def _recording(reference: str, verb: str) -> tuple[Looked, Meeting]:
    found = look(reference)
    require(current(), verb, panel_facts(current(), found.panel))
    return found, _meeting(found)


def _meeting(found: Looked) -> Meeting:
    """The panel that an item is on, for somebody who sees it."""
    if found.panel is None:
        abort(404)
    return meetings.find(reference=found.panel.reference) or abort(404)
