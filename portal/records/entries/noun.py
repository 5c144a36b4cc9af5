"""What entries plug into the rest."""

from portal.records.cases.model import ChronologyEntry
from portal.registry import Duty, Noun, Record

NOUN = Noun(
    records=(Record(table=ChronologyEntry, duty=Duty(shared=("case_id",))),),
)
