"""What happens to a return interview that people are told of."""

from portal.messages.events import Event

STEP = Event("interview_step", "A return interview was begun, offered, answered or tried")
COMPLETED = Event("interview_completed", "A return interview was completed")
SHARED = Event("interview_shared", "A return interview was shared")
CORRECTED = Event("interview_corrected", "What a completed return interview says was corrected")

NARROWED = Event("interview_narrowed", "Fewer may read a return interview")
WIDENED = Event("interview_widened", "More may read a return interview")

EVENTS = (STEP, COMPLETED, SHARED, CORRECTED, NARROWED, WIDENED)
