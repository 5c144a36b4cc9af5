"""The words for what comes before a district’s panel."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class PanelItemKind(Labelled):
    """What an item of a panel is about. One on a case or a child follows that child."""

    CASE = "case", "A child"
    PLAN = "plan", "A plan that does not work"
    CHILD = "child", "A child who goes missing"
    CONCERN = "concern", "A place, person or other concern"


class PanelItemState(Labelled):
    """Where an item stands. Legal moves: :mod:`portal.pathway.states`."""

    PROPOSED = "proposed", "Proposed"
    ON = "on", "On the agenda"
    DECLINED = "declined", "Not taken"
    DISCUSSED = "discussed", "Discussed"


# What happens before, at and after the panel of a district that people are told of.

PROPOSED = Event("panel_proposed", "Something was proposed for the panel of the district")
ITEM_PROPOSED = Event("panel_item_proposed", "The case was proposed for the panel of the district")
WORD_ASKED = Event("panel_word_asked", "Somebody was asked for their word")
WORD_GIVEN = Event("panel_word_given", "The word for the panel of the district was given")
PUT_ON = Event("panel_item_put_on", "It comes before the panel of the district")
DECLINED = Event("panel_item_declined", "It does not come before the panel of the district")
PROPOSAL_GONE = Event("panel_proposal_gone", "What was proposed for the panel does not come before it")
TAKEN_OFF = Event("panel_item_taken_off", "Something was taken off the agenda of a panel")
SUMMARY_WRITTEN = Event("panel_summary_written", "A summary for a panel waits to be read")
SUMMARY_RETURNED = Event("panel_summary_returned", "A summary for a panel was given back")
SUMMARY_RENEWED = Event("panel_summary_renewed", "The papers of a panel have a newer summary")
PAPERS_OUT = Event("panel_papers_out", "The papers of a panel are out")
DECIDED = Event("panel_decided", "The panel of the district decided")
DECISION_TAKEN_BACK = Event("panel_decision_taken_back", "A decision of a panel was taken back")
LEFT_OUT = Event("panel_member_left_out", "An agency is not invited to the next panel")
