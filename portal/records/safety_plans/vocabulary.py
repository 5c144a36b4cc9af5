"""The words of an interim safety plan that code branches on."""

from portal.labelled import Labelled


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
