"""What somebody typed into the one search box: a name, a reference, an NHS number, a date of birth."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from portal.pathway.characters import BadIdentifier, read_nhs_number
from portal.pathway.names import (
    NamePart,
    SearchTerm,
    parts,
    pieces,
    search_terms,
    spellings,
    words,
)
from portal.pathway.references import read_reference
from portal.policy import Names

FEWEST_LETTERS = 2
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)")
_WRITTEN = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>(?:{'|'.join(_MONTHS)})[a-z]*)\s+(?P<year>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})[/.\s-](?P<month>\d{1,2})[/.\s-](?P<year>\d{4}|\d{2})(?!\d)", re.ASCII
)
_YEAR = re.compile(r"(?<![\w/.-])(?:19|20)\d\d(?![\w/.-])", re.ASCII)
_TEN_DIGITS = re.compile(r"(?<!\d)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\d)", re.ASCII)
_CENTURY = 100


class NotEnough(ValueError):
    """Too little was typed to look for. ``message`` says what more is needed."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What to look for.

    :ivar reference: of any record: nothing else is then looked for.
    :ivar born: the date of birth, first as typed, then with day and month the other way round.
    :ivar year: of birth, beside a name.
    :ivar number: a number of another system, in capitals.
    """

    reference: str | None = None
    nhs_number: str | None = None
    born: tuple[date, ...] = ()
    year: int | None = None
    number: str | None = None
    name: str = ""


def read_sought(typed: str, names: Names, today: date) -> Sought:
    """What somebody means by what they typed.

    :raises NotEnough: nothing, or so few letters that everybody would match.
    :raises BadIdentifier: an NHS number whose check digit does not fit.
    """
    typed = " ".join(typed.split())
    reference = read_reference(typed)
    if reference:
        return Sought(reference=reference)
    born, rest = _take_date(typed, today)
    digits = _TEN_DIGITS.search(rest)
    if digits:
        return Sought(nhs_number=read_nhs_number(digits[0]), born=born)
    year, rest = (None, rest) if born else _take_year(rest, today)
    if not born and any(letter.isdigit() for letter in rest):
        return Sought(number=" ".join(typed.upper().split()))
    longest = max((len(term.text) for term in search_terms(rest, names)), default=0)
    if longest < FEWEST_LETTERS and not (born and not rest):
        raise NotEnough(f"Type at least {FEWEST_LETTERS} letters of a name, or a date of birth or a number")
    return Sought(born=born, year=year, name=rest)


def wrong_number(typed: str, today: date) -> str:
    """Why ten digits in what was typed are no NHS number; empty where they may be one, or there are none."""
    _, rest = _take_date(" ".join(typed.split()), today)
    digits = None if read_reference(typed) else _TEN_DIGITS.search(rest)
    if digits is None:
        return ""
    try:
        read_nhs_number(digits[0])
    except BadIdentifier as refused:
        return refused.message
    return ""


def canonical(typed: str, names: Names, today: date) -> str:
    """What was typed, as the search reads it: the same for two ways of typing the same."""
    try:
        sought = read_sought(typed, names, today)
    except ValueError:
        sought = Sought(name=typed)
    said = (
        sought.reference,
        sought.nhs_number,
        sought.born[0].isoformat() if sought.born else None,
        str(sought.year) if sought.year else None,
        sought.number,
        *(sorted(words(sought.name, names)) or [sought.name.casefold()]),
    )
    return " ".join(one for one in said if one)


def _take_date(typed: str, today: date) -> tuple[tuple[date, ...], str]:
    for pattern in (_ISO, _WRITTEN, _NUMBERS):
        found = pattern.search(typed)
        if found is None:
            continue
        year, day = int(found["year"]), int(found["day"])
        if len(found["year"]) < len("2000"):
            year += today.year - today.year % _CENTURY
            year -= _CENTURY if year > today.year else 0
        month = found["month"]
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
        swapped = () if pattern is _WRITTEN else ((year, day, number),)
        dates = tuple(_dates(((year, number, day), *swapped)))
        if dates:
            return dates, " ".join((typed[: found.start()] + " " + typed[found.end() :]).split())
    return (), typed


def _take_year(typed: str, today: date) -> tuple[int | None, str]:
    """A year of birth that stands by itself, and the rest; none where the rest is no name."""
    found = _YEAR.search(typed)
    rest = f"{typed[: found.start()]} {typed[found.end() :]}" if found else ""
    if found is None or int(found[0]) > today.year or not pieces(rest):
        return None, typed
    return int(found[0]), " ".join(rest.split())


def _dates(candidates: Iterable[tuple[int, int, int]]) -> Iterable[date]:
    seen = set()
    for year, month, day in candidates:
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found not in seen:
            seen.add(found)
            yield found


@dataclass(frozen=True)
class Fit:
    """How a known child fits what was sought. ``weight`` orders a list, lowest first, and is never shown."""

    reasons: tuple[str, ...]
    weight: int


class Fitter:
    """Says why a known child fits what was sought. Sounds are worked out only where they must be."""

    def __init__(self, sought: Sought, names: Names) -> None:
        self._sought = sought
        self._names = names
        self._typed = search_terms(sought.name, names)
        telling = {term.text for term in self._typed}
        #: Small words that need not fit, but where they do, it is more likely that child.
        self._beside = [word for word in pieces(sought.name) if word not in telling]

    def fit(self, *, name: str, aliases: Iterable[str], born: date | None, nhs_number: str | None) -> Fit:
        """Why a child fits, in sentences.

        :param aliases: other names, as far as the reader may know them.
        """
        sought = self._sought
        known = [_Known("", name, self._names), *(_Known(one, one, self._names) for one in aliases)]
        found = [min(one.fit(term) for one in known) for term in self._typed]
        reasons = list(dict.fromkeys(reason for _, reason in found if reason))
        weight = sum(worth for worth, _ in found)
        weight += sum(not any(one.has(word) for one in known) for word in self._beside)
        if born in sought.born:
            other_way = born != sought.born[0]
            weight += other_way
            reasons.append(
                "Date of birth, day and month the other way round" if other_way else "Date of birth"
            )
        if sought.year and born:
            reasons.append(f"Born in {born.year}")
        if sought.nhs_number and nhs_number == sought.nhs_number:
            reasons.append("NHS number")
        return Fit(tuple(reasons), weight)


_SAME, _BEGINS, _FORM, _SOUNDS, _NOT_AT_ALL = 0, 2, 3, 4, 9
_REASONS = {
    _SAME: "Name: {}",
    _BEGINS: "A name that begins with {}",
    _FORM: "A name that {} is a form of",
    _SOUNDS: "A name that sounds like {}",
}


class _Known:
    """One name of a known child; ``alias`` is empty for the name itself, which counts a little more."""

    def __init__(self, alias: str, name: str, names: Names) -> None:
        self._alias = alias
        self._name = name
        self._names = names
        self._spellings = spellings(name) | set(words(name, names))

    def has(self, word: str) -> bool:
        """Whether a small word stands in the name."""
        return word in self._spellings

    def fit(self, typed: SearchTerm) -> tuple[int, str]:
        """How well one word that was typed fits, the lower the better, and the reason."""
        worth = self._worth(typed)
        if self._alias:
            return worth + 1, f"Also known as {self._alias}" if worth < _NOT_AT_ALL else ""
        return worth, _REASONS.get(worth, "").format(typed.text.capitalize())

    def _worth(self, typed: SearchTerm) -> int:
        if typed.text in self._spellings or typed.together & self._spellings:
            return _SAME
        if any(word.startswith(typed.text) for word in self._spellings):
            return _BEGINS
        return min((_compare(typed, word) for word in self._parts), default=_NOT_AT_ALL)

    @cached_property
    def _parts(self) -> tuple[NamePart, ...]:
        return parts(self._name, self._names)


def _compare(typed: SearchTerm, word: NamePart) -> int:
    if (typed.part.families | {typed.text}) & (word.families | {word.text}):
        return _FORM
    return _SOUNDS if set(typed.sounds) & set(word.sounds) else _NOT_AT_ALL
