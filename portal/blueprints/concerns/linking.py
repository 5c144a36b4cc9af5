"""What belongs together, notes, and two that look alike."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import ABOUT, address, blueprint, find_concern, on_concern, step_on
from portal.changes.errors import DomainError
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.concerns.forms.steps import LinkForm, NoteForm, StepForm
from portal.records.concerns.keeping import tell_apart, undo
from portal.records.concerns.links import add_link, add_note, end_link, link_facts
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.reading.network import CHILD
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.entries.vocabulary import Handling
from portal.records.requests import reading as requests
from portal.web.fields import Choice
from portal.web.page import see_other
from portal.web.steps import Words, take
from portal.web.transaction import attempt


@blueprint.route("/<reference>/links/new", methods=["GET", "POST"])
@allow("concern:link", shows="list")
def link(reference: str) -> ResponseReturnValue:
    """Link it to a child, or to another place, person or thing, by its reference."""
    concern, form = find_concern(reference), LinkForm()
    form.offer_roles(current_policy(), concern.kind)
    agencies = requests.agencies_to_list(without=current().agency_id)
    form.offer_readers([(str(one.id), one.name) for one in agencies])
    offered = concerns.to_link(person=current(), without=concern.id)
    form.offer("choice", [Choice(one.reference, _called(one)) for one in offered])
    form.start(request.args.get("to", ""), [one.reference for one in offered])
    return take(
        form,
        lambda: _link(concern, form),
        says=Words(heading="Link it", above=ABOUT, button="Link them"),
        page=lambda: step_on(concern),
        to=address(concern),
        done="Linked",
        meaning="Whoever sees both ends sees that they are linked, and nobody else: not in a picture, not in"
        " a number.",
    )


def _called(one: Any) -> str:
    """A child or thing in a list to choose from."""
    kind = "Child" if one.kind == CHILD else ConcernKind(one.kind).label
    return f"{kind}: {one.name}, {one.reference}"


def _link(concern: Concern, form: LinkForm) -> None:
    child_reference = read_reference(form.reference, Prefix.CHILD)
    other_reference = read_reference(form.reference, Prefix.CONCERN)
    child = concerns.find_readable_child(reference=child_reference) if child_reference else None
    to = child or (concerns.find_concern(reference=other_reference) if other_reference else None)
    if to is None:
        raise DomainError("You see no child and no thing of concern with this reference", field="other")
    asked = "child_role" if child else "other_role"
    if not form.said(asked):
        raise DomainError("Choose how they belong together", field=asked)
    add_link(
        actor=current(),
        concern=concern,
        to=to,
        role=form.said(asked),
        words=form.said("words"),
        from_on=form.from_on.data,
        until_on=form.until_on.data,
        handling=Handling(form.said("handling")),
        listed=form.listed,
    )


@blueprint.route("/<reference>/links/<uuid:link_id>/end", methods=["GET", "POST"])
@allow("concern:unlink", shows="list")
def unlink(reference: str, link_id: UUID) -> ResponseReturnValue:
    """Take a link back, with why."""
    concern, form = find_concern(reference), StepForm()
    found = concerns.find_link(link_id=link_id)
    if found is None or found.ended_at is not None or concern.id not in {found.concern_id, found.other_id}:
        abort(404)
    require(current(), "concern:unlink", link_facts(current(), concern, found.agency_id))
    del form.version
    return on_concern.take(
        concern,
        form,
        partial(end_link, link=found, reason=form.said("words")),
        Words(heading="Take a link back", above=ABOUT, button="Take it back", warns=True),
        done="Taken back. That it was said stays on record",
        meaning=f"They were linked as: {current_policy().of(Concerns).roles.label(found.role).lower()}.",
    )


@blueprint.route("/<reference>/notes/new", methods=["GET", "POST"])
@allow("concern:note", shows="list")
def note(reference: str) -> ResponseReturnValue:
    """Add what one's agency knows."""
    concern, form = find_concern(reference), NoteForm()
    agencies = requests.agencies_to_list(without=current().agency_id)
    form.offer_readers([(str(one.id), one.name) for one in agencies])
    return on_concern.take(
        concern,
        form,
        lambda **given: add_note(
            text=form.said("text"),
            happened_on=form.happened_on.data,
            handling=Handling(form.said("handling")),
            listed=form.listed,
            **given,
        ),
        Words(heading="Add what your agency knows", above=ABOUT, button="Add it"),
        done="Added",
        to=address(concern, "notes"),
    )


@blueprint.post("/<reference>/not-the-same/<other_reference>")
@allow("concern:compare")
def differ(reference: str, other_reference: str) -> ResponseReturnValue:
    """Say that two are not the same: they are no longer offered to each other."""
    concern, other = find_concern(reference), find_concern(other_reference)
    with attempt():
        tell_apart(actor=current(), concern=concern, other=other, reason=request.form.get("reason", ""))
    return see_other(
        url_for("concerns.show", reference=concern.reference, _anchor="alike"),
        done="They are no longer offered to each other",
    )


@blueprint.post("/<reference>/differences/<uuid:difference_id>/undo")
@allow("concern:compare")
def may_be_same(reference: str, difference_id: UUID) -> ResponseReturnValue:
    """They may be the same after all."""
    concern = find_concern(reference)
    with attempt():
        undo(actor=current(), concern=concern, difference_id=difference_id)
    return see_other(
        url_for("concerns.show", reference=concern.reference, _anchor="alike"),
        done="They are offered to each other again",
    )
