"""What a coordinator chooses beside an outcome, so that it can be carried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from portal.records.entries.vocabulary import FamilySafe, Handling
from portal.records.intelligence.grading import Grading
from portal.records.people.model import Team, User
from portal.records.triage.vocabulary import InformationNature
from portal.vocabulary import Sensitivity


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How a case is opened."""

    lead_team: Team
    lead_professional: User | None = None
    sensitivity: Sensitivity
    sensitivity_reason: str = ""
    named: Sequence[User] = ()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the outcomes need, each as far as it was chosen.

    Attributes:
        opening: for opening a case.
        words: what goes onto a case, by the identifier of the subject (None for the form as a whole).
        handling, family_safe: how those words may be used.
        case_reference: the case for a person, place or thing, where no child on the form says which.
        authority: for a referral to social care, a code of policy `areas.authorities`.
        nature: whether it is intelligence; then it is graded.
        grading: how.
        district: for the district's panel, a code of policy `areas.districts`.
        duplicate_of: the reference of the other form.
        read: whether the coordinator has read words in which the name of another child of the form was found,
            and says that they give nobody away.
        eligibility_reason: why the pathway is the right one for somebody who is of age.
    """

    opening: Opening | None = None
    words: Mapping[UUID | None, str] = field(default_factory=dict)
    handling: Handling = Handling.NETWORK
    family_safe: FamilySafe = FamilySafe.ASK
    case_reference: str = ""
    authority: str = ""
    nature: InformationNature = InformationNature.CONCERN
    grading: Grading | None = None
    district: str = ""
    duplicate_of: str = ""
    read: bool = False
    eligibility_reason: str = ""
