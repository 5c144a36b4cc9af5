"""Working on a form: claim, hand over, colour, messages; telling the sender, and reopening."""

from datetime import datetime, time
from uuid import UUID

from flask import make_response, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal import clock
from portal.access import principal
from portal.access.guard import allow
from portal.blueprints.hub import blueprint
from portal.blueprints.hub.referral import TEMPLATE, load, page_of, step_on
from portal.changes.errors import Conflict, DomainError
from portal.pathway.characters import identifier
from portal.policy import ContactKind, current_policy
from portal.records.referrals import drafts, sending
from portal.records.referrals.model import Referral, ReferralMessage
from portal.records.triage import decisions, feedback, forms, social_care
from portal.records.triage import working as triage
from portal.vocabulary import DecisionOutcome, TriageColour
from portal.web.fields import Choice
from portal.web.filters import moment, numbers_now
from portal.web.page import render, see_other
from portal.web.steps import Words, carry_out, flashing, take


def _held(reference: str) -> Referral:
    """A form that nobody else changes until the request ends."""
    return triage.find_referral(actor=principal.current(), reference=reference, hold=True)


@blueprint.post("/<reference>/claim")
@allow("referral:triage")
def claim(reference: str) -> ResponseReturnValue:
    """Take a form on."""
    triage.claim(actor=principal.current(), referral=_held(reference))
    return see_other(url_for(".referral", reference=reference), done="You have this form now")


@blueprint.post("/<reference>/release")
@allow("referral:triage")
def release(reference: str) -> ResponseReturnValue:
    """Put a form back into the queue."""
    triage.release(actor=principal.current(), referral=_held(reference))
    return see_other(url_for(".queue"), done=f"{reference} is back in the queue")


@blueprint.route("/<reference>/hand-over", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def hand_over(reference: str) -> ResponseReturnValue:
    """Give a form to a colleague, or take it over."""
    actor, form = principal.current(), forms.HandOverForm()
    referral = triage.find_referral(actor=actor, reference=reference)
    people = {str(one.id): one for one in triage.coordinators(actor=actor) if one.id != referral.claimed_by}
    form.offer("to", [Choice(key, one.name) for key, one in people.items()])
    return take(
        form,
        lambda: triage.hand_over(
            actor=actor, referral=_held(reference), to=people[form.said("to")], note=form.said("note")
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
    form = forms.ColourForm(seen=now.value)
    form.offer("colour", [one for one in TriageColour if one is not now])
    step = carry_out(
        form,
        lambda: triage.set_colour(
            actor=actor,
            referral=_held(reference),
            colour=TriageColour(form.said("colour")),
            reason=form.said("reason"),
            seen=form.seen_colour,
        ),
    )
    if step.done:
        return see_other(url_for(".referral", reference=reference), done="Colour changed")
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
    names = drafts.others_looking(actor=principal.current(), referral_id=load(reference).id)
    line = Markup("Also open at {}").format(", ".join(names)) if names else ""
    return make_response(str(line))


@blueprint.post("/<reference>/messages")
@allow("referral:triage", shows="referral")
def message(reference: str) -> ResponseReturnValue:
    """Write to the sender, and wait for an answer if one is asked for."""
    form = forms.MessageForm()
    return take(
        form,
        lambda: feedback.send_message(
            actor=principal.current(),
            referral=_held(reference),
            text=form.said("text"),
            asks_reply=bool(form.asks_reply.data),
            seen=identifier(form.seen.data),
            message_id=identifier(form.once.data),
        ),
        template=TEMPLATE,
        page=lambda: page_of(reference) | {"message": True, "message_form": form},
        to=url_for(".referral", reference=reference),
        done=lambda sent: _asked(sent) if form.asks_reply.data else _kept(reference, form),
    )


def _kept(reference: str, form: forms.MessageForm) -> str:
    """That the message is on the form, and whether one of the sender’s came meanwhile that is to be read."""
    overtaken = feedback.wrote_meanwhile(referral=_held(reference), seen=identifier(form.seen.data))
    return f"Kept on the form. {feedback.WROTE_MEANWHILE}" if overtaken else "Kept on the form"


def _asked(message: ReferralMessage) -> str:
    """That the form waits for its sender; of a red one whom to ring rather than wait."""
    sender = feedback.sender_to_ring(message)
    ring = f". The form is red: ring {sender}, if you need the answer now" if sender else ""
    return f"Kept on the form. The clock runs on while you wait{ring}"


@blueprint.post("/<reference>/read-again")
@allow("referral:triage")
def read_again(reference: str) -> ResponseReturnValue:
    """Nothing follows from what the sender wrote since the form was decided."""
    held = _held(reference)
    seen = identifier(forms.SeenForm().seen.data)
    with flashing("Recorded: you have read what the sender wrote, and nothing follows from it"):
        feedback.read_again(actor=principal.current(), referral=held, seen=seen)
    return see_other(url_for(".referral", reference=reference))


@blueprint.post("/<reference>/go-on")
@allow("referral:triage")
def stop_waiting(reference: str) -> ResponseReturnValue:
    """Go on without the sender's answer."""
    feedback.stop_waiting(actor=principal.current(), referral=_held(reference))
    return see_other(url_for(".referral", reference=reference))


_WHOLE = "the whole form"
_REOPENED = (
    "The decision stays on record as reopened, and the form goes back into triage. What it put on a case that"
    " you read says from then on that it was taken back, and so do the words there that came with others of"
    " the form and name the same person, place or thing. On a sealed case that you do not read nothing is"
    " marked: ask the coordinator named on it. That, a case that was opened and what agencies were told stay"
    " until you put them right. A referral to social care that is not confirmed is withdrawn: ring the front"
    " door if they may have it."
)


_FEEDBACK = Words(heading="Tell the sender", button="Send and finish")
_FEEDBACK_BY_HAND = Words(
    heading="Tell the sender",
    button="Write it and finish",
    lead=["The sender has no account. What you write is yours to tell, until you record that you did."],
)


@blueprint.route("/<reference>/feedback", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def give_feedback(reference: str) -> ResponseReturnValue:
    """Tell the sender what became of it."""
    actor = principal.current()
    referral = triage.find_referral(actor=actor, reference=reference)
    outcomes = [one.outcome for one in decisions.live_decisions(referral=referral)]
    form = forms.FeedbackForm(data={"text": feedback.suggested_text(referral=referral, outcomes=outcomes)})
    return take(
        form,
        lambda: feedback.give_feedback(actor=actor, referral=_held(reference), text=form.said("text")),
        says=_FEEDBACK_BY_HAND if sending.sender_outside(referral) else _FEEDBACK,
        page=lambda: step_on(referral),
        to=url_for(".queue"),
        done="The answer to the sender is written",
    )


@blueprint.route("/<reference>/reopen", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def reopen(reference: str) -> ResponseReturnValue:
    """Take a wrong decision back, with a reason."""
    actor, form = principal.current(), forms.ReopenForm()
    referral = triage.find_referral(actor=actor, reference=reference)
    standing = {str(one.id): one for one in decisions.live_decisions(referral=referral)}
    labels = {one.id: one.label for one in sending.subjects_of(referral=referral)}
    form.offer(
        "decisions",
        [
            Choice(
                key,
                f"{DecisionOutcome(one.outcome).label}: "
                f"{labels.get(one.subject_id, _WHOLE) if one.subject_id else _WHOLE}",
                hint=one.reason,
            )
            for key, one in standing.items()
        ],
    )
    return take(
        form,
        lambda: decisions.reopen(
            actor=actor,
            referral=_held(reference),
            decisions=[one for key, one in standing.items() if key in (form.decisions.data or ())],
            reason=form.said("reason"),
        ),
        says=Words(
            heading="Reopen a decision",
            lead=[_REOPENED],
            nothing="" if standing else "No decision stands on this form.",
            button="Reopen",
        ),
        page=lambda: step_on(referral),
        to=url_for(".referral", reference=reference),
        done="Reopened. What the decision set going has to be put right by hand",
    )


@blueprint.route("/social-care/<uuid:made_id>", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def confirm_social_care(made_id: UUID) -> ResponseReturnValue:
    """Record that the front door has a referral: its reference, or the call."""
    actor, policy, form = principal.current(), current_policy(), forms.ConfirmSocialCareForm()
    made = social_care.find_social_care_referral(actor=actor, made_id=made_id)
    referral = triage.referral_of(actor=actor, referral_id=made.referral_id)
    return take(
        form,
        lambda: social_care.confirm(
            actor=actor,
            referral=referral,
            made=made,
            front_door_reference=form.said("reference"),
            call_with=form.said("call_with"),
            call_at=_call_at(form),
        ),
        says=Words(
            heading="Has social care got it?",
            caption=f"{policy.areas.authorities.label(made.authority)}, {referral.reference}",
            lead=[
                f"Referred {moment(made.made_at)}. Enter the front door’s reference, or the call in which"
                " they confirmed that they have it."
            ],
            above="hub/_front_door.html",
            button="Confirm",
        ),
        page=lambda: step_on(referral),
        to=url_for(".referral", reference=referral.reference),
        done="Recorded: social care has the referral",
        numbers=numbers_now(ContactKind.FRONT_DOOR, ContactKind.OUT_OF_HOURS, authority=made.authority),
        printed=social_care.printed(made=made),
    )


@blueprint.route("/social-care/<uuid:made_id>/decision", methods=["GET", "POST"])
@allow("referral:triage", shows="referral")
def social_care_answer(made_id: UUID) -> ResponseReturnValue:
    """Record what a front door that is not on the portal said it has decided."""
    actor, policy, form = principal.current(), current_policy(), forms.SocialCareAnswerForm()
    made = social_care.find_social_care_referral(actor=actor, made_id=made_id)
    referral = triage.referral_of(actor=actor, referral_id=made.referral_id)
    form.offer_policy(policy)
    return take(
        form,
        lambda: social_care.record_answer(
            actor=actor, referral=referral, made=made, outcome=form.said("outcome"), words=form.said("words")
        ),
        says=Words(
            heading="What social care decided",
            caption=f"{policy.areas.authorities.label(made.authority)}, {referral.reference}",
            button="Record it",
        ),
        page=lambda: step_on(referral),
        to=url_for(".referral", reference=referral.reference),
        done="What social care decided was recorded",
    )


def _call_at(form: forms.ConfirmSocialCareForm) -> datetime | None:
    """When somebody rang; midday where only the day is known, now where it is today."""
    day, typed = form.call_on.data, form.said("call_time").strip().replace(".", ":")
    if day is None:
        return None
    try:
        at = time.fromisoformat(typed.zfill(5)) if typed else None
    except ValueError as error:
        raise DomainError("Enter the time like 14:30", field="call_time") from error
    if at is None and day == clock.today():
        return clock.now()
    return datetime.combine(day, at or time(12), tzinfo=clock.LOCAL_ZONE)
