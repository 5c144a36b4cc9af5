"""What may be said to somebody about some of the children on a form, and about no other.

Words that a coordinator passes on concern the children that they cover. These rules find what would give
another child of the same form away: a word of their name, in any spelling or short form, or a number of
theirs. A person still reads the words; the rules make sure that nobody overlooks a name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from portal.pathway.names import NamePart, parts
from portal.policy import Names
from portal.records.referrals import rules

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_OWNED = re.compile(r"['’]s$", re.IGNORECASE)
_DIGITS = re.compile(r"\d(?:[\d\s\-/.]*\d)?")
_BETWEEN_NAMES = re.compile(r"[,;/\n]")
_SHORTEST_NUMBER = 6
_OPENING = 3  # letters that a short form nearly always keeps


@dataclass(frozen=True, kw_only=True)
class Traits:
    """By what words a person could be recognised.

    :ivar names: every name and nickname.
    :ivar born: date of birth.
    :ivar numbers: NHS number and telephone numbers, in digits.
    """

    names: tuple[str, ...] = ()
    born: date | None = None
    numbers: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Start:
    """Words to start from, and the sentences that were left out because they name somebody else."""

    text: str
    left_out: tuple[str, ...]


def called(details: rules.Details) -> tuple[str, ...]:
    """What a person, place or thing goes by, beside what it is called on the form."""
    match details:
        case rules.HumanDetails():
            return tuple(part.strip() for part in _BETWEEN_NAMES.split(details.other_names) if part.strip())
        case rules.PlaceDetails():
            return tuple(filter(None, (details.name, details.address)))
        case rules.AccountDetails():
            return tuple(filter(None, (details.handle.lstrip("@"),)))
        case _:
            return ()


def traits_of(details: rules.Details, known_names: Iterable[str] = ()) -> Traits:
    """The traits of a child or person on a form; `known_names` are those of the child in the records."""
    if not isinstance(details, rules.HumanDetails):
        return Traits()
    others = called(details)
    written = (getattr(details, "nhs_number", ""), getattr(details, "phone", ""))
    digits = ("".join(filter(str.isdigit, number)) for number in written)
    return Traits(
        names=tuple(name for name in (details.name, *others, *known_names) if name),
        born=details.dob,
        numbers=frozenset(number for number in digits if len(number) >= _SHORTEST_NUMBER),
    )


def gives_away(
    text: str, *, others: Iterable[Traits], covered: Iterable[Traits], names: Names
) -> tuple[str, ...]:
    """The words of a text by which a child whom it does not cover could be recognised, in their order.

    A name that a covered child bears too (brothers and sisters share one) gives nobody away.

    :param others: the children of the form whom the text must not be about.
    :param covered: those whom it is about.
    :param names: policy ``names``.
    """
    others, covered = tuple(others), tuple(covered)
    if not others:
        return ()
    ours = _words(covered, names)
    theirs = [part for part in _words(others, names) if not any(_same(part, own) for own in ours)]
    found = [word for word in _WORD.findall(text) if _points_to(word, theirs, ours, names)]
    numbers = _numbers(others) - _numbers(covered)
    found += [said for said in _DIGITS.findall(text) if "".join(filter(str.isdigit, said)) in numbers]
    own_days = {shown for one in covered for shown in _written(one.born)}
    days = [shown for one in others for shown in _written(one.born) if shown not in own_days]
    found += [shown for shown in days if shown in text.lower()]
    return tuple(dict.fromkeys(found))


def starting_text(text: str, *, others: Iterable[Traits], covered: Iterable[Traits], names: Names) -> Start:
    """A text without the sentences that give away a child whom it shall not be about.

    A sentence that names nobody goes with the one before it: after one that was left out, “she” may be
    that other child.
    """
    others, covered = tuple(others), tuple(covered)
    ours = _words(covered, names)
    kept: list[str] = []
    left_out: list[str] = []
    at, leaving = 0, False
    for gap in [*_SENTENCE.finditer(text), None]:
        end, after = (gap.start(), gap.end()) if gap else (len(text), len(text))
        sentence = text[at:end]
        if gives_away(sentence, others=others, covered=covered, names=names):
            leaving = True
        elif any(_is_name(word, ours, names) for word in _WORD.findall(sentence)):
            leaving = False
        if leaving:
            left_out.append(sentence.strip())
        else:
            kept.append(text[at:after])
        at = after
    return Start("".join(kept).strip(), tuple(filter(None, left_out)))


def introduce(details: rules.Details) -> str:
    """Who or what a text is about, in one line: what is needed to know them by, and no more.

    Free text of the form is left out of a child's line, because it may speak of others; so is the address.
    """
    match details:
        case rules.ChildDetails():
            said = [f"also called {details.other_names}" if details.name else ""]
            said += [_born(details.dob, details.age)]
            said += [f"NHS number {details.nhs_number}" if details.nhs_number else ""]
        case rules.PersonDetails():
            said = [f"also called {details.other_names}" if details.name else ""]
            said += [_born(details.dob, details.age), details.description, details.role]
        case rules.PlaceDetails():
            said = [details.address, details.postcode, details.times]
        case rules.VehicleDetails():
            said = [f"{details.colour} {details.make}".strip(), details.marks]
        case rules.PhoneDetails() | rules.AccountDetails():
            said = [f"used by {details.used_by}" if details.used_by else ""]
        case _:
            said = []
    facts = dict.fromkeys(" ".join(one.split()) for one in said if one not in {"", details.label})
    facts.pop("also called", None)
    return f"{details.kind.label}: {', '.join((details.label, *facts))}"


def _born(born: date | None, age: int | None) -> str:
    if born:
        return f"born {born.day} {born:%B %Y}"
    return f"about {age} years old" if age is not None else ""


def _words(people: Iterable[Traits], names: Names) -> list[NamePart]:
    return [part for one in people for name in one.names for part in parts(name, names) if len(part.text) > 1]


def _same(one: NamePart, other: NamePart) -> bool:
    return one.text == other.text or one.respelled == other.respelled or bool(one.families & other.families)


def _points_to(word: str, theirs: list[NamePart], ours: list[NamePart], names: Names) -> bool:
    """Whether a word is one of their names, or, written large, may be short for one."""
    if _is_name(word, ours, names):
        return False
    said = parts(_OWNED.sub("", word), names)
    large = word[0].isupper()
    return any(
        _same(one, part)
        or (large and len(one.text) >= _OPENING and one.text[:_OPENING] == part.text[:_OPENING])
        for one in said
        for part in theirs
    )


def _is_name(word: str, among: list[NamePart], names: Names) -> bool:
    return any(_same(one, part) for one in parts(_OWNED.sub("", word), names) for part in among)


def _numbers(people: Iterable[Traits]) -> set[str]:
    return {number for one in people for number in (*one.numbers, *_dates(one.born))}


def _dates(born: date | None) -> frozenset[str]:
    """A date as digits alone: 31/01/2010, 31.1.10, 2010-01-31."""
    if born is None:
        return frozenset()
    forms = (f"{born:%d%m%Y}", f"{born:%d%m%y}", f"{born:%Y%m%d}")
    return frozenset({*forms, f"{born.day}{born.month}{born.year}", f"{born.day}{born.month}{born:%y}"})


def _written(born: date | None) -> tuple[str, ...]:
    if born is None:
        return ()
    return (f"{born.day} {born:%B %Y}".lower(), f"{born.day} {born:%b %Y}".lower())
