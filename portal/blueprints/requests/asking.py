"""Asking teams about a child: from a case, for a meeting on it, or from a form in triage."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.cases.looking import look, record_of
from portal.blueprints.requests import ask_page
from portal.blueprints.requests.blueprint import blueprint
from portal.records.children import presenter as child_page
from portal.records.referrals.model import Referral
from portal.records.requests import reading as asking
from portal.records.requests.asking import asking_facts, is_sealed
from portal.records.requests.forms import AskForm
from portal.records.triage import working as triage
from portal.services.errors import DomainError
from portal.web.fields import Choice
from portal.web.steps import Link


@blueprint.route("/ask/case/<reference>", methods=["GET", "POST"])
@allow("request:ask", shows="case")
def ask_about_case(reference: str) -> ResponseReturnValue:
    """Ask about the child of a case; with `?meeting=`, for a meeting on it."""
    case, person = record_of(reference), current()
    require(person, "request:ask", asking_facts(actor=person, case=case))
    meeting = asking.find_meeting(reference=request.args.get("meeting"), case_id=case.id)
    sealed = is_sealed(child_id=case.child_id)
    form = AskForm()
    ask_page.offer(form, ask_page.named_on(case, person) if sealed else (), sealed=sealed)
    if not form.is_submitted():
        form.start(due_on=ask_page.due_on(case, meeting))
    return ask_page.show(
        form,
        lambda: ask_page.send(form, child_id=case.child_id, case=case, meeting=meeting, sealed=sealed),
        children=lambda: [look(reference)],
        back=Link(url_for("cases.show", reference=case.reference), f"Case {case.reference}"),
        to=url_for("cases.show", reference=case.reference, _anchor="asked"),
        sealed=sealed,
        meeting=meeting,
    )


@blueprint.route("/ask/form/<reference>", methods=["GET", "POST"])
@allow("referral:triage", shows="child")
def ask_about_form(reference: str) -> ResponseReturnValue:
    """Ask about a child that was recognised on a form in triage."""
    person = current()
    referral = triage.find_referral(actor=person, reference=reference)
    require(person, "request:ask", asking_facts(actor=person, case=None))
    children = asking.children_on(referral_id=referral.id)
    form = AskForm()
    child = _chosen(form, children)
    sealed = child is not None and is_sealed(child_id=child.id)
    ask_page.offer(form, sealed=sealed)
    if not form.is_submitted():
        form.start(due_on=ask_page.due_on())
    return ask_page.show(
        form,
        lambda: ask_page.send(form, child_id=_known(child), referral=referral, sealed=sealed),
        children=lambda: _looked(referral, children),
        back=Link(url_for("hub.referral", reference=reference), reference),
        to=url_for("hub.referral", reference=reference, _anchor="asked"),
        sealed=sealed,
    )


def _looked(referral: Referral, children: Sequence[Any]) -> Sequence[Any]:
    for child_id in [one.id for one in children] or [None]:
        audit.record(
            "referral:view", subject_kind="referral", subject_id=referral.id, child_id=child_id, ground="hub"
        )
    return children


def _known(child: Any) -> UUID:
    if child is None:
        raise DomainError("Choose which child you ask about", field="about")
    return UUID(str(child.id))


def _chosen(form: AskForm, children: Sequence[Any]) -> Any:
    """The child that is asked about: the one chosen, or the only one on the form."""
    form.offer("about", [Choice(one.reference, child_page.full_name(one)) for one in children])
    if len(children) == 1:
        return children[0]
    return next((one for one in children if one.reference == form.said("about")), None)
