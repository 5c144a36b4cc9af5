"""Search over what one may see.

The row policies look at each row, so the plan decides what a search costs: `search_statements` starts from
the keys of names, which keep their index under row security, or from the children of a reader of few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause

from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.names import parts, search_terms
from portal.pathway.references import Prefix
from portal.pathway.searching import Fitter, Sought
from portal.policy import Names
from portal.queries import search_statements as statements
from portal.queries.search_statements import FEW, MOST_WORDS, SHOWN


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
    statement, values = _choose(person, sought, names)
    return _found(statement, values, sought, names)


def _choose(person: Principal, sought: Sought, names: Names) -> tuple[TextClause, Mapping[str, Any]]:
    if sought.nhs_number:
        return statements.BY_NHS_NUMBER, {"nhs_number": sought.nhs_number}
    if sought.number:
        return statements.BY_NUMBER, {"number": sought.number}
    typed = search_terms(sought.name, names) if sought.name else ()
    terms = sorted(typed, key=lambda term: -len(term.low))[:MOST_WORDS]  # the longest word tells most
    values: dict[str, Any] = {}
    for at, term in enumerate(terms):
        values |= {f"equal{at}": sorted(term.equal), f"low{at}": term.low, f"high{at}": term.high}
    if sought.born:
        return statements.by_birth(len(terms)), values | {"born": list(sought.born)}
    if _reaches_many(person):
        return statements.by_keys(len(terms)), values | {"pairs": _pairs(sought, names)}
    return statements.among_mine(len(terms)), values | {"readers": list(person.readers)}


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


def _pairs(sought: Sought, names: Names) -> list[str]:
    """The keys of the first word of a name together with each of the others."""
    telling = [part for part in parts(sought.name, names) if len(part.text) > 1]
    return [
        "pair:" + "|".join(sorted((one, other)))
        for part in telling[1:]
        for one in telling[0].sounds
        for other in part.sounds
    ]


def _found(statement: TextClause, values: Mapping[str, Any], sought: Sought, names: Names) -> Results:
    fitter = Fitter(sought, names)
    found = []
    for row in db.session.execute(statement, values):
        name = f"{row.given_name} {row.family_name}".strip()
        how = fitter.fit(name=name, aliases=row.aliases or (), born=row.dob, nhs_number=row.nhs_number)
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
        found = _found(by, values, sought, names)
        if found.children or prefix is Prefix.CHILD:
            return found
    statement = statements.RECORDS.get(prefix)
    rows = db.session.execute(statement, values).all() if statement is not None else []
    return Results(records=[FoundRecord(row.reference, row.kind, row.about or "") for row in rows])
