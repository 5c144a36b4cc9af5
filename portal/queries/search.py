"""Search over what one may see. Compiled once, and always through the index of the keys or of the scope.

The row policies look at each row, so the plan decides what a search costs. A reader of many children starts
from the keys (`name_key`, by equality and range, which keep their index under row security); a reader of few
starts from their own children, because keys of a common name lead to thousands of other people's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause

from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.names import SearchTerm, parts, search_terms
from portal.pathway.references import Prefix
from portal.pathway.searching import Fitter, Sought
from portal.policy import Names
from portal.queries import search_statements as statements

SHOWN = 50
#: One more than is shown says that there are more.
CANDIDATES = SHOWN + 1
#: Keys of one word that are tried against the other words.
TRIED = 2000
#: A reader of fewer children than this starts from them.
FEW = 500
_MOST_TERMS = 4


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
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class FoundRecord:
    """A case, form, telling or request of the reference that was typed."""

    reference: str
    kind: str
    about: str


@dataclass(frozen=True)
class Results:
    """What was found. `more` says that there are others, so that one should say more about the child."""

    children: Sequence[FoundChild] = ()
    records: Sequence[FoundRecord] = ()
    more: bool = False


def search(*, person: Principal, sought: Sought, names: Names) -> Results:
    """Whatever fits, of what the person may see."""
    if sought.reference:
        return _by_reference(sought.reference, sought, names)
    ids = _candidates(person, sought, names)
    return _described(ids[:CANDIDATES], sought, names)


def _candidates(person: Principal, sought: Sought, names: Names) -> list[UUID]:
    if sought.nhs_number:
        return _ids(statements.BY_NHS_NUMBER, {"nhs_number": sought.nhs_number})
    if sought.number:
        return _ids(statements.BY_NUMBER, {"number": sought.number})
    terms = search_terms(sought.name, names)[:_MOST_TERMS] if sought.name else ()
    values = _values(terms)
    if sought.born:
        return _ids(statements.by_birth(len(terms)), {"born": list(sought.born), **values})
    readers = list(person.readers)
    if _reaches_few(readers):
        return _ids(statements.among_mine(len(terms)), {"readers": readers, **values})
    if len(terms) == 1:
        return _ids(statements.BY_ONE_WORD, values)
    together = {"pairs": _pairs(sought, names), "tried": TRIED}
    return _ids(statements.by_words(len(terms)), together | values)


def _reaches_few(readers: list[UUID]) -> bool:
    count: int = db.session.execute(statements.REACH, {"readers": readers, "most": FEW}).scalar_one()
    return count < FEW


def _values(terms: Sequence[SearchTerm]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for at, term in enumerate(terms):
        found |= {f"equal{at}": sorted(term.equal), f"low{at}": term.low, f"high{at}": term.high}
    return found


def _pairs(sought: Sought, names: Names) -> list[str]:
    """The keys of two words of the name together: of many Smiths, the few that are also called Ada."""
    telling = [part for part in parts(sought.name, names) if len(part.text) > 1]
    return [
        "pair:" + "|".join(sorted((one, other)))
        for part in telling[1:]
        for one in telling[0].sounds
        for other in part.sounds
    ]


def _ids(statement: TextClause, values: Mapping[str, Any]) -> list[UUID]:
    found = db.session.execute(statement, {"most": CANDIDATES, "more": 2 * CANDIDATES, **values}).scalars()
    return list(dict.fromkeys(found))


def _described(ids: Sequence[UUID], sought: Sought, names: Names) -> Results:
    if not ids:
        return Results()
    fitter = Fitter(sought, names)
    found = []
    for row in db.session.execute(statements.CHILDREN, {"ids": list(ids)}):
        name = f"{row.given_name} {row.family_name}".strip()
        how = fitter.fit(name=name, aliases=row.aliases, born=row.dob, nhs_number=row.nhs_number)
        found.append((how.weight, name, _child(row, name, how.reasons or _other_reason(sought))))
    found.sort(key=lambda one: one[:2])
    return Results(children=[child for *_, child in found[:SHOWN]], more=len(found) > SHOWN)


def _other_reason(sought: Sought) -> tuple[str, ...]:
    if sought.number:
        return ("A number in another system",)
    return ("Reference",) if sought.reference else ("Name",)


def _child(row: Any, name: str, reasons: tuple[str, ...]) -> FoundChild:
    return FoundChild(
        id=row.id,
        reference=row.reference,
        name=name,
        dob=row.dob,
        dob_is_estimate=row.dob_is_estimate,
        nhs_number=row.nhs_number,
        case_reference=row.case_reference,
        case_state=row.case_state,
        case_level=row.case_level,
        reasons=reasons,
    )


def _by_reference(reference: str, sought: Sought, names: Names) -> Results:
    prefix = Prefix(reference.partition("-")[0])
    values = {"reference": reference}
    if prefix in {Prefix.CHILD, Prefix.CASE}:
        by = statements.CHILD_OF_REFERENCE if prefix is Prefix.CHILD else statements.CHILD_OF_CASE
        found = _described(_ids(by, values), sought, names)
        if found.children or prefix is Prefix.CHILD:
            return found
    statement = statements.RECORDS.get(prefix)
    rows = db.session.execute(statement, values).all() if statement is not None else []
    return Results(records=[FoundRecord(row.reference, row.kind, row.about or "") for row in rows])
