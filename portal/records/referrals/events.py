"""What happens to an information form that people are told of."""

from portal.messages.events import Event

ARRIVED = Event("form_arrived", "A form arrived")
RED_ARRIVED = Event("red_form_arrived", "A red form arrived")
SENDER_WROTE = Event("form_sender_wrote", "The sender of a form wrote to the hub")

EVENTS = (ARRIVED, RED_ARRIVED, SENDER_WROTE)
