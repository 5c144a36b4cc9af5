"""What safety plans plug into the rest."""

from portal.pathway.references import Prefix
from portal.records.safety_plans.chronology import LINES
from portal.records.safety_plans.ending import end_with_meeting
from portal.records.safety_plans.model import SafetyPlan
from portal.registry import Noun, Record

NOUN = Noun(
    lines=LINES,
    records=(Record(table=SafetyPlan, prefix=Prefix.SAFETY_PLAN, page="plans.safety_plan"),),
    meeting_held=end_with_meeting,
)
