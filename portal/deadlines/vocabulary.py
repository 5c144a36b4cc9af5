"""The words for what has to happen by a time."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class DeadlineKind(Labelled):
    """What has to happen by a time."""

    TRIAGE = "triage", "Triage"
    RECEIPT = "receipt", "Agency confirms that it has received information"
    SOCIAL_CARE = "social_care", "Ring social care: nobody has opened the referral"
    SOCIAL_CARE_DECISION = "social_care_decision", "Social care decides on the referral"
    FEEDBACK = "feedback", "Tell the sender what was decided"
    SENDER_WROTE = "sender_wrote", "Read what the sender wrote since it was decided"
    ASSESSMENT = "assessment", "Finish the risk assessment"
    INFORMATION_REQUEST = "information_request", "Answer a request for information"
    MEETING = "meeting", "Hold the meeting"
    REVIEW = "review", "Hold the review meeting"
    STRATEGY = "strategy", "Hold the strategy discussion"
    NEXT_MEETING = "next_meeting", "Meet again on the date that a meeting set"
    HIGH_RISK_GROUP = "high_risk_group", "Bring the case to the High Risk Management Group"
    LEVEL_SECOND = "level_second", "Agree to a lower level, or not"
    MINUTES_DRAFT = "minutes_draft", "Send out the draft minutes"
    MINUTES = "minutes", "Approve and distribute the minutes"
    SIGN_OFF = "sign_off", "Sign off the risk assessment"
    CASE_END = "case_end", "Decide with a second person whether the case ends"
    SAFETY_PLAN = "safety_plan", "Renew or end the safety plan"
    ACTION = "action", "Carry out an action"
    TRANSITION_PROMPT = "transition_prompt", "Begin the hand-over for the time after 18"
    TRANSITION_PLAN = "transition_plan", "Finish the hand-over for the time after 18"
    LINKED_STEP = "linked_step", "Next step of a linked process"
    ALERT_REVIEW = "alert_review", "Review an alert"
    ACCESS_REVIEW = "access_review", "Review an emergency access"
    MISSING_RUNNING = "missing_running", "Look for a child who is missing"
    RETURN_INTERVIEW = "return_interview", "Hold the return home interview"
    STRATEGY_PROMPT = "strategy_prompt", "Decide on a strategy meeting after repeated missing episodes"
    MOMENT_REVIEW = "moment_review", "Look at the risk assessment again after a critical moment"
    CONCERN_REVIEW = "concern_review", "Review a place, person or other concern"
    ORDER_EXPIRY = "order_expiry", "An order or notice runs out"
    DIRECTORY_CHECK = "directory_check", "Check a contact in the directory"
    PANEL_SUMMARY = "panel_summary", "Read a summary for the district panel"
    BY_HAND = "by_hand", "Tell somebody who has no account"


#: The source of a date that comes from no rule.
BY_A_PERSON = "set by a person"


class DeadlineState(Labelled):
    """Whether a deadline still binds. Being overdue is not a state: it follows from the time."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "No longer needed"
    SUPERSEDED = "superseded", "Replaced by a newer duty"


# What happens to a duty that people are told of.

MOVED = Event("date_moved", "A date was moved")
HANDED_OVER = Event("duty_handed_over", "Somebody else has to do something")
