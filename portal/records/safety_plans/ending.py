"""How long an interim safety plan lasts: until the first meeting, or longer with a reason, or ended before.

It ends at the latest after its last day, before which a warning goes out.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.texts import require_text
from portal.changes.versions import count_change, insert_now, lock
from portal.deadlines.changes import finish_deadlines, move_deadline, open_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.pathway.calendar import end_of_day
from portal.records.assessments.lifecycle import directing_facts
from portal.records.cases.model import Case
from portal.records.cases.open_cases import refuse_closed
from portal.records.meetings.chairing import HELD_STATES
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.rules import PLANNING
from portal.records.safety_plans import writing
from portal.records.safety_plans.model import SafetyPlan, SafetyPlanRenewal
from portal.records.safety_plans.rules import outlives_meetings
from portal.records.safety_plans.vocabulary import SafetyPlanState

BY_A_MEETING = "A meeting was held"


def renew(
    *, actor: Principal, case: Case, plan: SafetyPlan, until: date, reason: str, version: int
) -> SafetyPlanRenewal:
    """Let a plan last longer, also one that a meeting ended. The date on which it was first to end stays.

    Raises:
        Forbidden: the actor does not answer for the case.
        Conflict: somebody else changed it meanwhile.
        DomainError: no reason was given, the day is not later, or is later than policy says, or the plan was
            ended otherwise than by a meeting.
    """
    require(actor, "safety_plan:decide", directing_facts(actor, case))
    refuse_closed(case)
    lock(plan, version, _last_day_in_words, mine={"Last day": until})
    require_text(reason, "Say why it goes on", field="reason")
    again = plan.state == SafetyPlanState.ENDED and plan.ended_meeting_id is not None
    if plan.state != SafetyPlanState.IN_FORCE and not again:
        raise DomainError("Only a plan that is in force, or that a meeting ended, can be renewed")
    if again and writing.plan_now(case) is not None:
        raise DomainError("Another safety plan was begun since. Go on with that one")
    writing.check_until(case, until)
    before = plan.valid_until or until
    if not again and until <= before:
        raise DomainError("Choose a later day than it lasts now", field="until")
    renewal = SafetyPlanRenewal(
        plan_id=plan.id,
        before=before,
        until=until,
        reason=reason.strip(),
        renewed_by=actor.user_id,
        renewed_at=clock.now(),
    )
    insert_now(renewal)
    if again:
        writing.move_plan(plan, SafetyPlanState.IN_FORCE)
        plan.ended_at, plan.ended_by, plan.ended_reason, plan.ended_meeting_id = None, None, "", None
    plan.valid_until = until
    count_change(plan)
    _follow(case, until, reason)
    audit.record("safety_plan:renew", plan, case=case)
    return renewal


def end_safety_plan(*, actor: Principal, case: Case, plan: SafetyPlan, reason: str, version: int) -> None:
    """End a plan before its time, or give up one that is being written. What it said stays to be read.

    Raises:
        Forbidden: the actor does not answer for the case.
        Conflict: somebody else changed it meanwhile.
        DomainError: no reason was given, or it has ended.
    """
    require(actor, "safety_plan:decide", directing_facts(actor, case))
    lock(plan, version, writing.in_words, mine={"State": SafetyPlanState.ENDED.label})
    reason = require_text(reason, "Say why it ends", field="reason")
    _end(actor, case, plan, reason, at=clock.now())


def end_with_meeting(*, actor: Principal, case: Case, meeting: Meeting) -> None:
    """A meeting was held: a plan ends that was to last until it, unless it was renewed in or after it."""
    plan = writing.plan_now(case)
    if meeting.kind not in PLANNING or plan is None or plan.state != SafetyPlanState.IN_FORCE:
        return
    first = db.session.scalar(
        select(func.min(Meeting.starts_at))
        .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .where(
            MeetingCase.case_id == case.id,
            Meeting.kind.in_(PLANNING),
            Meeting.state.in_(HELD_STATES),
            Meeting.held_at >= plan.in_force_at,
        )
    )
    last = db.session.scalar(
        select(func.max(SafetyPlanRenewal.renewed_at)).where(SafetyPlanRenewal.plan_id == plan.id)
    )
    if outlives_meetings(first, last):
        return
    _end(actor, case, plan, BY_A_MEETING, at=meeting.held_at or clock.now(), meeting_id=meeting.id)


def _end(
    actor: Principal,
    case: Case,
    plan: SafetyPlan,
    reason: str,
    *,
    at: datetime,
    meeting_id: UUID | None = None,
) -> None:
    writing.move_plan(plan, SafetyPlanState.ENDED)
    plan.ended_at, plan.ended_by, plan.ended_reason = at, actor.user_id, reason
    plan.ended_meeting_id = meeting_id
    count_change(plan)
    finish_deadlines(subject=case, kind=DeadlineKind.SAFETY_PLAN)
    audit.record("safety_plan:end", plan, case=case, by_meeting=meeting_id is not None)


def _last_day_in_words(plan: SafetyPlan) -> dict[str, Any]:
    return {**writing.in_words(plan), "Last day": plan.valid_until}


def _follow(case: Case, until: date, reason: str) -> None:
    """The clock of a plan follows its last day; one that had stopped is started again."""
    running = open_deadlines(subject=case, kind=DeadlineKind.SAFETY_PLAN)
    for deadline in running:
        move_deadline(deadline=deadline, due_at=end_of_day(until), reason=reason)
    if not running:
        writing.start_clock(case, until)
