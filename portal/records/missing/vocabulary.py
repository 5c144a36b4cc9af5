"""The words of a missing episode that code branches on."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class MissingStatus(Labelled):
    """What a report says: nobody knows where the child is, or the child is not where they should be."""

    MISSING = "missing", "Missing: nobody knows where the child is"
    AWAY = "away", "Away without permission: it is known where the child is"

    @property
    def short(self) -> str:
        """For lists and tags."""
        return "Missing" if self is MissingStatus.MISSING else "Away without permission"


class StrategyAnswer(Labelled):
    """What was decided after repeated episodes."""

    MEETING = "meeting", "A strategy meeting is called"
    DISCUSSION = "discussion", "A strategy discussion was held"
    NOT_NEEDED = "not_needed", "Neither is needed now"


#: How those are called who see an episode, where something on it may be for fewer.
EVERYBODY = "Everyone who hears of the child"

# What happens to a missing child that people are told of.

REPORTED = Event("missing_reported", "A child was reported missing or away", critical=True)
GRADE_RAISED = Event(
    "missing_grade_raised", "A child is at higher risk, or missing and no longer only away", critical=True
)
REPORT_CHANGED = Event("missing_report_changed", "The report of a missing child was added to or put right")
ADDED = Event("missing_added", "Something was added to the report of a child who is missing now")
FOUND = Event(
    "missing_found", "A child who was missing or away was found, and is not back yet", critical=True
)
HURT = Event("missing_hurt", "It was said later whether a child was hurt or harmed", critical=True)
RETURNED_HOME = Event("missing_returned", "A child is no longer missing or away")
NO_EPISODE = Event("missing_withdrawn", "A report that a child is missing or away was withdrawn")
DOUBLE = Event("missing_withdrawn_twice", "A report was withdrawn, because the child is missing by another")
DOUBLE_OVER = Event("missing_withdrawn_over", "A report was withdrawn, because another says how it went on")
STILL_MISSING = Event("missing_still", "A child whose report has ended is missing by another")
TWICE = Event("missing_twice", "A missing child is reported twice")
MAYBE_KNOWN = Event("missing_match", "A missing child may be one who was known")
MOVED = Event("missing_moved", "A missing episode was put on the right child")
MOVED_NOW = Event("missing_moved_now", "A child who is missing now is another than was thought")
MOVED_AWAY = Event("missing_moved_away", "A missing episode was another child’s")
NOT_THEIRS = Event("missing_not_theirs", "A missing child is not of an authority that was told in case")
CLOSED_OFF = Event(
    "missing_closed_off", "Who looks for a missing child reads the report no more", critical=True
)
PLANNED = Event("missing_planned", "There is a safety plan for a child who is missing now")
PLAN_THERE = Event("missing_plan_there", "A child who was reported missing has a safety plan for that")
PLAN_OVER = Event("missing_plan_over", "The plan or warning for a child who is missing now ended")
GIVES_AWAY = Event("missing_gives_away", "What must not be disclosed was written on a missing episode")
INTERVIEW_OWED = Event(
    "missing_interview_owed", "A return interview is owed by social care that was named later"
)
PREVENTION = Event("missing_prevention", "The police talked with a child who came back")
TALK_UNHELD = Event("missing_talk_unheld", "The police owe a talk, and nobody of them may read of it")
REPEATED = Event("missing_repeated", "A child was missing again and again")
DECIDED = Event("missing_decided", "It was decided what follows from repeated missing episodes")
