"""The words of plans and actions that code branches on."""

from portal.labelled import Labelled


class PlanState(Labelled):
    """Whether a plan still runs. Legal moves: :mod:`portal.pathway.states`."""

    RUNNING = "running", "Running"
    ENDED = "ended", "Ended"


class PlanPart(Labelled):
    """What a plan says, the child's own goal first."""

    GOAL = "goal", "The child’s own goal"
    AIMS = "aims", "What the plan is to achieve"
    RISKS = "risks", "Risks that it addresses"
    LINKS = "links", "Other plans for the child"


class ActionState(Labelled):
    """Where an action stands. Legal moves: :mod:`portal.pathway.states`."""

    NOT_STARTED = "not_started", "Not started"
    UNDER_WAY = "under_way", "Under way"
    BLOCKED = "blocked", "Blocked"
    DONE = "done", "Done"
    CONFIRMED = "confirmed", "Done and confirmed"
    NOT_NEEDED = "not_needed", "No longer needed"
    COVERED = "covered", "Covered by another plan"


class ActionPriority(Labelled):
    """How much it matters that an action is done soon."""

    HIGH = "high", "High"
    NORMAL = "normal", "Normal"
    LOW = "low", "Low"


class ActionStepKind(Labelled):
    """What happened to an action."""

    STARTED = "started", "Started"
    BLOCKED = "blocked", "Blocked"
    UNBLOCKED = "unblocked", "No longer blocked"
    DONE = "done", "Done"
    CONFIRMED = "confirmed", "Confirmed"
    EFFECT = "effect", "Effect recorded"
    NOT_NEEDED = "not_needed", "No longer needed"
    COVERED = "covered", "Covered by another plan"
    MOVED = "moved", "Date moved"
    OWNER = "owner", "Given to another owner"
