"""The level of a case: decided with a reason. A lower one takes a second person, who is told at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal import clock
from portal.access.principal import Principal
from portal.changes.versions import insert_now
from portal.deadlines.changes import (
    Owner,
    finish_deadlines,
    move_deadline,
    open_again,
    open_deadline,
    open_deadlines,
    supersede_deadlines,
)
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, tell, to_people
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import end_of_day, last_working_day
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Figure, Policy, Unit, current_policy
from portal.policy.work import LevelRule
from portal.records.assessments.lifecycle import about_assessment, move_case
from portal.records.assessments.model import LevelDecision, RiskAssessment
from portal.records.assessments.rules import lowers
from portal.records.assessments.second_person import who_signs_off
from portal.records.assessments.vocabulary import (
    DIFFERS,
    HIGH,
    LOWERED,
    RAISED,
    SET,
)
from portal.records.cases.facts import about_case, on_case_from, owner_of, same_owner
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.meetings.rules import MEETS, PLANNING
from portal.records.panels.policy import Panels
from portal.records.people.model import User
from portal.vocabulary import CaseState, RiskLevel, Sector


def assess_sooner(*, actor: Principal, case: Case, reason: str) -> None:
    """The case is assessed again, at the latest when a new case would be, counted from now."""
    policy = current_policy(case.authority)
    soon = due(policy.clock(DeadlineKind.ASSESSMENT), clock.now())
    owed = open_deadlines(subject=case, kind=DeadlineKind.ASSESSMENT)
    for duty in owed:
        if soon < duty.due_at:
            move_deadline(actor=actor, deadline=duty, due_at=soon, reason=reason)
    if not owed:
        open_deadline(kind=DeadlineKind.ASSESSMENT, subject=case, owner=owner_of(case), policy=policy)


_ACT_ON_HIGH = {
    Ground.SOCIAL_CARE: Sector.SOCIAL_CARE,
    Ground.POLICE: Sector.POLICE,
    Ground.HEALTH: Sector.HEALTH,
}
NEWER = "A newer risk assessment was finalised"
BY_A_MEETING = "A meeting decided the level again"


def decide_level(
    *,
    actor: Principal,
    case: Case,
    level: RiskLevel,
    reason: str,
    assessment: RiskAssessment | None = None,
    meeting: Meeting | None = None,
    recorded_by: User | None = None,
) -> LevelDecision:
    """Give a case the level that an assessment or a meeting came to. A lower one is written by whoever agrees
    to it.

    The database refuses a lower level without a second person who may agree (`level_decision`,
    `ctx.may_lower_level`), and any change of level without its decision.

    Args:
        recorded_by: who recorded a lower level in a meeting; of an assessment it is who concluded it.
    """
    now = clock.now()
    before = level_of(case)
    # Whoever agreed is named as the second also where a meeting has lowered the level meanwhile.
    agreed = assessment is not None and assessment.second_id is not None
    second = agreed or lowers(before, level)
    first = assessment.concluded_by if assessment else (recorded_by.id if recorded_by else actor.user_id)
    decision = LevelDecision(
        case_id=case.id,
        assessment_id=assessment.id if assessment else None,
        meeting_id=meeting.id if meeting else None,
        before=before,
        level=level,
        reason=reason,
        decided_by=first if second else actor.user_id,
        agency_id=(assessment or recorded_by or actor).agency_id,
        decided_at=now,
        second_id=actor.user_id if second else None,
        second_at=now if second else None,
    )
    insert_now(decision)
    if before is not level:
        case.level = level
        case.level_since = clock.local(now).date()
        db.session.flush()
        _tell_of_level(actor, case, decision)
    suggested = assessment.suggested_level if assessment else None
    if assessment is not None and suggested and lowers(RiskLevel(suggested), level):
        tell(actor=actor, event=DIFFERS, about=about_assessment(assessment))
    return decision


def _tell_of_level(actor: Principal, case: Case, decision: LevelDecision) -> None:
    """Everybody on the case; of a high level, at any hour because a strategy discussion is due within a day,
    also that there is somebody of each sector that has to act.
    """
    before = RiskLevel(decision.before) if decision.before else None
    level, about, once = RiskLevel(decision.level), about_case(case), str(decision.id)
    is_high = level is RiskLevel.HIGH
    if lowers(before, level):
        panel = _prepare_panel(case) if before is RiskLevel.HIGH else NOBODY
        tell(actor=actor, event=LOWERED, about=about, once=once, given={Ground.PREPARES_PANEL: panel})
    elif level is not RiskLevel.NONE:
        event = RAISED if before is not None or is_high else SET
        tell(actor=actor, event=event, about=about, once=once, at_once=is_high)
    if is_high:
        given = {ground: on_case_from(case, sector) for ground, sector in _ACT_ON_HIGH.items()}
        given[Ground.PREPARES_PANEL] = _prepare_panel(case)
        tell(actor=actor, event=HIGH, about=about, given=given, once=once, at_once=True)


def _prepare_panel(case: Case) -> Whom:
    """Whoever prepares the panel of the district of a case."""
    panel = select(func.ctx.prepares_panel_of(case.id, current_policy().of(Panels).kind))
    return to_people(*db.session.scalars(panel))


def level_of(case: Case) -> RiskLevel | None:
    """The level that a case has now."""
    return RiskLevel(case.level) if case.level else None


def open_what_the_level_asks_for(
    *, case: Case, assessment: RiskAssessment, before: RiskLevel | None, level: RiskLevel
) -> None:
    """Start the clocks of a finalised assessment: meeting, strategy discussion, sign-off, next assessment.

    The duty to assess is done. A meeting that was owed and not held is owed on: by the earlier of the two
    dates, under the new level (policy `levels`, for the authority responsible for the child). A case whose
    plan is under way keeps its reviews; only a higher level asks for a new first meeting.
    """
    policy = current_policy(case.authority)
    clocks = _Clocks(case, assessment, policy.levels.levels[level], policy, owner_of(case))
    raised = before is None or level.rank < before.rank
    finish_deadlines(subject=case, kind=DeadlineKind.ASSESSMENT)
    clocks.assess_again()
    clocks.meet(raised=raised)
    if level is RiskLevel.HIGH and raised and not open_deadlines(subject=case, kind=DeadlineKind.STRATEGY):
        clocks.start(DeadlineKind.STRATEGY)
    supersede_deadlines(subject=case, kind=DeadlineKind.CASE_END, reason=NEWER)
    if level is RiskLevel.NONE:
        clocks.start(DeadlineKind.CASE_END)
    clocks.sign_off()


def meet_what_was_owed(*, case: Case, kind: str, held_at: datetime) -> None:
    """A meeting of a kind was held on a case: the duty that it meets is done, and the next review is due. Any
    kind meets the date that a meeting set.

    Reviews run from the meeting that was held, at the interval of the level (policy `levels`).

    Args:
        kind: a code of policy `meetings.kinds`.
    """
    if case.state not in OPEN_CASE_STATES:
        return
    finish_deadlines(subject=case, kind=DeadlineKind.NEXT_MEETING)
    if kind not in MEETS:
        return
    # A review that is held before the first meeting was meets that too.
    met = {MEETS[kind], DeadlineKind.MEETING} if kind in PLANNING else {MEETS[kind]}
    owed = [duty for one in sorted(met) for duty in open_deadlines(subject=case, kind=one)]
    owner = same_owner(owed[0]) if owed else owner_of(case)
    for one in met:
        finish_deadlines(subject=case, kind=one)
    if kind not in PLANNING:
        return
    if case.state == CaseState.MEETING_DUE:
        move_case(case, CaseState.PLAN_UNDER_WAY)
    supersede_deadlines(subject=case, kind=DeadlineKind.REVIEW, reason="A meeting was held meanwhile")
    _owe_review(case, owner, held_at)


def review_due(*, case: Case, held_at: datetime) -> datetime | None:
    """When the review is due that is counted from a meeting, by the level that the case has now; None where
    that asks for none.
    """
    rule = _rule_of(case)
    if rule is None or not rule.review_working_days:
        return None
    return due(_figure(rule, rule.review_working_days, Unit.WORKING_DAYS), held_at)


def follow_level_of_meeting(
    *, actor: Principal, case: Case, meeting: Meeting, before: RiskLevel | None, level: RiskLevel
) -> None:
    """What a level asks for that a meeting changed. The review runs from the last meeting that was held, at
    the interval of the new level; where this meeting made no plan it never becomes later. A step up to high
    starts the strategy discussion’s clock, unless this meeting is that discussion.
    """
    raised = before is None or level.rank < before.rank
    strategy = DeadlineKind.STRATEGY
    wants_one = raised and level is RiskLevel.HIGH and MEETS.get(meeting.kind) is not strategy
    if wants_one and not open_deadlines(subject=case, kind=strategy):
        open_deadline(kind=strategy, subject=case, owner=owner_of(case))
    supersede_deadlines(subject=case, kind=DeadlineKind.CASE_END, reason=BY_A_MEETING)
    if level is RiskLevel.NONE:
        open_deadline(kind=DeadlineKind.CASE_END, subject=case, owner=owner_of(case))
    if meeting.kind not in PLANNING:
        _meet_earlier(actor, case, raised=raised)
    elif meeting.held_at is not None:
        reviews = open_deadlines(subject=case, kind=DeadlineKind.REVIEW)
        owner = same_owner(reviews[0]) if reviews else owner_of(case)
        since = reviews[0].started_at if reviews else meeting.held_at
        supersede_deadlines(subject=case, kind=DeadlineKind.REVIEW, reason=BY_A_MEETING)
        _owe_review(case, owner, since)


def _meet_earlier(actor: Principal, case: Case, *, raised: bool) -> None:
    """A higher level wants what is owed sooner: at the latest when it wants a first meeting from today."""
    rule = _rule_of(case)
    if not raised or rule is None or not rule.first_meeting_working_days:
        return
    soon = due(_figure(rule, rule.first_meeting_working_days, Unit.WORKING_DAYS), clock.now())
    for duty in open_deadlines(subject=case, kind=DeadlineKind.MEETING):
        if soon < duty.due_at:
            move_deadline(actor=actor, deadline=duty, due_at=soon, reason=BY_A_MEETING)
    for duty in open_deadlines(subject=case, kind=DeadlineKind.REVIEW):
        wanted = max(review_due(case=case, held_at=duty.started_at) or duty.due_at, soon)
        if wanted < duty.due_at:
            move_deadline(actor=actor, deadline=duty, due_at=wanted, reason=BY_A_MEETING)


def _owe_review(case: Case, owner: Owner, held_at: datetime) -> None:
    due_at, rule = review_due(case=case, held_at=held_at), _rule_of(case)
    if due_at is not None and rule is not None:
        open_deadline(
            kind=DeadlineKind.REVIEW,
            subject=case,
            owner=owner,
            started_at=held_at,
            due_at=due_at,
            source=f"levels.{rule.code}.review_working_days",
            confirmed=rule.confirmed,
            policy=current_policy(case.authority),
        )


def _rule_of(case: Case) -> LevelRule | None:
    level = level_of(case)
    return current_policy(case.authority).levels.levels[level] if level else None


def _figure(rule: LevelRule, value: int, unit: Unit) -> Figure:
    return Figure(value=value, unit=unit, source=rule.source, confirmed=rule.confirmed)


@dataclass(frozen=True)
class _Clocks:
    """What a finalised assessment starts, and who sees to it."""

    case: Case
    assessment: RiskAssessment
    rule: LevelRule
    policy: Policy
    owner: Owner

    @property
    def finalised(self) -> datetime:
        return self.assessment.finalised_at or clock.now()

    def start(self, kind: DeadlineKind) -> None:
        """A clock of the policy, from when the assessment was finalised."""
        open_deadline(
            kind=kind, subject=self.case, owner=self.owner, started_at=self.finalised, policy=self.policy
        )

    def assess_again(self) -> None:
        if self.rule.assessment_max_days:
            latest = clock.local(self._after(self.rule.assessment_max_days, Unit.DAYS)).date()
            due_at = end_of_day(last_working_day(latest))
            self._by(DeadlineKind.ASSESSMENT, due_at, "assessment_max_days")

    def meet(self, *, raised: bool) -> None:
        owed = open_deadlines(subject=self.case, kind=DeadlineKind.MEETING)
        unmet = min(owed, key=lambda one: one.original_due_at, default=None)
        supersede_deadlines(subject=self.case, kind=DeadlineKind.MEETING, reason=NEWER)
        goes_on = self.case.state == CaseState.PLAN_UNDER_WAY and not raised and unmet is None
        if self.rule.first_meeting_working_days is None or goes_on:
            return
        due_at = self._after(self.rule.first_meeting_working_days, Unit.WORKING_DAYS)
        if unmet is not None and unmet.original_due_at < due_at:
            open_again(subject=self.case, deadline=unmet, owner=self.owner)
        else:
            self._by(DeadlineKind.MEETING, due_at, "first_meeting_working_days")
        move_case(self.case, CaseState.MEETING_DUE)

    def sign_off(self) -> None:
        """For a manager of the agency that leads."""
        open_deadline(
            kind=DeadlineKind.SIGN_OFF,
            subject=self.assessment,
            owner=who_signs_off(case=self.case, assessment=self.assessment),
            started_at=self.finalised,
            policy=self.policy,
        )

    def _by(self, kind: DeadlineKind, due_at: datetime, key: str) -> None:
        open_deadline(
            kind=kind,
            subject=self.case,
            owner=self.owner,
            started_at=self.finalised,
            due_at=due_at,
            source=f"levels.{self.rule.code}.{key}",
            confirmed=self.rule.confirmed,
            policy=self.policy,
        )

    def _after(self, value: int, unit: Unit) -> datetime:
        return due(_figure(self.rule, value, unit), self.finalised)
