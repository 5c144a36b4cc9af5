"""What a child on a form is looked up by, among the children who are known."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal.policy import Names
from portal.records.children.rules.matching import Facts, child_keys
from portal.records.referrals.rules import ChildDetails

_BETWEEN_NAMES = re.compile(r"[,;/\n]|\baka\b|\balso known as\b", re.IGNORECASE)
_TELLING = ("pair:", "born:")


@dataclass(frozen=True)
class SealedSearch:
    """What `ctx.pass_if_sealed` compares: two sounds of a name and a date of birth, or the NHS number."""

    keys: list[str]
    dobs: list[date]
    nhs_number: str | None


def sought_facts(details: ChildDetails) -> Facts:
    """What a form says of a child, as the matching reads it."""
    others = (part.strip() for part in _BETWEEN_NAMES.split(details.other_names))
    return Facts(
        names=tuple(filter(None, (details.name, *others))),
        born=details.dob,
        age=details.age,
        nhs_number=details.nhs_number or None,
        postcodes=frozenset(filter(None, (details.postcode,))),
        doors=frozenset(line for line in details.address.splitlines()[:1] if line),
        phones=frozenset(filter(None, (details.phone,))),
    )


def sealed_search(details: ChildDetails, names: Names, today: date) -> SealedSearch:
    """What to compare with the children of sealed cases, without anybody learning what was found.

    A whole name in any spelling shares a pair of sounds; a twin, who shares the surname and the date of
    birth, shares none.
    """
    facts = sought_facts(details)
    keys = sorted(key for key in child_keys(facts, names) if key.startswith(_TELLING))
    return SealedSearch(keys, sorted(set(_near_births(facts, today))), facts.nhs_number)


def _near_births(facts: Facts, today: date) -> Iterator[date]:
    """Every date of birth that the form may mean: slips of one step, day and month swapped, or an age."""
    if facts.born:
        yield facts.born
        yield from (facts.born + timedelta(days=step) for step in (-1, 1))
        for year, month, day in _slips(facts.born):
            try:
                yield date(year, month, day)
            except ValueError:
                continue
    elif facts.age is not None:
        first = today - timedelta(days=round((facts.age + 2) * 365.25))
        yield from (first + timedelta(days=step) for step in range(3 * 366))


def _slips(born: date) -> Iterator[tuple[int, int, int]]:
    yield born.year, born.day, born.month
    yield from ((born.year + step, born.month, born.day) for step in (-1, 1))
    yield from ((born.year, born.month + step, born.day) for step in (-1, 1))
