"""What a panel says and decides on one item, and the actions that it asks for."""

from typing import Any
from uuid import UUID

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden, require
from portal.access.principal import current
from portal.blueprints.panels.blueprint import blueprint
from portal.blueprints.panels.item import page
from portal.blueprints.panels.looking import Looked, around, look, working_on
from portal.forms.panels import DecideForm, SaidForm, TakeBackForm
from portal.forms.plans import GiveForm
from portal.models import Case, Meeting
from portal.policy import current_policy
from portal.queries import asking, case_records, meetings, panel_items
from portal.services.errors import Conflict, DomainError
from portal.services.panel_actions import give_on_case
from portal.services.panel_records import decide, save_minute, take_back
from portal.services.panel_rules import panel_facts
from portal.vocabulary import ActionPriority
from portal.web.action_owners import offer_owners, owner_of
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
                text=form.said("text"),
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


@blueprint.route("/panels/items/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="case")
def give_action(reference: str) -> ResponseReturnValue:
    """An action on the plan of the case that the item is on, for somebody who reads the case."""
    found, record = working_on(reference)
    meeting = _meeting(found)
    case = case_records.find_case(reference=found.row.case_reference or abort(404)) or abort(404)
    form, problem = _action_form(case), None
    if form.validate_on_submit():
        try:
            with attempt():
                give_on_case(
                    actor=current(),
                    meeting=meeting,
                    item=record,
                    case=case,
                    owner=owner_of(form),
                    **_said(form),
                )
        except DomainError as refused:
            problem = refused
        except Forbidden as refused:  # to somebody of another agency: what was typed stays
            problem = DomainError(refused.reason, field="owner")
        else:
            flash("Given. Whoever does it is told now")
            return see_other(url_for("panels.item", reference=found.reference))
    return render("panels/action.html", **around(found), form=form, problem=problem, case=case)


def _recording(reference: str, verb: str) -> tuple[Looked, Meeting]:
    found = look(reference)
    meeting = _meeting(found)
    require(current(), verb, panel_facts(current(), meeting))
    return found, meeting


def _meeting(found: Looked) -> Meeting:
    """The panel that an item is on, for somebody who sees it."""
    if found.panel is None:
        abort(404)
    return meetings.find(reference=found.panel.reference) or abort(404)


def _action_form(case: Case) -> GiveForm:
    form = GiveForm()
    offer_owners(form, case)
    agencies = asking.agencies_to_list(without=current().agency_id)
    form.offer_words(current_policy(case.authority), [(str(one.id), one.name) for one in agencies])
    if not form.is_submitted():
        form.start()
    return form


def _said(form: GiveForm) -> dict[str, Any]:
    return {
        "what": form.said("what"),
        "measure": form.said("measure"),
        "category": form.said("category"),
        "target": form.said("target"),
        "due_on": form.due_on.data,
        "priority": ActionPriority(form.said("priority")),
        "support": form.supporting,
        "once": form.nonce,
    }
