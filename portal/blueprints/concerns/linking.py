"""What belongs together, notes, and two that look alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.audit import record_search
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.concerns import (
    ABOUT,
    address,
    blueprint,
    find_concern,
    on_concern,
    page_context,
    record_viewing,
    step_on,
)
from portal.changes.errors import DomainError, require_text
from portal.pages.search.reading import FoundChild, FoundChildren, find_children
from portal.pathway.characters import BadIdentifier
from portal.pathway.references import Prefix, read_reference
from portal.pathway.searching import NotEnough, Sought, read_sought
from portal.policy import current_policy
from portal.records.children.model import Child
from portal.records.concerns.forms import HELD, SEEN, LinkForm, NoteForm, StepForm
from portal.records.concerns.keeping import tell_apart, undo
from portal.records.concerns.links import add_link, add_note, end_link, let_go, link_facts, must_hold_back
from portal.records.concerns.model import Concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.presenter.words import OF_A_CHILD
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.reading.alike import Suggestion, find_concerns
from portal.records.concerns.vocabulary import SAME_AS, ConcernKind
from portal.records.entries.vocabulary import Handling
from portal.records.requests import reading as requests
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, take

_LONGEST = 200  # characters that somebody looks for


@blueprint.route("/<reference>/links/find", methods=["GET", "POST"])
@allow("concern:link", shows="list", searches=True)
def pick(reference: str) -> ResponseReturnValue:
    """Find the child, place, person or thing that it belongs to."""
    concern, typed = find_concern(reference), " ".join(request.form.get("typed", "").split())[:_LONGEST]
    if (to := _target(typed)) is not None:
        return see_other(url_for("concerns.link", reference=concern.reference, to=to.reference))
    found = _to_link(concern, typed) if typed else Pickable()
    record_viewing(concern)
    return render("concerns/pick.html", **page_context(concern), typed=typed, found=found)


@dataclass(frozen=True)
class Pickable:
    """What fits what somebody typed, to be linked; or why nothing was looked for, or what of it
    cannot be right.
    """

    children: Sequence[FoundChild] = ()
    things: Sequence[Suggestion] = ()
    more: bool = False
    refusal: str = ""

    @property
    def found(self) -> bool:
        """Whether there is something to choose from."""
        return bool(self.children or self.things)


def _to_link(concern: Concern, typed: str) -> Pickable:
    names, wrong = current_policy().names, ""
    try:
        sought = read_sought(typed, names, clock.today())
    except NotEnough as refused:
        record_search(typed, ground="not searched")
        return Pickable(refusal=refused.message)
    except BadIdentifier as refused:  # no NHS number; it may be the number of something else
        sought, wrong = Sought(number=typed.upper()), refused.message
    found = (
        FoundChildren() if sought.reference else find_children(person=current(), sought=sought, names=names)
    )
    readable = concerns.readable_children(ids=[one.id for one in found.children])
    children = [one for one in found.children if one.id in readable]
    things = find_concerns(typed=typed, without=concern.id)
    record_search(
        typed, children=[one.id for one in children], records=[one.reference for one in things.rows]
    )
    more = found.more or things.next is not None
    return Pickable(children, things.rows, more=more, refusal=wrong)


@blueprint.route("/<reference>/links/new", methods=["GET", "POST"])
@allow("concern:link", shows="list")
def link(reference: str) -> ResponseReturnValue:
    """Link it to a child, or to another place, person or thing, that was found and chosen."""
    concern, form = find_concern(reference), LinkForm()
    form.prefill(other=request.args.get("to", ""))
    to = _target(form.said("other"))
    if to is None and not form.is_submitted():
        return see_other(url_for("concerns.pick", reference=concern.reference))
    if to is None:
        del form.role  # there is nothing that it could belong to: the service says so
    else:
        form.offer_roles(current_policy(), concern.kind, to_child=isinstance(to, Child))
    agencies = requests.agencies_to_list(without=current().agency_id)
    form.offer_readers([(str(one.id), one.name) for one in agencies])
    if not _is_bound(concern, to, form):
        del form.who_sees, form.seen_because
    return take(
        form,
        lambda: _link(concern, to, form),
        says=Words(
            heading="Link it",
            above="concerns/_linking.html",
            button="Link them",
            instead=Link(url_for("concerns.pick", reference=concern.reference), "Choose another one"),
        ),
        page=lambda: _linking(concern, to),
        to=address(concern),
        done=f"They were linked. {OF_A_CHILD}" if isinstance(to, Child) else "They were linked",
    )


def _is_bound(concern: Concern, to: Child | Concern | None, form: LinkForm) -> bool:
    """Whether an alert holds such a link back: what it says is chosen, so that is known once it was sent."""
    return isinstance(to, Child) and must_hold_back(concern=concern, child=to, role=form.said("role"))


def _target(typed: str) -> Child | Concern | None:
    """What a reference names, as far as the person may link something to it."""
    child, other = read_reference(typed, Prefix.CHILD), read_reference(typed, Prefix.CONCERN)
    if child:
        return concerns.find_readable_child(reference=child)
    return concerns.find_concern(reference=other) if other else None


def _linking(concern: Concern, to: Child | Concern | None) -> dict[str, Any]:
    """What the page of a link shows, with the look at a child that it names put on record."""
    shown = {**step_on(concern), "to": to, "to_kind": ""}
    if isinstance(to, Child):
        audit.record("concern:view", concern, child_id=to.id)
        return shown | {"to_kind": "Child", "to_name": f"{to.given_name} {to.family_name}".strip()}
    return shown | ({"to_kind": ConcernKind(to.kind).label, "to_name": to.name} if to else {})


def _link(concern: Concern, to: Child | Concern | None, form: LinkForm) -> None:
    if to is None:
        raise DomainError("You see no child and no thing of concern with this reference")
    because = _seen_because(form) if "who_sees" in form else ""
    add_link(
        actor=current(),
        concern=concern,
        to=to,
        role=form.said("role"),
        words=form.said("words"),
        from_on=form.from_on.data,
        until_on=form.until_on.data,
        handling=Handling(form.said("handling")),
        listed=form.listed,
        seen_because=because,
    )


def _seen_because(form: LinkForm) -> str:
    """Why others may see a link that an alert holds back; empty where they may not."""
    if form.who_sees.data not in {HELD, SEEN}:
        raise DomainError("Choose whether others may see this link", field="who_sees")
    if form.who_sees.data == HELD:
        return ""
    return require_text(form.said("seen_because"), "Say why they may see it", field="seen_because")


@blueprint.route("/<reference>/links/<uuid:link_id>/let-go", methods=["GET", "POST"])
@allow("concern:link", shows="list")
def let_link_go(reference: str, link_id: UUID) -> ResponseReturnValue:
    """Let whoever sees both ends see a link again that an alert holds back, with why."""
    concern, form = find_concern(reference), StepForm()
    found = concerns.find_link(link_id=link_id)
    if found is None or not found.do_not_disclose or found.ended_at is not None:
        abort(404)
    if found.concern_id != concern.id or found.agency_id != current().agency_id:
        abort(404)
    del form.version
    return on_concern.take(
        concern,
        form,
        partial(let_go, link=found, reason=form.said("words")),
        Words(
            heading="Let a link be seen again",
            above=ABOUT,
            lead=["Whoever sees both ends will see it. Why stays on record, and stands beside it."],
            button="Let it be seen",
            warns=True,
        ),
        done="Whoever sees both ends sees it again",
        meaning=f"They are linked as: {current_policy().of(Concerns).roles.label(found.role).lower()}.",
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
        done="What your agency knows was added",
        to=address(concern, "notes"),
    )


@blueprint.post("/<reference>/the-same/<other_reference>")
@allow("concern:link")
def same(reference: str, other_reference: str) -> ResponseReturnValue:
    """Say that two are the same: they are linked as such, and both stay with what their agencies recorded."""
    concern, other = find_concern(reference), find_concern(other_reference)
    with attempt():
        add_link(actor=current(), concern=concern, to=other, role=SAME_AS)
    return see_other(address(concern, "links"), done="They are linked as the same")


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
