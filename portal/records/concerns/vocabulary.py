"""The words of places, people and things of concern that code branches on."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class ConcernKind(Labelled):
    """What is of concern. The fields of each kind are policy ``concerns.fields``."""

    PLACE = "place", "Place"
    PERSON = "person", "Person of concern"
    VEHICLE = "vehicle", "Vehicle"
    PHONE = "phone", "Phone number"
    ACCOUNT = "account", "Online account"
    GROUP = "group", "Group"

    @property
    def short(self) -> str:
        """One word for it in the middle of a sentence."""
        return {"phone": "number"}.get(self.value, self.value)


#: The role of policy `concerns.roles` that says that two records are about the same.
SAME_AS = "same_as"


class ConcernSource(Labelled):
    """The record that something of concern, or a link to it, was made from."""

    REFERRAL = "referral", "An information form"
    INTERVIEW = "return_interview", "A return interview"
    ENTRY = "entry", "An entry on a case"
    CASE = "cre_case", "A case"
    MINUTES = "minutes", "The minutes of a meeting"


class ConcernChangeKind(Labelled):
    """What happened to something of concern."""

    RECORDED = "recorded", "Recorded"
    CHANGED = "changed", "What it says was changed"
    GRADED = "graded", "Graded"
    POLICE_STATUS = "police_status", "Police said how they know the person"
    REVIEWED = "reviewed", "Looked at again"
    OWNER = "owner", "Given to another owner"
    HELD = "held", "Held more or less closely"
    ENDED = "ended", "No longer of concern"
    REOPENED = "reopened", "Of concern again"


class FieldShape(Labelled):
    """How a field of a thing of concern is asked, and what is compared in it.

    One that is ``compared`` gives keys by which the same thing is found in other records.
    """

    LINE = "line", "One line"
    TEXT = "text", "Several lines"
    DATE = "date", "A date"
    AGE = "age", "Whole years"
    NAMES = "names", "Other names, one a line"
    ADDRESS = "address", "An address"
    POSTCODE = "postcode", "A postcode"
    REGISTRATION = "registration", "The registration of a vehicle, or a part of it"
    PHONE = "phone", "A phone number"
    PHONES = "phones", "Phone numbers, one a line"
    HANDLE = "handle", "The name of an online account"
    HANDLES = "handles", "Names of online accounts, one a line"
    REGISTRATIONS = "registrations", "Registrations, one a line"
    PLACE_KIND = "place_kind", "One of policy referral.place_kinds"
    PLATFORM = "platform", "One of policy referral.platforms"


# What happens to a place, person or thing of concern that people are told of.

RECORDED = Event("concern_recorded", "Something of concern was recorded")
CHANGED = Event("concern_changed", "What is recorded of something of concern changed")
NOW = Event("concern_now", "News of something of concern by which children are being harmed", critical=True)
LINKED = Event("concern_linked", "A child was linked to something of concern")
LINKED_NOW = Event(
    "concern_linked_now",
    "A child was linked to something of concern by which children are being harmed",
    critical=True,
)
UNLINKED = Event("concern_unlinked", "A child is no longer linked to something of concern")
UNLINKED_NOW = Event(
    "concern_unlinked_now", "A child is no longer linked to something, of which people were told at any hour"
)
SHOWN = Event("concern_shown", "An agency may see something of concern")
HIDDEN = Event("concern_hidden", "An agency no longer sees something of concern")
HELD = Event("concern_held", "Something of concern is held closely")
GIVEN = Event("concern_given", "Another team answers for something of concern")
ENDED = Event("concern_ended", "Something is no longer of concern")
REOPENED = Event("concern_reopened", "Something is of concern again")
CHILD = Event("concern_child", "Somebody of concern is a child, or may be one")
KNOWN = Event("concern_known", "Somebody of concern may be a child who is known")
WARNING = Event("concern_warning", "What is known of the danger of somebody of concern changed")
