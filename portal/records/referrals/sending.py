"""Information forms on their way to the hub and back: sending, and the talk that follows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.access import audit
from portal.access.permissions import Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_length, or_not_found
from portal.changes.versions import insert_now, lock
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Outsider, Whom, outside, tell, to_people
from portal.messages.vocabulary import Event, Ground
from portal.model import new_id
from portal.pathway.references import Prefix, read_reference
from portal.policy import Policy, current_policy
from portal.records.children.model import Child
from portal.records.children.rules import sealed_search
from portal.records.people.model import Agency, Team
from portal.records.referrals.drafts import lock_draft, take_turns_on_children
from portal.records.referrals.model import (
    Referral,
    ReferralChild,
    ReferralColour,
    ReferralMessage,
    ReferralReading,
    ReferralSubject,
)
from portal.records.referrals.rules import ChildDetails, Details, FormAnswers, first_colour, triage_answers
from portal.records.referrals.vocabulary import ARRIVED, ON_SEALED, RED_ARRIVED, SENDER_WROTE, UNSEEN, Channel
from portal.vocabulary import ReferralState, Sector, SubjectKind, TriageColour

_PASS = text(
    "select ctx.pass_if_sealed(:subject, cast(:keys as text[]), cast(:dobs as date[]), cast(:nhs as text))"
)


def send_referral(
    *, actor: Principal, reference: str, answers: FormAnswers, details: Sequence[Details], version: int
) -> Referral:
    """Send a draft to the hub. From then on its author changes nothing in it.

    Its children, people and things become rows of their own, the first colour comes by policy ``triage`` with
    its reasons, and the triage clock starts at the moment the information was received. A child of a sealed
    case hands the form to the people of that case, without the sender learning of it.

    Args:
        answers: what the draft says, the source not among it.
        details: the children, people, places and things on it.
        version: of the draft from which both were read.

    Raises:
        Conflict: another tab has saved since; sent now, what it saved would be lost.
        NotFound: no draft of the actor's has this reference (it may have been sent already).
        DomainError: an answer that has to be given is missing, or it was received in the future.
    """
    require(actor, "referral:write")
    draft = lock_draft(actor, reference)
    lock(draft, version, lambda _now: {})
    now = clock.now()
    received_at = answers.received_at or now
    _check(actor, answers, received_at, now)
    policy = current_policy(current_policy().authority_of(answers.district))
    subjects = _add_subjects(draft, details)
    colour = first_colour(policy.triage, triage_answers(answers, details, clock.local(now).date()))
    db.session.add(
        ReferralColour(
            referral_id=draft.id,
            colour=colour.colour,
            reason="; ".join(colour.reasons),
            by_policy=True,
            set_by=actor.user_id,
            set_at=now,
        )
    )
    deadline = open_deadline(
        kind=DeadlineKind.TRIAGE,
        subject=draft,
        owner=_hub(),
        started_at=received_at,
        colour=colour.colour,
        policy=policy,
    )
    _fill_columns(draft, answers)
    draft.colour = colour.colour
    draft.triage_due_at = deadline.due_at
    draft.received_at = received_at
    draft.sent_at = draft.saved_at = now
    draft.policy_version = policy.version
    draft.version += 1
    draft.state = ReferralState.SENT
    if draft.author_team_id not in actor.team_ids:
        draft.author_team_id = min(actor.team_ids, default=None)
    db.session.flush()
    _look_for_sealed_children(subjects, policy)  # what is sent is handed on, with what is owed on it
    audit.record("referral:send", draft, colour=colour.colour, rules=colour.rules)
    _tell_of_arrival(actor, draft)
    return draft


def reply_to_hub(*, actor: Principal, referral: Referral, text: str) -> None:
    """Answer the hub, or add something, on what one has sent. An answer sent twice arrives once.

    Raises:
        Forbidden: the actor did not send it.
        DomainError: nothing was written, or too much.
    """
    require(actor, "referral:reply")
    if referral.author_id != actor.user_id or referral.state == ReferralState.DRAFT:
        raise Forbidden("Only the person who sent this can answer the hub here.")
    words = text.strip()
    if not words:
        raise DomainError("Write your message", field="text")
    check_length(words, "text")
    if _is_the_last_message(actor, referral, words):
        return
    message = ReferralMessage(
        referral_id=referral.id,
        author_id=actor.user_id,
        from_hub=False,
        text=words,
        sent_at=clock.now(),
    )
    insert_now(message)
    audit.record("referral:reply", referral, message_id=str(message.id))
    _ask_to_read_again(referral)
    _tell_of_words(actor, referral, once=str(message.id))


def _ask_to_read_again(referral: Referral) -> None:
    """A form that is decided is in nobody’s queue: what is written on it later has to be read by as soon as a
    form of its colour is triaged, by whoever had it or else the hub, once however much is written.
    """
    owners = db.session.execute(
        select(func.ctx.form_to_read_again(referral.id).table_valued("owner_id"))
    ).all()
    db.session.refresh(referral)
    for (owner_id,) in owners:
        policy = current_policy(current_policy().authority_of(referral.district))
        triage = policy.clock(DeadlineKind.TRIAGE, TriageColour(referral.colour or TriageColour.GREEN))
        open_deadline(
            kind=DeadlineKind.SENDER_WROTE,
            subject=referral,
            owner=Owner(user_id=owner_id) if owner_id else _hub(),
            due_at=due(triage, clock.now()),
            source=f"clocks.{triage.code}",
            confirmed=triage.confirmed,
            policy=policy,
        )


def _tell_of_words(actor: Principal, referral: Referral, *, once: str) -> None:
    """Whoever has the form; of one that is red and not decided yet at any hour, and the whole hub besides,
    since whoever has it may be off. So of one that is decided: it is on nobody’s list any more.
    """
    given = holder_of(referral)
    decided = referral.state in {ReferralState.DECIDED, ReferralState.FED_BACK}
    at_once = not decided and referral.colour == TriageColour.RED
    if (at_once or decided) and db.session.scalar(select(func.ctx.is_for_the_hub(referral.id))):
        given.pop(Ground.HUB, None)
    tell(actor=actor, event=SENDER_WROTE, about=about_form(referral), given=given, once=once, at_once=at_once)
    tell_if_unseen(actor, referral, once=once)


def mark_read(*, actor: Principal, referral: Referral) -> None:
    """Remember that the actor has read a referral up to now: what the hub writes later is new to them."""
    now = clock.now()
    reading = insert(ReferralReading).values(referral_id=referral.id, user_id=actor.user_id, read_at=now)
    db.session.execute(
        reading.on_conflict_do_update(index_elements=["referral_id", "user_id"], set_={"read_at": now})
    )


def about_form(referral: Referral) -> About:
    """What a message about a form is about."""
    return About("referral", referral.id, referral.reference)


def holder_of(referral: Referral) -> dict[Ground, Whom]:
    """Whom to tell of a form at the hub: whoever owes its triage or has it; where nobody does, the hub.

    The triage of a form on a child whose case is sealed is owed by somebody named on that case. Whoever wrote
    the form does not see who: the database says whom to tell of what is being sent. Where nobody is named any
    more, the hub hears only that a form waits (`tell_if_unseen`).
    """
    db.session.flush()
    person = db.session.scalar(select(func.ctx.holder_of_form(referral.id))) or referral.claimed_by
    not_hub = person is not None or bool(_unseen(referral))
    return {Ground.OWNER: to_people(person)} | ({Ground.HUB: NOBODY} if not_hub else {})


def tell_if_unseen(actor: Principal, referral: Referral, *, once: str = "") -> None:
    """Tell of a form on a child whose case is sealed that nobody at the hub may see: whoever reads that case,
    who can have a coordinator named on it, of their case; and the hub, that a form waits for that.
    """
    if found := _unseen(referral):
        at_once, waits = referral.colour == TriageColour.RED, {Ground.READER: NOBODY}
        tell(actor=actor, event=UNSEEN, about=about_form(referral), given=waits, once=once, at_once=at_once)
        _tell_of_case(actor, UNSEEN, referral, found, once)


def tell_lead_of_sealed(actor: Principal, referral: Referral, *, once: str = "") -> None:
    """Tell whoever is named for the agency that leads a sealed case that a form on its child came, which a
    coordinator named on it has. Whoever sent it or handed it on learns nothing.
    """
    statement = text("select * from ctx.lead_of_sealed_form(:form) order by case_id, user_id")
    found = db.session.execute(statement, {"form": referral.id}).all()
    _tell_of_case(actor, ON_SEALED, referral, found, once)


def _tell_of_case(actor: Principal, event: Event, form: Referral, found: Sequence[Any], once: str) -> None:
    red, once = form.colour == TriageColour.RED, once or form.id.hex
    for (case_id, reference), rows in groupby(found, key=lambda one: (one.case_id, one.reference)):
        readers = {Ground.READER: to_people(*(one.user_id for one in rows)), Ground.HUB: NOBODY}
        about = About("cre_case", case_id, reference, case_id)
        tell(actor=actor, event=event, about=about, given=readers, once=once, at_once=red)


def _unseen(referral: Referral) -> Sequence[Any]:
    """The sealed cases of a form that nobody at the hub may see, and each who reads one."""
    statement = text("select case_id, reference, user_id from ctx.unseen_form(:form) order by case_id")
    return db.session.execute(statement, {"form": referral.id}).all()


def sender_outside(referral: Referral, *, takes_in: Collection[Event] = ()) -> Whom:
    """Whoever rang or wrote, where a coordinator entered the form for them: they have no account.

    Args:
        takes_in: what they were to be told before, and were not, that is said with this.
    """
    name = referral.sender_name or ""
    if not name and referral.sender_agency_id is not None:
        name = db.session.get_one(Agency, referral.sender_agency_id).name
    return outside(
        Outsider(
            name,
            referral.sender_contact or "",
            referral_id=referral.id,
            newest=bool(takes_in),
            takes_in=frozenset(one.code for one in takes_in),
        )
    )


def _tell_of_arrival(actor: Principal, referral: Referral) -> None:
    """A coordinator who enters what somebody rang about is sent no acknowledgement."""
    author = NOBODY if actor.is_coordinator else to_people(actor.user_id)
    tell(
        actor=actor,
        event=RED_ARRIVED if referral.colour == TriageColour.RED else ARRIVED,
        about=about_form(referral),
        given=holder_of(referral)
        | {
            Ground.AUTHOR: author,
            Ground.MANAGER: _manager_of_author(actor, referral),
            Ground.OUTSIDE: sender_outside(referral),
        },
        acknowledges=not actor.is_coordinator,
    )
    tell_if_unseen(actor, referral)
    tell_lead_of_sealed(actor, referral)


def _manager_of_author(actor: Principal, referral: Referral) -> Whom:
    """The manager of the author's team; nobody where it concerns a colleague or their family."""
    if referral.concerns_colleague or referral.author_team_id is None:
        return NOBODY
    manager = db.session.scalar(select(Team.manager_id).where(Team.id == referral.author_team_id))
    return to_people(manager) - to_people(actor.user_id)


def _check(actor: Principal, answers: FormAnswers, received_at: datetime, now: datetime) -> None:
    for given, words in (
        (answers.urgency, "Choose how urgent it is"),
        (answers.kind, "Choose what it is mainly about"),
        (answers.what_happened.strip(), "Say what happened"),
    ):
        if not given:
            raise DomainError(words)
    if received_at > now:
        raise DomainError("It cannot have arrived in the future: check the day and the time")
    if answers.channel not in (None, Channel.PORTAL):
        require(actor, "referral:triage")


def _add_subjects(draft: Referral, details: Sequence[Details]) -> list[ReferralSubject]:
    subjects = [
        ReferralSubject(
            id=new_id(),
            referral_id=draft.id,
            position=position,
            kind=one.kind,
            label=one.label,
            details=one.as_json(),
        )
        for position, one in enumerate(details, start=1)
    ]
    db.session.add_all(subjects)
    db.session.flush()
    return subjects


def _look_for_sealed_children(subjects: Sequence[ReferralSubject], policy: Policy) -> None:
    today = clock.today()
    take_turns_on_children(subjects)
    for subject in subjects:
        if subject.kind == SubjectKind.CHILD:
            search = sealed_search(ChildDetails.from_json(subject.details), policy.names, today)
            sought = {"keys": search.keys, "dobs": search.dobs, "nhs": search.nhs_number}
            db.session.execute(_PASS, {"subject": subject.id, **sought})


def _fill_columns(draft: Referral, answers: FormAnswers) -> None:
    """What triage works with, as columns; the whole form stays beside them as JSON."""
    draft.answers = answers.as_json()
    draft.channel = answers.channel or Channel.PORTAL
    draft.sender_name = answers.sender_name or None
    draft.sender_agency_id = answers.sender_agency_id
    draft.sender_contact = answers.sender_contact or None
    draft.kind = answers.kind
    draft.immediate_danger = answers.immediate_danger
    draft.concerns_colleague = bool(answers.concerns_colleague)
    draft.district = answers.district or None
    draft.types = list(answers.types)
    draft.what_happened = answers.what_happened
    draft.event_from = answers.event_from
    draft.event_to = answers.event_to


def _hub() -> Owner:
    """The hub's duty team, else the hub."""
    hub = select(Agency.id, Team.id).outerjoin(Team, (Team.agency_id == Agency.id) & Team.active)
    found = db.session.execute(
        hub.where(Agency.sector == Sector.HUB, Agency.active).order_by(Agency.id, Team.id).limit(1)
    ).one_or_none()
    if found is None:
        raise DomainError("The partnership has no hub yet: ring the numbers under Contacts")
    agency_id, team_id = found
    return Owner(team_id=team_id) if team_id else Owner(agency_id=agency_id)


def _is_the_last_message(actor: Principal, referral: Referral, words: str) -> bool:
    last = db.session.scalar(
        select(ReferralMessage)
        .filter_by(referral_id=referral.id)
        .order_by(ReferralMessage.sent_at.desc(), ReferralMessage.id.desc())
        .limit(1)
    )
    return last is not None and last.author_id == actor.user_id and last.text == words


def subjects_of(*, referral: Referral) -> list[ReferralSubject]:
    """Who and what is on a form, in its order."""
    wanted = select(ReferralSubject).filter_by(referral_id=referral.id)
    return list(db.session.scalars(wanted.order_by(ReferralSubject.position)))


def subject_at(*, referral: Referral, position: int) -> ReferralSubject:
    """One child, person, place or thing on a form, by its place there.

    Raises:
        NotFound: there is none.
    """
    return or_not_found(
        db.session.scalar(select(ReferralSubject).filter_by(referral_id=referral.id, position=position)),
        "There is nobody and nothing at this place of the form",
    )


def recognised(*, subject: ReferralSubject) -> Child | None:
    """The known child that a subject was found to be, if the person who asks may see them."""
    return db.session.scalar(
        select(Child)
        .join(ReferralChild, ReferralChild.child_id == Child.id)
        .where(ReferralChild.subject_id == subject.id)
    )


def find_child(*, reference: str) -> Child:
    """A known child by reference, as typed or chosen.

    Raises:
        NotFound: there is none whom the person who asks may see.
    """
    read = read_reference(reference, Prefix.CHILD)
    return or_not_found(
        db.session.scalar(select(Child).where(Child.reference == read)) if read else None,
        "There is no such child",
    )
