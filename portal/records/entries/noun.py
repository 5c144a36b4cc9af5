"""What entries plug into the rest."""

from portal.records.cases.model import ChronologyEntry
from portal.records.entries.chronology import LINES
from portal.records.entries.tasks import TASKS
from portal.registry import Duty, Noun, Record

NOUN = Noun(
    tasks=TASKS,
    lines=LINES,
    records=(Record(table=ChronologyEntry, duty=Duty(shared=("case_id",))),),
)
