"""The plan of a case: begun once, and what it says is added to and never overwritten."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, check_length
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import OPEN_CASE_STATES, OPEN_MEETING_STATES
from portal.policy import current_policy
from portal.records.assessments.lifecycle import directing_facts
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.plans.model import Plan, PlanText
from portal.records.plans.vocabulary import PlanPart, PlanState


def begin_plan(*, actor: Principal, case: Case, meeting: Meeting | None = None) -> Plan:
    """Begin the plan of a case, or find the one that runs: a case has one at a time.

    Raises:
        Forbidden: the actor's agency does not lead, and they neither coordinate nor run an open meeting.
        DomainError: the case is closed.
    """
    require(actor, "plan:write", plan_facts(actor, case, meeting))
    return running_or_new(actor=actor, case=case)


def say(
    *,
    actor: Principal,
    plan: Plan,
    case: Case,
    part: PlanPart,
    text: str,
    not_obtained: bool = False,
    meeting: Meeting | None = None,
) -> PlanText:
    """Say what a plan is for. What was said before stands; the latest of each part counts.

    Args:
        part: what it is about; that the child's goal could not be obtained takes why.
        not_obtained: nobody could ask the child; `text` says why not.

    Raises:
        Forbidden: as for `begin_plan`.
        NotFound: the plan is another case's.
        DomainError: there are no words, or the plan has ended.
    """
    require(actor, "plan:write", plan_facts(actor, case, meeting))
    if plan.case_id != case.id:
        raise NotFound("There is no such plan on this case")
    if plan.state != PlanState.RUNNING:
        raise DomainError("This plan has ended")
    words = text.strip()
    if not words:
        raise DomainError("Say why not" if not_obtained else "Write what the plan says", field="text")
    check_length(words, "text")
    before = latest_texts(plan).get(part)
    if before is not None and (before.text, before.not_obtained) == (words, not_obtained):
        return before  # sent twice, or saved unchanged
    said = PlanText(
        plan_id=plan.id,
        case_id=case.id,
        kind=part,
        text=words,
        not_obtained=not_obtained and part is PlanPart.GOAL,
        meeting_id=meeting.id if meeting else None,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        said_at=clock.now(),
    )
    insert_now(said)
    audit.record("plan:say", plan, case=case, part=part.value)
    return said


def end_plan(*, actor: Principal, case: Case) -> None:
    """End the plan that runs, as part of a step that ends the work on the case. None is no fault."""
    plan = running_plan(case.id)
    if plan is None:
        return
    plan.state, plan.ended_at, plan.ended_by = PlanState.ENDED, clock.now(), actor.user_id
    db.session.flush()
    audit.record("plan:end", plan, case=case)


def running_plan(case_id: UUID) -> Plan | None:
    """The plan that runs on a case."""
    return db.session.scalar(select(Plan).where(Plan.case_id == case_id, Plan.state == PlanState.RUNNING))


def running_or_new(*, actor: Principal, case: Case) -> Plan:
    """The plan that runs, or a new one, whoever may; of two that begin one at once, the first counts.

    Raises:
        DomainError: the case is closed.
    """
    if case.state not in OPEN_CASE_STATES:
        raise DomainError("This case is closed. Reopen it first")
    if running := running_plan(case.id):
        return running
    plan = Plan(
        id=new_id(),
        reference=new_reference(Prefix.PLAN),
        case_id=case.id,
        state=PlanState.RUNNING,
        started_by=actor.user_id,
        started_at=clock.now(),
        policy_version=current_policy(case.authority).version,
    )
    try:
        with db.session.begin_nested():
            insert_now(plan)
    except IntegrityError:
        if running := running_plan(case.id):
            return running
        raise
    audit.record("plan:begin", plan, case=case)
    return plan


def latest_texts(plan: Plan) -> dict[PlanPart, PlanText]:
    """What a plan says now, by part."""
    every = db.session.scalars(
        select(PlanText).where(PlanText.plan_id == plan.id).order_by(PlanText.said_at, PlanText.id)
    )
    return {PlanPart(one.kind): one for one in every}


def plan_facts(actor: Principal, case: Case, meeting: Meeting | None = None) -> Facts:
    """What decides whether somebody may write the plan of a case."""
    runs = meeting is not None and runs_open_meeting(actor, meeting, case.id)
    return directing_facts(actor, case, runs_meeting=runs)


def runs_open_meeting(actor: Principal, meeting: Meeting, case_id: UUID) -> bool:
    """Whether the actor chairs, or takes the notes of, an open meeting on this very case."""
    return (
        actor.user_id in {meeting.chair_id, meeting.note_taker_id}
        and meeting.state in OPEN_MEETING_STATES
        and is_on(meeting, case_id)
    )


def is_on(meeting: Meeting, case_id: UUID) -> bool:
    """Whether a meeting is on a case."""
    return db.session.get(MeetingCase, (meeting.id, case_id)) is not None
