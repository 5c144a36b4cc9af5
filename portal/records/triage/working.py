"""Triage: who sees to a form, how soon, what hub and sender say meanwhile, and filters of the queue."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, literal, select

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import Conflict, DomainError, Versions, check_state, or_not_found, require_text
from portal.deadlines.changes import Owner, hand_deadlines_over, move_deadline, open_deadlines
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import tell, to_people
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.states import UNDECIDED_REFERRAL_STATES
from portal.policy import current_policy
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.adding import correct_entry
from portal.records.people.model import User
from portal.records.referrals.model import Referral, ReferralColour, ReferralHandover
from portal.records.referrals.sending import about_form, holder_of, subjects_of
from portal.records.triage.decision_rules import names
from portal.records.triage.model import TriageDecision
from portal.records.triage.vocabulary import COLOUR_CHANGED, HANDED_OVER, TURNED_RED, URGENT_PUT_BACK
from portal.vocabulary import ReferralState, Role, SubjectKind, TriageColour

#: What stands on what a decision put on a case that was taken back, and on words there that name the same.
ASK_FIRST = "It may be about somebody else: ask the hub before you use it."
ASK_BEFORE_USE = "Ask the hub before you use it."
TAKEN_BACK = "The decision of the hub was taken back"


def find_referral(*, actor: Principal, reference: str, hold: bool = False) -> Referral:
    """The sent form with a reference, as a coordinator sees it.

    Args:
        hold: keep others from changing it until the transaction ends.

    Raises:
        Forbidden: the actor does not triage.
        NotFound: there is no such form, or colleagues see to it. Whoever typed a form in keeps sight of it as
            its author, and that does not let them triage it.
    """
    require(actor, "referral:triage")
    wanted = select(Referral).where(Referral.reference == reference, func.ctx.triages(Referral.id))
    if hold:
        wanted = wanted.with_for_update(of=Referral).execution_options(populate_existing=True)
    return or_not_found(db.session.scalar(wanted), "There is no such form")


def referral_of(*, actor: Principal, referral_id: UUID) -> Referral:
    """The form with an identifier, as a coordinator sees it.

    Raises:
        NotFound: there is no such form, or colleagues see to it.
    """
    reference = db.session.scalar(select(Referral.reference).where(Referral.id == referral_id))
    return find_referral(actor=actor, reference=reference or "")


def claim(*, actor: Principal, referral: Referral) -> None:
    """Take a form on: from now on the actor owns its triage. Claiming one's own again changes nothing.

    Raises:
        DomainError: a colleague has claimed it, and it can be taken over from them; or it is decided.
    """
    require(actor, "referral:triage")
    if referral.claimed_by == actor.user_id:
        return
    if referral.claimed_by is not None:
        holder = _name(referral.claimed_by)
        raise DomainError(f"{holder} has claimed this form. Take it over from them instead, and say why")
    refuse_decided(referral)
    _hold(actor, referral, actor.user_id, note="")
    if referral.state == ReferralState.SENT:
        move(referral, ReferralState.IN_TRIAGE)
    db.session.flush()
    record("referral:claim", referral)


def claim_next(*, actor: Principal) -> Referral | None:
    """Take on the form that is most pressing of those that nobody has: red first, then what runs out soonest.

    What a colleague takes at the same moment is passed over. None where nothing waits.
    """
    require(actor, "referral:triage")
    for colour in TriageColour:
        wanted = (
            select(Referral)
            .where(
                Referral.state.in_(sorted(UNDECIDED_REFERRAL_STATES)),
                Referral.colour == colour,
                Referral.claimed_by.is_(None),
                func.ctx.triages(Referral.id),
            )
            .order_by(Referral.triage_due_at, Referral.id)
            .limit(1)
            .with_for_update(of=Referral, skip_locked=True)
        )
        if referral := db.session.scalar(wanted):
            claim(actor=actor, referral=referral)
            return referral
    return None


def hand_over(*, actor: Principal, referral: Referral, to: User, note: str) -> None:
    """Give a form to a colleague (or take it over from one), with a note that says where it stands.

    Raises:
        DomainError: there is no note, the person does not triage, or the form is decided.
    """
    require(actor, "referral:triage")
    note = require_text(note, "Say what your colleague needs to know", field="note")
    if not to.active or Role.COORDINATOR not in to.roles or to.agency_id != actor.agency_id:
        raise DomainError("Choose a coordinator of the hub", field="to")
    if referral.claimed_by == to.id:
        raise DomainError(f"{to.name} has this form already", field="to")
    refuse_decided(referral)
    before = referral.claimed_by
    handed = _hold(actor, referral, to.id, note=note)
    if referral.state == ReferralState.SENT:
        move(referral, ReferralState.IN_TRIAGE)
    db.session.flush()
    record("referral:hand_over", referral, to=str(to.id))
    given = {Ground.OWNER: to_people(to.id), Ground.OWNER_BEFORE: to_people(before)}
    tell(actor=actor, event=HANDED_OVER, about=about_form(referral), given=given, once=str(handed))


def release(*, actor: Principal, referral: Referral) -> None:
    """Put a form that one has claimed back for anybody to take.

    Raises:
        DomainError: somebody else has it, or it is not in triage.
    """
    require(actor, "referral:triage")
    if referral.claimed_by != actor.user_id:
        raise DomainError("Only who has claimed a form can put it back")
    move(referral, ReferralState.SENT)
    handed = _hold(actor, referral, None, note="Put back")
    record("referral:release", referral)
    if referral.colour == TriageColour.RED or (referral.triage_due_at or clock.now()) < clock.now():
        about = about_form(referral)
        tell(actor=actor, event=URGENT_PUT_BACK, about=about, given=holder_of(referral), once=str(handed))


def set_colour(
    *, actor: Principal, referral: Referral, colour: TriageColour, reason: str, seen: TriageColour
) -> None:
    """Change how soon the form has to be looked at. The first colour stays in the history, and so does the
    first due time; the new one counts from when the form was received.

    Args:
        reason: why; always asked for.
        seen: the colour that the actor had before them.

    Raises:
        Conflict: somebody changed the colour meanwhile.
        DomainError: there is no reason, the colour is what it was, or the form is decided.
    """
    require(actor, "referral:triage")
    refuse_decided(referral)
    if referral.colour == colour and seen != colour:
        return  # sent twice, or a colleague had the same thought
    if referral.colour != seen:
        now = TriageColour(referral.colour or "green").label
        raise Conflict(
            f"A colleague has made this form {now.lower()} meanwhile",
            Versions({"Colour": now}, {"Colour": colour.label}),
        )
    reason = require_text(reason, "Say why the colour changes", field="reason")
    if referral.colour == colour:
        raise DomainError(f"The form is {colour.label.lower()} already", field="colour")
    referral.colour = colour
    db.session.add(
        ReferralColour(
            referral_id=referral.id,
            colour=colour,
            reason=reason,
            by_policy=False,
            set_by=actor.user_id,
            set_at=clock.now(),
        )
    )
    rule = current_policy(_authority(referral)).clock(DeadlineKind.TRIAGE, colour)
    referral.triage_due_at = due(rule, referral.received_at or clock.now())
    for deadline in open_deadlines(subject=referral, kind=DeadlineKind.TRIAGE):
        move_deadline(
            actor=actor,
            deadline=deadline,
            due_at=referral.triage_due_at,
            reason=f"{colour.label}: {reason}",
            rule=rule,
            told=colour is TriageColour.RED or referral.claimed_by is None,
        )
    db.session.flush()
    record("referral:colour", referral, colour=colour.value)
    tell(
        actor=actor,
        event=TURNED_RED if colour is TriageColour.RED else COLOUR_CHANGED,
        about=about_form(referral),
        given=holder_of(referral),
        once=clock.now().isoformat(),
    )


def move(referral: Referral, target: ReferralState) -> None:
    """Bring a form into another state.

    Raises:
        DomainError: it cannot go there from where it stands.
    """
    check_state(ReferralState(referral.state), target)
    referral.state = target
    db.session.flush()


def coordinators(*, actor: Principal) -> list[User]:
    """The hub's coordinators, by name."""
    return list(
        db.session.scalars(
            select(User)
            .where(
                User.agency_id == actor.agency_id,
                User.active,
                literal(Role.COORDINATOR.value) == any_(User.roles),
            )
            .order_by(User.name)
        )
    )


def _hold(actor: Principal, referral: Referral, holder: UUID | None, note: str) -> UUID:
    now, handed = clock.now(), new_id()
    db.session.add(
        ReferralHandover(
            id=handed, referral_id=referral.id, from_id=referral.claimed_by, to_id=holder, note=note, at=now
        )
    )
    referral.claimed_by = holder
    referral.claimed_at = now if holder else None
    owner = Owner(user_id=holder) if holder else Owner(agency_id=actor.agency_id)
    hand_deadlines_over(actor=actor, subject=referral, kind=DeadlineKind.TRIAGE, owner=owner)
    return handed


def refuse_decided(referral: Referral) -> None:
    """Go on only while the form is not decided.

    Raises:
        DomainError: it is.
    """
    if referral.state not in UNDECIDED_REFERRAL_STATES:
        raise DomainError("This form is decided. Reopen the decision first")


def _authority(referral: Referral) -> str | None:
    return current_policy().authority_of(referral.district)


def _name(user_id: UUID) -> str:
    return db.session.scalar(select(User.name).where(User.id == user_id)) or "A colleague"


def record(action: str, referral: Referral, **details: Any) -> None:
    """Leave a row that the hub did something with a form."""
    audit.record(action, referral, ground="hub", **details)


def mark_words(actor: Principal, referral: Referral, wrong: Sequence[TriageDecision]) -> None:
    """What a decision put on a case says from now on that the hub took that back, wherever it is read: as a
    correction of the hub's. So do the words of the form's other decisions there that name the same person,
    place or thing. Of a red form whoever works on the case of such a decision hears in the message that it
    was taken back; on another case, of the correction.
    """
    things = {one.id: one.label for one in subjects_of(referral=referral) if one.kind != SubjectKind.CHILD}
    labels = [things[one.subject_id] for one in wrong if one.case_id and one.subject_id in things]
    made = select(TriageDecision).where(
        TriageDecision.referral_id == referral.id, TriageDecision.details.has_key("entry")
    )
    for decision in db.session.scalars(made.order_by(TriageDecision.decided_at, TriageDecision.id)):
        entry = db.session.get(ChronologyEntry, UUID(decision.details["entry"]))
        if entry is None:
            continue
        heard = referral.colour == TriageColour.RED and entry.case_id in {one.case_id for one in wrong}
        if decision in wrong:
            what = "The hub took its decision to put this here back on"
            _mark(actor, entry, what, ASK_FIRST, told_otherwise=heard)
        elif named := [one for one in labels if names(entry.text, one)]:
            what = f"The hub took its decision on {' and on '.join(named)}, named here, back on"
            _mark(actor, _as_it_stands(entry), what, ASK_BEFORE_USE, told_otherwise=heard)


def _mark(actor: Principal, entry: ChronologyEntry, what: str, ask: str, *, told_otherwise: bool) -> None:
    """Put a mark before an entry. One that somebody has put right since, or whom the actor does not read,
    stays.
    """
    case, day = db.session.get(Case, entry.case_id), clock.today()
    if case is None:
        return
    with suppress(DomainError):
        correct_entry(
            actor=actor,
            case=case,
            entry=entry,
            text=f"{what} {day.day} {day:%B %Y}. {ask}\n\n{entry.text}",
            reason=TAKEN_BACK,
            told_otherwise=told_otherwise,
        )


def _as_it_stands(entry: ChronologyEntry) -> ChronologyEntry:
    """The last correction of an entry."""
    later = db.session.scalar(select(ChronologyEntry).where(ChronologyEntry.corrects_id == entry.id))
    return _as_it_stands(later) if later else entry
