"""The actions that a panel asks for under an item: on the plan of the case, or on the concern."""

from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import Forbidden
from portal.access.principal import current
from portal.blueprints.panels.blueprint import blueprint
from portal.blueprints.panels.looking import Looked, around, working_on
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting
from portal.records.meetings.reading import records as meetings
from portal.records.panels.model import PanelItem
from portal.records.panels.reading import records as panels
from portal.records.panels.records import give_under_item
from portal.records.plans.forms import GiveForm, GiveOnConcernForm
from portal.records.plans.presenter import offer_owners, owner_of
from portal.records.plans.vocabulary import ActionPriority
from portal.records.requests import reading as asking
from portal.services.errors import DomainError
from portal.web.steps import take


@blueprint.route("/panels/items/<reference>/actions/new", methods=["GET", "POST"])
@allow("action:give", shows="child")
def give_action(reference: str) -> ResponseReturnValue:
    """An action, for somebody who reads the case or the concern of the item."""
    found, record = working_on(reference)
    panel, on = found.panel or abort(404), _subject(found)
    meeting = meetings.find(reference=panel.reference) or abort(404)
    form = _form(on)
    return take(
        form,
        lambda: _give(meeting, record, on, form),
        template="panels/action.html",
        page=lambda: around(found),
        to=found.address,
        done="Given. Whoever does it is told now",
        on_case=isinstance(on, Case),
    )


def _subject(found: Looked) -> Case | Concern:
    """The case or the concern that an item is on; one on a child without a case has neither."""
    row = found.row
    kind, reference = ("concern", row.concern_reference) if row.concern_id else ("case", row.case_reference)
    on = panels.subject(kind=kind, reference=reference or "").get(kind)
    return on if isinstance(on, Case | Concern) else abort(404)


def _form(on: Case | Concern) -> GiveForm:
    policy = current_policy(on.authority)
    agencies = [(str(one.id), one.name) for one in asking.agencies_to_list(without=current().agency_id)]
    form: GiveForm
    if isinstance(on, Concern):
        form = GiveOnConcernForm()
        form.offer_words(policy, agencies, on.kind)
    else:
        form = GiveForm()
        form.offer_words(policy, agencies)
    offer_owners(form, on)
    if not form.is_submitted():
        form.start()
    return form


def _give(meeting: Meeting, item: PanelItem, on: Case | Concern, form: GiveForm) -> None:
    try:
        give_under_item(actor=current(), meeting=meeting, item=item, on=on, **_said(form))
    except Forbidden as refused:  # to somebody of another agency: what was typed stays
        raise DomainError(refused.reason, field="owner") from refused


def _said(form: GiveForm) -> dict[str, Any]:
    """What the service needs, from the answers."""
    on_concern = isinstance(form, GiveOnConcernForm)
    more = {"means": form.said("means") or None} if on_concern else {"target": form.said("target")}
    return {
        "what": form.said("what"),
        "measure": form.said("measure"),
        "category": form.said("category"),
        "owner": owner_of(form),
        "due_on": form.due_on.data,
        "priority": ActionPriority(form.said("priority")),
        "support": form.supporting,
        "once": form.nonce,
        **more,
    }
