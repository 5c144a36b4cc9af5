"""What is recorded of something of concern, and the keys by which the same is found in separate records.

A key is equal when two records may be about the same thing. It says its kind before the colon, and why a
reader should look: nothing is weighed or counted, and whether it is the same is for people to say.

``reg:``   a whole registration
``half:``  a half of a whole registration, to be found by somebody who knows only a part
``part:``  a part of a registration, when that is all that is known
``tel:``   a phone number
``at:``    a postcode and the number or name of the house
``code:``  a postcode
``who:``   the words of a name of a person or group, in any order
``name:``  the words of the name of a place, without small ones
``acc:``   the name of an online account
``word:``  a word of a name, to be found by somebody who types it; nothing is suggested by it
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from unidecode import unidecode

from portal.records.concerns.policy import ConcernField
from portal.records.concerns.vocabulary import ConcernKind, FieldShape

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
