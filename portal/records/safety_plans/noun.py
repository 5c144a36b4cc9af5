"""What safety plans plug into the rest."""

from portal.records.safety_plans.ending import end_with_meeting
from portal.registry import Noun

NOUN = Noun(meeting_held=end_with_meeting)
