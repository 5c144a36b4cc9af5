"""Deciding: each child, person, place and thing on a form on its own, always with a reason.

What an outcome sets going is in `decision_effects`; here is which outcomes may stand, for what, and what
becomes of the form, and the teams that are brought onto the case of a child on it. The second of two
coordinators who decide the same is shown both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import or_, select, union

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import lock_row
from portal.deadlines.changes import Owner, cancel_deadlines, finish_deadlines, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, heard_of, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.queries.rows import NAMED
from portal.records.by_hand.facts import close_moot, owed_of_form, told_last
from portal.records.by_hand.rules import DECISION_TAKEN_BACK
from portal.records.cases.involvements import current_involvement
from portal.records.cases.model import Case
from portal.records.cases.opening import add_involvement
from portal.records.children.model import Child
from portal.records.disclosures.facts import about_disclosure
from portal.records.disclosures.model import Disclosure
from portal.records.disclosures.vocabulary import SharingDecision
from portal.records.people.model import Team
from portal.records.referrals.drafts import take_turns_on_children
from portal.records.referrals.model import Referral, ReferralChild, ReferralSubject
from portal.records.referrals.sending import about_form, sender_outside, subjects_of
from portal.records.referrals.third_party_check import check_names_no_others
from portal.records.triage.decision_effects import Effects, carry_out
from portal.records.triage.decision_rules import (
    DecisionSetting,
    Target,
    on_form_about,
    plan,
    refuse_clash,
    refuse_stale,
    repeated,
    whoever_may_know,
    without_undecided,
    words_on,
)
from portal.records.triage.model import SocialCareReferral, TriageDecision
from portal.records.triage.social_care import withdraw
from portal.records.triage.vocabulary import (
    FED_BACK,
    FOR_PANEL,
    INTELLIGENCE_KEPT,
    OUTSIDE_PART_TAKEN_BACK,
    OUTSIDE_TAKEN_BACK,
    RED_REOPENED_ON_CASE,
    REOPENED,
    REOPENED_AFTER_TELLING,
    REOPENED_ON_CASE,
)
from portal.records.triage.working import claim, find_referral, mark_words, move, record
from portal.vocabulary import DecisionOutcome, ReferralState, Sensitivity, TriageColour

#: Outcomes of which somebody outside the hub hears who does not read the form, and by which event.
TELLS_OUTSIDE = {
    DecisionOutcome.INTELLIGENCE_ONLY: INTELLIGENCE_KEPT,
    DecisionOutcome.DISTRICT_PANEL: FOR_PANEL,
}


@dataclass(frozen=True)
class Decided:
    """What came of deciding.

    Attributes:
        decisions: the decisions made, in the order of the form.
        effects: what they set going.
        complete: whether everything on the form is decided now.
        passed_on: the form belongs to a colleague from now on; nothing was decided, and it must not be
            touched again in this request.
        repeated: the same had been decided already by the same person, who sent the page twice.
    """

    decisions: tuple[TriageDecision, ...] = ()
    effects: Effects = field(default_factory=Effects)
    complete: bool = False
    passed_on: bool = False
    repeated: bool = False


def hold_to_decide(*, actor: Principal, reference: str) -> Referral:
    """The form with a reference, held to be decided. Whoever decides a form on several children takes their
    turn before they hold it: a decision that seals a case has its turn, and writes on the forms that wait.

    Raises:
        as `find_referral`.
    """
    take_turns_on_children(subjects_of(referral=find_referral(actor=actor, reference=reference)))
    return find_referral(actor=actor, reference=reference, hold=True)


def decide(
    *,
    actor: Principal,
    referral: Referral,
    subjects: Sequence[ReferralSubject],
    outcomes: Iterable[DecisionOutcome],
    reason: str,
    setting: DecisionSetting,
    seen: frozenset[UUID] = frozenset(),
) -> Decided:
    """Decide some subjects of a form, or the whole of one that has none.

    Args:
        referral: held (`hold_to_decide`), so that two people decide one after the other.
        subjects: what is decided; none for a form that names nobody and nothing.
        outcomes: what is decided for each of them. Opening a case for the one child among them puts the
            people and things among them onto that case.
        reason: why.
        setting: what the outcomes need to be carried out.
        seen: the decisions that stood on the page.

    Raises:
        Forbidden: the actor does not triage.
        Conflict: a colleague has decided one of them meanwhile; carries both.
        DomainError: there is no reason, or an outcome does not fit; `field` says where.
    """
    require(actor, "referral:triage")
    chosen = list(dict.fromkeys(outcomes))
    wanted = plan(subjects, chosen)
    standing = live_decisions(referral=referral)
    if again := repeated(actor, wanted, standing, seen, reason):
        return Decided(tuple(again), complete=is_complete(referral=referral), repeated=True)
    refuse_stale(wanted, standing, seen, chosen, reason)
    reason = require_text(reason, "Give the reason for the decision", field="reason")
    refuse_clash(wanted, standing)
    if referral.state in {ReferralState.DECIDED, ReferralState.FED_BACK}:
        raise DomainError("This form is decided. Reopen the decision first")
    if referral.claimed_by is None:
        claim(actor=actor, referral=referral)
    decisions = [
        TriageDecision(
            id=new_id(),
            referral_id=referral.id,
            subject_id=target.id if target else None,
            outcome=outcome,
            reason=reason,
            details={},
            decided_by=actor.user_id,
            decided_at=clock.now(),
        )
        for target, all_ in wanted.items()
        for outcome in all_
    ]
    on_form = subjects_of(referral=referral)
    effects = carry_out(
        actor=actor,
        referral=referral,
        decisions=[(decision, _target(decision, subjects)) for decision in decisions],
        setting=replace(setting, words=without_undecided(setting.words, on_form, subjects)),
    )
    if effects.passed_on:
        return Decided(passed_on=True)
    for decision in decisions:
        record("referral:decide", referral, outcome=decision.outcome, decision=str(decision.id))
    complete = is_complete(referral=referral)
    if complete:
        _finish(actor, referral)
    return Decided(tuple(decisions), effects, complete)


def reopen(*, actor: Principal, referral: Referral, decisions: Sequence[TriageDecision], reason: str) -> None:
    """Take decisions back because they were wrong. They stay on record, and what they set going stays too,
    but for a referral to social care that the front door has not confirmed: that is withdrawn.

    A form that was decided goes back into triage with a clock that starts now.

    Raises:
        Forbidden: the actor does not triage.
        DomainError: there is no reason, or nothing to reopen.
    """
    require(actor, "referral:triage")
    for decision in decisions:
        lock_row(decision)
    wrong = [one for one in decisions if one.reopened_at is None and one.referral_id == referral.id]
    reason = require_text(reason, "Say what was wrong with the decision", field="reason")
    if not wrong:
        taken_back = bool(decisions)
        raise DomainError(
            "A colleague has just reopened this" if taken_back else "Choose what to reopen", field="decisions"
        )
    now = clock.now()
    for decision in wrong:
        decision.reopened_at, decision.reopened_by = now, actor.user_id
        decision.reopen_reason = reason
        withdraw(actor=actor, decision=decision, reason=f"Reopened: {reason}")
        record("referral:reopen", referral, decision=str(decision.id))
    mark_words(actor, referral, wrong)
    _tell_of_reopening(actor, referral, wrong)
    if referral.state in {ReferralState.DECIDED, ReferralState.FED_BACK}:
        _back_into_triage(actor, referral, reason)
    db.session.flush()


def _tell_of_reopening(actor: Principal, referral: Referral, wrong: Sequence[TriageDecision]) -> None:
    """Whoever was told of them or works with what came of them: sender, lead professional, teams. Of a red
    form those who were told at any hour hear at any hour that it may be about somebody else, as does a front
    door, which was told of any referral at any hour and may be acting on it.
    """
    once, red = str(wrong[0].id), referral.colour == TriageColour.RED
    if referral.state == ReferralState.FED_BACK:
        knows = _sender_who_knows(referral)
        tell(actor=actor, event=REOPENED, about=about_form(referral), given=knows, once=once)
    cases = select(Case).where(Case.id.in_([one.case_id for one in wrong if one.case_id]))
    for case in db.session.scalars(cases.order_by(Case.id)):
        event = RED_REOPENED_ON_CASE if red else REOPENED_ON_CASE
        about, given = whoever_may_know(referral, case, words_on(case, wrong))
        tell(actor=actor, event=event, about=about, given=given, once=once)
    _tell_outside_hub_of_reopening(actor, referral, wrong)
    told = select(Disclosure).where(
        Disclosure.referral_id == referral.id,
        Disclosure.withdrawn_at.is_(None),
        Disclosure.decision != SharingDecision.REFUSE,
    )
    of_others = select(SocialCareReferral.id).where(
        SocialCareReferral.referral_id == referral.id,
        SocialCareReferral.decision_id.not_in([one.id for one in wrong]),
    )
    # A front door hears of the decision that referred the child to it, and of no other on the form.
    made = Disclosure.social_care_referral_id
    told = told.where(or_(made.is_(None), made.not_in(of_others)))
    for one in db.session.scalars(told.order_by(Disclosure.id)):
        teams = {Ground.RECIPIENT: to_teams(one.receiver_team_id)}
        tell(
            actor=actor,
            event=REOPENED_AFTER_TELLING,
            about=about_disclosure(one),
            given=teams,
            once=once,
            at_once=red or one.social_care_referral_id is not None,
        )


def _sender_who_knows(referral: Referral) -> dict[Ground, Whom]:
    """Whoever sent it and was told what was decided; without an account only where somebody said so to them,
    and not since that it was taken back.
    """
    sender = sender_outside(referral)
    if not sender:
        return {Ground.AUTHOR: to_people(referral.author_id), Ground.OUTSIDE: NOBODY}
    last = told_last(referral_id=referral.id, events=(FED_BACK, REOPENED))
    return {Ground.AUTHOR: NOBODY, Ground.OUTSIDE: sender if last == FED_BACK.code else NOBODY}


def _tell_outside_hub_of_reopening(
    actor: Principal, referral: Referral, wrong: Sequence[TriageDecision]
) -> None:
    """Whoever was told, once of the form, that it is for them hears that it is no more; or, where the same
    was decided of somebody else on the form and that stands, that part of it was taken back.
    """
    about, taken = about_form(referral), {DecisionOutcome(one.outcome) for one in wrong}
    stands = {DecisionOutcome(one.outcome) for one in live_decisions(referral=referral)}
    for event, outcomes in ((OUTSIDE_TAKEN_BACK, taken - stands), (OUTSIDE_PART_TAKEN_BACK, taken & stands)):
        if first := [tells for outcome, tells in TELLS_OUTSIDE.items() if outcome in outcomes]:
            given = {Ground.HEARD_BEFORE: heard_of(*first, about=about)}
            tell(actor=actor, event=event, about=about, given=given, once=str(wrong[0].id))


def live_decisions(*, referral: Referral) -> list[TriageDecision]:
    """The decisions on a form that stand, oldest first."""
    wanted = select(TriageDecision).filter_by(referral_id=referral.id, reopened_at=None)
    return list(db.session.scalars(wanted.order_by(TriageDecision.decided_at, TriageDecision.id)))


def is_complete(*, referral: Referral) -> bool:
    """Whether everything on a form is decided; for one that names nobody, whether the form is."""
    decided = {decision.subject_id for decision in live_decisions(referral=referral)}
    wanted = {subject.id for subject in subjects_of(referral=referral)}
    return wanted <= decided if wanted else bool(decided)


def _target(decision: TriageDecision, subjects: Sequence[ReferralSubject]) -> Target:
    return next((one for one in subjects if one.id == decision.subject_id), None)


def _finish(actor: Principal, referral: Referral) -> None:
    move(referral, ReferralState.DECIDED)
    referral.decided_at = clock.now()
    referral.version += 1
    finish_deadlines(subject=referral, kind=DeadlineKind.TRIAGE)
    open_deadline(
        kind=DeadlineKind.FEEDBACK,
        subject=referral,
        owner=Owner(user_id=actor.user_id, agency_id=actor.agency_id),
        started_at=referral.decided_at,
    )


def _back_into_triage(actor: Principal, referral: Referral, reason: str) -> None:
    move(referral, ReferralState.IN_TRIAGE)
    referral.decided_at = None
    referral.version += 1
    for told in owed_of_form(referral_id=referral.id, event=FED_BACK):
        close_moot(actor=actor, told=told, reason=DECISION_TAKEN_BACK)
    for kind in (DeadlineKind.FEEDBACK, DeadlineKind.SENDER_WROTE):
        cancel_deadlines(subject=referral, kind=kind, reason=f"Reopened: {reason}")
    policy = current_policy(current_policy().authority_of(referral.district))
    opened = open_deadline(
        kind=DeadlineKind.TRIAGE,
        subject=referral,
        owner=Owner(user_id=referral.claimed_by, agency_id=actor.agency_id),
        colour=TriageColour(referral.colour or TriageColour.GREEN),
        policy=policy,
    )
    referral.triage_due_at = opened.due_at


def cases_of(*, referral: Referral, about: Iterable[ReferralSubject] = ()) -> list[tuple[Case, str]]:
    """The open cases that a form went to, and those of the children on it, each with the child's name.

    Args:
        about: what is spoken of: the cases of other children on the form are left out, where that is said.
    """
    decided = select(TriageDecision.case_id).filter_by(referral_id=referral.id, reopened_at=None)
    children = select(ReferralChild.child_id).where(ReferralChild.referral_id == referral.id)
    # each by its index, which an `or` has not
    either = union(decided, select(Case.id).where(Case.child_id.in_(children))).subquery()
    found = db.session.execute(
        select(Case, *NAMED)
        .join(either, either.c[0] == Case.id)
        .join(Child, Child.id == Case.child_id)
        .where(Case.state.in_(OPEN_CASE_STATES))
        .order_by(Case.reference)
    ).all()
    spoken_of = {one.id for one in about}
    others = select(ReferralChild.child_id).where(
        ReferralChild.referral_id == referral.id, ReferralChild.subject_id.not_in(spoken_of)
    )
    left_out = set(db.session.scalars(others)) if spoken_of and found else set()
    return [
        (case, f"{given} {family}".strip()) for case, given, family in found if case.child_id not in left_out
    ]


def join(*, actor: Principal, referral: Referral, case: Case, team: Team, reason: str) -> bool:
    """Bring a team onto a case. One that works on it already goes on as it is.

    Returns:
        whether it joined now.

    Raises:
        NamesOthers: the reason, which the team reads, names a child of the form whose case it is not.
        DomainError: there is no reason, or the case is sealed.
    """
    if case.sensitivity == Sensitivity.SEALED:
        raise DomainError("A sealed case has no teams. Name people on it instead", field="cases")
    if current_involvement(case, team.id) is not None:
        return False
    require_text(reason, "Say why this team is needed on the case", field="reason")
    covered = on_form_about(referral, case)
    check_names_no_others(text=reason, referral=referral, covered=covered, field="reason")
    add_involvement(actor=actor, case=case, team=team, reason=reason)
    return True
