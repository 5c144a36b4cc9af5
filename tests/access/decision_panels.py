"""The panel of each side of the decisions: who chairs an open meeting on the case chairs it too."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from portal.records.meetings.model import Meeting
from portal.records.people.model import User
from tests.factories.meetings import make_invitation

if TYPE_CHECKING:
    from tests.access.scene import Side


def chair_panel(rows: Session, side: "Side", chair: User, *, by: User) -> None:
    """Let somebody chair the panel that the side has, as somebody whom an invitation names."""
    panel = rows.query(Meeting).filter_by(reference=side.names["panel"]).one()
    panel.chair_id = chair.id
    make_invitation(rows, panel, person=chair, by=by, role="chair")
