"""The words that code branches on: fixed states, roles and kinds, each with the label that people read."""

from enum import IntEnum, StrEnum
from typing import Self


class Labelled(StrEnum):
    """A code stored as text, with the label that people read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @property
    def rank(self) -> int:
        """Place in the list, the first is 1."""
        return list(type(self)).index(self) + 1


class Sector(Labelled):
    """The line of work of an agency; decides which workspace its people land on."""

    HUB = "hub", "Safeguarding hub"
    POLICE = "police", "Police"
    SOCIAL_CARE = "social_care", "Children’s social care"
    HEALTH = "health", "Health"
    COUNCIL = "council", "Council"
    EDUCATION = "education", "Education"
    VOLUNTARY = "voluntary", "Voluntary and community"
    YOUTH_JUSTICE = "youth_justice", "Youth justice"


class Desk(Labelled):
    """What a team answers for beyond its own cases, so that it is told although no case of it says so."""

    MISSING = "missing", "Missing people"
    EXPLOITATION = "exploitation", "Child exploitation"
    INTELLIGENCE = "intelligence", "Intelligence"
    FRONT_DOOR = "front_door", "Front door: referrals and urgent news of children"


class StatementKind(Labelled):
    """What an agency says about a child, from a date. A later statement stands beside it, never over it."""

    ADDRESS = "address", "Address"
    PHONE = "phone", "Phone number"
    ACCOUNT = "account", "Online account"
    SCHOOL = "school", "School, college or work"
    GP = "gp", "GP practice"
    CARER = "carer", "Parent, carer or family member"


class Role(Labelled):
    """What a person does in their agency. Roles add up, within :func:`clashing_roles`."""

    PRACTITIONER = "practitioner", "Practitioner"
    CHAIR = "chair", "Meeting chair"
    MANAGER = "manager", "Manager"
    COORDINATOR = "coordinator", "Hub coordinator"
    GOVERNANCE = "governance", "Governance officer"
    ADMINISTRATOR = "administrator", "Administrator"


#: Roles through which a person can come to see cases.
ROLES_THAT_SEE_CASES = frozenset({Role.PRACTITIONER, Role.CHAIR, Role.MANAGER, Role.COORDINATOR})

#: Roles that nobody may hold together with one that sees cases.
ROLES_THAT_STAND_APART = frozenset({Role.GOVERNANCE, Role.ADMINISTRATOR})

#: Roles that a second administrator has to confirm.
ROLES_THAT_NEED_CONFIRMING = frozenset({Role.COORDINATOR, Role.GOVERNANCE, Role.ADMINISTRATOR})


class Sensitivity(IntEnum):
    """How closely a case is held. Stored as a small number, so that the database can compare it."""

    label: str

    NORMAL = 0, "Normal"
    RESTRICTED = 1, "Restricted"
    SEALED = 2, "Sealed"

    def __new__(cls, value: int, label: str = "") -> Self:
        member = int.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Answer(Labelled):
    """An answer to a question that allows for not knowing."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"


class Urgency(Labelled):
    """How soon somebody has to act, in the sender's view. Triage rules name these codes."""

    IMMEDIATE = "immediate", "Yes, someone is in danger now"
    SOON = "soon", "Not this minute, but something may happen in the next 24 hours"
    LATER = "later", "No"
    NOT_KNOWN = "not_known", "Not known"


class SubjectKind(Labelled):
    """What one part of an information form is about; each is decided on its own."""

    CHILD = "child", "Child"
    PERSON = "person", "Person of concern"
    PLACE = "place", "Place"
    VEHICLE = "vehicle", "Vehicle"
    PHONE = "phone", "Phone number"
    ACCOUNT = "account", "Online account"


class TriageColour(Labelled):
    """How soon the hub has to look at a form."""

    RED = "red", "Red"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"


class ReferralState(Labelled):
    """Where an information form stands. Legal moves: :mod:`portal.pathway.states`."""

    DRAFT = "draft", "Draft"
    SENT = "sent", "Waiting for triage"
    IN_TRIAGE = "in_triage", "In triage"
    WAITING_FOR_SENDER = "waiting_for_sender", "Waiting for the sender"
    DECIDED = "decided", "Decided"
    FED_BACK = "fed_back", "Decided, answer to the sender written"


class CaseState(Labelled):
    """Where a case stands. Legal moves: :mod:`portal.pathway.states`."""

    AWAITING_ASSESSMENT = "awaiting_assessment", "Waiting for assessment"
    IN_ASSESSMENT = "in_assessment", "In assessment"
    MEETING_DUE = "meeting_due", "Meeting due"
    PLAN_UNDER_WAY = "plan_under_way", "Plan under way"
    CLOSED = "closed", "Closed"
    TRANSFERRED = "transferred", "Transferred"


class RiskLevel(Labelled):
    """The level of a risk assessment. High means is being exploited; medium and low, at risk of it."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"
    NONE = "none", "No exploitation found"


class DecisionOutcome(Labelled):
    """What the hub decides about one child, person, place, vehicle, phone or account on a form."""

    OPEN_CASE = "open_case", "Open a case"
    ADD_TO_CASE = "add_to_case", "Add to a case that is open"
    RECORD_ON_CLOSED = "record_on_closed", "Record it on the closed case, which stays closed"
    REOPEN_CASE = "reopen_case", "Reopen the closed case"
    SOCIAL_CARE_REFERRAL = "social_care_referral", "Refer to children’s social care"
    INTELLIGENCE_ONLY = "intelligence_only", "Keep as intelligence only"
    DISTRICT_PANEL = "district_panel", "Take to the district panel"
    ADVICE = "advice", "Give advice"
    NO_FURTHER_ACTION = "no_further_action", "No further action"
    DUPLICATE = "duplicate", "Duplicate of another form"


def clashing_roles(roles: frozenset[Role]) -> frozenset[Role]:
    """The roles of a set that may not be held with the rest of it; empty when the set is allowed.

    Governance and administrator are each held without any role that sees cases.
    """
    apart = roles & ROLES_THAT_STAND_APART
    return apart if apart and roles & ROLES_THAT_SEE_CASES else frozenset()


class Use(Labelled):
    """A way in which words leave the page on which they are read."""

    CITE = "cite", "Cite in minutes, assessments and other records"
    PRINT = "print", "Print"
    EXPORT = "export", "Take out of the portal as a file"
    PASS_ON = "pass_on", "Pass on to others"
    FAMILY = "family", "Tell the child or family"


class RateKind(Labelled):
    """What one person does at a rate that policy bounds."""

    CASE = "case", "Cases and children opened"
    SEARCH = "search", "Searches"
    FILE = "file", "Files taken"


class RateAnswer(Labelled):
    """What follows when somebody is faster than a rate of policy."""

    WAIT = "wait", "They wait"
    REASON = "reason", "They say why before they go on; their manager and governance are told"
    NAMED = "named", "They wait, unless governance has named them for the day"


class HeldWork(Labelled):
    """What somebody has in hand, in the order in which it is shown."""

    LEADS = "leads", "Cases they lead"
    WORKS = "works", "Cases they are named on as their team’s worker"
    ACTIONS = "actions", "Actions of theirs that are open"
    ALERTS = "alerts", "Alerts that they review"
    PROCESSES = "processes", "Processes of other services that they see to"
    DUTIES = "duties", "Other duties with their name on them"
    CHAIRS = "chairs", "Meetings they chair, until the minutes are out"
    NOTES = "notes", "Meetings they take the notes of, until the minutes are out"
    INVITATIONS = "invitations", "Meetings they are invited to"
    QUESTIONS = "questions", "Questions that were put to them by name"
    FORMS = "forms", "Forms that they have in triage"
    ANSWERS = "answers", "Forms that they sent and on which the hub waits for their answer"
    DRAFTS = "drafts", "Forms that they began and have not sent"
    ASSESSMENTS = "assessments", "Risk assessments that they are writing"
    SAFETY_PLANS = "safety_plans", "Safety plans that they began and that are not in force"
    TEAMS = "teams", "Teams they manage"
    AGENCIES = "agencies", "Agencies they lead"


#: What one can give to somebody else in one step; what becomes of the rest stands in `INSTEAD`.
CAN_BE_HANDED_OVER = (
    HeldWork.LEADS,
    HeldWork.WORKS,
    HeldWork.ACTIONS,
    HeldWork.ALERTS,
    HeldWork.PROCESSES,
    HeldWork.CHAIRS,
    HeldWork.NOTES,
    HeldWork.FORMS,
)

#: What becomes of what cannot be given to somebody else.
INSTEAD = {
    HeldWork.DUTIES: "Where they have left, reminders go to their team, then to its manager.",
    HeldWork.INVITATIONS: "An invitation is for one person. Whoever runs the meeting invites somebody else.",
    HeldWork.QUESTIONS: "A question to a person stays with them. Whoever asked can ask the team instead.",
    HeldWork.ANSWERS: "Nobody else can write the answer. Once they have left, whoever has the form at the "
    "hub is told. If you know the answer, ring the hub; what their team sent is under “What we sent”.",
    HeldWork.DRAFTS: "Once they have left, their manager can open each, with a reason, under “What we sent”.",
    HeldWork.ASSESSMENTS: "Whoever may write in the assessment goes on with it on the case.",
    HeldWork.SAFETY_PLANS: "Whoever may write in the plan goes on with it on the case.",
    HeldWork.TEAMS: "An administrator names another manager on the page of the agency.",
    HeldWork.AGENCIES: "An administrator names another lead on the page of the agency.",
}
