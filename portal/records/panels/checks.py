"""What every step on a panel asks first: which panel, who runs it, and what keeps an item from it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from portal.access import audit
from portal.access.permissions import Facts
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound
from portal.changes.versions import lock_row
from portal.extensions import db
from portal.messages.telling import About, Whom, to_people
from portal.messages.vocabulary import Ground
from portal.policy import current_policy
from portal.records.meetings.chairing import RECORDED_STATES
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.panels.model import PanelItem
from portal.records.panels.policy import Panels


def is_panel(meeting: Any) -> bool:
    """Whether a meeting is the panel of a district."""
    return meeting.district is not None and meeting.kind == current_policy().of(Panels).kind


def require_panel(meeting: Meeting) -> None:
    """Go on only with the panel of a district.

    Raises:
        NotFound: it is another meeting.
    """
    if not is_panel(meeting):
        raise NotFound("There is no such panel")


def require_not_over(meeting: Meeting) -> None:
    """Go on only while something can still come before a panel.

    Raises:
        DomainError: its minutes are approved, or it was cancelled.
    """
    state = MeetingState(meeting.state)
    if state not in RECORDED_STATES:
        raise DomainError(f"This panel is over: {state.label.lower()}")


def panel_facts(actor: Principal, meeting: Any) -> Facts:
    """What decides verbs on a panel, or on none that the actor sees."""
    return Facts(
        runs_meeting=meeting is not None and actor.user_id in {meeting.chair_id, meeting.note_taker_id}
    )


def held_back(*, child_id: UUID | None, concern_id: UUID | None) -> str:
    """What keeps a child or concern from a panel: `sealed`, `word` (of whoever leads it), or nothing.

    Raises:
        NotFound: the actor may not propose it; whoever only knows who a child is learns nothing more.
    """
    found: str | None = db.session.scalar(select(func.ctx.held_back(child_id, concern_id)))
    if found is None:
        raise NotFound("There is nothing here to propose")
    return found


def held_fast(item: PanelItem) -> PanelItem:
    """The item until the end of the transaction: two who decide on it take turns."""
    lock_row(item)
    return item


def about_item(item: PanelItem) -> About:
    """What a message about an item points at."""
    return About(kind="panel_item", id=item.id, reference=item.reference, case_id=item.case_id)


def hear_of(item_id: UUID) -> dict[Ground, Whom]:
    """Who follows what becomes of an item, for whoever reaches it or records at its panel."""
    rows = db.session.execute(text("select ground, user_id from ctx.hear_of_item(:item)"), {"item": item_id})
    return {Ground(row.ground): to_people(row.user_id) for row in rows}


def record(action: str, item: PanelItem, **details: Any) -> None:
    """A row in the trail."""
    audit.record(action, item, of_case=item, **details)
