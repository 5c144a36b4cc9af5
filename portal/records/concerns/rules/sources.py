"""What another record already says of something of concern, so that nobody types it twice."""

from collections.abc import Mapping
from typing import Any

from portal.records.concerns.rules.records import Described
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.referrals.rules.answers import (
    AccountDetails,
    PersonDetails,
    PhoneDetails,
    PlaceDetails,
    VehicleDetails,
)
from portal.records.referrals.rules.answers import (
    Details as FormDetails,
)
from portal.vocabulary import Answer

#: The answers of a return interview that tell of each kind of concern (policy `return_interview.fields`).
ANSWERS_ABOUT: Mapping[ConcernKind, tuple[str, ...]] = {
    ConcernKind.PLACE: ("where",),
    ConcernKind.PERSON: ("with_whom",),
    ConcernKind.GROUP: ("with_whom",),
    ConcernKind.VEHICLE: ("travel",),
    ConcernKind.PHONE: ("online",),
    ConcernKind.ACCOUNT: ("online",),
}


def from_form(details: FormDetails) -> tuple[ConcernKind, Described] | None:
    """What an information form says of a person, place or thing; None for a child."""
    match details:
        case PlaceDetails():
            return ConcernKind.PLACE, Described(
                name=details.name,
                description=details.notes,
                details=_said(details, "place_kind", "address", "postcode", "times"),
                district=details.district or None,
            )
        case PersonDetails():
            return ConcernKind.PERSON, Described(
                name=details.name,
                description=_lines(details.description, details.role, details.notes),
                details=_said(details, "address", "age", aliases="other_names", phones="phone", dob="dob"),
                also_child={Answer.YES: True, Answer.NO: False}.get(details.also_a_child or Answer.NOT_KNOWN),
            )
        case VehicleDetails():
            return ConcernKind.VEHICLE, Described(
                description=details.notes,
                details=_said(details, "registration", "make", "colour", "marks", "driver"),
            )
        case PhoneDetails():
            return ConcernKind.PHONE, Described(
                description=details.notes, details=_said(details, "number", "used_by")
            )
        case AccountDetails():
            return ConcernKind.ACCOUNT, Described(
                description=details.notes,
                details=_said(details, "platform", "platform_name", "handle", "used_by"),
            )
    return None


def from_interview(kind: ConcernKind, answers: Mapping[str, Any]) -> Described:
    """What a child said in a return interview that is about one kind of concern."""
    return Described(description=_lines(*(_text(answers.get(code)) for code in ANSWERS_ABOUT[kind])))


def _text(answer: Any) -> str:
    """The words of an answer, however it is kept."""
    if isinstance(answer, Mapping):
        answer = answer.get("text")
    return answer.strip() if isinstance(answer, str) else ""


def _said(details: FormDetails, *same: str, **other: str) -> dict[str, str]:
    """Fields of a form under our codes: those of the same name, and those that are called otherwise."""
    named = {**{code: code for code in same}, **other}
    found = {code: getattr(details, name) for code, name in named.items()}
    return {code: str(value) for code, value in found.items() if value not in (None, "", ())}


def _lines(*parts: str) -> str:
    return "\n".join(filter(None, (part.strip() for part in parts)))
