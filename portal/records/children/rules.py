"""Who counts as a child for this pathway, and which known children a child on a form may be.

Source of who counts: the local guidance page (under 18; up to 25 with special educational needs or a
disability; or having been in local authority care, without an upper age). The ages are policy
``clocks.limits``. It is a rule and a recorded reason, never a block. Matches come with reasons, best first.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Generic, TypeVar

from portal.pathway.calendar import age_on
from portal.pathway.likeness import (
    NOTHING_KNOWN,
    SAME_DATE,
    BirthLikeness,
    NameLikeness,
    best_likeness,
    compare_ages,
    compare_births,
)
from portal.pathway.names import (
    birth_keys,
    home_keys,
    name_keys,
    opening_keys,
    parts,
    slip_keys,
    together_keys,
    year_keys,
)
from portal.policy import Names, Policy
from portal.records.children.vocabulary import EligibilityBasis
from portal.records.referrals.rules import ChildDetails
from portal.vocabulary import Answer, Labelled


@dataclass(frozen=True)
class Eligibility:
    """On what ground someone counts, and whether a person has to write down why they are included."""

    basis: EligibilityBasis
    needs_reason: bool
    explanation: str


def eligibility(policy: Policy, *, age: int | None, send: Answer, care_experienced: Answer) -> Eligibility:
    """The ground on which somebody of an age counts.

    Whoever does not meet a rule is included all the same when somebody records why, because the people who
    know the child decide and not a date of birth.

    :param age: in whole years, known or approximate; None when it is not known.
    :param send: whether there are special educational needs or a disability.
    :param care_experienced: whether the person has been in the care of a local authority.
    """
    limits = policy.clocks.limits
    if age is None:
        return Eligibility(
            EligibilityBasis.AGE_NOT_KNOWN, False, "The age is not known yet. Find it out at triage."
        )
    if age < limits.child_age.value:
        return Eligibility(EligibilityBasis.UNDER_18, False, f"Under {limits.child_age.value}.")
    if send is Answer.YES and age <= limits.send_age.value:
        return Eligibility(
            EligibilityBasis.SEND,
            False,
            f"Up to {limits.send_age.value}, with special educational needs or a disability.",
        )
    if care_experienced is Answer.YES:
        beyond = age > limits.care_experienced_age.value
        explanation = "Has been in the care of a local authority."
        if beyond:
            explanation += (
                f" Over {limits.care_experienced_age.value}, so write down why this pathway is the right one."
            )
        return Eligibility(EligibilityBasis.CARE_EXPERIENCED, beyond, explanation)
    return Eligibility(
        EligibilityBasis.OTHER,
        True,
        f"{limits.child_age.value} or over, and no other rule applies."
        " Write down why this pathway is the right one.",
    )


K = TypeVar("K", bound=Hashable)

#: How many children to take from the keys, those with most keys in common first.
CANDIDATES = 200

#: Dates of birth that are the same but for one slip are worth this much or more.
_NEAR_DATE = 24

_RARE = ("pair:", "half:", "born:", "year:", "home:", "nhs:")


class Standing(Labelled):
    """What a match most probably is. In the order in which they are shown."""

    SAME = "same", "Probably the same child"
    POSSIBLE = "possible", "Could be the same child"
    RELATIVE = "relative", "Probably a brother, sister or twin"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about a child, on a form or in the records.

    :ivar names: full names in any order of words, the usual one first, then aliases and nicknames.
    :ivar born: date of birth.
    :ivar born_is_estimate: the date stands for an age.
    :ivar age: approximate age in years, where there is no date of birth.
    :ivar nhs_number: ten digits.
    :ivar postcodes: with or without space. Leave out those that must not be disclosed when storing keys.
    :ivar doors: first lines of addresses.
    :ivar phones: numbers of the child or carers.
    """

    names: tuple[str, ...]
    born: date | None = None
    born_is_estimate: bool = False
    age: int | None = None
    nhs_number: str | None = None
    postcodes: frozenset[str] = frozenset()
    doors: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Match(Generic[K]):
    """A known child that the child on the form may be.

    :ivar reasons: what speaks for it.
    :ivar cautions: what speaks against it.
    :ivar weight: orders the list, and is never shown.
    """

    child: K
    standing: Standing
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    weight: int


def child_keys(facts: Facts, names: Names) -> frozenset[str]:
    """Every key under which a child is stored."""
    keys: set[str] = set()
    for name in _full_names(facts, names):
        keys |= name_keys(name, names)
        if facts.born:
            keys |= birth_keys(name, facts.born, names) | opening_keys(name, facts.born)
        for postcode in facts.postcodes:
            keys |= home_keys(name, postcode, names)
    if facts.nhs_number:
        keys.add(f"nhs:{facts.nhs_number}")
    return frozenset(keys)


def lookup_keys(sought: Facts, names: Names, today: date) -> frozenset[str]:
    """The keys to look up for a child on a form: the telling ones, or plain words when there is no other.

    Take the :data:`CANDIDATES` children that have most of them.
    """
    keys = {key for key in child_keys(sought, names) if key.startswith(_RARE)}
    age = _age(sought, today)
    if age is not None and (sought.born is None or sought.born_is_estimate):
        years = range(today.year - age - 2, today.year - age + 2)
        for name in _full_names(sought, names):
            keys |= year_keys(name, years, names)
    if any(len(parts(name, names)) == 1 for name in sought.names):
        keys |= {
            key for name in sought.names for key in name_keys(name, names) if key.startswith(("t:", "p:"))
        }
    return frozenset(keys)


def rank(
    sought: Facts, candidates: Mapping[K, Facts], names: Names, today: date, limit: int = 10
) -> tuple[Match[K], ...]:
    """The candidates that may be the child sought, best first, at most ``limit`` of them."""
    found = [
        match
        for child, facts in candidates.items()
        if (match := _compare(child, sought, facts, names, today))
    ]
    order = list(Standing)
    found.sort(key=lambda match: (-match.weight, order.index(match.standing), str(match.child)))
    return tuple(_keep_twins_apart(found[:limit], candidates))


def _full_names(facts: Facts, names: Names) -> Iterable[str]:
    """The names, a nickname of one word completed with the last word of the usual name."""
    usual = facts.names[0] if facts.names else ""
    read = parts(usual, names)
    for name in facts.names:
        alone = name is not usual and len(parts(name, names)) == 1 and len(read) > 1
        yield f"{name} {read[-1].text}" if alone else name


def _age(facts: Facts, today: date) -> int | None:
    return age_on(facts.born, today) if facts.born else facts.age


@dataclass
class _Balance:
    """What speaks for and against, gathered piece by piece."""

    weight: int
    reasons: list[str]
    cautions: list[str]

    def add(self, worth: int, reason: str) -> None:
        self.weight += worth
        if reason:
            (self.reasons if worth > 0 else self.cautions).append(reason)


def _compare(child: K, sought: Facts, known: Facts, names: Names, today: date) -> Match[K] | None:
    balance = _Balance(0, [], [])
    nhs = _compare_nhs(sought, known, balance)
    name = best_likeness(sought.names, known.names, names)
    _weigh_name(name, balance)
    birth = _compare_birth(sought, known, today)
    balance.add(birth.worth, birth.reason)
    near = _compare_contact(sought, known, balance)
    standing = _standing(name, birth, nhs, near)
    if standing is None:
        return None
    if standing is Standing.RELATIVE:
        balance.weight -= 30
    return Match(child, standing, tuple(balance.reasons), tuple(balance.cautions), balance.weight)


def _compare_nhs(sought: Facts, known: Facts, balance: _Balance) -> bool | None:
    if not sought.nhs_number or not known.nhs_number:
        return None
    same = sought.nhs_number == known.nhs_number
    balance.add(100 if same else -60, "Same NHS number" if same else "The NHS numbers differ")
    return same


def _weigh_name(name: NameLikeness, balance: _Balance) -> None:
    if not name.agreed:
        balance.add(-30, "The names differ")
    elif name.at_odds:
        balance.add(10, "One name is shared")
        balance.add(-10, "Another name differs")
    else:
        balance.weight += round((60 if name.complete else 30) * name.worth) - 2 * name.spare
        balance.reasons += name.reasons


def _compare_birth(sought: Facts, known: Facts, today: date) -> BirthLikeness:
    if sought.born and known.born and not (sought.born_is_estimate or known.born_is_estimate):
        return compare_births(sought.born, known.born)
    ours, theirs = _age(sought, today), _age(known, today)
    if ours is None or theirs is None:
        return NOTHING_KNOWN
    return compare_ages(ours, theirs)


def _compare_contact(sought: Facts, known: Facts, balance: _Balance) -> bool:
    ours, theirs = (_bare(facts.postcodes) for facts in (sought, known))
    doors = [
        {" ".join(one.lower().replace(",", " ").split()) for one in facts.doors} for facts in (sought, known)
    ]
    phones = [{"".join(filter(str.isdigit, one)) for one in facts.phones} for facts in (sought, known)]
    postcode, door, phone = bool(ours & theirs), bool(doors[0] & doors[1]), bool(phones[0] & phones[1])
    if postcode:
        balance.add(18 if door else 12, "Same address" if door else "Same postcode")
    if phone:
        balance.add(12, "Same phone number")
    return postcode or phone


def _bare(postcodes: frozenset[str]) -> set[str]:
    return {one.replace(" ", "").upper() for one in postcodes}


def _standing(name: NameLikeness, birth: BirthLikeness, nhs: bool | None, near: bool) -> Standing | None:
    """What a candidate is; None when too little speaks for it to show it."""
    near_date = birth.worth >= _NEAR_DATE
    if nhs:
        return Standing.SAME if name.agreed or birth.worth > 0 else Standing.POSSIBLE
    if name.at_odds:
        renamed = name.opens_alike and near_date
        return Standing.POSSIBLE if renamed else Standing.RELATIVE if near or birth is SAME_DATE else None
    if not name.agreed or birth.worth < 0:
        enough = near and near_date if not name.agreed else near or name.complete
        return Standing.POSSIBLE if enough else None
    sure = nhs is None and name.complete and (near_date or (near and birth.worth > 0))
    return Standing.SAME if sure else Standing.POSSIBLE


def _keep_twins_apart(found: list[Match[K]], candidates: Mapping[K, Facts]) -> Iterator[Match[K]]:
    """Of children of one home born on one day, only the one that fits best may count as the same child."""
    best: dict[tuple[date, str], Match[K]] = {}
    for match in found:
        facts = candidates[match.child]
        homes = {(facts.born, postcode) for postcode in _bare(facts.postcodes)} if facts.born else set()
        better = next((best[home] for home in homes if home in best), None)
        if better and better.weight > match.weight and match.standing is Standing.SAME:
            caution = "Another child of the same home and age fits better"
            yield replace(match, standing=Standing.POSSIBLE, cautions=(*match.cautions, caution))
        else:
            yield match
            best.update({home: best.get(home, match) for home in homes if match.standing is Standing.SAME})


_BETWEEN_NAMES = re.compile(r"[,;/\n]|\baka\b|\balso known as\b", re.IGNORECASE)
_TELLING = ("pair:", "born:")


@dataclass(frozen=True)
class SilentSearch:
    """What is compared inside the database: two sounds of a name and a date of birth, or the NHS number.

    Beside the keys under which children are kept (`portal.pathway.names`) there may be ``two:``, two sounds
    of words that the record may have apart.
    """

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


def silent_search(facts: Facts, names: Names, today: date) -> SilentSearch:
    """What to compare with children whom nobody may learn of by it.

    A whole name in any spelling shares a pair of sounds; a twin, who shares the surname and the date of
    birth, shares none.
    """
    keys = sorted(key for key in child_keys(facts, names) if key.startswith(_TELLING))
    return SilentSearch(keys, sorted(set(_near_births(facts, today))), facts.nhs_number)


def sealed_search(details: ChildDetails, names: Names, today: date) -> SilentSearch:
    """What of a form to compare with the children of sealed cases, where nobody can watch.

    Whom triage would call probably the same child, were it not sealed, has to be found here too, since
    whoever does not see the child decides about the form otherwise: so also names that are written together
    or apart, and, with a date of birth, a word with one letter wrong, an initial, and a first name alone.
    """
    facts = sought_facts(details)
    search = silent_search(facts, names, today)
    further = {key for name in facts.names for key in together_keys(name, names)}
    if facts.born:
        further.update(key for name in facts.names for key in slip_keys(name, names))
    return replace(search, keys=sorted({*search.keys, *further}))


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
