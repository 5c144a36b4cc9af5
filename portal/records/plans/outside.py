"""Actions that somebody without an account does: their owner tells them, and says how it goes.

Whoever gives such an action makes it a duty of the owner to tell them, beside the action itself. It ends when
somebody records that they were told, or when there is nothing to tell any more.
"""

from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_length
from portal.deadlines.changes import Owner, hand_deadlines_over
from portal.deadlines.vocabulary import DeadlineKind
from portal.messages.telling import NOBODY, Outsider, Whom, outside
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import Size
from portal.records.by_hand.facts import close_moot, of_action
from portal.records.by_hand.model import ToldByHand
from portal.records.by_hand.rules import DONE, ENDED, SOMEBODY_ELSE
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.people.model import Team, User
from portal.records.plans.model import Action
from portal.records.plans.rules import External

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
