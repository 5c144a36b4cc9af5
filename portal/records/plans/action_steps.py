"""How an action goes: started, blocked, done by its owner, confirmed by a second person, with what effect."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access.permissions import Facts, Forbidden, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_state, require_text
from portal.changes.versions import count_change, insert_now, lock
from portal.deadlines.changes import finish_deadlines
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.messages.telling import NOBODY, Given, tell
from portal.messages.vocabulary import Ground
from portal.policy import Size, current_policy
from portal.records.cases.grants import chairs_open_meeting
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.entries.adding import agencies_on
from portal.records.entries.vocabulary import Handling
from portal.records.people.model import Agency
from portal.records.plans.actions import about, followed_by, owned_by, owns, record, step
from portal.records.plans.model import Action, ActionNote
from portal.records.plans.reading import subject_of
from portal.records.plans.vocabulary import BLOCKED, CONFIRMED, DONE, NOTED, ActionState, ActionStepKind
from portal.records.plans.writing import end_telling

_DONE = (ActionState.DONE, ActionState.CONFIRMED)
#: Whoever owns an action and says so needs not be told.
_OWNER_SAYS_SO: Given = {Ground.OWNER: NOBODY}


def start(*, actor: Principal, action: Action, version: int) -> None:
    """Say that an action has begun.

    Raises:
        Forbidden: the actor does not own it.
        Conflict: somebody changed it meanwhile.
        DomainError: it is under way, done or no longer owed.
    """
    _hold_own(actor, action, version, "Started", ActionState.UNDER_WAY)
    kind = ActionStepKind.UNBLOCKED if action.state == ActionState.BLOCKED else ActionStepKind.STARTED
    move_action(action, ActionState.UNDER_WAY)
    action.blocked_reason = None
    step(actor=actor, action=action, kind=kind)


def block(*, actor: Principal, action: Action, why: str, version: int) -> None:
    """Say that an action cannot go on, and why. It stays owed; whoever answers for the case hears of it.

    Raises:
        Forbidden, Conflict: as for `start`.
        DomainError: there is no reason, or it is blocked, done or no longer owed.
    """
    _hold_own(actor, action, version, "Blocked", ActionState.BLOCKED)
    reason = require_text(why, "Say why it is blocked", field="words", size=Size.NOTE)
    write_blocked(actor, action, reason, _OWNER_SAYS_SO)


def mark_done(*, actor: Principal, action: Action, words: str, version: int) -> None:
    """Say that an action is done, and what was done. Its clock ends, and with it begins the time after which
    an owner who does not read the case loses sight of the child. Saying the same twice changes nothing.

    Raises:
        Forbidden, Conflict: as for `start`.
        DomainError: there are no words, or it is no longer owed.
    """
    if action.state in _DONE and (action.done_by, action.done_words) == (actor.user_id, words.strip()):
        return
    _hold_own(actor, action, version, "Done", ActionState.DONE)
    said = require_text(words, "Write what was done", field="words", size=Size.NOTE)
    write_done(actor, action, said, _OWNER_SAYS_SO)


def confirm(
    *, actor: Principal, action: Action, version: int, effect: str | None = None, words: str = ""
) -> None:
    """Confirm, as the second person, that an action is done, and say what came of it where that is known.

    Raises:
        Forbidden: the actor did it, or is not one who may confirm it.
        Conflict: somebody changed it meanwhile.
        DomainError: it is not done, or was confirmed already.
    """
    if action.done_by == actor.user_id:
        raise Forbidden("You said that this is done. A second person confirms it.")
    require(actor, "action:confirm", action_facts(actor, action))
    hold(action, version, "Confirmed", first=lambda now: check_move(now, ActionState.CONFIRMED))
    action.confirmed_by, action.confirmed_at = actor.user_id, clock.now()
    move_action(action, ActionState.CONFIRMED)
    made = step(actor=actor, action=action, kind=ActionStepKind.CONFIRMED, words=words)
    if effect:
        write_effect(actor, action, effect, "")
    tell(actor=actor, event=CONFIRMED, about=about(action), given=owned_by(action), once=str(made.id))


def give_effect(*, actor: Principal, action: Action, effect: str, words: str = "", version: int) -> None:
    """Say what came of an action that is done. What was said before stays in its history.

    Args:
        effect: a code of policy `plans.effects`.

    Raises:
        Forbidden: the actor neither owns nor confirms it, nor answers for the case.
        Conflict: somebody changed it meanwhile.
        DomainError: it is not done, or no effect is chosen.
    """
    require(actor, "action:effect", action_facts(actor, action))
    hold(action, version, "Effect", first=_require_done)
    if action.effect != effect or words.strip():
        write_effect(actor, action, effect, words)


def add_note(
    *, actor: Principal, action: Action, text: str, handling: Handling, listed: Iterable[UUID] = ()
) -> ActionNote:
    """Write how an action goes, with the handling that one's agency chooses. The same words are one note.

    Args:
        listed: identifiers of the agencies, for `Handling.AGENCIES`; on a case each works on it.

    Raises:
        DomainError: there are no words, or the agencies do not fit.
    """
    require(actor, "action:note")
    words = require_text(text, "Write how it goes", field="text", size=Size.NOTE)
    same = select(ActionNote).where(
        ActionNote.action_id == action.id,
        ActionNote.author_id == actor.user_id,
        ActionNote.text == words,
        ActionNote.handling == handling,
    )
    if sent_before := db.session.scalar(same.limit(1)):
        return sent_before
    note = ActionNote(
        action_id=action.id,
        case_id=action.case_id,
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        text=words,
        handling=handling,
        listed_agencies=_listed(actor, action, handling, listed),
        written_at=clock.now(),
    )
    insert_now(note)
    record(action, "action:note", handling=handling.value)
    if handling is Handling.NETWORK:
        tell(actor=actor, event=NOTED, about=about(action), once=str(note.id))
    return note


def action_facts(actor: Principal, action: Action) -> Facts:
    """What decides who may do what with an action. An owner who does not read what it is on finds nothing."""
    on = subject_of(action=action)
    reads = on is not None
    return Facts(
        owner=owns(actor, action),
        gave=reads and action.given_by == actor.user_id,
        own_agency=reads and action.owner_agency_id == actor.agency_id,
        lead_professional=isinstance(on, Case) and on.lead_professional_id == actor.user_id,
        keeps=isinstance(on, Concern) and on.owner_agency_id == actor.agency_id,
        chairs_open_meeting=isinstance(on, Case) and chairs_open_meeting(actor=actor, case_id=on.id),
        confirms=reads
        and action.done_by != actor.user_id
        and bool(db.session.scalar(select(func.ctx.may_confirm_action(action.id)))),
    )


def check_move(action: Action, target: ActionState) -> None:
    """Refuse what an action cannot become from where it is.

    Raises:
        DomainError: it cannot go there.
    """
    check_state(ActionState(action.state), target)


def move_action(action: Action, target: ActionState) -> None:
    """Move an action on, and count the change.

    Raises:
        as `check_move`.
    """
    check_move(action, target)
    action.state = target
    count_change(action)


def reach_ends() -> datetime:
    """When an owner who does not read the case loses sight of the child: policy `limits.request_reach`."""
    return due(current_policy().clocks.limits.request_reach, clock.now())


def _hold_own(actor: Principal, action: Action, version: int, mine: str, target: ActionState) -> None:
    require(actor, "action:work", Facts(owner=owns(actor, action)))
    hold(action, version, mine, first=lambda now: check_move(now, target))


def hold(action: Action, version: int, mine: str, *, first: Callable[[Action], None] | None = None) -> None:
    """Hold an action, so that one step follows the other.

    Args:
        mine: what the actor is about to say of it.
        first: what is refused whoever changed it: sent again, it would be refused again.

    Raises:
        Conflict: somebody changed it since `version`.
    """
    lock(
        action,
        version,
        lambda now: {"State": ActionState(now.state).label},
        first=first,
        mine={"State": mine},
    )


def _require_done(action: Action) -> None:
    if action.state not in _DONE:
        raise DomainError("Say what came of it once it is done")


def write_done(actor: Principal, action: Action, words: str, owner: Given) -> None:
    """An action that is held becomes done.

    Args:
        owner: whom to tell of those whose action it is.
    """
    action.done_by, action.done_at, action.done_words = actor.user_id, clock.now(), words
    action.blocked_reason = None
    action.reach_until = reach_ends()
    move_action(action, ActionState.DONE)
    made = step(actor=actor, action=action, kind=ActionStepKind.DONE, words=words)
    finish_deadlines(subject=action, kind=DeadlineKind.ACTION)
    end_telling(actor=actor, action=action)
    given = {**owner, **followed_by(action)}
    tell(actor=actor, event=DONE, about=about(action), given=given, once=str(made.id))


def write_blocked(actor: Principal, action: Action, reason: str, owner: Given) -> None:
    """An action that is held becomes blocked, and stays owed.

    Args:
        owner: as for `write_done`.
    """
    move_action(action, ActionState.BLOCKED)
    action.blocked_reason = reason
    made = step(actor=actor, action=action, kind=ActionStepKind.BLOCKED, words=reason)
    given = {**owner, **followed_by(action)}
    tell(actor=actor, event=BLOCKED, about=about(action), given=given, once=str(made.id))


def write_effect(actor: Principal, action: Action, effect: str, words: str) -> None:
    """Write what came of an action that is held.

    Raises:
        DomainError: no effect is chosen.
    """
    effects = current_policy().plans.effects
    if effect not in {one.code for one in effects.offered}:
        raise DomainError("Choose what came of it", field="effect")
    before = action.effect or ""
    action.effect = effect
    action.version += 1
    step(actor=actor, action=action, kind=ActionStepKind.EFFECT, words=words, before=before, after=effect)


def _listed(actor: Principal, action: Action, handling: Handling, listed: Iterable[UUID]) -> list[UUID]:
    if handling is not Handling.AGENCIES:
        return []
    on = subject_of(action=action)
    chosen = set(listed) - {actor.agency_id}
    if not chosen:
        raise DomainError("Choose the agencies that may read it", field="agencies")
    if on is None or (isinstance(on, Case) and not chosen <= agencies_on(on)):
        raise DomainError("Choose among the agencies that work on this case", field="agencies")
    known = set(db.session.scalars(select(Agency.id).where(Agency.id.in_(chosen), Agency.active)))
    return sorted(known)
