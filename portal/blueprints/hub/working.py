"""Working on a form: claim, hand over, colour, who is looking, messages."""

from flask import flash, make_response, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.access import principal
from portal.access.guard import allow
from portal.pathway.characters import identifier
from portal.records.referrals import drafts
from portal.records.triage import feedback
from portal.records.triage import working as triage
from portal.records.triage.forms import ColourForm, HandOverForm, MessageForm
from portal.services.errors import Conflict
from portal.vocabulary import TriageColour
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.steps import Words, carry_out, take

from . import blueprint
from .referral import TEMPLATE, load, page_of, step_on


@blueprint.post("/<reference>/claim")
@allow("referral:triage")
def claim(reference: str) -> ResponseReturnValue:
    """Take a form on."""
    actor = principal.current()
    form = triage.find_referral(actor=actor, reference=reference, hold=True)
    triage.claim(actor=actor, referral=form)
    flash("You have this form now")
    return see_other(url_for(".referral", reference=reference))


@blueprint.post("/<reference>/release")
@allow("referral:triage")
def release(reference: str) -> ResponseReturnValue:
    """Put a form back into the queue."""
    actor = principal.current()
    triage.release(actor=actor, referral=triage.find_referral(actor=actor, reference=reference, hold=True))
    flash(f"{reference} is back in the queue")
    return see_other(url_for(".queue"))


@blueprint.route("/<reference>/hand-over", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def hand_over(reference: str) -> ResponseReturnValue:
    """Give a form to a colleague, or take it over."""
    actor, form = principal.current(), HandOverForm()
    referral = triage.find_referral(actor=actor, reference=reference)
    people = {str(one.id): one for one in triage.coordinators(actor=actor) if one.id != referral.claimed_by}
    form.offer("to", [Choice(key, one.name) for key, one in people.items()])
    return take(
        form,
        lambda: triage.hand_over(
            actor=actor,
            referral=triage.find_referral(actor=actor, reference=reference, hold=True),
            to=people[form.said("to")],
            note=form.said("note"),
        ),
        says=Words(heading="Hand over", button="Hand over"),
        page=lambda: step_on(referral),
        to=url_for(".referral", reference=reference),
        done=lambda _: f"{reference} is with {people[form.said('to')].name} now",
    )


@blueprint.route("/<reference>/colour", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def colour(reference: str) -> ResponseReturnValue:
    """Change the colour, with a reason."""
    actor = principal.current()
    referral = triage.find_referral(actor=actor, reference=reference)
    now = TriageColour(referral.colour or TriageColour.GREEN)
    form = ColourForm(seen=now.value)
    form.offer("colour", [Choice(one.value, one.label) for one in TriageColour if one is not now])
    step = carry_out(
        form,
        lambda: triage.set_colour(
            actor=actor,
            referral=triage.find_referral(actor=actor, reference=reference, hold=True),
            colour=TriageColour(form.said("colour")),
            reason=form.said("reason"),
            seen=form.seen_colour,
        ),
    )
    if step.done:
        flash("Colour changed")
        return see_other(url_for(".referral", reference=reference))
    if isinstance(step.problem, Conflict):
        form.seen.data = referral.colour
    return render(
        "hub/colour.html",
        **step_on(referral),
        form=form,
        problem=step.problem,
        reference=reference,
        now=TriageColour(referral.colour or TriageColour.GREEN),
    )


@blueprint.post("/<reference>/presence")
@allow("referral:triage", background=True, is_activity=False)
def looking(reference: str) -> ResponseReturnValue:
    """Who else has the form open: asked again and again by an open page, which is no activity."""
    names = drafts.look(actor=principal.current(), referral_id=load(reference).id)
    line = Markup("Also open at {}").format(", ".join(names)) if names else ""
    return make_response(str(line))


@blueprint.post("/<reference>/messages")
@allow("referral:triage", shows="referral")
def message(reference: str) -> ResponseReturnValue:
    """Write to the sender, and wait for an answer if one is asked for."""
    actor, form = principal.current(), MessageForm()
    return take(
        form,
        lambda: feedback.send_message(
            actor=actor,
            referral=triage.find_referral(actor=actor, reference=reference, hold=True),
            text=form.said("text"),
            asks_reply=bool(form.asks_reply.data),
            message_id=identifier(form.once.data),
        ),
        template=TEMPLATE,
        page=lambda: page_of(reference) | {"message": True, "message_form": form},
        to=url_for(".referral", reference=reference),
        done="Sent. The clock runs on while you wait" if form.asks_reply.data else "Sent",
    )


@blueprint.post("/<reference>/go-on")
@allow("referral:triage")
def stop_waiting(reference: str) -> ResponseReturnValue:
    """Go on without the sender's answer."""
    actor = principal.current()
    referral = triage.find_referral(actor=actor, reference=reference, hold=True)
    feedback.stop_waiting(actor=actor, referral=referral)
    return see_other(url_for(".referral", reference=reference))
