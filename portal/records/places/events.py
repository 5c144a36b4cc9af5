"""What happens to a place of concern that people are told of."""

from portal.messages.events import Event

UNWATCHED = Event("place_unwatched", "Nobody watches a place of concern any more")

EVENTS = (UNWATCHED,)
