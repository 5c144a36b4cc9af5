"""Search over what one may see: children by name, birth and number, any record by its reference."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, TextClause, select

from portal import registry
from portal.access.principal import Principal
from portal.extensions import db
from portal.pages.search import statements
from portal.pages.search.statements import FEW, MOST_WORDS, SHOWN
from portal.pathway.names import SearchTerm, pair_keys, search_terms, year_range
from portal.pathway.references import Prefix
from portal.pathway.searching import Fitter, Sought
from portal.policy import Names
from portal.queries.rows import Rows, filled
from portal.records.missing.facts import with_police_reference


@dataclass(frozen=True)
class FoundChild:
    """A child that fits, and why."""

    id: UUID
    reference: str
    name: str
    dob: Any
    dob_is_estimate: bool
    nhs_number: str | None
    case_reference: str | None
    case_state: str | None
    case_level: str | None
    missing_now: Any
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class FoundChildren:
    """A page of children that fit. `more` says that there are others."""

    children: Sequence[FoundChild] = ()
    more: bool = False


@dataclass(frozen=True)
class Opened:
    """Where a reference leads: the page of a record, by its reference.

    Attributes:
        reference: what the page takes.
        page: its endpoint; without one, that of the record.
        more: what the page takes besides.
    """

    reference: str
    page: str | None
    more: Mapping[str, Any]


def find_by_reference(reference: str) -> Sequence[Opened]:
    """Where a reference leads, as far as the person may see its record; nowhere where there is none."""
    found = []
    for rows, page in _rows(Prefix(reference.partition("-")[0])):
        fitting = db.session.execute(rows.where(rows.selected_columns.reference == reference)).mappings()
        found += [_opened(row, page) for row in fitting if row["opens"]]
    return found


def find_episodes(sought: Sought, typed: str) -> Rows:
    """The missing episodes with a reference of the police that somebody typed: it has more digits than those
    of a year of birth.
    """
    numbers = sought.number or sought.nhs_number or sought.born
    return with_police_reference(typed) if numbers or any(one.isdigit() for one in sought.name) else ()


def _rows(prefix: Prefix) -> Iterator[tuple[Select[*tuple[Any, ...]], str | None]]:
    """What finds the records of one sort of reference, with the page of each; its own where it has one."""
    for record in registry.records().values():
        if record.prefix is prefix:
            own = record.table.reference
            yield select(own, own.label("opens")), None
    yield from ((one.rows, one.page) for one in registry.references() if one.prefix is prefix)


def _opened(row: Mapping[Any, Any], page: str | None) -> Opened:
    more = {name: value for name, value in row.items() if name not in {"reference", "opens"}}
    return Opened(row["opens"], page, more)


def find_children(
    *, person: Principal, sought: Sought, names: Names, seen: Sequence[UUID] = ()
) -> FoundChildren:
    """Children that fit, of those whom the person may see, the best of a page first.

    Args:
        seen: children of the pages before this one.
    """
    statement, values = _choose(person, sought, names)
    rows = db.session.execute(statement, values | {"seen": list(seen)}).all()
    fitter = Fitter(sought, names)
    found = []
    for row in rows[:SHOWN]:
        name = f"{row.given_name} {row.family_name}".strip()
        how = fitter.fit(name=name, aliases=row.aliases or (), born=row.dob, nhs_number=row.nhs_number)
        found.append((how.weight, name, _child(row, name, how.reasons or _other_reason(sought))))
    found.sort(key=lambda one: one[:2])
    return FoundChildren([child for *_, child in found], more=len(rows) > SHOWN)


def _choose(person: Principal, sought: Sought, names: Names) -> tuple[TextClause, dict[str, Any]]:
    if sought.nhs_number:
        return statements.BY_NHS_NUMBER, {"value": sought.nhs_number}
    if sought.number:
        return statements.BY_NUMBER, {"value": sought.number}
    typed = search_terms(sought.name, names) if sought.name else ()
    terms = sorted(typed, key=lambda term: -len(term.low))[:MOST_WORDS]  # the longest word tells most
    values: dict[str, Any] = {}
    for at, term in enumerate(terms):
        values |= {f"equal{at}": sorted(term.equal), f"low{at}": term.low, f"high{at}": term.high}
    if sought.born:
        return statements.by_birth(len(terms)), values | {"born": list(sought.born)}
    if not _reaches_many(person):
        in_year = _year(sought.year) if sought.year else {}
        own = {"readers": list(person.readers)}
        return statements.among_mine(len(terms), in_year=bool(in_year)), values | in_year | own
    if sought.year:
        low, high = year_range(terms[0], sought.year)
        sounds = [f"year:{one}|{sought.year}" for one in terms[0].sounds]
        return statements.by_year(len(terms)), values | {"year_low": low, "year_high": high, "years": sounds}
    return statements.by_keys(len(terms)), values | _pair(terms)


def _year(year: int) -> dict[str, date]:
    return {"first": date(year, 1, 1), "last": date(year, 12, 31)}


def _pair(terms: Sequence[SearchTerm]) -> dict[str, Any]:
    """What finds the two words that tell most together."""
    if len(terms) == 1:
        return {}
    keys = pair_keys(*terms[:2])
    return {
        "both": sorted(keys.spelled),
        "pairs": sorted(keys.sounding),
        "opens": keys.low,
        "opens_end": keys.high,
    }


#: People who were found to reach many. That seldom changes, and only the speed of a search hangs on it.
_reach_many: set[UUID] = set()


def _reaches_many(person: Principal) -> bool:
    """Whether to start from the keys. The hub reaches almost all: no key leads it astray."""
    if person.is_coordinator or person.user_id in _reach_many:
        return True
    count: int = db.session.execute(statements.REACH, {"readers": list(person.readers)}).scalar_one()
    if count >= FEW:
        _reach_many.add(person.user_id)
    return count >= FEW


def _other_reason(sought: Sought) -> tuple[str, ...]:
    return ("A number in another system",) if sought.number else ("Name",)


def _child(row: Any, name: str, reasons: tuple[str, ...]) -> FoundChild:
    return filled(
        FoundChild,
        row,
        name=name,
        reasons=reasons,
    )
