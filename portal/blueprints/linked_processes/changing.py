"""What else is said of a process: its reference, who sees to it, how it ended, that it was a mistake."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.linked_processes.beginning import chosen_owner, owners
from portal.blueprints.linked_processes.blueprint import blueprint
from portal.blueprints.linked_processes.looking import address, case_of, page_of, to_step
from portal.records.linked_processes.beginning import rule_of
from portal.records.linked_processes.forms import EndForm, OwnerForm, ReferenceForm, WhyForm
from portal.records.linked_processes.steps import end, hand_over, set_reference, take_back
from portal.records.people.model import Team, User
from portal.services.errors import DomainError
from portal.web.steps import Words, take

#: Above each form: what it is and who sees to it now.
_STANDING = "linked_processes/_standing.html"


@blueprint.route("/linked/<reference>/reference", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def their_reference(reference: str) -> ResponseReturnValue:
    """Say the reference that it has in the other service."""
    process = to_step(reference)
    form = ReferenceForm(data={"their_reference": process.their_reference, "version": str(process.version)})
    return take(
        form,
        lambda: set_reference(
            actor=current(),
            process=process,
            reference=form.said("their_reference"),
            version=form.seen_version,
        ),
        says=Words(heading=rule_of(process.kind).reference, above=_STANDING, button="Save"),
        page=lambda: page_of(process),
        to=address(process),
        done="Saved",
    )


@blueprint.route("/linked/<reference>/owner", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def owner(reference: str) -> ResponseReturnValue:
    """Let somebody else see to it."""
    process = to_step(reference)
    form = OwnerForm(data={"version": str(process.version)})
    form.offer("owner", owners(case_of(process)), prompt=True)
    return take(
        form,
        lambda: hand_over(
            actor=current(),
            process=process,
            owner=_chosen(form),
            reason=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="Who sees to it", above=_STANDING, button="Save"),
        page=lambda: page_of(process),
        to=address(process),
        done="Saved",
    )


@blueprint.route("/linked/<reference>/end", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def end_process(reference: str) -> ResponseReturnValue:
    """Say how it ended."""
    process = to_step(reference)
    form = EndForm(data={"version": str(process.version)})
    form.suit(rule_of(process.kind))
    return take(
        form,
        lambda: end(
            actor=current(),
            process=process,
            outcome=form.said("outcome"),
            words=form.said("words"),
            ended_at=form.ended,
            version=form.seen_version,
        ),
        says=Words(heading="It has ended", above=_STANDING, button="Save"),
        page=lambda: page_of(process),
        to=address(process),
        done="Saved",
    )


@blueprint.route("/linked/<reference>/mistake", methods=["GET", "POST"])
@allow("linked:step", shows="case")
def mistake(reference: str) -> ResponseReturnValue:
    """Say that it was recorded by mistake. It stays to be read."""
    process = to_step(reference)
    form = WhyForm(data={"version": str(process.version)})
    return take(
        form,
        lambda: take_back(
            actor=current(), process=process, reason=form.said("words"), version=form.seen_version
        ),
        says=Words(heading="It was recorded by mistake", above=_STANDING, button="Save"),
        page=lambda: page_of(process),
        to=address(process),
        done="Saved",
    )


def _chosen(form: OwnerForm) -> User | Team:
    chosen = chosen_owner(form.said("owner"))
    if chosen is None:
        raise DomainError("Choose who sees to it", field="owner")
    return chosen
