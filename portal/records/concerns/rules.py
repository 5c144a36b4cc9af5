"""What is recorded of something of concern, and by which keys the same is found in separate records."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from portal.pathway.characters import latin
from portal.records.concerns.policy import ConcernField
from portal.records.concerns.vocabulary import ConcernKind, FieldShape
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


def read_day(text: str) -> date | None:
    """A date as a record keeps it; None for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


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
    "letters": "The name fits",
    "street": "The address fits",
    "plate": "A part of the registration fits",
    "dial": "A part of the phone number fits",
    "account": "A part of the account name fits",
}
#: The same where somebody typed a part.
FITTING = {**REASONS, "code": "The postcode fits"}

#: Keys of every end of a value, by which a part of it is found. They are for looking up and suggest nothing.
LETTERS, STREET, PLATE, DIAL, ACCOUNT = "letters", "street", "plate", "dial", "account"
#: Before a key by which a person of concern is compared with known children, where nobody can watch.
OF_CHILD = "child"
_FOR_SEARCH = frozenset({"word", LETTERS, STREET, PLATE, DIAL, ACCOUNT, OF_CHILD})
#: Of what is made into keys, counted up by whoever changes it: keys that are kept are then of older rules.
EDITION = 3
PART = 3  # characters of a part that is looked for, at the least

_WHOLE_REGISTRATION = 6  # characters of a whole one, at the least: shorter is a part
_HALF = 3  # characters of a half of one, at the least: shorter fits too many
_PHONE = 7
_DIALLED = 11  # digits of a number as it is dialled here; with more, 44 is the code of the country
_HANDLE = 3
_LONGEST = 40  # characters of a value whose ends are kept
_MOST_WORDS = 8  # that somebody looks for
_AFTER_Z = "{"
_NUMBER = re.compile(r"[\d\s()+./-]+")
_SMALL_WORDS = frozenset({"the", "a", "an", "of", "at", "and", "on", "in", "near", "by"})
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")
_HOUSE = re.compile(r"\b(?:flat|unit|apartment)?\s*(\d+[a-z]?)\b", re.IGNORECASE)


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


def rules_of_keys(fields: Iterable[ConcernField], of_names: str) -> str:
    """What tells the rules of keys from earlier ones: they follow from this file, the fields and, by which a
    person is compared with known children, the rules of names.
    """
    said = (
        EDITION,
        of_names,
        [(one.code, one.shape.value, [kind.value for kind in one.kinds]) for one in fields],
    )
    return sha256(json.dumps(said).encode()).hexdigest()


def lookup_keys(keys: Iterable[str]) -> frozenset[str]:
    """The kept keys by which others are found, from the keys of a record: a part finds the wholes that have
    it, and a whole finds the parts.
    """
    found = set()
    for key in keys:
        kind, _, value = key.partition(":")
        if kind == "half":
            found.add(f"part:{value}")
        elif kind not in _FOR_SEARCH:
            found.add(key)
            if kind == "part":
                found.add(f"half:{value}")
    return frozenset(found)


@dataclass(frozen=True)
class KeyRange:
    """Keys from `low`, included, to `high`, not included. They sort by code point."""

    low: str
    high: str


@dataclass(frozen=True)
class SoughtKeys:
    """What somebody looks for: something fits that has a key in one of `whole`, or for each of `words` one in
    one of its ranges.
    """

    whole: tuple[KeyRange, ...]
    words: tuple[tuple[KeyRange, ...], ...]


def sought_keys(typed: str) -> SoughtKeys:
    """What to look for when somebody types a name, an address, a postcode, a registration, a phone number or
    an account, or a part of one: any three characters in a row.
    """
    said = [word for word in _words(typed) if word not in _SMALL_WORDS] or _words(typed)
    words = [_any(word, (LETTERS if len(word) >= PART else "word", STREET)) for word in said[:_MOST_WORDS]]
    bare = read_registration(typed)
    whole = _any(bare, (PLATE, "code")) if len(bare) >= PART else ()
    dialled = _dialled(typed)
    if len(dialled) >= PART and _NUMBER.fullmatch(typed):
        whole += _any(dialled, (DIAL,))
    handle = read_handle(typed)
    if handle and " " not in typed.strip():
        whole += _any(handle, (ACCOUNT,))
    return SoughtKeys(whole, tuple(words))


def _any(value: str, kinds: Iterable[str]) -> tuple[KeyRange, ...]:
    return tuple(KeyRange(f"{kind}:{value}", f"{kind}:{value}{_AFTER_Z}") for kind in kinds)


def _ends(kind: str, value: str) -> Iterator[str]:
    """A key for what begins at each place of a value: any three in a row are the beginning of one."""
    kept = value[:_LONGEST]
    yield from (f"{kind}:{kept[at:]}" for at in range(max(1, len(kept) - PART + 1)))


def reasons(keys: Iterable[str], said: Mapping[str, str] = REASONS) -> tuple[str, ...]:
    """Why a record is offered, from the keys that fit: each reason once, the most telling first.

    Args:
        said: `REASONS` where keys were equal, `FITTING` where a part of them was looked for.
    """
    kinds = {key.partition(":")[0] for key in keys}
    if "at" in kinds:
        kinds.discard("code")  # the address says it
    if {"who", "name"} & kinds:
        kinds -= {"word", LETTERS}
    return tuple(dict.fromkeys(reason for kind, reason in said.items() if kind in kinds))


def read_registration(typed: str) -> str:
    """A registration, or a part of one, in capitals without spaces."""
    return re.sub(r"[^A-Z0-9]", "", typed.upper())


def read_phone(typed: str) -> str:
    """The digits of a phone number as it is dialled in this country; empty for too few."""
    digits = _dialled(typed)
    return digits if len(digits) >= _PHONE else ""


def _dialled(typed: str) -> str:
    digits = re.sub(r"\D", "", typed.replace("(0)", ""))
    if digits.startswith("0044"):
        digits = digits[2:]
    if digits.startswith("44") and (typed.strip().startswith(("+", "00")) or len(digits) > _DIALLED):
        digits = f"0{digits[2:]}"
    return digits


def read_handle(typed: str) -> str:
    """The name of an account, from a name with @ or from a link to it; empty for too little to compare."""
    bare = re.sub(r"^https?://", "", typed.strip().lower()).split("?")[0].rstrip("/")
    bare = bare.rsplit("/", 1)[-1].lstrip("@")
    return bare if len(bare) >= _HANDLE else ""


def _named(kind: ConcernKind | str, name: str) -> Iterator[str]:
    if kind == ConcernKind.PLACE:
        found = [word for word in _words(name) if word not in _SMALL_WORDS]
        if found:
            yield f"name:{' '.join(found)}"
            yield from _each_word(found)
    elif kind in (ConcernKind.PERSON, ConcernKind.GROUP):
        yield from _who(name)
    else:
        yield from _each_word(_words(name))


def _who(name: str) -> Iterator[str]:
    found = _words(name)
    if found and sum(map(len, found)) > _HANDLE:
        yield f"who:{' '.join(sorted(found))}"
    yield from _each_word(found)


def _each_word(found: Iterable[str]) -> Iterator[str]:
    for word in found:
        yield f"word:{word}"
        yield from _ends(LETTERS, word)


def _of_field(shape: FieldShape, value: str) -> Iterator[str]:
    for line in filter(None, (one.strip() for one in value.splitlines())):
        match shape:
            case FieldShape.REGISTRATION | FieldShape.REGISTRATIONS:
                yield from _registration(line)
            case FieldShape.PHONE | FieldShape.PHONES:
                if read_phone(line):
                    yield f"tel:{read_phone(line)}"
                    yield from _ends(DIAL, read_phone(line))
            case FieldShape.HANDLE | FieldShape.HANDLES:
                if read_handle(line):
                    yield f"acc:{read_handle(line)}"
                    yield from _ends(ACCOUNT, read_handle(line))
            case FieldShape.NAMES:
                yield from _who(line)
            case FieldShape.ADDRESS:
                for word in _words(line):
                    yield from _ends(STREET, word)


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
    if len(read) >= PART:
        yield from _ends(PLATE, read)


def _at(postcode: str, address: str) -> Iterator[str]:
    bare = re.sub(r"\s", "", postcode.upper())
    if not _POSTCODE.fullmatch(bare):
        return
    yield f"code:{bare}"
    house = _HOUSE.search(address)
    if house:
        yield f"at:{bare}|{house[1].lower()}"


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"['`]", "", latin(name)))
