"""What happens to the record of a child that people are told of."""

from portal.messages.events import Event

CORRECTION_ASKED = Event("correction_asked", "Somebody proposed to correct who the child is")
CORRECTION_ANSWERED = Event("correction_answered", "A proposed correction of who the child is was answered")
CORRECTED = Event("identity_corrected", "Who the child is was corrected")
LINKED = Event("children_linked", "Two records were said to be of one child")
UNLINKED = Event("children_unlinked", "Two records were said to be of two children")
STATUS_CHANGED = Event("child_status_changed", "A status such as a protection plan began or ended")
STATED = Event("child_stated", "An address, phone, school or GP was added")
HELD_BACK = Event("child_held_back", "Something must not be disclosed")
LET_GO = Event("child_let_go", "Something may be disclosed again")
AUTHORITY_CHANGED = Event("child_authority_changed", "Another authority is responsible for the child")

EVENTS = (
    *(CORRECTION_ASKED, CORRECTION_ANSWERED, CORRECTED, LINKED, UNLINKED, STATUS_CHANGED),
    *(STATED, HELD_BACK, LET_GO, AUTHORITY_CHANGED),
)
