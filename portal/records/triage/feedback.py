"""What the hub tells a sender: messages on the form, and what became of it.

A form is finished when the sender knows.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.texts import require_text
from portal.changes.versions import insert_once
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import tell_people
from portal.model import new_id
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.intelligence.grading import refuse_source
from portal.records.referrals.model import Feedback, Referral, ReferralChild, ReferralMessage
from portal.records.referrals.sending import about_form
from portal.records.triage.working import claim, move, record, refuse_decided
from portal.vocabulary import DecisionOutcome, ReferralState, Use

_SAID: dict[DecisionOutcome, str] = {
    DecisionOutcome.OPEN_CASE: "Agencies are now working together on this.",
    DecisionOutcome.ADD_TO_CASE: "It was added to work that is under way.",
    DecisionOutcome.SOCIAL_CARE_REFERRAL: "We decided to refer it to children’s social care.",
    DecisionOutcome.INTELLIGENCE_ONLY: "We keep it and compare it with what else we hear.",
    DecisionOutcome.DISTRICT_PANEL: "We decided that it is for the district’s meeting on places and people.",
    DecisionOutcome.ADVICE: "You are best placed to go on supporting the child. Our advice:",
    DecisionOutcome.NO_FURTHER_ACTION: "Nothing more is needed from us now. We keep what you told us.",
    DecisionOutcome.DUPLICATE: "We had this information already, and it is being dealt with.",
}


def give_feedback(*, actor: Principal, referral: Referral, text: str) -> Feedback | None:
    """Tell the sender what was decided, in words for them. Ends the feedback clock and finishes the form.

    Sending the same twice gives it once: the second answers None.

    Raises:
        Forbidden: the actor does not triage.
        DomainError: the form is not decided, a colleague has told them something else, or the text is empty
            or repeats the source box.
    """
    require(actor, "referral:triage")
    if referral.state == ReferralState.FED_BACK:
        told = select(Feedback.id).where(Feedback.referral_id == referral.id, Feedback.text == text.strip())
        if db.session.scalar(told.limit(1)) is not None:
            return None
        raise DomainError("The sender has been told already. Reopen a decision to tell them anew")
    if referral.state != ReferralState.DECIDED:
        raise DomainError("Decide the whole form first, then tell the sender")
    require_text(text, "Write what the sender should know", field="text")
    refuse_source(text, referral, field="text")
    check_no_restricted_quotes(
        texts={"text": text},
        use=Use.PASS_ON,
        child_ids=db.session.scalars(
            select(ReferralChild.child_id).where(ReferralChild.referral_id == referral.id)
        ).all(),
        holder=actor.agency_id,
    )
    move(referral, ReferralState.FED_BACK)
    feedback = Feedback(
        id=new_id(),
        referral_id=referral.id,
        author_id=actor.user_id,
        text=text.strip(),
        given_at=clock.now(),
    )
    db.session.add(feedback)
    finish_deadlines(subject=referral, kind=DeadlineKind.FEEDBACK)
    db.session.flush()
    record("referral:feed_back", referral)
    tell_people(
        actor=actor,
        kind="feedback",
        about=about_form(referral),
        people=[referral.author_id],
        once=str(feedback.id),
    )
    return feedback


def suggested_text(outcomes: Iterable[str]) -> str:
    """Words to start from: what happens next, without saying anything about anybody."""
    chosen = {DecisionOutcome(outcome) for outcome in outcomes}
    said = [sentence for outcome, sentence in _SAID.items() if outcome in chosen]
    return "\n".join(["Thank you for telling us.", *said])


def send_message(
    *, actor: Principal, referral: Referral, text: str, asks_reply: bool, message_id: UUID | None = None
) -> ReferralMessage:
    """Write to the sender, on the form. Asking for an answer waits for it; the clock runs on.

    Args:
        asks_reply: whether the form now waits for the sender.
        message_id: made when the page was made, so that sending it twice sends it once.

    Raises:
        DomainError: there is no text, or an answer is asked for after the decision.
    """
    require(actor, "referral:triage")
    text = require_text(text, "Write what you want to say or ask", field="text")
    message = ReferralMessage(
        id=message_id or new_id(),
        referral_id=referral.id,
        author_id=actor.user_id,
        from_hub=True,
        text=text,
        sent_at=clock.now(),
        asks_reply=asks_reply,
    )
    if (sent := insert_once(message)) is not message:
        return sent
    if asks_reply:
        refuse_decided(referral)
        if referral.claimed_by is None:
            claim(actor=actor, referral=referral)
        if referral.state == ReferralState.IN_TRIAGE:
            move(referral, ReferralState.WAITING_FOR_SENDER)
    record("referral:message", referral)
    tell_people(
        actor=actor,
        kind="form_question" if asks_reply else "form_message",
        about=about_form(referral),
        people=[referral.author_id],
        once=str(message.id),
    )
    return message


def stop_waiting(*, actor: Principal, referral: Referral) -> None:
    """Go on without the sender's answer.

    Raises:
        DomainError: the form is not waiting.
    """
    require(actor, "referral:triage")
    move(referral, ReferralState.IN_TRIAGE)
    record("referral:stop_waiting", referral)
