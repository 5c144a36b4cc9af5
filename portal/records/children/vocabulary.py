"""The words for what is said about a child, and which part of it is put right."""

from portal.labelled import Labelled


class CorrectionPart(Labelled):
    """Which part of a child's record a correction is of."""

    IDENTITY = "identity", "Who the child is"
    RECORD = "record", "What is recorded"


class EligibilityBasis(Labelled):
    """Why a person counts as a child for this pathway."""

    UNDER_18 = "under_18", "Under 18"
    SEND = "send", "18 to 25 with special educational needs or a disability"
    CARE_EXPERIENCED = "care_experienced", "18 or over and has been in local authority care"
    OTHER = "other", "Another reason, which is recorded"
    AGE_NOT_KNOWN = "age_not_known", "Age not known yet"
