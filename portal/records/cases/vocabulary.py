"""Why one person sees a case."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class GrantKind(Labelled):
    """Why one named person has reach on a case for a time."""

    NAMED = "named", "Named person"
    BREAK_GLASS = "break_glass", "Emergency access"
    MEETING = "meeting", "Chair or note-taker of a meeting"
    SUBJECT_ACCESS = "subject_access", "Subject access review"


# What happens to a case that people are told of.

OPENED = Event("case_opened", "The case was opened")
TEAM_JOINED = Event("team_joined", "A team joined the case")
WORKER_NAMED = Event("worker_named", "Another worker of a team works on the case")
TEAM_LEFT = Event("team_left", "A team’s work on the case ended")
PERSON_NAMED = Event("person_named", "Somebody was named on the case")
COORDINATOR_NAMED = Event("coordinator_named", "A coordinator was named on the case, for whom a form waits")
PERSON_UNNAMED = Event("person_unnamed", "Somebody is no longer named on the case")
HELD_CLOSELY = Event("case_held_closely", "The case is held more closely")
LOWERING_ASKED = Event("lowering_asked", "Somebody asked to hold the case less closely")
LOWERING_ANSWERED = Event("lowering_answered", "It was answered how closely the case is held")
ACCESS_ASKED = Event("access_asked", "Somebody asked to read the case")
ACCESS_ANSWERED = Event("access_answered", "Whoever asked to read the case has an answer")
LEAD_CHANGED = Event("lead_changed", "Somebody else leads the case")
WARNING_SET = Event("warning_set", "A warning was put on the case")
ALERT_SET = Event("alert_set", "An alert was put on the case")
WARNING_ENDED = Event("warning_ended", "A warning on the case ended")
ALERT_ENDED = Event("alert_ended", "An alert ended")
ALERT_CHANGED = Event("alert_changed", "An alert was reviewed")
DATE_CHANGED = Event("due_date_changed", "The date of a duty on the case was changed")
