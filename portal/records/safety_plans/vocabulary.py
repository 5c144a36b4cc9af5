"""The words of an interim safety plan that code branches on."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled, Sector


class SafetyPlanState(Labelled):
    """Where a safety plan stands. Legal moves: :mod:`portal.pathway.states`."""

    DRAFT = "draft", "Being written"
    IN_FORCE = "in_force", "In force"
    ENDED = "ended", "Ended"


class SafetyReader(Labelled):
    """Who a part of a safety plan speaks to."""

    CHILD = "child", "The child"
    CARER = "carer", "The parent or carer"
    WORKERS = "workers", "Workers only"


# What happens to a safety plan that people are told of.

BEGUN = Event("safety_plan_begun", "A safety plan was begun")
IN_FORCE = Event("safety_plan_in_force", "A safety plan is in force, or its changes are")
CHANGED = Event(
    "safety_plan_changed", "A safety plan in force was changed, and the changes wait", one_line=True
)
PART_CHANGED = Event(
    "safety_plan_part_changed", "What somebody wrote in a safety plan in force was changed, and waits"
)
PART_LEFT = Event("safety_plan_part_left", "Nobody is left on the case for a part of a safety plan in force")
RENEWED = Event("safety_plan_renewed", "A safety plan was renewed")
ENDED = Event("safety_plan_ended", "A safety plan ended")
ENDED_BY_MEETING = Event("safety_plan_ended_by_meeting", "A safety plan ended with a meeting")

#: By whom a plan says that they act, so that nobody thinks they know of it who was never told.
ACTS = {
    Sector.POLICE: Event("safety_plan_police", "A safety plan says what the police do"),
    Sector.EDUCATION: Event("safety_plan_school", "A safety plan says what the school does"),
}
