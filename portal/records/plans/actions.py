"""Giving somebody an action on a case or a concern: what, who, by when, and how we will know."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import insert_now, insert_once
from portal.deadlines.changes import Owner, open_deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages import told
from portal.messages.telling import NOBODY, About, Whom, tell, to_people, to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.calendar import end_of_day, goes_out
from portal.pathway.references import Prefix, new_reference
from portal.pathway.states import COMING_MEETING_STATES, OPEN_MEETING_STATES
from portal.policy import Size, current_policy
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.people.model import Agency, Team, TeamMember, User
from portal.records.plans.model import Action, ActionStep
from portal.records.plans.rules import NO_EXTERNAL, External
from portal.records.plans.vocabulary import GIVEN, ActionPriority, ActionState, ActionStepKind
from portal.records.plans.writing import check_external, is_on, running_or_new, runs_open_meeting, to_be_told
from portal.vocabulary import ROLES_THAT_SEE_CASES, Use


def giving_facts(
    actor: Principal, on: Case | Concern, owner: User | Team | None = None, meeting: Meeting | None = None
) -> Facts:
    """What decides whether somebody may give an action; to their own agency anybody who reads the case or
    sees the concern may.
    """
    own_agency = owner is None or owner.agency_id == actor.agency_id
    if isinstance(on, Concern):
        return Facts(
            keeps=on.owner_agency_id == actor.agency_id,
            runs_meeting=meeting is not None and _runs_for_district(actor, meeting),
            own_agency=own_agency,
        )
    return Facts(
        lead_professional=on.lead_professional_id == actor.user_id,
        chairs_open_meeting=chairs_open_meeting(actor=actor, case_id=on.id),
        runs_meeting=meeting is not None and runs_open_meeting(actor, meeting, on.id),
        own_agency=own_agency,
    )


def one_of(case: Case | None, concern: Concern | None) -> Case | Concern:
    """The one of the two that is given."""
    if case is not None and concern is None:
        return case
    if concern is not None and case is None:
        return concern
    raise TypeError("an action is on a case or on a concern")


def gives_on(meeting: Meeting, on: Case | Concern) -> bool:
    """Whether a meeting gives actions there: on its own cases, and one of a district on any concern."""
    if meeting.state == MeetingState.CANCELLED:
        return False
    return meeting.district is not None if isinstance(on, Concern) else is_on(meeting, on.id)


def subject(actor: Principal, on: Case | Concern) -> dict[str, UUID]:
    """What an action on it is linked to: the case with its child and the plan that runs, or the concern.

    Raises:
        DomainError: the case is closed, or the concern has ended.
    """
    if isinstance(on, Concern):
        if on.ended_at is not None:
            raise DomainError("This is no longer watched. Nothing is given on it")
        return {"concern_id": on.id}
    plan = running_or_new(actor=actor, case=on)
    return {"case_id": on.id, "child_id": on.child_id, "plan_id": plan.id}


def _runs_for_district(actor: Principal, meeting: Meeting) -> bool:
    runs = actor.user_id in {meeting.chair_id, meeting.note_taker_id}
    return runs and meeting.district is not None and meeting.state in OPEN_MEETING_STATES


def give_action(
    *,
    actor: Principal,
    case: Case | None = None,
    concern: Concern | None = None,
    what: str,
    measure: str,
    category: str,
    target: str = "",
    means: str | None = None,
    owner: User | Team,
    external: External = NO_EXTERNAL,
    due_on: date,
    priority: ActionPriority = ActionPriority.NORMAL,
    support: Iterable[UUID] = (),
    meeting: Meeting | None = None,
    decision: UUID | None = None,
    at_panel: bool = False,
    once: UUID | None = None,
) -> Action:
    """Give a person or a team something to do: for the child of a case, by the plan that runs, or about a
    concern. One of the two is given.

    Args:
        what: what is to be done. Its owner reads it, also without reading the case or the concern.
        measure: how we will know that it worked.
        category, target: codes of policy `plans.categories` and `plans.targets`; on a concern its kind is the
            target.
        means: a code of policy `plans.means`: by what it is done, such as a visit of licensing.
        external: who does it without an account; the owner is then who tells them, and owes that too.
        due_on: the day with which it is due.
        support: identifiers of agencies that help. It tells them nothing and shows them nothing.
        meeting: the open meeting on this case that gives it, or the district's that the actor runs; its chair
            confirms it.
        decision: the identifier of the decision of that meeting that it carries out.
        at_panel: given at the panel of a district that the actor runs, under an item on this case.
        once: made when the page was made, so that sending it twice gives it once.

    Raises:
        Forbidden: the actor may not give this owner an action; see permission `action:give`.
        NotFound: the meeting is not on this case.
        DomainError: words are missing, the day is past, the owner cannot own it, or the case is closed or the
            concern ended; `field` says what.
    """
    on = one_of(case, concern)
    facts = giving_facts(actor, on, owner, meeting)
    require(actor, "action:give", replace(facts, runs_meeting=facts.runs_meeting or at_panel))
    if meeting is not None and not gives_on(meeting, on):
        raise NotFound("There is no such meeting on this case")
    action_id = uuid5(once, str(on.id)) if once else new_id()
    what = require_text(what, "Write what is to be done", field="what", size=Size.NOTE)
    measure = require_text(measure, "Write how we will know that it worked", field="measure", size=Size.NOTE)
    _check_codes(category, target, means, on)
    check_day(due_on)
    check_owner(on, owner)
    check_external(on, owner, external)
    if isinstance(on, Case):  # its owner reads it, also without reading the case
        check_no_restricted_quotes(
            texts={"what": what, "measure": measure},
            use=Use.PASS_ON,
            case_ids=[on.id],
            holder=actor.agency_id,
        )
    action = Action(
        id=action_id,
        reference=new_reference(Prefix.ACTION),
        **subject(actor, on),
        meeting_id=meeting.id if meeting else None,
        decision_id=decision,
        category=category,
        what=what,
        measure=measure,
        means=means or None,
        target=on.kind if isinstance(on, Concern) else target,
        owner_id=owner.id if isinstance(owner, User) else None,
        owner_team_id=owner.id if isinstance(owner, Team) else None,
        owner_agency_id=owner.agency_id,
        external_name=external.name,
        external_role=external.role,
        support_agencies=_supporting(support, owner),
        priority=priority,
        state=ActionState.NOT_STARTED,
        due_on=due_on,
        given_by=actor.user_id,
        given_agency_id=actor.agency_id,
        given_at=clock.now(),
        policy_version=current_policy(on.authority).version,
    )
    if (given_before := insert_once(action)) is not action:
        return given_before
    open_deadline(kind=DeadlineKind.ACTION, subject=action, owner=owner_of(action), due_at=end_of_day(due_on))
    record(action, "action:give", agency=str(owner.agency_id))
    given = owned_by(action) | {
        Ground.MANAGER: _managers_above(owner) if priority is ActionPriority.HIGH else NOBODY,
        Ground.OUTSIDE: to_be_told(action),
    }
    tell(actor=actor, event=GIVEN, about=about(action), given=given, held_until=held_until(action))
    return action


def _managers_above(owner: User | Team) -> Whom:
    """Who manages the team that owns an action, or the teams of the person who does."""
    if isinstance(owner, Team):
        return to_people(owner.manager_id)
    teams = select(Team.manager_id).join(TeamMember, TeamMember.team_id == Team.id)
    theirs = teams.where(TeamMember.user_id == owner.id, Team.agency_id == owner.agency_id, Team.active)
    return to_people(*db.session.scalars(theirs)) - to_people(owner.id)


#: What a meeting gives while it goes on is told when it is over; where nobody says so, so long after its end.
TELL_AFTER = timedelta(minutes=30)


def is_under_way(meeting: Meeting) -> bool:
    """Whether a meeting goes on: what it gives is told when it is over."""
    is_over = meeting.over_at is not None and meeting.over_at >= meeting.starts_at
    begun = meeting.starts_at <= clock.now() < meeting.ends_at + TELL_AFTER
    return meeting.state in COMING_MEETING_STATES and begun and not is_over


def held_until(action: Action) -> datetime | None:
    """Until when nobody is told of an action: while the meeting that gave it is under way."""
    meeting = db.session.get(Meeting, action.meeting_id) if action.meeting_id else None
    return meeting.ends_at + TELL_AFTER if meeting is not None and is_under_way(meeting) else None


def tell_what_was_given(*, meeting: Meeting) -> None:
    """A meeting was held: whoever it gave something to do is told now, and not after its planned end."""
    release_messages(meeting=meeting)


def release_messages(*, meeting: Meeting) -> int:
    """Let go what is held of what a meeting gave, for whoever runs it.

    Returns:
        How many e-mails go out.
    """
    at = goes_out(current_policy().reminders.hours, clock.now(), urgent=False)
    told.let_go(at)
    return db.session.scalar(select(func.ctx.release_messages(meeting.id, at))) or 0


def check_owner(on: Case | Concern, owner: User | Team) -> None:
    """Whoever owns an action is in use and may see cases; on a sealed case they are named on it, on a
    restricted concern they see it.

    Raises:
        DomainError: they cannot own it.
    """
    agency = db.session.get_one(Agency, owner.agency_id)
    if not owner.active or not agency.active:
        raise DomainError("Choose a person or team that is in use", field="owner")
    if isinstance(owner, User) and not ROLES_THAT_SEE_CASES.intersection(owner.roles):
        raise DomainError(f"{owner.name} cannot own an action: their role does not let them", field="owner")
    person_id = owner.id if isinstance(owner, User) else None
    where = (None, on.id) if isinstance(on, Concern) else (on.id, None)
    if not db.session.scalar(select(func.ctx.may_be_given(*where, person_id))):
        if isinstance(on, Concern):
            raise DomainError("This is restricted. Choose a person who may see it", field="owner")
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


def owned_by(action: Action) -> dict[Ground, Whom]:
    """Whoever owns an action, who is told of it whether or not they read the case."""
    return {Ground.OWNER: to_people(action.owner_id) | to_teams(action.owner_team_id)}


def followed_by(action: Action) -> dict[Ground, Whom]:
    """Whoever gave it, its chair, and who answers for what it is on; for whoever owns it or reads that."""
    return {Ground.GIVER: to_people(*db.session.scalar(select(func.ctx.hear_of_action(action.id))) or ())}


def step(
    *, actor: Principal, action: Action, kind: ActionStepKind, words: str = "", **moved: str
) -> ActionStep:
    """Write down what happened to an action: its history, and a row in the trail.

    Args:
        moved: what it said `before` and `after`, where it says something else now.
    """
    made = ActionStep(
        action_id=action.id,
        case_id=action.case_id,
        kind=kind,
        words=words.strip(),
        made_by=actor.user_id,
        made_at=clock.now(),
        **moved,
    )
    insert_now(made)
    record(action, f"action:{kind.value}")
    return made


def record(action: Action, verb: str, *, ground: str | None = None, **details: Any) -> None:
    """A row in the trail."""
    if action.concern_id is not None:
        details["concern"] = str(action.concern_id)
    audit.record(verb, action, of_case=action, ground=ground, **details)


def _check_codes(category: str, target: str, means: str | None, on: Case | Concern) -> None:
    plans = current_policy().plans
    if category not in {one.code for one in plans.categories.offered}:
        raise DomainError("Choose what the action is for", field="category")
    if means and means not in {one.code for one in plans.means.offered}:
        raise DomainError("Choose how it is done", field="means")
    if isinstance(on, Case) and target not in {one.code for one in plans.targets.offered}:
        raise DomainError("Choose whom or what it is about", field="target")


def _supporting(support: Iterable[UUID], owner: User | Team) -> list[UUID]:
    wanted = set(support) - {owner.agency_id}
    known = set(db.session.scalars(select(Agency.id).where(Agency.id.in_(wanted), Agency.active)))
    if known != wanted:
        raise DomainError("Choose agencies of the partnership", field="support")
    return sorted(wanted)
