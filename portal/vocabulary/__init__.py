"""The words that code branches on: fixed states, roles and kinds, each with the label that people read.

A list belongs here when the program behaves differently for its members; a list that a partnership may
change without changing a program (types of exploitation, districts, alert types and so on) belongs in
``config/policy`` and is read by :mod:`portal.policy`. No label is written in both places.

The value of a member is what the database stores and never changes. The label may.
"""

from enum import IntEnum
from typing import Self

from portal.labelled import Labelled as Labelled
from portal.records.assessments.vocabulary import AssessmentKind as AssessmentKind
from portal.records.assessments.vocabulary import AssessmentState as AssessmentState
from portal.records.assessments.vocabulary import Influence as Influence
from portal.records.assessments.vocabulary import SignAnswer as SignAnswer
from portal.records.assessments.vocabulary import SignKind as SignKind
from portal.records.attachments.vocabulary import AttachmentHolder as AttachmentHolder
from portal.records.attachments.vocabulary import AttachmentState as AttachmentState
from portal.records.attachments.vocabulary import FileKind as FileKind
from portal.records.children.vocabulary import CorrectionPart as CorrectionPart
from portal.records.children.vocabulary import StatementKind as StatementKind
from portal.records.closing.vocabulary import ClosureGround as ClosureGround
from portal.records.closing.vocabulary import ClosureKind as ClosureKind
from portal.records.closing.vocabulary import HandOverKind as HandOverKind
from portal.records.closing.vocabulary import LeftOver as LeftOver
from portal.records.concerns.vocabulary import ConcernChangeKind as ConcernChangeKind
from portal.records.concerns.vocabulary import ConcernKind as ConcernKind
from portal.records.concerns.vocabulary import ConcernSource as ConcernSource
from portal.records.concerns.vocabulary import FieldShape as FieldShape
from portal.records.disclosures.vocabulary import CopyKind as CopyKind
from portal.records.disclosures.vocabulary import DocumentState as DocumentState
from portal.records.disclosures.vocabulary import RateKind as RateKind
from portal.records.entries.vocabulary.citations import CitationHolder as CitationHolder
from portal.records.entries.vocabulary.contributions import ChronologyPart as ChronologyPart
from portal.records.entries.vocabulary.contributions import DetailAnswer as DetailAnswer
from portal.records.entries.vocabulary.uses import Use as Use
from portal.records.linked_processes.vocabulary import LinkedNoteKind as LinkedNoteKind
from portal.records.linked_processes.vocabulary import LinkedState as LinkedState
from portal.records.linked_processes.vocabulary import LinkedStepState as LinkedStepState
from portal.records.meetings.vocabulary import Attendance as Attendance
from portal.records.meetings.vocabulary import InvitationReply as InvitationReply
from portal.records.meetings.vocabulary import MeetingChangeKind as MeetingChangeKind
from portal.records.meetings.vocabulary import MeetingState as MeetingState
from portal.records.minutes.vocabulary import MeetingOutcome as MeetingOutcome
from portal.records.minutes.vocabulary import MinutesKind as MinutesKind
from portal.records.minutes.vocabulary import Stance as Stance
from portal.records.missing.vocabulary import MissingStatus as MissingStatus
from portal.records.missing.vocabulary import StrategyAnswer as StrategyAnswer
from portal.records.orders.vocabulary import OrderStepKind as OrderStepKind
from portal.records.panels.vocabulary import PanelItemKind as PanelItemKind
from portal.records.panels.vocabulary import PanelItemState as PanelItemState
from portal.records.places.vocabulary import DirectoryChangeKind as DirectoryChangeKind
from portal.records.places.vocabulary import GuardianState as GuardianState
from portal.records.places.vocabulary import GuardianStepKind as GuardianStepKind
from portal.records.plans.vocabulary import ActionPriority as ActionPriority
from portal.records.plans.vocabulary import ActionState as ActionState
from portal.records.plans.vocabulary import ActionStepKind as ActionStepKind
from portal.records.plans.vocabulary import PlanPart as PlanPart
from portal.records.plans.vocabulary import PlanState as PlanState
from portal.records.return_interviews.vocabulary import InterviewOffer as InterviewOffer
from portal.records.return_interviews.vocabulary import InterviewPart as InterviewPart
from portal.records.return_interviews.vocabulary import InterviewReceiver as InterviewReceiver
from portal.records.return_interviews.vocabulary import InterviewState as InterviewState
from portal.records.safety_plans.vocabulary import SafetyPlanState as SafetyPlanState
from portal.records.safety_plans.vocabulary import SafetyReader as SafetyReader
from portal.vocabulary.deadlines import DeadlineKind as DeadlineKind
from portal.vocabulary.deadlines import DeadlineState as DeadlineState
from portal.vocabulary.held_work import CAN_BE_HANDED_OVER as CAN_BE_HANDED_OVER
from portal.vocabulary.held_work import INSTEAD as INSTEAD
from portal.vocabulary.held_work import HeldWork as HeldWork
from portal.vocabulary.messages import CancelReason as CancelReason
from portal.vocabulary.messages import DeadReason as DeadReason
from portal.vocabulary.messages import HandReason as HandReason
from portal.vocabulary.messages import MessageChannel as MessageChannel
from portal.vocabulary.messages import MessageRecipient as MessageRecipient
from portal.vocabulary.messages import MessageState as MessageState


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


class Reach(Labelled):
    """How much of a case a person sees; the highest ground that applies gives it."""

    FULL = "full", "Everything on the case that its own rule allows"
    REQUEST = "request", "Who the child is and what was asked"
    NOTICE = "notice", "That the case exists and who leads it"
    NONE = "none", "Nothing"


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


class Handling(Labelled):
    """Who may read one entry on a case, beside having full reach."""

    NETWORK = "network", "Everyone working on this case"
    AGENCIES = "agencies", "Only the agencies I name"
    OWN = "own", "Only my agency"


class FamilySafe(Labelled):
    """Whether the words may be shared with the child or family."""

    YES = "yes", "Yes, it can be shared with the family"
    NO = "no", "No, do not share it with the family"
    ASK = "ask", "Ask me first"


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


class Channel(Labelled):
    """How the information reached the hub."""

    PORTAL = "portal", "This portal"
    PHONE = "phone", "Phone"
    EMAIL = "email", "Email"
    PAPER = "paper", "Paper form"


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

    @property
    def rank(self) -> int:
        """Place in the queue: 1 for red, 3 for green."""
        return list(TriageColour).index(self) + 1


class ReferralState(Labelled):
    """Where an information form stands. Legal moves: :mod:`portal.pathway.states`."""

    DRAFT = "draft", "Draft"
    SENT = "sent", "Waiting for triage"
    IN_TRIAGE = "in_triage", "In triage"
    WAITING_FOR_SENDER = "waiting_for_sender", "Waiting for the sender"
    DECIDED = "decided", "Decided"
    FED_BACK = "fed_back", "Decided, sender told"


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

    @property
    def rank(self) -> int:
        """Place in a list: 1 for high, 4 for none."""
        return list(RiskLevel).index(self) + 1


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


class InformationNature(Labelled):
    """What sort of information is passed on. Only intelligence is graded."""

    CONCERN = "concern", "Professional concern"
    INTELLIGENCE = "intelligence", "Intelligence"


class SharingDecision(Labelled):
    """What was decided about telling an agency."""

    SHARE = "share", "Share all of it"
    PART = "part", "Share part of it"
    REFUSE = "refuse", "Do not share"


class GrantKind(Labelled):
    """Why one named person has reach on a case for a time."""

    NAMED = "named", "Named person"
    BREAK_GLASS = "break_glass", "Emergency access"
    MEETING = "meeting", "Chair or note-taker of a meeting"
    SUBJECT_ACCESS = "subject_access", "Subject access review"


class EligibilityBasis(Labelled):
    """Why a person counts as a child for this pathway."""

    UNDER_18 = "under_18", "Under 18"
    SEND = "send", "18 to 25 with special educational needs or a disability"
    CARE_EXPERIENCED = "care_experienced", "18 or over and has been in local authority care"
    OTHER = "other", "Another reason, which is recorded"
    AGE_NOT_KNOWN = "age_not_known", "Age not known yet"


def clashing_roles(roles: frozenset[Role]) -> frozenset[Role]:
    """The roles of a set that may not be held with the rest of it; empty when the set is allowed.

    Governance and administrator are each held without any role that sees cases.
    """
    apart = roles & ROLES_THAT_STAND_APART
    return apart if apart and roles & ROLES_THAT_SEE_CASES else frozenset()
