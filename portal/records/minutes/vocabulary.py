"""The words of what a meeting decides and of the minutes that go out."""

from portal.labelled import Labelled


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


class MinutesKind(Labelled):
    """For whom a version of the minutes is."""

    DRAFT = "draft", "Draft for corrections"
    PROFESSIONAL = "professional", "Professional version"
    FAMILY_SAFE = "family_safe", "Version for the child and family"
