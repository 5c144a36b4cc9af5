"""The words for what is said about a child, and which part of it is put right."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class CorrectionPart(Labelled):
    """Which part of a child's record a correction is of."""

    IDENTITY = "identity", "Who the child is"
    RECORD = "record", "What is recorded"


class EligibilityBasis(Labelled):
    """Why a person counts as a child for this pathway."""

    UNDER_18 = "under_18", "Under 18"
    SEND = "send", "18 to 25 with special educational needs or a disability"
    CARE_EXPERIENCED = "care_experienced", "18 or over and has been in local authority care"
    OTHER = "other", "Another reason, which is recorded"
    AGE_NOT_KNOWN = "age_not_known", "Age not known yet"


# What happens to the record of a child that people are told of.

CORRECTION_ASKED = Event("correction_asked", "Somebody proposed to correct who the child is")
CORRECTION_ANSWERED = Event("correction_answered", "A proposed correction of who the child is was answered")
CORRECTED = Event("identity_corrected", "Who the child is was corrected")
LINKED = Event("children_linked", "Two records were said to be of one child")
UNLINKED = Event("children_unlinked", "Two records were said to be of two children")
STATUS_CHANGED = Event("child_status_changed", "A status such as a protection plan began or ended")
STATED = Event("child_stated", "An address, phone, school or GP was added")
HELD_BACK = Event("child_held_back", "Something must not be disclosed")
HELD_BY_LINK = Event("child_held_by_link", "An alert on a linked record holds something back")
LET_GO = Event("child_let_go", "Something may be disclosed again")
AUTHORITY_CHANGED = Event("child_authority_changed", "Another authority is responsible for the child")
