"""What the hub tells a sender: messages on the form, and what became of it.

A form is finished when the sender knows.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import insert_now, insert_once, lock_row
from portal.deadlines.changes import cancel_deadlines, finish_deadlines, open_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.choices import names_of
from portal.messages.telling import NOBODY, About, Unseen, tell, to_people
from portal.messages.vocabulary import Event, Ground
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.disclosures.disclosing import withdraw as take_told_back
from portal.records.disclosures.facts import front_door_has
from portal.records.disclosures.model import Disclosure
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.intelligence.grading import refuse_source
from portal.records.people.model import Agency
from portal.records.referrals.model import Feedback, Referral, ReferralChild, ReferralMessage
from portal.records.referrals.sending import about_form, sender_outside, subjects_of
from portal.records.referrals.vocabulary import ARRIVED, RED_ARRIVED
from portal.records.triage import social_care
from portal.records.triage.model import TO_SENDER, SocialCareReferral, TriageDecision
from portal.records.triage.vocabulary import (
    FED_BACK,
    HUB_ASKED,
    HUB_WENT_ON,
    HUB_WROTE,
    REOPENED,
    SOCIAL_CARE_TAKEN_BACK,
)
from portal.records.triage.working import claim, move, record, refuse_decided
from portal.vocabulary import DecisionOutcome, ReferralState, Sector, SubjectKind, TriageColour, Use

_SAID: dict[DecisionOutcome, str] = {
    DecisionOutcome.OPEN_CASE: "A case was opened, so that agencies can work together on this.",
    DecisionOutcome.ADD_TO_CASE: "It was added to work that is under way.",
    DecisionOutcome.SOCIAL_CARE_REFERRAL: "We decided to refer it to children’s social care.",
    DecisionOutcome.INTELLIGENCE_ONLY: "We keep it as information.",
    DecisionOutcome.DISTRICT_PANEL: "We decided that it is for the district’s meeting on places and people.",
    DecisionOutcome.NO_FURTHER_ACTION: "Nothing more is needed from us now. We keep what you told us.",
    DecisionOutcome.DUPLICATE: "We had this information already.",
    # last: what the hub wrote for the sender stands below it
    DecisionOutcome.ADVICE: "This is our advice:",
}
#: What is said of advice to whoever works with the child.
_SUPPORTING = "You are best placed to go on supporting the child. Our advice:"
#: Whose people do.
_SUPPORT = frozenset(
    {Sector.SOCIAL_CARE, Sector.HEALTH, Sector.EDUCATION, Sector.VOLUNTARY, Sector.YOUTH_JUSTICE}
)
#: What a sender was to be told by hand, and was not, that is said with something newer: one call tells both.
_SAID_WITH: dict[Event, tuple[Event, ...]] = {
    HUB_ASKED: (ARRIVED, RED_ARRIVED),
    HUB_WROTE: (ARRIVED, RED_ARRIVED),
    FED_BACK: (ARRIVED, RED_ARRIVED, FED_BACK, REOPENED),
}

#: Outcomes whose words say that a case is there, and what is said where that is for few to know.
_ON_CASES = frozenset({DecisionOutcome.OPEN_CASE, DecisionOutcome.ADD_TO_CASE})
_READ = "We read it and see to it."

#: What is said where something newer than what somebody answers stands on the form.
WROTE_MEANWHILE = "The sender has written again since you opened the page. Read it, last of the messages"


def give_feedback(*, actor: Principal, referral: Referral, text: str) -> Feedback | None:
    """Tell the sender what was decided, in words for them. Ends the feedback clock and finishes the form; a
    sender without account has still to be told these words by hand.

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
        raise DomainError("The answer to the sender is written already. Reopen a decision to write another")
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
    _tell_author(actor, referral, FED_BACK, once=str(feedback.id))
    return feedback


def suggested_text(*, referral: Referral, outcomes: Iterable[str]) -> str:
    """Words for the sender, without saying anything about anybody: what was decided and done, and below it
    what was written for them with a decision that stands. Nobody need write themselves what was decided.
    """
    kept = _kept(referral, TriageDecision.reopened_at.is_(None))
    chosen = {DecisionOutcome(outcome) for outcome in outcomes}
    if len(chosen) > 1:  # something is done, so that “nothing more” would not be so
        chosen.discard(DecisionOutcome.NO_FURTHER_ACTION)
    said = {outcome: sentence for outcome, sentence in _SAID.items() if outcome in chosen}
    if _ON_CASES & said.keys() and _is_held_closely(referral):
        said = {one: words for one, words in said.items() if one not in _ON_CASES} | {
            DecisionOutcome.ADD_TO_CASE: _READ
        }
    if DecisionOutcome.ADVICE in said and _supports_the_child(referral):
        said[DecisionOutcome.ADVICE] = _SUPPORTING
    if DecisionOutcome.SOCIAL_CARE_REFERRAL in said and (sent := _sent_to_social_care(referral)):
        said[DecisionOutcome.SOCIAL_CARE_REFERRAL] = sent
    return "\n".join(["Thank you for telling us.", *said.values(), *([kept] if kept else [])])


def _supports_the_child(referral: Referral) -> bool:
    """Whether there is a child on the form, and whoever sent it is of a service that works with children; a
    business or a neighbour is not, nor the police.
    """
    if not any(one.kind == SubjectKind.CHILD for one in subjects_of(referral=referral)):
        return False
    rang = referral.sender_name or referral.sender_agency_id
    of = referral.sender_agency_id if rang else referral.author_agency_id
    return db.session.scalar(select(Agency.sector).where(Agency.id == of)) in _SUPPORT


def _is_held_closely(referral: Referral) -> bool:
    """Whether words of it went onto a case that few may know of; one that is not seen counts too."""
    onto = select(TriageDecision.case_id).where(
        TriageDecision.referral_id == referral.id,
        TriageDecision.case_id.is_not(None),
        TriageDecision.reopened_at.is_(None),
    )
    cases = set(db.session.scalars(onto))
    seen = select(Case.id).where(Case.id.in_(cases), Case.sensitivity == 0)
    return bool(cases - set(db.session.scalars(seen)))


def _sent_to_social_care(referral: Referral) -> str:
    """What social care has said: what it decided, else that it has it; empty where neither is so of all."""
    made = db.session.scalars(
        select(SocialCareReferral).filter_by(referral_id=referral.id, withdrawn_at=None)
    ).all()
    if made and all(one.outcome for one in made):
        return "\n".join(dict.fromkeys(social_care.words_of_answer(one) for one in made))
    if made and all(one.confirmed_at or one.opened_at for one in made):
        return "Children’s social care has this and decides on it."
    return ""


def kept_words(*, referral: Referral) -> str:
    """What was last written for the sender with a decision, and not sent: the rest was still to decide."""
    return _kept(referral)


def _kept(referral: Referral, *of: ColumnElement[bool]) -> str:
    """The words that were written with some decisions or with any, and not sent; empty for none."""
    given = select(func.max(Feedback.given_at)).where(Feedback.referral_id == referral.id).scalar_subquery()
    words = TriageDecision.details[TO_SENDER].astext
    written = select(words).where(
        TriageDecision.referral_id == referral.id,
        *of,
        words.is_not(None),
        or_(given.is_(None), TriageDecision.decided_at > given),
    )
    newest = written.order_by(TriageDecision.decided_at.desc(), TriageDecision.id.desc()).limit(1)
    return db.session.scalar(newest) or ""


def send_message(
    *,
    actor: Principal,
    referral: Referral,
    text: str,
    asks_reply: bool,
    seen: UUID | None = None,
    message_id: UUID | None = None,
) -> ReferralMessage:
    """Write to the sender, on the form. Asking for an answer waits for it; the clock runs on. Whoever
    writes has read what the sender wrote since the form was decided, but for what came after `seen`: that
    is still to be read.

    Args:
        asks_reply: whether the form now waits for the sender.
        seen: the newest message of the sender that the page showed.
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
    if not wrote_meanwhile(referral=referral, seen=seen):
        finish_deadlines(subject=referral, kind=DeadlineKind.SENDER_WROTE)
    if asks_reply:
        refuse_decided(referral)
        if referral.claimed_by is None:
            claim(actor=actor, referral=referral)
        if referral.state == ReferralState.IN_TRIAGE:
            move(referral, ReferralState.WAITING_FOR_SENDER)
    record("referral:message", referral)
    waits = asks_reply and referral.colour == TriageColour.RED  # nobody waits for the morning with a red form
    event = HUB_ASKED if asks_reply else HUB_WROTE
    _tell_author(actor, referral, event, once=str(message.id), at_once=waits)
    return message


def sender_to_ring(message: ReferralMessage) -> str:
    """Whom to ring for the answer that a red form waits for, with their number; empty where none is red, or
    somebody sent it who has no account or has left: the page of the form has how they are reached.
    """
    referral = db.session.get_one(Referral, message.referral_id)
    if referral.colour != TriageColour.RED or sender_outside(referral):
        return ""
    author = names_of([referral.author_id], [])[referral.author_id]
    if not author.active:
        return ""
    return f"{author.name} ({author.phone or 'no number is known here'})"


def nobody_answers(form: Any) -> list[str]:
    """Of a form that waits for its sender: that they cannot answer any more, and what to do instead. Of
    one that concerns a colleague of theirs their team does not know.

    Args:
        form: a row of `portal.records.triage.reading.form.head`.
    """
    if form.state != ReferralState.WAITING_FOR_SENDER or form.sender_name or form.sender_agency:
        return []
    if form.author_active and form.author_answers:
        return []
    why = "sees no cases any more" if form.author_active else "cannot use the portal any more"
    if form.concerns_colleague:
        ask = "The form concerns a colleague of theirs, so do not ask their team"
    else:
        numbers = f" ({form.author_team_phone})" if form.author_team_phone else ""
        ask = f"Ring {form.author_team or form.author_agency}{numbers} if somebody else there may know"
    return [f"Nobody answers what you asked: {form.author} {why}. {ask}. Or go on without the answer."]


def wrote_meanwhile(*, referral: Referral, seen: UUID | None) -> bool:
    """Whether the sender has written since a page was opened, on which `seen` was their newest message."""
    newest = (
        select(ReferralMessage.id)
        .where(ReferralMessage.referral_id == referral.id, ReferralMessage.from_hub.is_(False))
        .order_by(ReferralMessage.sent_at.desc(), ReferralMessage.id.desc())
        .limit(1)
    )
    return db.session.scalar(newest) != seen


def read_again(*, actor: Principal, referral: Referral, seen: UUID | None) -> None:
    """What the sender wrote since the form was decided was read, and nothing follows from it.

    Args:
        seen: the newest message of the sender that the page showed.

    Raises:
        Forbidden: the actor does not triage.
        DomainError: nothing new is there to be read, or the sender has written again since.
    """
    require(actor, "referral:triage")
    lock_row(referral)  # as somebody who writes does: what they write is seen here, or is a new duty
    if not open_deadlines(subject=referral, kind=DeadlineKind.SENDER_WROTE):
        raise DomainError("It was read meanwhile: nothing new is there")
    if wrote_meanwhile(referral=referral, seen=seen):
        raise DomainError(WROTE_MEANWHILE)
    finish_deadlines(subject=referral, kind=DeadlineKind.SENDER_WROTE)
    record("referral:read_again", referral)


def stop_waiting(*, actor: Principal, referral: Referral) -> None:
    """Go on without the sender's answer.

    Raises:
        DomainError: the form is not waiting.
    """
    require(actor, "referral:triage")
    move(referral, ReferralState.IN_TRIAGE)
    record("referral:stop_waiting", referral)
    _tell_author(actor, referral, HUB_WENT_ON, once=clock.now().isoformat())


def _tell_author(
    actor: Principal, referral: Referral, event: Event, *, once: str, at_once: bool = False
) -> None:
    """Whoever sent it; where a coordinator entered it for somebody, that is them, and nobody here."""
    sender = sender_outside(referral, takes_in=_SAID_WITH.get(event, ()))
    author = NOBODY if sender else to_people(referral.author_id)
    given = {Ground.AUTHOR: author, Ground.OUTSIDE: sender}
    tell(actor=actor, event=event, about=about_form(referral), given=given, once=once, at_once=at_once)


def withdraw_told(*, actor: Principal, disclosure: Disclosure, reason: str) -> None:
    """Take back what was told in error. A referral to a front door goes back with the last team that had it;
    where it was decided there, the sender and whoever leads the child’s case hear so.

    Raises:
        Forbidden, DomainError: as of `portal.records.disclosures.disclosing.withdraw`.
    """
    take_told_back(actor=actor, disclosure=disclosure, reason=reason)
    made = social_care.referral_of_disclosure(disclosure=disclosure)
    if made is None or front_door_has(referral_id=made.id):
        return
    lock_row(made)  # of two at once, one decides there first
    made.withdrawn_at = clock.now()
    for kind in (DeadlineKind.SOCIAL_CARE, DeadlineKind.SOCIAL_CARE_DECISION):
        cancel_deadlines(subject=made, kind=kind, reason=f"Withdrawn: {reason}")
    db.session.flush()
    if made.outcome is not None:
        _say_taken_back(actor, made, db.session.get_one(Referral, made.referral_id))


def _say_taken_back(actor: Principal, made: SocialCareReferral, form: Referral) -> None:
    """Both took it that what the front door had decided stands."""
    insert_now(
        ReferralMessage(
            referral_id=form.id,
            author_id=actor.user_id,
            from_hub=True,
            text=f"The hub took this referral back. Before that: {social_care.words_of_answer(made)}",
            sent_at=made.withdrawn_at,
            asks_reply=False,
        )
    )
    once = str(made.id)
    _tell_author(actor, form, SOCIAL_CARE_TAKEN_BACK, once=once)
    unseen = Unseen("taken_back", {"each": "taken_back", "id": once})
    about = About("cre_case", made.id)  # the database puts each case in its place
    tell(actor=actor, event=SOCIAL_CARE_TAKEN_BACK, about=about, once=once, at_once=True, unseen=unseen)
