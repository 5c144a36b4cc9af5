"""How alike two names and two dates of birth are, with the reason in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from rapidfuzz.distance import OSA, JaroWinkler

from portal.pathway.names import SHORT_WORD, NamePart, parts
from portal.policy import Names

_LONG_WORD = 7
_CLEARLY_ALIKE = 0.9
_ALIKE_IN_SOUND = 0.75


@dataclass(frozen=True)
class WordLikeness:
    """How alike two words are, from 0 to 1, and why as part of a sentence; no reason when they are equal."""

    worth: float
    reason: str = ""


@dataclass(frozen=True)
class NameLikeness:
    """How one name compares with another.

    :ivar agreed: how many words agree.
    :ivar worth: how well they agree on average, 0 when none does.
    :ivar at_odds: words on both sides for which the other side has a different one.
    :ivar complete: every word of the shorter name agrees, and there are at least two.
    :ivar spare: words that the longer name has more.
    :ivar opens_alike: the first words agree; with the rest at odds, the surname may have changed.
    :ivar reasons: in words, for people.
    """

    agreed: int
    worth: float
    at_odds: bool
    complete: bool
    reasons: tuple[str, ...]
    spare: int = 0
    opens_alike: bool = False

    @property
    def order(self) -> tuple[bool, int, float]:
        """Sorts the better comparison last."""
        return (not self.at_odds, self.agreed, self.worth)


NO_LIKENESS = NameLikeness(0, 0.0, False, False, ())


def compare_words(one: NamePart, other: NamePart) -> WordLikeness:
    """How alike two words of names are. Known names that are not forms of one name are different names."""
    if one.text == other.text:
        return WordLikeness(1.0)
    shown = f"“{one.text.title()}” and “{other.text.title()}”"
    shorter, longer = sorted((one.text, other.text), key=len)
    if len(shorter) == 1:
        return WordLikeness(0.6, f"The initial of {shown}") if longer.startswith(shorter) else WordLikeness(0)
    if one.families and other.families:
        same = one.families & other.families
        return WordLikeness(0.94, f"{shown} are forms of one name") if same else WordLikeness(0)
    if one.respelled == other.respelled:
        return WordLikeness(0.92, f"{shown} are spellings of one name")
    if one.servant_of == other.respelled or other.servant_of == one.respelled:
        return WordLikeness(0.85, f"{shown}, with and without Abdul")
    return _compare_unknown(one, other, shorter, longer, shown)


def _compare_unknown(one: NamePart, other: NamePart, shorter: str, longer: str, shown: str) -> WordLikeness:
    distance = OSA.distance(one.text, other.text)
    alike = JaroWinkler.similarity(one.text, other.text)
    if distance == 1 and len(shorter) >= SHORT_WORD:
        return WordLikeness(0.88, f"{shown} differ by one letter")
    if len(one.sounds[0]) > 1 and set(one.sounds) & set(other.sounds) and alike >= _ALIKE_IN_SOUND:
        return WordLikeness(0.85, f"{shown} sound alike")
    if distance <= 2 and len(shorter) >= _LONG_WORD:  # noqa: PLR2004 - two letters in a long word
        return WordLikeness(0.82, f"{shown} differ by two letters")
    if longer.startswith(shorter) and len(shorter) >= SHORT_WORD - 1:
        return WordLikeness(0.75, f"“{shorter.title()}” begins “{longer.title()}”")
    if alike >= _CLEARLY_ALIKE:
        return WordLikeness(0.7, f"{shown} are much alike")
    return WordLikeness(0)


def compare_names(one: tuple[NamePart, ...], other: tuple[NamePart, ...]) -> NameLikeness:
    """How alike two names are, whatever the order of their words.

    Each word is paired with at most one of the other name, best pairs first.
    """
    if not one or not other:
        return NO_LIKENESS
    if _same_together(one, other):
        return NameLikeness(2, 0.95, False, True, ("The same name, written together or apart",))
    compared = sorted(
        (
            (compare_words(mine, yours), here, there)
            for here, mine in enumerate(one)
            for there, yours in enumerate(other)
        ),
        key=lambda row: -row[0].worth,
    )
    taken: dict[int, int] = {}
    found: list[WordLikeness] = []
    for likeness, here, there in compared:
        if likeness.worth and here not in taken and there not in taken.values():
            taken[here] = there
            found.append(likeness)
    if not found:
        return NO_LIKENESS
    fewer = min(len(one), len(other))
    at_odds = len(taken) < fewer
    worth = sum(likeness.worth for likeness in found) / len(found)
    return NameLikeness(
        agreed=len(taken),
        worth=worth,
        at_odds=at_odds,
        complete=len(taken) >= max(2, fewer),
        reasons=_reasons(found, taken),
        spare=abs(len(one) - len(other)),
        opens_alike=taken.get(0) == 0,
    )


def _reasons(found: list[WordLikeness], taken: dict[int, int]) -> tuple[str, ...]:
    alike = [likeness.reason for likeness in found if likeness.reason]
    places = [taken[here] for here in sorted(taken)]
    swapped = len(places) > 1 and any(left > right for left, right in pairwise(places))
    if swapped:
        alike.append("The names are in another order")
    return tuple(alike) or ("Same name" if len(found) > 1 else "One name the same",)


def _same_together(one: tuple[NamePart, ...], other: tuple[NamePart, ...]) -> bool:
    """Whether names with more and fewer words are one when written together: Anne Marie, Annemarie."""
    mine, yours = ("".join(sorted(part.text for part in name)) for name in (one, other))
    return len(one) != len(other) and mine == yours


def best_likeness(sought: Iterable[str], known: Iterable[str], names: Names) -> NameLikeness:
    """The best comparison of any name of one child with any name of another.

    A further name of one word (a nickname) is completed with the last word of the first name.
    """
    ours, theirs = (_completed([parts(name, names) for name in one]) for one in (sought, known))
    return max(
        (compare_names(a, b) for a in ours for b in theirs),
        key=lambda found: found.order,
        default=NO_LIKENESS,
    )


def _completed(read: list[tuple[NamePart, ...]]) -> list[tuple[NamePart, ...]]:
    read = [name for name in read if name]
    if not read:
        return []
    first = read[0]
    return [first, *((*name, first[-1]) if len(name) == 1 < len(first) else name for name in read[1:])]


@dataclass(frozen=True)
class BirthLikeness:
    """How two dates of birth compare: worth above 0 speaks for one child, below 0 against it."""

    worth: int
    reason: str


NOTHING_KNOWN = BirthLikeness(0, "")
SAME_DATE = BirthLikeness(40, "Same date of birth")


def compare_births(one: date, other: date) -> BirthLikeness:
    """Dates of birth, with the slips that people make: day and month swapped, one digit, one year."""
    if one == other:
        return SAME_DATE
    if (one.year, one.day, one.month) == (other.year, other.month, other.day):
        return BirthLikeness(30, "Same date of birth with day and month swapped")
    if OSA.distance(f"{one:%Y%m%d}", f"{other:%Y%m%d}") == 1:
        return BirthLikeness(26, "Dates of birth that differ in one digit")
    if (one.day, one.month) == (other.day, other.month) and abs(one.year - other.year) == 1:
        return BirthLikeness(24, "Dates of birth one year apart")
    if (one.year, one.month) == (other.year, other.month):
        return BirthLikeness(5, "Born in the same month")
    return BirthLikeness(-25, "The dates of birth differ")


def compare_ages(one: int, other: int) -> BirthLikeness:
    """Ages in years where one at least is only known roughly."""
    apart = abs(one - other)
    if apart <= 1:
        return BirthLikeness(12, "About the same age")
    if apart == 2:  # noqa: PLR2004 - people guess ages two years wrong
        return BirthLikeness(4, "An age two years apart")
    return BirthLikeness(-20, "The ages do not fit")
