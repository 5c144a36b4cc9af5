"""The words of what a meeting decides and of the minutes that go out."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class MeetingOutcome(Labelled):
    """How a case goes on after a meeting."""

    CONTINUE = "continue", "Continue the plan"
    STEP_UP = "step_up", "Step up"
    STEP_DOWN = "step_down", "Step down"
    SECTION_47 = "section_47", "Section 47 enquiry"
    HIGH_RISK_GROUP = "high_risk_group", "High Risk Management Group"
    TRANSFER = "transfer", "Transfer to another area"
    CLOSE = "close", "Close the case"


class Stance(Labelled):
    """An agency's part in a decision."""

    AGREES = "agrees", "Agrees"
    DISSENTS = "dissents", "Does not agree"
    NO_PART = "no_part", "Took no part"


class LineKind(Labelled):
    """What is written in one line under a heading of a meeting."""

    ACTION = "action", "Action"
    DECISION = "decision", "Decision"


class ActionOutcome(Labelled):
    """What a meeting hears of an action that was given before it."""

    DONE = "done", "Done"
    IN_PART = "in_part", "In part"
    NOT_DONE = "not_done", "Not done"
    BLOCKED = "blocked", "Blocked"
    NOT_NEEDED = "not_needed", "No longer needed"


class MinutesKind(Labelled):
    """For whom a version of the minutes is."""

    DRAFT = "draft", "Draft for corrections"
    PROFESSIONAL = "professional", "Professional version"
    FAMILY_SAFE = "family_safe", "Version for the child and family"


#: Why a lower level of a meeting was settled where nobody agreed to it or said no. What went out says it so.
OVERTAKEN = "A risk assessment has decided the level since"


# What happens to the minutes and decisions of a meeting that people are told of.

DRAFT_SENT = Event("minutes_draft_sent", "A draft of minutes was sent round")
GIVEN = Event("minutes_copy_given", "Somebody was given minutes")
LEVEL_ANSWERED = Event("minutes_level_answered", "A level that waited when minutes went out was settled")
DISTRIBUTED = Event("minutes_distributed", "The minutes of a meeting were distributed")
FOR_OUTSIDE = Event("minutes_for_outside", "What is theirs of the minutes that were distributed")
CORRECTION_ASKED = Event("minutes_correction_asked", "A correction of minutes was asked for")
CORRECTION_ANSWERED = Event("minutes_correction_answered", "A correction of minutes was answered")
CORRECTION_LEFT = Event("minutes_correction_left", "A correction of minutes stays beside them as a note")
READER_NAMED = Event("minutes_reader_named", "Somebody may read a part of minutes")
CLOSED_CHANGED = Event("minutes_closed_changed", "A part of minutes that few may read was changed")
READER_TAKEN_OFF = Event("minutes_reader_taken_off", "Somebody may no longer read a part of minutes")
FAMILY_CHOSEN = Event("minutes_family_chosen", "Passages of minutes were chosen for child and family")
FAMILY_VERSION = Event("minutes_family_version", "The version of minutes for child and family is ready")
DECIDED = Event("meeting_decided", "A meeting decided something")
DECISION_WITHDRAWN = Event("meeting_decision_withdrawn", "A decision of a meeting was taken back")
DISSENT = Event("meeting_dissent", "An agency does not agree with a decision of a meeting")
