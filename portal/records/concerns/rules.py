"""What is recorded of something of concern, what other records say of it, and its place in a network."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil, cos, pi, sin
from typing import Any, Generic, TypeVar

from unidecode import unidecode

from portal.records.concerns.policy import ConcernField
from portal.records.concerns.vocabulary import ConcernKind, FieldShape
from portal.records.referrals import rules
from portal.records.referrals.rules import Details as FormDetails
from portal.vocabulary import Answer

N = TypeVar("N", bound=Hashable)

_APART = 96  # between two nodes of a ring, so that their names do not meet
_SMALLEST = 150  # the radius of the first ring, at the least
_BETWEEN = 120  # from one ring to the next, at the least
_MARGIN = 84  # beside what stands outermost, for names
_ABOVE, _BELOW = 36, 56
MOST = 40  # nodes that a picture holds; beyond it nobody reads it, and the table has them all


@dataclass(frozen=True)
class Picture(Generic[N]):
    """The size of a picture and the middle of each node in it."""

    width: int
    height: int
    at: Mapping[N, tuple[int, int]]


def draw(start: N, first: Sequence[N], second: Sequence[N], lines: Iterable[tuple[N, N]]) -> Picture[N]:
    """Place a start, what is one step away and what is two steps away, in the order given.

    Args:
        lines: pairs of nodes that are linked; those of the second ring stand by one of the first.
    """
    beside = _hung(first, second, lines)
    slots = sum(max(1, len(beside[one])) for one in first) or 1
    outer = _radius(slots)
    inner = max(_SMALLEST, ceil(len(first) * _APART / (2 * pi)))
    outer = max(outer, inner + _BETWEEN)
    reach = (outer if second else inner) + _MARGIN
    at: dict[N, tuple[int, int]] = {start: (reach, reach)}
    turn, begins = 2 * pi / slots, -pi / 2
    for one in first:
        wide = max(1, len(beside[one])) * turn
        at[one] = _on(reach, inner, begins + wide / 2)
        for place, other in enumerate(beside[one]):
            at[other] = _on(reach, outer, begins + turn * (place + 0.5))
        begins += wide
    return _cropped(at)


def _cropped(at: Mapping[N, tuple[int, int]]) -> Picture[N]:
    """The picture without the part of it in which nothing stands."""
    left, right = min(x for x, _ in at.values()) - _MARGIN, max(x for x, _ in at.values()) + _MARGIN
    top, bottom = min(y for _, y in at.values()) - _ABOVE, max(y for _, y in at.values()) + _BELOW
    return Picture(right - left, bottom - top, {one: (x - left, y - top) for one, (x, y) in at.items()})


def _hung(first: Sequence[N], second: Sequence[N], lines: Iterable[tuple[N, N]]) -> Mapping[N, list[N]]:
    """Which of the second ring stand by which of the first: by the first that they are linked to."""
    linked: dict[N, set[N]] = {}
    for one, other in lines:
        linked.setdefault(one, set()).add(other)
        linked.setdefault(other, set()).add(one)
    beside: dict[N, list[N]] = {one: [] for one in first}
    for other in second:
        by = next((one for one in first if one in linked.get(other, ())), None)
        if by is not None:
            beside[by].append(other)
    return beside


def _radius(slots: int) -> int:
    return ceil(slots * _APART / (2 * pi))


def _on(middle: int, radius: int, angle: float) -> tuple[int, int]:
    return round(middle + radius * cos(angle)), round(middle + radius * sin(angle))


#: Why a record is offered to be looked at, by the kind of the key that is equal. The most telling first.
REASONS: Mapping[str, str] = {
    "reg": "Same registration",
    "tel": "Same phone number",
    "acc": "Same account name",
    "at": "Same address",
    "who": "Same name",
    "name": "Same name",
    "half": "A part of the registration fits",
    "part": "A part of the registration fits",
    "code": "Same postcode",
    "word": "The name fits",
}

_WHOLE_REGISTRATION = 6  # characters of a whole one, at the least: shorter is a part
_HALF = 3  # characters of a half of one, at the least: shorter fits too many
_PHONE = 7
_DIALLED = 11  # digits of a number as it is dialled here; with more, 44 is the code of the country
_HANDLE = 3
_SMALL_WORDS = frozenset({"the", "a", "an", "of", "at", "and", "on", "in", "near", "by"})
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")
_HOUSE = re.compile(r"\b(?:flat|unit|apartment)?\s*(\d+[a-z]?)\b", re.IGNORECASE)

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


def match_keys(
    kind: ConcernKind | str, name: str, details: Details, fields: Iterable[ConcernField]
) -> frozenset[str]:
    """The keys that are kept with a record.

    Args:
        name: what it is called.
        details: what is recorded of it, by the codes of `fields`.
        fields: those of its kind (policy `concerns`).
    """
    found = set(_named(kind, name))
    for one in fields:
        found.update(_of_field(one.shape, str(details.get(one.code) or "")))
    found.update(_at(str(details.get("postcode") or ""), str(details.get("address") or "")))
    return frozenset(found)


def lookup_keys(keys: Iterable[str]) -> frozenset[str]:
    """The kept keys by which others are found, from the keys of a record: a part finds the wholes that have
    it, and a whole finds the parts.
    """
    found = set()
    for key in keys:
        kind, _, value = key.partition(":")
        if kind == "half":
            found.add(f"part:{value}")
        elif kind != "word":
            found.add(key)
            if kind == "part":
                found.add(f"half:{value}")
    return frozenset(found)


def search_keys(typed: str) -> tuple[frozenset[str], frozenset[str]]:
    """What to look for when somebody types a name, registration, number, account or postcode.

    Returns:
        keys of which any fits, and keys of the words of a name, all of which have to fit.
    """
    words = {f"word:{word}" for word in _words(typed) if word not in _SMALL_WORDS}
    any_of = set(_registration(typed)) | {key for key in _at(typed, "") if key.startswith("code:")}
    any_of |= {f"tel:{one}" for one in (read_phone(typed),) if one}
    any_of |= {f"acc:{one}" for one in (read_handle(typed),) if one and " " not in typed.strip()}
    return lookup_keys(any_of), frozenset(words)


def reasons(keys: Iterable[str]) -> tuple[str, ...]:
    """Why a record is offered, from the keys that were equal: each reason once, the most telling first."""
    kinds = {key.partition(":")[0] for key in keys}
    if "at" in kinds:
        kinds.discard("code")  # the address says it
    if {"who", "name"} & kinds:
        kinds.discard("word")
    return tuple(dict.fromkeys(reason for kind, reason in REASONS.items() if kind in kinds))


def read_registration(typed: str) -> str:
    """A registration, or a part of one, in capitals without spaces."""
    return re.sub(r"[^A-Z0-9]", "", typed.upper())


def read_phone(typed: str) -> str:
    """The digits of a phone number as it is dialled in this country; empty for too few."""
    digits = re.sub(r"\D", "", typed.replace("(0)", ""))
    if digits.startswith("0044"):
        digits = digits[2:]
    if digits.startswith("44") and (typed.strip().startswith(("+", "00")) or len(digits) > _DIALLED):
        digits = f"0{digits[2:]}"
    return digits if len(digits) >= _PHONE else ""


def read_handle(typed: str) -> str:
    """The name of an account, from a name with @ or from a link to it; empty for too little to compare."""
    bare = re.sub(r"^https?://", "", typed.strip().lower()).split("?")[0].rstrip("/")
    bare = bare.rsplit("/", 1)[-1].lstrip("@")
    return bare if len(bare) >= _HANDLE else ""


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


def _named(kind: ConcernKind | str, name: str) -> Iterator[str]:
    if kind == ConcernKind.PLACE:
        found = [word for word in _words(name) if word not in _SMALL_WORDS]
        if found:
            yield f"name:{' '.join(found)}"
            yield from (f"word:{word}" for word in found)
    elif kind in (ConcernKind.PERSON, ConcernKind.GROUP):
        yield from _who(name)


def _who(name: str) -> Iterator[str]:
    found = _words(name)
    if found and sum(map(len, found)) > _HANDLE:
        yield f"who:{' '.join(sorted(found))}"
    yield from (f"word:{word}" for word in found)


def _of_field(shape: FieldShape, value: str) -> Iterator[str]:
    for line in filter(None, (one.strip() for one in value.splitlines())):
        match shape:
            case FieldShape.REGISTRATION | FieldShape.REGISTRATIONS:
                yield from _registration(line)
            case FieldShape.PHONE | FieldShape.PHONES:
                yield from (f"tel:{one}" for one in (read_phone(line),) if one)
            case FieldShape.HANDLE | FieldShape.HANDLES:
                yield from (f"acc:{one}" for one in (read_handle(line),) if one)
            case FieldShape.NAMES:
                yield from _who(line)


def _registration(line: str) -> Iterator[str]:
    read = read_registration(line)
    if len(read) >= _WHOLE_REGISTRATION:
        yield f"reg:{read}"
        halves = re.fullmatch(r"([A-Z]{2}\d{2})([A-Z]{3})", read)
        for half in halves.groups() if halves else (read[:4], read[4:]):
            if len(half) >= _HALF:
                yield f"half:{half}"
    elif len(read) >= _HALF:
        yield f"part:{read}"


def _at(postcode: str, address: str) -> Iterator[str]:
    bare = re.sub(r"\s", "", postcode.upper())
    if not _POSTCODE.fullmatch(bare):
        return
    yield f"code:{bare}"
    house = _HOUSE.search(address)
    if house:
        yield f"at:{bare}|{house[1].lower()}"


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"['’`]", "", unidecode(name).lower()))


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
