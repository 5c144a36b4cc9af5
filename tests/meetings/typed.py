"""What a page sends of its boxes."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.changes.errors import DomainError
from portal.model import new_id
from portal.records.meetings.model import AgendaItem, Meeting
from portal.records.minutes.typing import Sent, Taken, take_in
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.meetings.days import acted


def heading(rows: Session, meeting: Meeting, words: str, case_id: UUID | None = None) -> UUID:
    """A heading on the agenda."""
    item = AgendaItem(id=new_id(), meeting_id=meeting.id, case_id=case_id, position=1, heading=words)
    rows.add(item)
    rows.commit()
    return item.id


def sends(acting: Acting, who: User, meeting: Meeting, **sent: Any) -> Taken:
    """What one page sends of one box."""
    with acting(who) as actor:
        unless: dict[str, Any] = {"page": new_id(), "seen": 0}
        one = Sent(**unless | sent)
        taken = take_in(actor=actor, meeting=acted(meeting), sent=[one])[one.item_id]
    if isinstance(taken, DomainError):
        raise taken
    return taken


def says(acting: Acting, who: User, meeting: Meeting, item: UUID, text: str, seen: int = 0) -> int:
    return sends(acting, who, meeting, item_id=item, typed=text, seen=seen).version
