"""The words of plans and actions that code branches on."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


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
    HEARD = "heard", "Spoken of at a meeting"


# What happens to an action that people are told of.

GIVEN = Event("action_given", "An action was given")
CHANGED = Event("action_changed", "An action has another date, or is no longer needed")
HANDED_OVER = Event("action_handed_over", "An action has another owner")
BLOCKED = Event("action_blocked", "An action is blocked")
DONE = Event("action_done", "An action is done")
CONFIRMED = Event("action_confirmed", "It was confirmed that an action is done")
NOTED = Event("action_noted", "Somebody wrote how an action goes")
HEARD_OF = Event("action_heard_of", "A meeting heard how an action goes")
