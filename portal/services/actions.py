"""Giving somebody an action: what, who, by when, and how we will know.

Whoever owns it is told at once and knows who the child is, whether or not they read the case: until some
days after it is done (policy `clocks.limits.request_reach`). On a sealed case only somebody who is named
on it owns one.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.models import Action, ActionStep, Agency, Case, Meeting, Team, User
from portal.models.base import new_id
from portal.pathway.calendar import end_of_day
from portal.pathway.references import Prefix, new_reference
from portal.policy import current_policy
from portal.services.chairing import chairs_open_meeting
from portal.services.deadlines import Owner, open_deadline
from portal.services.errors import DomainError, NotFound
from portal.services.messages import About, tell_people, tell_team
from portal.services.plans import check_length, is_on, running_or_new, runs_open_meeting
from portal.vocabulary import (
    ROLES_THAT_SEE_CASES,
    ActionPriority,
    ActionState,
    ActionStepKind,
    DeadlineKind,
    MeetingState,
)


def give_action(
    *,
    actor: Principal,
    case: Case,
    what: str,
    measure: str,
    category: str,
    target: str,
    owner: User | Team,
    due_on: date,
    priority: ActionPriority = ActionPriority.NORMAL,
    support: Iterable[UUID] = (),
    meeting: Meeting | None = None,
    decision: UUID | None = None,
    once: UUID | None = None,
) -> Action:
    """Give a person or a team something to do for the child; it belongs to the plan that runs.

    Args:
        what: what is to be done. Its owner reads it, also without reading the case.
        measure: how we will know that it worked.
        category, target: codes of policy `plans.categories` and `plans.targets`.
        due_on: the day with which it is due.
        support: identifiers of agencies that help. It tells them nothing and shows them nothing.
        meeting: the open meeting on this case that gives it; its chair confirms it.
        decision: the identifier of the decision of that meeting that it carries out.
        once: made when the page was made, so that sending it twice gives it once.

    Raises:
        Forbidden: the actor may not give this owner an action; see permission `action:give`.
        NotFound: the meeting is not on this case.
        DomainError: words are missing, the day is past, the owner cannot own it, or the case is closed;
            `field` says what.
    """
    require(actor, "action:give", giving_facts(actor, case, owner, meeting))
    if meeting is not None and (not is_on(meeting, case.id) or meeting.state == MeetingState.CANCELLED):
        raise NotFound("There is no such meeting on this case")
    action_id = uuid5(once, str(case.id)) if once else new_id()
    if given_before := db.session.get(Action, action_id):
        return given_before
    _check_words(what, measure)
    _check_codes(category, target)
    check_day(due_on)
    check_owner(case, owner)
    plan = running_or_new(actor=actor, case=case)
    action = Action(
        id=action_id,
        reference=new_reference(Prefix.ACTION),
        case_id=case.id,
        child_id=case.child_id,
        plan_id=plan.id,
        meeting_id=meeting.id if meeting else None,
        decision_id=decision,
        category=category,
        what=what.strip(),
        measure=measure.strip(),
        target=target,
        owner_id=owner.id if isinstance(owner, User) else None,
        owner_team_id=owner.id if isinstance(owner, Team) else None,
        owner_agency_id=owner.agency_id,
        support_agencies=_supporting(support, owner),
        priority=priority,
        state=ActionState.NOT_STARTED,
        due_on=due_on,
        given_by=actor.user_id,
        given_agency_id=actor.agency_id,
        given_at=clock.now(),
        policy_version=current_policy(case.authority).version,
    )
    try:
        with db.session.begin_nested():
            db.session.add(action)
            db.session.flush()
    except IntegrityError:  # the same page, sent twice at once: the first to be written counts
        if given_before := db.session.get(Action, action_id):
            return given_before
        raise
    open_deadline(kind=DeadlineKind.ACTION, subject=action, owner=owner_of(action), due_at=end_of_day(due_on))
    record(action, "action:give", agency=str(owner.agency_id))
    tell_owner(actor=actor, action=action)
    return action


def giving_facts(
    actor: Principal, case: Case, owner: User | Team | None = None, meeting: Meeting | None = None
) -> Facts:
    """What decides whether somebody may give an action; to their own agency anybody on the case may."""
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id,
        chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=case.id),
        runs_meeting=meeting is not None and runs_open_meeting(actor, meeting, case.id),
        own_agency=owner is None or owner.agency_id == actor.agency_id,
    )


def check_owner(case: Case, owner: User | Team) -> None:
    """Whoever owns an action is in use and may see cases; on a sealed case they are named on it.

    Raises:
        DomainError: they cannot own it.
    """
    agency = db.session.get_one(Agency, owner.agency_id)
    if not owner.active or not agency.active:
        raise DomainError("Choose a person or team that is in use", field="owner")
    if isinstance(owner, User) and not ROLES_THAT_SEE_CASES.intersection(owner.roles):
        raise DomainError(f"{owner.name} cannot own an action: their role does not let them", field="owner")
    person_id = owner.id if isinstance(owner, User) else None
    if not db.session.scalar(select(func.ctx.may_be_given(case.id, person_id))):
        raise DomainError("This case is sealed. Choose somebody who is named on it", field="owner")


def check_day(due_on: date) -> None:
    """An action is due today or later.

    Raises:
        DomainError: the day is past.
    """
    if due_on < clock.today():
        raise DomainError("The date must be today or later", field="due_on")


def owner_of(action: Action) -> Owner:
    """Whose duty an action is."""
    return Owner(user_id=action.owner_id, team_id=action.owner_team_id)


def owns(person: Principal, action: Action) -> bool:
    """Whether an action is a person's to do: by name, or as one of the team."""
    if action.owner_agency_id != person.agency_id:
        return False
    return action.owner_id == person.user_id or action.owner_team_id in person.team_ids


def about(action: Action) -> About:
    """What a message about an action is about."""
    return About("action", action.id, action.reference, action.case_id)


def tell_owner(*, actor: Principal, action: Action, once: str = "") -> None:
    """Tell whoever owns an action that it is theirs: at once, and whether or not they read the case."""
    if action.owner_team_id:
        tell_team(
            actor=actor, kind="action_given", about=about(action), team_id=action.owner_team_id, once=once
        )
    elif action.owner_id:
        tell_people(
            actor=actor, kind="action_given", about=about(action), people=[action.owner_id], once=once
        )


def step(
    *,
    actor: Principal,
    action: Action,
    kind: ActionStepKind,
    words: str = "",
    before: str = "",
    after: str = "",
) -> ActionStep:
    """Write down what happened to an action: its history, and a row in the trail."""
    made = ActionStep(
        id=new_id(),
        action_id=action.id,
        case_id=action.case_id,
        kind=kind,
        before=before,
        after=after,
        words=words.strip(),
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    record(action, f"action:{kind.value}")
    return made


def record(action: Action, verb: str, **details: str) -> None:
    """A row in the trail."""
    audit.record(
        verb,
        subject_kind="action",
        subject_id=action.id,
        child_id=action.child_id,
        case_id=action.case_id,
        **details,
    )


def _check_words(what: str, measure: str) -> None:
    for field, words, missing in (
        ("what", what, "Write what is to be done"),
        ("measure", measure, "Write how we will know that it worked"),
    ):
        if not words.strip():
            raise DomainError(missing, field=field)
        check_length(words.strip(), field)


def _check_codes(category: str, target: str) -> None:
    plans = current_policy().plans
    if category not in {one.code for one in plans.categories.offered}:
        raise DomainError("Choose what the action is for", field="category")
    if target not in {one.code for one in plans.targets.offered}:
        raise DomainError("Choose whom or what it is about", field="target")


def _supporting(support: Iterable[UUID], owner: User | Team) -> list[UUID]:
    wanted = set(support) - {owner.agency_id}
    known = set(db.session.scalars(select(Agency.id).where(Agency.id.in_(wanted), Agency.active)))
    if known != wanted:
        raise DomainError("Choose agencies of the partnership", field="support")
    return sorted(wanted)
