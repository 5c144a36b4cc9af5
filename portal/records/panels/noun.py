"""What district panels plug into the rest."""

from uuid import UUID

from portal.pathway.references import Prefix
from portal.queries.record_columns import Columns, columns
from portal.records.children.model import Child
from portal.records.panels.chronology import LINES
from portal.records.panels.model import PanelItem
from portal.records.panels.tasks import TASKS
from portal.registry import Duty, Noun, Record


def _panel_items(ids: list[UUID]) -> Columns:
    return (
        columns("panel_item", PanelItem.id, PanelItem.reference)
        .outerjoin(Child, Child.id == PanelItem.child_id)
        .where(PanelItem.id.in_(ids))
    )


NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(
        Record(
            table=PanelItem,
            prefix=Prefix.PANEL_ITEM,
            page="panels.item",
            permission="panel:view",
            named=_panel_items,
            duty=Duty(shared=("meeting_id",), reference=PanelItem.reference, key=PanelItem.id),
        ),
    ),
)
