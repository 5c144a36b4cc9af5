"""Actions that a panel asks for: on the plan of the case, or on the concern, that an item is on."""

from typing import Any
from uuid import UUID

from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.concerns.model import Concern
from portal.records.meetings.chairing import refuse_before_its_day
from portal.records.meetings.model import Meeting
from portal.records.panels.checks import record, require_panel
from portal.records.panels.model import PanelAction, PanelItem
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action
from portal.services.errors import NotFound


def give_under_item(
    *,
    actor: Principal,
    meeting: Meeting,
    item: PanelItem,
    on: Case | Concern,
    decision_id: UUID | None = None,
    **said: Any,
) -> Action:
    """Give an action on the case or the concern that an item is on; its owner is told at once.

    Whoever gives it reads the case or the concern: a chair who does not leaves it to the coordinator or the
    lead professional, who are told what was decided. Whoever else runs the panel may give it to anybody.

    Args:
        said: what the action is, as `give_action` takes it.

    Raises:
        as `give_action`; NotFound also where the item is not on that; DomainError before the panel’s day.
    """
    require_panel(meeting)
    if item.meeting_id != meeting.id or on.id not in {item.case_id, item.concern_id}:
        raise NotFound("This item is not on that panel")
    refuse_before_its_day(meeting)
    action = give_action(
        actor=actor,
        case=on if isinstance(on, Case) else None,
        concern=on if isinstance(on, Concern) else None,
        at_panel=actor.user_id in {meeting.chair_id, meeting.note_taker_id},
        **said,
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
