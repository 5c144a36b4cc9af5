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
from portal.deadlines.changes import Owner, hand_deadlines_over
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Outsider, Whom, outside
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import OPEN_ACTION_STATES, OPEN_CASE_STATES, OPEN_MEETING_STATES
from portal.policy import Size, current_policy
from portal.records.assessments.lifecycle import directing_facts
from portal.records.by_hand.facts import close_moot, of_action
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.rules import DONE, ENDED, SOMEBODY_ELSE
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.people.model import Team, User
from portal.records.plans.model import Action, Plan, PlanText
from portal.records.plans.rules import External
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


ON_A_CASE = "Only an action on a case can be done by somebody without an account"


def external_of(action: Action) -> External:
    """Who does an action without an account, if anybody."""
    return External(action.external_name, action.external_role)


def check_external(on: Case | Concern, owner: User | Team, external: External) -> None:
    """Somebody without an account does something on a case only, and a person tells them.

    Raises:
        DomainError: there is a role and no name, a team is to tell them, or it is on no case.
    """
    if not external:
        if external.role:
            raise DomainError("Enter the name of whoever does it", field="external_name")
        return
    check_length(external.name, "external_name", Size.NAME)
    check_length(external.role, "external_role", Size.NAME)
    if not isinstance(on, Case):
        raise DomainError(ON_A_CASE, field="external_name")
    if not isinstance(owner, User):
        raise DomainError("Choose a person who tells them, not a team", field="owner")


def to_be_told(action: Action, *, newest: bool = False) -> Whom:
    """Who does an action without an account: its owner has to tell them.

    Args:
        newest: what they were to be told before about it, and were not, is told with this.
    """
    name = external_of(action).words
    return outside(Outsider(name, teller=action.owner_id, newest=newest)) if name else NOBODY


def to_be_told_again(*, actor: Principal, action: Action) -> Whom:
    """The same where something about it has changed: whoever heard nothing of it yet hears how it stands when
    they are told, and of what is over nothing at all.
    """
    heard = _heard(action, external_of(action))
    if action.state not in OPEN_ACTION_STATES:
        _close(actor, action, external_of(action), ENDED)
    return to_be_told(action, newest=True) if heard else NOBODY


def end_telling(*, actor: Principal, action: Action) -> None:
    """An action is done: nobody has to be told of it any more."""
    _close(actor, action, external_of(action), DONE)


def hand_telling_over(*, actor: Principal, action: Action, before: External) -> Whom:
    """An action that goes to another owner takes along that somebody has to be told of it.

    Args:
        before: who did it without an account; the action says already who does now, and whose it is.

    Returns:
        who has to be told that they do it now, and that they no longer do.
    """
    now = external_of(action)
    if now == before:
        for told in _owed(action, now):
            hand_deadlines_over(
                actor=actor,
                subject=told,
                kind=DeadlineKind.BY_HAND,
                owner=Owner(user_id=action.owner_id),
                told=True,
            )
        return NOBODY
    heard = _heard(action, before)
    _close(actor, action, before, SOMEBODY_ELSE)
    return to_be_told(action) | (outside(Outsider(before.words)) if heard else NOBODY)


def _close(actor: Principal, action: Action, external: External, reason: str) -> None:
    for told in _owed(action, external):
        close_moot(actor=actor, told=told, reason=reason)


def _owed(action: Action, external: External) -> list[ToldByHand]:
    return [one for one in _of(action, external) if one.told_on is None and one.dropped_at is None]


def _heard(action: Action, external: External) -> bool:
    return any(one.told_on is not None for one in _of(action, external))


def _of(action: Action, external: External) -> list[ToldByHand]:
    return of_action(action_id=action.id, name=external.words) if external else []
