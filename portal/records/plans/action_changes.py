"""What those who answer for a case change about an action: its date, its owner, whether it is needed at all.

The first date stays on the deadline, and every change stands in the history with its reason.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access.permissions import Forbidden, permitted, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import count_change
from portal.deadlines.changes import cancel_deadlines, hand_deadlines_over, move_deadline, open_deadlines
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Whom, tell
from portal.messages.vocabulary import Ground
from portal.pathway.calendar import end_of_day
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import Size
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.people.model import Team, User
from portal.records.plans.action_steps import (
    action_facts,
    hold,
    move_action,
    reach_ends,
    write_blocked,
    write_done,
    write_effect,
)
from portal.records.plans.actions import (
    about,
    check_day,
    check_owner,
    followed_by,
    held_until,
    owned_by,
    owner_of,
    step,
)
from portal.records.plans.model import Action, ActionStep
from portal.records.plans.reading import subject_of
from portal.records.plans.rules import External, standing
from portal.records.plans.vocabulary import CHANGED, HANDED_OVER, HEARD_OF, ActionState, ActionStepKind
from portal.records.plans.writing import check_external, external_of, hand_telling_over, to_be_told_again

SEALED = "The case was sealed: only people who are named on it own actions"


def move_date(*, actor: Principal, action: Action, due_on: date, reason: str, version: int) -> None:
    """Move the day with which an action is due. The first day stays on record; reminders follow the new one.

    Raises:
        Forbidden: the actor neither gave it nor answers for the case.
        Conflict: somebody changed it meanwhile.
        DomainError: there is no reason, the day is past or the same, or it is no longer owed.
    """
    require(actor, "action:change", action_facts(actor, action))
    hold(action, version, "Date moved", first=_require_open)
    check_day(due_on)
    if due_on == action.due_on:
        raise DomainError("Choose another date than the one now", field="due_on")
    why = require_text(reason, "Say why the date moves", field="words", size=Size.NOTE)
    made = step(
        actor=actor,
        action=action,
        kind=ActionStepKind.MOVED,
        words=why,
        before=action.due_on.isoformat(),
        after=due_on.isoformat(),
    )
    # whoever owes it keeps sight of the duty, and not for ever of why: that stands with the action
    for deadline in open_deadlines(subject=action, kind=DeadlineKind.ACTION):
        why_there = f"Moved on action {action.reference}"
        move_deadline(actor=actor, deadline=deadline, due_at=end_of_day(due_on), reason=why_there, told=True)
    action.due_on = due_on
    count_change(action)
    _tell_of_change(actor, action, made)


def hand_over(
    *,
    actor: Principal,
    action: Action,
    owner: User | Team,
    reason: str,
    version: int,
    external: External | None = None,
) -> None:
    """Give an action to another owner, who is told at once. Whoever had it loses sight of the child with it,
    unless they read the case. The agency that owns it gives it to its own people only.

    Args:
        external: who does it without an account from now on, or nobody; None where that stays as it is. The
            owner is then who tells them.

    Raises:
        Forbidden: the actor is not one who may, or not to this agency.
        Conflict: somebody changed it meanwhile.
        DomainError: there is no reason, the owner cannot own it, or it is no longer owed.
    """
    facts = action_facts(actor, action)
    require(actor, "action:hand_over", facts)
    if not permitted(actor, "action:change", facts) and owner.agency_id != actor.agency_id:
        raise Forbidden("You give this action to people of your own agency. Whoever gave it chooses another.")
    hold(action, version, "Another owner", first=_require_open)
    outsider = external_of(action) if external is None else external
    if owner.id in {action.owner_id, action.owner_team_id} and outsider == external_of(action):
        raise DomainError("Choose another owner than the one now", field="owner")
    check_owner(_reads(action), owner)
    check_external(_reads(action), owner, outsider)
    why = require_text(reason, "Say why it goes to somebody else", field="words", size=Size.NOTE)
    _give(actor, action, owner, why, followed_by(action), external=outsider)


def end_as_not_needed(*, actor: Principal, action: Action, reason: str, version: int) -> None:
    """Say that an action is no longer needed: it counts as neither met nor late.

    Raises:
        Forbidden, Conflict: as for `move_date`.
        DomainError: there is no reason, or it is done or no longer owed.
    """
    _end(actor, action, ActionState.NOT_NEEDED, reason, version)


def end_as_covered(*, actor: Principal, action: Action, by: str, version: int) -> None:
    """Say that another plan sees to it, and which.

    Raises:
        Forbidden, Conflict: as for `move_date`.
        DomainError: the plan is not named, or it is done or no longer owed.
    """
    _end(actor, action, ActionState.COVERED, by, version)


def end_with_case(*, actor: Principal, action: Action, state: ActionState, words: str) -> None:
    """End an action because its case ends; whoever may end the case says what becomes of it.

    Args:
        state: no longer needed, or covered by what follows the case.
    """
    hold(action, action.version, state.label)
    _end_now(actor, action, state, words)


@dataclass(frozen=True)
class Heard:
    """What a meeting heard of an action.

    Args:
        state: what the action is then; None where it stays as it is.
        says: the outcome in words, which stand in the history; empty where nothing new was said.
        effect: a code of policy `plans.effects`; empty for none.
    """

    state: ActionState | None
    says: str
    words: str = ""
    effect: str = ""


#: What stands with an action of which a meeting heard and nobody wrote more.
AT_A_MEETING = "As a meeting heard"


def follow_meeting(*, actor: Principal, action: Action, heard: Heard) -> None:
    """An action says what a meeting heard of it; whoever owns it is told. What went on meanwhile stands.

    The action is held, and whoever records the meeting has asked for it: the database asks again who says
    that it is done.

    Raises:
        DomainError: there is no such effect.
    """
    is_open, stays = action.state in OPEN_ACTION_STATES, heard.state in {None, action.state}
    words = heard.words or AT_A_MEETING
    if not is_open or stays:
        if said := ". ".join(filter(None, (heard.says, heard.words))):
            _tell_heard(
                actor, action, step(actor=actor, action=action, kind=ActionStepKind.HEARD, words=said)
            )
    elif heard.state is ActionState.DONE:
        write_done(actor, action, words, owned_by(action))
    elif heard.state is ActionState.BLOCKED:
        write_blocked(actor, action, words, owned_by(action))
    elif heard.state is ActionState.NOT_NEEDED:
        _end_now(actor, action, ActionState.NOT_NEEDED, words)
    else:
        kind = ActionStepKind.UNBLOCKED if action.state == ActionState.BLOCKED else ActionStepKind.STARTED
        move_action(action, ActionState.UNDER_WAY)
        action.blocked_reason = None
        _tell_heard(actor, action, step(actor=actor, action=action, kind=kind, words=words))
    if heard.effect and heard.effect != action.effect and action.done_at is not None:
        write_effect(actor, action, heard.effect, "")


def _tell_heard(actor: Principal, action: Action, made: ActionStep) -> None:
    tell(actor=actor, event=HEARD_OF, about=about(action), given=owned_by(action), once=str(made.id))


def give_to_named(*, actor: Principal, case: Case, named: Collection[UUID], person: User) -> None:
    """A case is about to be sealed: what people own who are not named on it becomes a named person's.

    Args:
        named: identifiers of those who will read the sealed case.
        person: who of them sees to the rest.
    """
    still_owed = select(Action).where(Action.case_id == case.id, Action.state.in_(OPEN_ACTION_STATES))
    for action in db.session.scalars(still_owed).all():
        if action.owner_id not in named:
            _give(actor, action, person, SEALED, {}, external=external_of(action))


def _give(
    actor: Principal,
    action: Action,
    owner: User | Team,
    reason: str,
    followed: Mapping[Ground, Whom],
    *,
    external: External,
) -> None:
    before, was_done_by = _name(action), external_of(action)
    stays = owner.id in {action.owner_id, action.owner_team_id}
    given = {**followed, Ground.OWNER_BEFORE: NOBODY if stays else owned_by(action)[Ground.OWNER]}
    made = step(
        actor=actor,
        action=action,
        kind=ActionStepKind.OWNER,
        words=reason,
        before=before,
        after=external.through(owner.name),
    )
    action.owner_id = owner.id if isinstance(owner, User) else None
    action.owner_team_id = owner.id if isinstance(owner, Team) else None
    action.owner_agency_id = owner.agency_id
    action.external_name, action.external_role = external.name, external.role
    count_change(action)
    hand_deadlines_over(
        actor=actor, subject=action, kind=DeadlineKind.ACTION, owner=owner_of(action), told=True
    )
    given |= owned_by(action)
    given[Ground.OUTSIDE] = hand_telling_over(actor=actor, action=action, before=was_done_by)
    if _drop_held(action):  # whoever had it heard nothing of it
        given[Ground.OWNER_BEFORE] = NOBODY
    wait = held_until(action)
    tell(actor=actor, event=HANDED_OVER, about=about(action), given=given, once=str(made.id), held_until=wait)


def _end(actor: Principal, action: Action, state: ActionState, words: str, version: int) -> None:
    require(actor, "action:change", action_facts(actor, action))
    hold(action, version, state.label, first=_require_open)
    _end_now(actor, action, state, words)


def _end_now(actor: Principal, action: Action, state: ActionState, words: str) -> None:
    covered = state is ActionState.COVERED
    missing = "Say which plan sees to it" if covered else "Say why it is no longer needed"
    why = require_text(words, missing, field="words", size=Size.NOTE)
    _require_open(action)
    action.reach_until = reach_ends()
    action.blocked_reason = None
    action.covered_by = why if covered else ""
    move_action(action, state)
    made = step(actor=actor, action=action, kind=ActionStepKind(state.value), words=why)
    cancel_deadlines(subject=action, kind=DeadlineKind.ACTION, reason=standing(state, action.covered_by))
    _tell_of_change(actor, action, made)


def _tell_of_change(actor: Principal, action: Action, made: ActionStep) -> None:
    """Nobody who has an account, where that it was given is not told yet: they hear how it stands then."""
    given = {Ground.OUTSIDE: to_be_told_again(actor=actor, action=action)}
    if not (_is_held(action) if action.state in OPEN_ACTION_STATES else _drop_held(action)):
        given |= owned_by(action) | followed_by(action)
    wait = held_until(action)
    tell(actor=actor, event=CHANGED, about=about(action), given=given, once=str(made.id), held_until=wait)


def _is_held(action: Action) -> bool:
    return bool(db.session.scalar(select(func.ctx.given_is_held(action.id, clock.now()))))


def _drop_held(action: Action) -> bool:
    """Have nobody told that it was given to whoever it is no longer theirs, where that is not told yet."""
    db.session.flush()
    return bool(db.session.scalar(select(func.ctx.drop_held(action.id, clock.now()))))


def _reads(action: Action) -> Case | Concern:
    on = subject_of(action=action)
    if on is None:  # the permission has asked already: whoever only owns it hands it to nobody
        raise NotFound("There is no such action")
    return on


def _require_open(action: Action) -> None:
    if action.state not in OPEN_ACTION_STATES:
        raise DomainError(f"This action is over: {standing(action.state, action.covered_by).lower()}")


def _name(action: Action) -> str:
    if action.owner_id:
        return external_of(action).through(db.session.get_one(User, action.owner_id).name)
    return db.session.get_one(Team, action.owner_team_id).name
