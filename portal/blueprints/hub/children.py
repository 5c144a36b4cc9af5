"""Who a child on the form is: one of the known children, or a new one."""

from uuid import UUID

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit, principal
from portal.access.guard import allow
from portal.policy import current_policy
from portal.records.children.rules.matching import sought_facts
from portal.records.referrals import sending
from portal.records.triage import child_match as recognition
from portal.records.triage import working as triage
from portal.records.triage.forms import NewChildForm
from portal.records.triage.presenter.form import comparison
from portal.records.triage.reading import form as triage_form
from portal.records.triage.reading import matches
from portal.records.triage.reading.form import Subject
from portal.web.page import render, see_other
from portal.web.steps import take

from . import blueprint
from .referral import load, step_on


@blueprint.get("/<reference>/children/<int:position>/<child_reference>")
@allow("referral:triage", shows="child")
def compare(reference: str, position: int, child_reference: str) -> ResponseReturnValue:
    """A child on the form and a known child, side by side."""
    form, policy = load(reference), current_policy()
    subject = _child_at(form.id, position)
    details = subject.child or abort(404)
    child_id = matches.child_id_of(reference=child_reference) or abort(404)
    known = matches.known_children(ids=[child_id])[child_id]
    found = matches.candidates(
        sought={subject.id: sought_facts(details)}, names=policy.names, today=clock.today()
    )[subject.id]
    audit.record(
        "child:compare", subject_kind="referral", subject_id=form.id, child_id=known.id, ground="hub"
    )
    return render(
        "hub/compare.html",
        reference=reference,
        subject=subject,
        known=known,
        why=next((one for one in found if one.child.id == known.id), None),
        lines=comparison(details, known, policy),
        marking=True,
        wide=True,
    )


@blueprint.post("/<reference>/children/<int:position>")
@allow("referral:triage")
def recognise(reference: str, position: int) -> ResponseReturnValue:
    """Say that it is this known child, or take that back."""
    actor = principal.current()
    form = triage.find_referral(actor=actor, reference=reference, hold=True)
    subject = sending.subject_at(referral=form, position=position)
    if request.form.get("child") == "forget":
        recognition.forget(actor=actor, referral=form, subject=subject)
    else:
        child = sending.find_child(reference=request.form.get("child", ""))
        recognition.recognise(actor=actor, referral=form, subject=subject, child=child)
        flash(f"{subject.label} is {child.given_name} {child.family_name}, {child.reference}")
    return see_other(url_for(".referral", reference=reference))


@blueprint.route("/<reference>/children/<int:position>/new", methods=["GET", "POST"])
@allow("referral:triage", shows="child")
def new_child(reference: str, position: int) -> ResponseReturnValue:
    """Start a record for a child whom nobody knew."""
    actor, form = principal.current(), NewChildForm()
    referral = triage.find_referral(actor=actor, reference=reference)
    subject = sending.subject_at(referral=referral, position=position)
    return take(
        form,
        lambda: recognition.start_record(
            actor=actor,
            referral=triage.find_referral(actor=actor, reference=reference, hold=True),
            subject=subject,
            eligibility_reason=form.said("eligibility_reason"),
        ),
        template="hub/new_child.html",
        page=lambda: step_on(referral) | {"subject": _child_at(referral.id, position)},
        to=lambda child: url_for(".referral", reference=reference) if child else url_for(".queue"),
        done=lambda child: f"Record {child.reference} started" if child else passed_words(reference),
        reference=reference,
    )


def passed_words(reference: str) -> str:
    """Say that the form belongs to a colleague from now on."""
    return f"{reference} has been passed to a colleague, who sees to it from here"


def passed_on(reference: str) -> ResponseReturnValue:
    """The form belongs to a colleague from now on."""
    flash(passed_words(reference))
    return see_other(url_for(".queue"))


def _child_at(referral_id: UUID, position: int) -> Subject:
    found = [
        one for one in triage_form.subjects(referral_id=referral_id) if one.position == position and one.child
    ]
    return found[0] if found else abort(404)
