"""Referrals to children's social care: sent to the front door, opened and decided there, else rung."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select, text

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, or_not_found
from portal.changes.versions import insert_now, lock_row
from portal.deadlines.changes import Owner, cancel_deadlines, finish_deadlines, open_deadline
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Unseen, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.queries.rows import Rows
from portal.records.disclosures.disclosing import disclose_to_front_door, introduction, take_back
from portal.records.disclosures.facts import about_disclosure
from portal.records.disclosures.ledger import confirm_receipt, is_receiver
from portal.records.disclosures.model import Disclosure
from portal.records.entries.vocabulary import FamilySafe
from portal.records.people.agencies import councils_in, teams_at
from portal.records.people.model import Team
from portal.records.referrals.model import Referral, ReferralMessage, ReferralSubject
from portal.records.triage.child_match import to_find
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.records.triage.vocabulary import (
    SOCIAL_CARE_DECIDED,
    SOCIAL_CARE_REFERRED,
    SOCIAL_CARE_WITHDRAWN,
    STRATEGY_OVER,
)
from portal.records.triage.working import record
from portal.vocabulary import DecisionOutcome, Desk, TriageColour

#: The code of policy `decisions.social_care_outcomes` by which a front door holds a strategy discussion.
STRATEGY = "strategy_discussion"


def refer(
    *,
    actor: Principal,
    referral: Referral,
    decision: TriageDecision,
    subject: ReferralSubject,
    authority: str,
    text: str,
    family_safe: FamilySafe,
) -> SocialCareReferral:
    """Refer a child to the front door of an authority.

    Its teams on the portal get the words on their list, and owe a decision (`clocks.social_care_decision`).
    The hub has to ring when nobody there has opened it in the time for what is red (`clocks.receipt_red`);
    at once where no team is on the portal.

    Args:
        authority: code of policy `areas.authorities`.
        text: what it is told, looked through by whoever calls.
        family_safe: whether the family may know of it; where not, or not yet, that binds the front door too.

    Raises:
        DomainError: there is no such authority, or the words may not be passed on.
    """
    policy = current_policy(authority)
    if policy.areas.authorities.get(authority) is None:
        raise DomainError("Choose the authority whose social care it goes to", field="authority")
    made = SocialCareReferral(
        referral_id=referral.id,
        decision_id=decision.id,
        authority=authority,
        made_at=clock.now(),
        made_by=actor.user_id,
        text=text,
    )
    insert_now(made)
    teams = [db.session.get_one(Team, one) for one in teams_at(Desk.FRONT_DOOR, authority=authority)]
    for team in teams:
        _send(actor, referral, made, team, subject, family_safe=family_safe)
    hub = Owner(user_id=actor.user_id, agency_id=actor.agency_id)
    opened_by = due(policy.clock(DeadlineKind.RECEIPT, TriageColour.RED), made.made_at)
    rings_from = opened_by if teams else made.made_at
    open_deadline(
        kind=DeadlineKind.SOCIAL_CARE, subject=made, owner=hub, started_at=rings_from, policy=policy
    )
    if not teams:
        open_deadline(kind=DeadlineKind.SOCIAL_CARE_DECISION, subject=made, owner=hub, policy=policy)
        nobody = About(made.__tablename__, made.id, referral.reference)
        tell(
            actor=actor,
            event=SOCIAL_CARE_REFERRED,
            about=nobody,
            given={Ground.SOCIAL_CARE: NOBODY},
            nobody_at={Ground.SOCIAL_CARE: {authority}},
        )
    return made


def _send(
    actor: Principal,
    referral: Referral,
    made: SocialCareReferral,
    team: Team,
    subject: ReferralSubject,
    *,
    family_safe: FamilySafe,
) -> None:
    """Put it on the list of one team of the front door, which owes a decision, and tell the team."""
    told = disclose_to_front_door(
        actor=actor,
        referral=referral,
        team=team,
        subject=subject,
        text=made.text,
        beside=to_find(subject, referral),
        made_id=made.id,
        family_safe=family_safe,
    )
    open_deadline(
        kind=DeadlineKind.SOCIAL_CARE_DECISION,
        subject=told,
        owner=Owner(team_id=team.id),
        policy=current_policy(made.authority),
    )
    given = {Ground.SOCIAL_CARE: to_teams(team.id)}
    tell(actor=actor, event=SOCIAL_CARE_REFERRED, about=about_disclosure(told), given=given)


def referral_of_disclosure(*, disclosure: Disclosure) -> SocialCareReferral | None:
    """The referral to a front door that it was told by a line of the ledger, for whoever may see it."""
    if disclosure.social_care_referral_id is None:
        return None
    return db.session.get(SocialCareReferral, disclosure.social_care_referral_id)


def strategies_of(referral_id: UUID) -> Rows:
    """What became of the discussions that front doors decided for a form, for whoever may know."""
    found = text("select made_id, authority, held, at from ctx.strategies_of(:form) order by at, made_id")
    return db.session.execute(found.bindparams(bindparam("form", referral_id, Uuid))).all()


def note_opened(*, actor: Principal, disclosure: Disclosure) -> None:
    """Somebody of the front door reads what it was told: that is the receipt, kept of the first, and ends the
    hub's duty to ring. Of others it says nothing.
    """
    made = referral_of_disclosure(disclosure=disclosure)
    if made is None or not is_receiver(actor, disclosure):
        return
    confirm_receipt(actor=actor, disclosure=disclosure, by_opening=True)
    if made.opened_at is None:
        lock_row(made)
        if made.opened_at is None:
            made.opened_at, made.opened_by = clock.now(), actor.user_id
            db.session.flush()


def answer(*, actor: Principal, disclosure: Disclosure, outcome: str, words: str) -> None:
    """Say what the front door has decided. The sender of the form reads it there, and the hub is told.

    Args:
        outcome: code of policy `decisions.social_care_outcomes`.
        words: for the sender.

    Raises:
        NotFound: it is no referral to a front door.
        Forbidden: the actor is not of the team that it was told to.
        DomainError: there is no such outcome, or it is decided already.
    """
    require(actor, "disclosure:confirm", Facts(receiver=is_receiver(actor, disclosure)))
    made = or_not_found(referral_of_disclosure(disclosure=disclosure), "There is no such referral")
    note_opened(actor=actor, disclosure=disclosure)
    _decide(actor, made, outcome, words)
    audit.record("social_care:answer", disclosure, outcome=outcome)


def record_answer(
    *, actor: Principal, referral: Referral, made: SocialCareReferral, outcome: str, words: str
) -> None:
    """Record what a front door that is not on the portal said that it has decided; as `answer`."""
    require(actor, "referral:triage")
    _decide(actor, made, outcome, words)
    record("social_care:answer", referral, referred=str(made.id), outcome=outcome)


def _decide(actor: Principal, made: SocialCareReferral, outcome: str, words: str) -> None:
    policy = current_policy(made.authority)
    if policy.decisions.social_care_outcomes.get(outcome) is None:
        raise DomainError("Choose what was decided", field="outcome")
    lock_row(made)
    if made.outcome is not None:
        if (made.outcome, made.outcome_words) == (outcome, words.strip()):
            return
        raise DomainError("A colleague has recorded another decision meanwhile")
    made.outcome, made.outcome_words = outcome, words.strip()
    made.outcome_at, made.outcome_by = clock.now(), actor.user_id
    db.session.flush()
    if outcome == STRATEGY:
        _owe_strategy(made)
    _tell_sender(actor, made)


def _owe_strategy(made: SocialCareReferral) -> None:
    """Open cases of the child owe the discussion in the time that policy gives (`clocks.strategy`)."""
    policy = current_policy(made.authority)
    rule = policy.clock(DeadlineKind.STRATEGY)
    said = (
        made.id,
        due(rule, made.outcome_at or clock.now()),
        f"clocks.{rule.code}",
        rule.confirmed,
        policy.version,
    )
    db.session.execute(select(func.ctx.owe_strategy(*said)))


def _tell_sender(actor: Principal, made: SocialCareReferral) -> None:
    """The sender reads the decision on their form, and whoever referred the child hears of it."""
    message = ReferralMessage(
        referral_id=made.referral_id,
        author_id=actor.user_id,
        from_hub=True,
        text=words_of_answer(made),
        sent_at=made.outcome_at,
        asks_reply=False,
    )
    insert_now(message)
    statement = text("select reference, people, red from ctx.hear_of_front_door(:made)")
    heard = db.session.execute(statement.bindparams(bindparam("made", made.id, Uuid))).one()
    tell(
        actor=actor,
        event=SOCIAL_CARE_DECIDED,
        about=About("referral", made.referral_id, heard.reference),
        given={Ground.OWNER: to_people(*heard.people)},
        once=str(made.id),
        at_once=heard.red,  # of a child in danger nobody waits for office hours
        unseen=Unseen("front_door", {"id": str(made.id)}),
    )


def words_of_answer(made: SocialCareReferral) -> str:
    """What a front door has decided, for the sender."""
    policy = current_policy(made.authority)
    whose = policy.areas.authorities.label(made.authority)
    decided = policy.decisions.social_care_outcomes.label(made.outcome)
    return "\n".join(
        filter(None, (f"Children’s social care of {whose} has decided: {decided}.", made.outcome_words))
    )


def printed(*, made: SocialCareReferral) -> str:
    """What to print and say on the phone, where the front door is not on the portal; else nothing."""
    told = select(Disclosure.id).filter_by(social_care_referral_id=made.id)
    if db.session.scalar(told.limit(1)) is not None:
        return ""
    subject = db.session.scalar(
        select(ReferralSubject)
        .join(TriageDecision, TriageDecision.subject_id == ReferralSubject.id)
        .where(TriageDecision.id == made.decision_id)
    )
    form = db.session.get_one(Referral, made.referral_id)
    said = (introduction([subject]), made.text, to_find(subject, form)) if subject else (made.text,)
    return "\n\n".join(filter(None, said))


def find_social_care_referral(*, actor: Principal, made_id: UUID) -> SocialCareReferral:
    """A referral to a front door, as a coordinator sees it.

    Raises:
        NotFound: there is none, or colleagues see to it.
    """
    require(actor, "referral:triage")
    found = db.session.scalar(
        select(SocialCareReferral)
        .where(
            SocialCareReferral.id == made_id,
            SocialCareReferral.withdrawn_at.is_(None),
            func.ctx.triages(SocialCareReferral.referral_id),
        )
        .with_for_update()
    )
    if found is None:
        raise NotFound("There is no such referral")
    return found


def confirm(
    *,
    actor: Principal,
    referral: Referral,
    made: SocialCareReferral,
    front_door_reference: str = "",
    call_with: str = "",
    call_at: datetime | None = None,
) -> None:
    """Record that the front door has it: its own reference, or the call in which somebody said so.

    Raises:
        DomainError: neither is given, the call is in the future, or a colleague recorded something else.
    """
    require(actor, "referral:triage")
    number, name = front_door_reference.strip(), call_with.strip()
    lock_row(made)
    if made.confirmed_at is not None:
        if (made.front_door_reference or "", made.call_with or "") == (number, name):
            return
        raise DomainError("A colleague has recorded meanwhile that social care has it")
    if not number and not name:
        raise DomainError("Enter the front door’s reference, or who took the call", field="reference")
    if name and call_at is None:
        raise DomainError("Enter when you rang", field="call_on")
    now = clock.now()
    if call_at and call_at > now:
        raise DomainError("The call must be in the past", field="call_on")
    made.front_door_reference = number or None
    made.call_with = name or None
    made.call_at = call_at if name else None
    made.confirmed_at = now
    made.confirmed_by = actor.user_id
    finish_deadlines(subject=made, kind=DeadlineKind.SOCIAL_CARE)
    record("social_care:confirm", referral, referred=str(made.id))


def withdraw(*, actor: Principal, decision: TriageDecision, reason: str) -> None:
    """The decision behind it was wrong: what nobody at the front door has opened, confirmed or decided goes
    back. A strategy discussion that the front door decided is owed by the case of the child no more, and
    whoever owed it is told.
    """
    require(actor, "referral:triage")
    _end_strategy(actor, decision)
    for made in db.session.scalars(
        select(SocialCareReferral).where(
            SocialCareReferral.decision_id == decision.id,
            SocialCareReferral.confirmed_at.is_(None),
            SocialCareReferral.opened_at.is_(None),
            SocialCareReferral.outcome.is_(None),
            SocialCareReferral.withdrawn_at.is_(None),
        )
    ):
        made.withdrawn_at = clock.now()
        for kind in (DeadlineKind.SOCIAL_CARE, DeadlineKind.SOCIAL_CARE_DECISION):
            cancel_deadlines(subject=made, kind=kind, reason=reason)
        for told in db.session.scalars(select(Disclosure).filter_by(social_care_referral_id=made.id)):
            _tell_of_withdrawal(actor, told)
            take_back(disclosure=told, reason=reason)


def _end_strategy(actor: Principal, decision: TriageDecision) -> None:
    decided = select(SocialCareReferral.id).filter_by(decision_id=decision.id, outcome=STRATEGY)
    for made_id in db.session.scalars(decided).all():
        db.session.execute(select(func.ctx.end_strategy_of(made_id)))
        tell(
            actor=actor,
            event=STRATEGY_OVER,
            about=About("cre_case", made_id),  # the database puts each case in its place
            once=str(made_id),
            at_once=True,
            unseen=Unseen("strategy_over", {"each": "strategy_over", "id": str(made_id)}),
        )


def _tell_of_withdrawal(actor: Principal, told: Disclosure) -> None:
    """The last word to a team, under the reference that it knows: it reads the referral no longer. It heard
    of it at any hour, and may be on its way to the family by the morning.
    """
    given = {Ground.SOCIAL_CARE: to_teams(told.receiver_team_id)}
    about = about_disclosure(told)
    tell(actor=actor, event=SOCIAL_CARE_WITHDRAWN, about=about, given=given, at_once=True)


def teams_waiting(referral: Referral) -> list[UUID]:
    """The teams that heard, when it was decided, that a form holds something for them, and were told nothing
    of it since: the police intelligence desk, and the council whose panel it is for. What they were told
    before is something else on the form.
    """
    decided = (
        select(TriageDecision.outcome, TriageDecision.details, TriageDecision.decided_at)
        .where(TriageDecision.referral_id == referral.id, TriageDecision.reopened_at.is_(None))
        .order_by(TriageDecision.decided_at, TriageDecision.id)
    )
    heard: dict[UUID, datetime] = {}
    for row in db.session.execute(decided):
        if row.outcome == DecisionOutcome.INTELLIGENCE_ONLY:
            heard |= dict.fromkeys(teams_at(Desk.INTELLIGENCE), row.decided_at)
        elif row.outcome == DecisionOutcome.DISTRICT_PANEL:
            heard |= dict.fromkeys(councils_in(row.details.get("district", "")), row.decided_at)
    if not heard or not db.session.scalar(select(func.ctx.is_the_hubs(referral.id))):
        return []
    told = db.session.execute(
        select(Disclosure.receiver_team_id, func.max(Disclosure.decided_at).label("last"))
        .where(Disclosure.referral_id == referral.id, Disclosure.withdrawn_at.is_(None))
        .group_by(Disclosure.receiver_team_id)
    )
    answered = {row.receiver_team_id for row in told if row.last >= heard.get(row.receiver_team_id, row.last)}
    return [one for one in heard if one not in answered]
