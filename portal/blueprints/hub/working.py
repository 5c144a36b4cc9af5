"""Working on a form: claim, hand over, colour, who is looking, messages."""

from flask import flash, make_response, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.access import audit, principal
from portal.access.guard import allow
from portal.pathway.characters import identifier
from portal.records.referrals import presence
from portal.records.triage import hub_messages
from portal.records.triage import working as triage
from portal.records.triage.forms.hub import ColourForm, HandOverForm, MessageForm
from portal.services.errors import Conflict, DomainError
from portal.vocabulary import TriageColour
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.transaction import attempt

from . import blueprint
from .referral import load, show


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
    actor = principal.current()
    form, problem = HandOverForm(), None
    referral = triage.find_referral(actor=actor, reference=reference)
    people = [one for one in triage.coordinators(actor=actor) if one.id != referral.claimed_by]
    form.offer("to", [Choice(str(one.id), one.name) for one in people])
    if form.validate_on_submit():
        chosen = next(one for one in people if str(one.id) == form.to.data)
        try:
            with attempt():
                held = triage.find_referral(actor=actor, reference=reference, hold=True)
                triage.hand_over(actor=actor, referral=held, to=chosen, note=form.note.data or "")
            flash(f"{reference} is with {chosen.name} now")
            return see_other(url_for(".referral", reference=reference))
        except DomainError as refused:
            problem = refused
    audit.record("referral:view", subject_kind="referral", subject_id=referral.id, ground="hub")
    return render("hub/hand_over.html", form=form, problem=problem, reference=reference, marking=True)


@blueprint.route("/<reference>/colour", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def colour(reference: str) -> ResponseReturnValue:
    """Change the colour, with a reason."""
    actor = principal.current()
    problem = None
    referral = triage.find_referral(actor=actor, reference=reference)
    now = TriageColour(referral.colour or TriageColour.GREEN)
    form = ColourForm(seen=now.value)
    form.offer("colour", [Choice(one.value, one.label) for one in TriageColour if one is not now])
    if form.validate_on_submit():
        try:
            with attempt():
                held = triage.find_referral(actor=actor, reference=reference, hold=True)
                triage.set_colour(
                    actor=actor,
                    referral=held,
                    colour=TriageColour(form.colour.data),
                    reason=form.reason.data or "",
                    seen=form.seen_colour,
                )
            flash("Colour changed")
            return see_other(url_for(".referral", reference=reference))
        except DomainError as refused:
            problem = refused
            if isinstance(refused, Conflict):
                form.seen.data = referral.colour
    audit.record("referral:view", subject_kind="referral", subject_id=referral.id, ground="hub")
    return render("hub/colour.html", form=form, problem=problem, reference=reference, now=now, marking=True)


@blueprint.post("/<reference>/presence")
@allow("referral:triage", background=True, is_activity=False)
def looking(reference: str) -> ResponseReturnValue:
    """Who else has the form open: asked again and again by an open page, which is no activity."""
    names = presence.look(actor=principal.current(), referral_id=load(reference).id)
    line = Markup("Also open at {}").format(", ".join(names)) if names else ""
    return make_response(str(line))


@blueprint.post("/<reference>/messages")
@allow("referral:triage", shows="referral")
def message(reference: str) -> ResponseReturnValue:
    """Write to the sender, and wait for an answer if one is asked for."""
    form = MessageForm()
    actor = principal.current()
    if form.validate_on_submit():
        try:
            with attempt():
                hub_messages.send_message(
                    actor=actor,
                    referral=triage.find_referral(actor=actor, reference=reference, hold=True),
                    text=form.text.data or "",
                    asks_reply=bool(form.asks_reply.data),
                    message_id=identifier(form.once.data),
                )
            flash("Sent. The clock runs on while you wait" if form.asks_reply.data else "Sent")
            return see_other(url_for(".referral", reference=reference))
        except DomainError as refused:
            return show(reference, form=form, problem=refused, message=True, message_form=form)
    return show(reference, form=form, message=True, message_form=form)


@blueprint.post("/<reference>/go-on")
@allow("referral:triage")
def stop_waiting(reference: str) -> ResponseReturnValue:
    """Go on without the sender's answer."""
    actor = principal.current()
    referral = triage.find_referral(actor=actor, reference=reference, hold=True)
    hub_messages.stop_waiting(actor=actor, referral=referral)
    return see_other(url_for(".referral", reference=reference))
