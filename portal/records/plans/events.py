"""What happens to an action that people are told of."""

from portal.messages.events import Event

GIVEN = Event("action_given", "An action was given")
CHANGED = Event("action_changed", "An action has another date, or is no longer needed")
HANDED_OVER = Event("action_handed_over", "An action has another owner")
BLOCKED = Event("action_blocked", "An action is blocked")
DONE = Event("action_done", "An action is done")
CONFIRMED = Event("action_confirmed", "It was confirmed that an action is done")
NOTED = Event("action_noted", "Somebody wrote how an action goes")

EVENTS = (GIVEN, CHANGED, HANDED_OVER, BLOCKED, DONE, CONFIRMED, NOTED)
