"""What the hub writes to a sender, on the form. The sender's answers are the form's own service."""

from uuid import UUID

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.model import new_id
from portal.records.referrals.model import Referral, ReferralMessage
from portal.records.referrals.sending import about_form
from portal.records.triage.working import claim, move, record, refuse_decided
from portal.services.errors import DomainError
from portal.services.messages import tell_people
from portal.services.versions import insert_once
from portal.vocabulary import ReferralState


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
    if not text.strip():
        raise DomainError("Write what you want to say or ask", field="text")
    message = ReferralMessage(
        id=message_id or new_id(),
        referral_id=referral.id,
        author_id=actor.user_id,
        from_hub=True,
        text=text.strip(),
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
