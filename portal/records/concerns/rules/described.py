"""What is recorded of something of concern, and what other records say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.records.concerns.vocabulary import ConcernKind
from portal.records.referrals import rules
from portal.records.referrals.rules import Details as FormDetails
from portal.vocabulary import Answer

Details = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is recorded of something.

    Attributes:
        name: what it is called; empty where its details tell it apart.
        details: the fields of its kind (policy `concerns.fields`) by their codes, as text.
        risk: code of policy `concerns.risks`.
        district: code of policy `areas.districts`; councils see the places of theirs.
        also_child: of a person, whether they may be a child or exploited too; None for not known.
        review_on: by when somebody says that it still holds.
    """

    name: str = ""
    description: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    first_on: date | None = None
    last_on: date | None = None
    risk: str | None = None
    district: str | None = None
    also_child: bool | None = None
    do_not_approach: bool = False
    review_on: date | None = None


def label(kind: ConcernKind | str, name: str, details: Details) -> str:
    """What a record is called: the name that somebody gave, else what tells it apart."""
    if name.strip():
        return " ".join(name.split())

    def said(code: str) -> str:
        return " ".join(str(details.get(code) or "").split())

    found = {
        ConcernKind.PLACE: said("address") or said("postcode") or "A place that is not named",
        ConcernKind.PERSON: said("aliases") or "A person whose name is not known",
        ConcernKind.VEHICLE: ", ".join(
            filter(None, (f"{said('colour')} {said('make')}".strip(), said("registration").upper()))
        )
        or "A vehicle without details",
        ConcernKind.PHONE: said("number") or "A phone number that is not known",
        ConcernKind.ACCOUNT: " on ".join(filter(None, (said("handle"), said("platform_name"))))
        or "An account without details",
        ConcernKind.GROUP: said("aliases") or "A group that is not named",
    }
    return found[ConcernKind(kind)]


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
        case rules.PlaceDetails():
            return ConcernKind.PLACE, Described(
                name=details.name,
                description=details.notes,
                details=_said(details, "place_kind", "address", "postcode", "times"),
                district=details.district or None,
            )
        case rules.PersonDetails():
            return ConcernKind.PERSON, Described(
                name=details.name,
                description=_lines(details.description, details.role, details.notes),
                details=_said(details, "address", "age", aliases="other_names", phones="phone", dob="dob"),
                also_child={Answer.YES: True, Answer.NO: False}.get(details.also_a_child or Answer.NOT_KNOWN),
            )
        case rules.VehicleDetails():
            return ConcernKind.VEHICLE, Described(
                description=details.notes,
                details=_said(details, "registration", "make", "colour", "marks", "driver"),
            )
        case rules.PhoneDetails():
            return ConcernKind.PHONE, Described(
                description=details.notes, details=_said(details, "number", "used_by")
            )
        case rules.AccountDetails():
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
