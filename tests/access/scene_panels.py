"""The panel of each side of the scene: an item on the side’s case, and a concern that its agency holds."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.concerns.model import Concern
from portal.records.people.model import User
from tests.factories.meetings import make_meeting
from tests.factories.panels import make_item, make_panel_decision, make_summary

if TYPE_CHECKING:
    from tests.access.scene import Side

OF_PANELS: dict[str, Mapping[str, str]] = {
    "panels": {"reference": "panel item", "number": "=1", "decision_id": "panel decision"},
    **{
        f"panels.{name}": {"reference": "panel"}
        for name in ("show", "papers_out", "prepare", "put_something_on", "call_next_panel")
    },
    "panels.word": {"reference": "panel item of a concern"},
    "panels.propose_case": {"reference": "case"},
    "panels.propose_child": {"reference": "child"},
    "panels.propose_concern": {"reference": "panel concern"},
}
PREFIXES_OF_PANELS = {
    "panel": Prefix.MEETING,
    "panel item": Prefix.PANEL_ITEM,
    "panel item of a concern": Prefix.PANEL_ITEM,
    "panel concern": Prefix.CONCERN,
}

#: Coordinators know of every panel and every concern; what is on a panel of a sealed case they do not.
COORDINATORS_KNOW = tuple(
    f"panels.{name}"
    for name in (
        *("show", "papers_out", "prepare", "put_something_on", "call_next_panel", "propose_concern", "word"),
    )
)


def add_panel(rows: Session, side: "Side", author: User, decider: User) -> None:
    """Write it: whoever wrote the side’s records chairs, whoever decided on them takes the notes."""
    panel = make_meeting(rows, chair=author, note_taker=decider)
    item = make_item(rows, by=author, meeting=panel, case=side.case)
    make_summary(rows, item, by=author)
    concern = Concern(
        id=new_id(),
        reference=new_reference(Prefix.CONCERN),
        kind="place",
        name="x",
        owner_agency_id=author.agency_id,
        created_by=author.id,
        created_agency_id=author.agency_id,
        created_at=clock.now(),
        sensitivity=1,
        district="amber_valley",
        review_on=clock.today() + timedelta(days=30),
        policy_version="test",
    )
    rows.add(concern)
    rows.commit()
    side.names |= {
        "panel": panel.reference,
        "panel item": item.reference,
        "panel decision": str(make_panel_decision(rows, item, by=decider).id),
        "panel concern": concern.reference,
        "panel item of a concern": make_item(rows, by=author, concern=concern).reference,
    }
