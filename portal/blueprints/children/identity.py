"""Correcting who a child is, deciding what others propose, and linking two records of one child."""

from collections.abc import Callable
from uuid import UUID

from flask import abort, request
from flask.typing import ResponseReturnValue

from portal.access import principal
from portal.access.guard import allow
from portal.access.permissions import require
from portal.blueprints.children import blueprint
from portal.blueprints.children.show import on_child, page_of, step_on, with_record
from portal.changes.errors import DomainError
from portal.pages import picking
from portal.policy import current_policy
from portal.records.children import presenter as child_page
from portal.records.children import reading as children
from portal.records.children import recording
from portal.records.children.forms import IdentityForm, LinkForm, ReasonForm, RecordForm, UnlinkForm
from portal.records.children.model import Child, ChildLink
from portal.records.children.records import change_record, link_children
from portal.records.missing.moving import running_on_one, unlink_and_say_who
from portal.records.referrals.facts import forms_owed
from portal.records.referrals.presenter import came_words
from portal.web.fields import Choice
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Side, Words, take

_CORRECT = Words(heading="Correct who the child is", button="Correct")
_PROPOSE = Words(
    heading="Propose a correction",
    title="Propose a correction of who the child is",
    lead=["The child’s lead professional or the hub decides on it. Until then the record stays as it is."],
    button="Propose",
)


@blueprint.route("/<reference>/identity", methods=["GET", "POST"])
@allow("child:state", shows="child")
def edit_identity(reference: str) -> ResponseReturnValue:
    """Correct who the child is, or propose it to whoever may."""
    child, _ = with_record(reference)
    corrects = recording.may_correct(actor=principal.current(), child_id=child.id)
    change = recording.correct_identity if corrects else recording.propose_identity
    form = IdentityForm(obj=child)
    return take(
        form,
        lambda: change(
            actor=principal.current(),
            child=child,
            version=form.seen_version,
            identity=recording.Identity(**form.values()),
            reason=form.said("reason"),
        ),
        worded=_worded(child_page.IDENTITY_LABELS),
        says=_CORRECT if corrects else _PROPOSE,
        page=lambda: step_on(child) | {"caption": f"Child {child.reference}"},
        to=page_of(child),
        done="The record was corrected"
        if corrects
        else "Proposed. The lead professional or the hub decides.",
    )


@blueprint.route("/<reference>/record", methods=["GET", "POST"])
@allow("child:state", shows="child")
def edit_record(reference: str) -> ResponseReturnValue:
    """Change what the network knows of the child; what it said before is kept."""
    child, record = with_record(reference)
    form = RecordForm.of(current_policy(), record)
    return take(
        form,
        lambda: change_record(
            actor=principal.current(), record=record, version=form.seen_version, facts=form.facts()
        ),
        worded=_worded(child_page.RECORD_LABELS),
        says=Words(heading="Change what is recorded about the child"),
        page=lambda: step_on(child),
        to=page_of(child),
        done="Saved. What was recorded before is kept at the foot of the page.",
    )


@blueprint.route("/<reference>/corrections/<uuid:correction_id>", methods=["GET", "POST"])
@allow("child:correct", shows="child")
def decide(reference: str, correction_id: UUID) -> ResponseReturnValue:
    """Take over a proposed correction, or say why the record stays as it is."""
    child, _ = with_record(reference)
    recording.check_may_correct(actor=principal.current(), child_id=child.id)
    correction = children.find_correction(child_id=child.id, correction_id=correction_id) or abort(404)
    form = ReasonForm()
    problem: DomainError | None = None
    if request.method == "POST":
        accepted = request.form.get("decision") == "accept"
        try:
            with attempt():
                recording.decide_proposal(
                    actor=principal.current(),
                    child=child,
                    correction=correction,
                    accepted=accepted,
                    reason=form.reason.data or "",
                )
        except DomainError as refused:
            problem = refused
        else:
            return see_other(
                page_of(child), done="The record was corrected" if accepted else "The record stays as it is"
            )
    return render(
        "children/decide.html",
        **step_on(child),
        form=form,
        problem=problem,
        correction=correction,
        changes=list(child_page.changes(correction, current_policy())),
    )


def _worded(labels: dict[str, str]) -> Callable[[Side], Side]:
    """How a side of a conflict is said in words."""
    return lambda side: child_page.version(side, labels, current_policy())


@blueprint.route("/<reference>/links/add", methods=["GET", "POST"])
@allow("child:link", shows="child")
def link(reference: str) -> ResponseReturnValue:
    """Say that another record is of the same child."""
    require(principal.current(), "child:link")
    child, _ = with_record(reference)
    form = LinkForm()
    form.other.seek(picking.children)
    return on_child.take(
        child,
        form,
        lambda **given: _link(other=_other(form.other.chosen), reason=form.said("reason"), **given),
        Words(
            heading="Link another record of this child",
            lead=[
                "Both records stay as they are, and nothing is copied. Each shows the other to those who may "
                "see both. You can unlink them again."
            ],
            button="Link the records",
        ),
        done=lambda mine: f"Linked. Each record shows the other; nothing was copied.{mine and f' {mine}.'}",
    )


def _link(*, actor: principal.Principal, child: Child, other: Child, reason: str) -> str:
    """Which forms became the actor's, because one of the records is as closed as a sealed case by it."""
    had = forms_owed(person=actor)
    link_children(actor=actor, child=child, other=other, reason=reason)
    return came_words(forms_owed(person=actor) - had)


@blueprint.route("/<reference>/links/<uuid:link_id>/end", methods=["GET", "POST"])
@allow("child:link", shows="child")
def unlink(reference: str, link_id: UUID) -> ResponseReturnValue:
    """Say that they are two children after all."""
    require(principal.current(), "child:link")
    child, _ = with_record(reference)
    found: ChildLink = children.find_link(child_id=child.id, link_id=link_id) or abort(404)
    form = UnlinkForm()
    form.ask_of(_either(child, found) if running_on_one(found) else ())
    return take(
        form,
        lambda: unlink_and_say_who(
            actor=principal.current(),
            link=found,
            reason=form.said("reason"),
            missing=form.said("missing") if "missing" in form else "",
        ),
        says=Words(
            heading="Unlink two records",
            above="children/_linked_because.html",
            button="Unlink the records",
            warns=True,
        ),
        page=lambda: step_on(child),
        to=page_of(child),
        done="No longer linked",
        link=found,
    )


def _either(child: Child, link: ChildLink) -> list[Choice]:
    """The two children of a link, by the references of their records."""
    other = (one for one in children.links_of(child_id=child.id) if one.id == link.id)
    return [Choice(one.reference, f"{child_page.full_name(one)}, {one.reference}") for one in (child, *other)]


def _other(reference: str) -> Child:
    found = children.find_child(reference=reference)
    if found is None or found.record is None:
        raise DomainError("There is no such record, or you cannot see it", field="other")
    return found.child
