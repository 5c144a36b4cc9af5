"""Actions that a panel asks for: on the plan of the case that an item is on, like any other action there."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from portal.access.principal import Principal
from portal.extensions import db
from portal.models import Action, Case, Meeting, PanelAction, PanelItem, Team, User
from portal.services.actions import give_action
from portal.services.errors import NotFound
from portal.services.panel_rules import record, require_panel
from portal.services.running_meetings import refuse_before_its_day
from portal.vocabulary import ActionPriority


def give_on_case(
    *,
    actor: Principal,
    meeting: Meeting,
    item: PanelItem,
    case: Case,
    what: str,
    measure: str,
    category: str,
    target: str,
    owner: User | Team,
    due_on: date,
    priority: ActionPriority = ActionPriority.NORMAL,
    support: Iterable[UUID] = (),
    decision_id: UUID | None = None,
    once: UUID | None = None,
) -> Action:
    """Give an action on the plan of a case that an item is on; its owner is told at once.

    Whoever gives it reads the case: a chair who does not leaves it to the coordinator or the lead
    professional, who are told what was decided. Whoever else runs the panel may give it to anybody.

    Raises:
        as `give_action`; NotFound also where the item is not on that case.
    """
    _require(meeting, item)
    if item.case_id != case.id:
        raise NotFound("This item is not on that case")
    action = give_action(
        actor=actor,
        case=case,
        what=what,
        measure=measure,
        category=category,
        target=target,
        owner=owner,
        due_on=due_on,
        priority=priority,
        support=support,
        at_panel=actor.user_id in {meeting.chair_id, meeting.note_taker_id},
        once=once,
    )
    keep(item=item, action=action, decision_id=decision_id)
    return action


def keep(*, item: PanelItem, action: Action, decision_id: UUID | None = None) -> None:
    """Keep that an action was asked for under an item; it is given by its own service."""
    if db.session.get(PanelAction, action.id) is not None:
        return  # a form that was sent twice
    db.session.add(PanelAction(action_id=action.id, item_id=item.id, decision_id=decision_id))
    db.session.flush()
    record("panel:give_action", item, given=str(action.id))


def _require(meeting: Meeting, item: PanelItem) -> None:
    require_panel(meeting)
    if item.meeting_id != meeting.id:
        raise NotFound("This item is not on that panel")
    refuse_before_its_day(meeting)
