"""What district panels plug into the rest."""

from typing import Any

from sqlalchemy import select

from portal.pages.chronologies.reading import LineKind, Said
from portal.pages.workspaces.tasks import Task
from portal.pathway.references import Prefix
from portal.policy import Policy
from portal.queries.rows import columns
from portal.records.children.model import Child
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.panels.model import PanelDecision, PanelItem
from portal.records.panels.proposals import ask_word_if_held
from portal.records.panels.reading import records
from portal.registry import Duty, Noun, Record, Reference
from portal.vocabulary import Sector


def _panel_decision(row: Any, _policy: Policy) -> Said:
    return Said(title="Decided by the district panel", words=[row.said["words"], row.said["reason"]])


_PANEL_DECISION = """
select d.id, coalesce(m.held_at, d.recorded_at) as at, h.agency_id, d.recorded_by as by_id, p.case_id,
       p.reference, jsonb_build_object('words', d.text, 'reason', d.reason) as said
  from panel_item p join panel_decision d on d.item_id = p.id join app_user h on h.id = d.recorded_by
  left join meeting m on m.id = d.meeting_id
 where p.child_id = :child and d.withdrawn_at is null"""

LINES = (
    LineKind(what="panel_decision", part=ChronologyPart.MEETING, says=_panel_decision, rows=_PANEL_DECISION),
)


TASKS = (
    Task(
        endpoint="panels.index",
        label="District panel",
        hint="The next panel that you are invited to, and what you were given to read",
        permission="panel:view",
        at={
            Sector.POLICE: 10,
            Sector.SOCIAL_CARE: 10,
            Sector.HEALTH: 50,
            Sector.COUNCIL: 10,
            Sector.HUB: 10,
            Sector.EDUCATION: 10,
            Sector.VOLUNTARY: 10,
            Sector.YOUTH_JUSTICE: 20,
        },
        waiting=records.waiting_for,
    ),
)


NOUN = Noun(
    tasks=TASKS,
    case_held=ask_word_if_held,
    lines=LINES,
    records=(
        Record(
            table=PanelItem,
            prefix=Prefix.PANEL_ITEM,
            page="panels.item",
            permission="panel:view",
            named=columns(PanelItem).outerjoin(Child, Child.id == PanelItem.child_id),
            duty=Duty(shared=("meeting_id",), reference=PanelItem.reference, key=PanelItem.id),
        ),
    ),
    references=(
        Reference(
            prefix=Prefix.DECISION,
            rows=select(PanelDecision.reference, PanelItem.reference.label("opens")).join(
                PanelItem, PanelItem.id == PanelDecision.item_id
            ),
        ),
    ),
)
