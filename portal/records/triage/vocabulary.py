"""The words of what the hub decides."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class InformationNature(Labelled):
    """What sort of information is passed on. Only intelligence is graded."""

    CONCERN = "concern", "Professional concern"
    INTELLIGENCE = "intelligence", "Intelligence"


# What the hub does with an information form that people are told of.

HANDED_OVER = Event("form_handed_over", "Somebody else of the hub has a form")
PASSED_ON = Event("form_passed_on", "A form went to a colleague")
RED_PASSED_ON = Event("red_form_passed_on", "A red form went to a colleague")
URGENT_PUT_BACK = Event("urgent_form_put_back", "A red or late form was put back")
TURNED_RED = Event("form_turned_red", "A form turned red")
COLOUR_CHANGED = Event("form_colour_changed", "The colour of a form changed")
HUB_ASKED = Event("form_hub_asked", "The hub asked the sender of a form")
HUB_WROTE = Event("form_hub_wrote", "The hub wrote to the sender of a form")
HUB_WENT_ON = Event("form_hub_went_on", "The hub went on without an answer")
ADDED_TO_CASE = Event("form_added_to_case", "What a form says was added to the case")
RED_ON_CASE = Event("red_form_on_case", "What a red form says is on the case", critical=True)
INTELLIGENCE_KEPT = Event("intelligence_kept", "What a form says was kept as intelligence only")
FOR_PANEL = Event("form_for_panel", "What a form says is for the panel of a district")
FOUND_DUPLICATE = Event("form_found_duplicate", "Another form says the same")
SOCIAL_CARE_REFERRED = Event("social_care_referred", "A child was referred to social care")
SOCIAL_CARE_DECIDED = Event("social_care_decided", "Social care decided on a referral")
OUTSIDE_TAKEN_BACK = Event(
    "outside_taken_back", "The hub took back that what a form says is for somebody outside it"
)
OUTSIDE_PART_TAKEN_BACK = Event(
    "outside_part_taken_back", "The hub took back part of what a form says being for somebody outside it"
)
SOCIAL_CARE_WITHDRAWN = Event("social_care_withdrawn", "A referral to social care was withdrawn")
SOCIAL_CARE_TAKEN_BACK = Event(
    "social_care_taken_back", "A referral that social care had decided was taken back"
)
STRATEGY_OVER = Event(
    "strategy_over", "A strategy discussion is owed no more: the hub took its referral back"
)
FED_BACK = Event("form_fed_back", "What became of a form is said to its sender")
REOPENED = Event("form_reopened", "A decision on a form was taken back")
REOPENED_ON_CASE = Event("form_reopened_on_case", "The decision that added words to the case was taken back")
RED_REOPENED_ON_CASE = Event(
    "red_form_reopened_on_case", "The decision that put a red form on the case was taken back", critical=True
)
REOPENED_AFTER_TELLING = Event(
    "form_reopened_after_telling", "A decision on the form behind what was told was taken back"
)
