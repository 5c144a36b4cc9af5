"""Search over what one may see: one statement each, kept compiled for each number of words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Date, Text, Uuid

from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.names import parts, search_terms
from portal.pathway.references import Prefix
from portal.pathway.searching import Fitter, Sought
from portal.policy import Names

SHOWN = 50
MOST_WORDS = 4
FEW = 500  # a reader of fewer children starts from them, one of more from the keys

_NUMBERS = {
    "{most}": SHOWN + 1,  # one more than is shown says that there are more
    "{tried}": 1000,  # keys of one word that are tried against the other words
    "{few}": FEW,
}
_KINDS: dict[str, Any] = {
    "readers": ARRAY(Uuid),
    "born": ARRAY(Date),
    "pairs": ARRAY(Text),
    **{f"equal{at}": ARRAY(Text) for at in range(MOST_WORDS)},
}

#: Whether a child has one of the keys of a word, or one that begins with it. OFFSET 0 keeps the planner from
#: reading everybody's keys of a common name into a hash for the sake of one child.
_FITS = """
and (exists (select 1 from name_key e
              where e.child_id = n.child_id and e.key = any (:equal?) offset 0)
     or exists (select 1 from name_key r
                 where r.child_id = n.child_id and r.key >= :low? and r.key < :high? offset 0))
"""

#: A reader of few starts from their own: keys of a common name lead to thousands of other people's children.
_MINE = """
(select n.child_id, true as aliased, 0 as step from (
    select distinct child_id from child_scope
     where reader = any (:readers) and until > statement_timestamp() limit {few}) n
  where true
"""

#: The word itself; then, when that is not enough, its sound and what begins with it.
_ONE_WORD = """
with word as materialized (
    select child_id, from_alias, 1 as step from name_key where key = :low0 limit {most})
select child_id, from_alias as aliased, step from word
union all
(select child_id, from_alias, 2 from name_key
  where (select count(*) from word) < {most} and key = any (:equal0) limit {most})
union all
(select child_id, from_alias, 3 from name_key
  where (select count(*) from word) < {most} and key >= :low0 and key < :high0 limit {most})
"""

#: Two words together by their sounds: of many Smiths, the few that are also called Ada.
_PAIRS = """
with word as materialized (
    select n.child_id, 1 as step from name_key n where n.key = any (:pairs)
"""

#: When that is not enough, a bounded number of children of the first word are tried against the others.
_TRIED = """
select child_id, true as aliased, step from word
union all
(select n.child_id, true, 2 from (
    (select child_id from name_key where key = any (:equal0) limit {tried})
    union all
    (select child_id from name_key where key >= :low0 and key < :high0 limit {tried})) n
  where (select count(*) from word) < {most}
"""

_BORN = """
(select n.child_id, true as aliased, 0 as step
   from (select id as child_id from child where dob = any (:born)) n where true
"""

#: What is shown of the children that were hit, as far as the reader may see it. Other names are read only
#: where one of them may be why the child fits.
_SHOWN = """
select c.id, c.reference, c.given_name, c.family_name, c.dob, c.dob_is_estimate, c.nhs_number,
       case when h.aliased then array(
           select a.name from child_alias a where a.child_id = c.id order by a.created_at) end as aliases,
       k.reference as case_reference, k.state as case_state, k.level as case_level
  from (select child_id, bool_or(aliased) as aliased from hit
         group by child_id order by min(step) limit {most}) h
  join child c on c.id = h.child_id
  left join lateral (
       select reference, state, level from cre_case
        where child_id = c.id order by closed_at desc nulls first, opened_at desc limit 1) k on true
"""


def _prepared(*parts: str) -> TextClause:
    statement = "\n".join(parts)
    for mark, number in _NUMBERS.items():
        statement = statement.replace(mark, str(number))
    kinds = [bindparam(name, type_=kind) for name, kind in _KINDS.items() if f":{name}" in statement]
    return text(statement).bindparams(*kinds)


def _of(*hits: str) -> TextClause:
    return _prepared("with hit as materialized (", *hits, ")", _SHOWN)


def _fit(words: range) -> str:
    return "".join(_FITS.replace("?", str(at)) for at in words)


#: How many children the readers reach, counted no further than is of interest.
REACH = _prepared(
    "select count(*) from (select 1 from child_scope",
    "where reader = any (:readers) and until > statement_timestamp() limit {few}) s",
)


@cache
def among_mine(words: int) -> TextClause:
    """Of the children whom a reader of few reaches, those whose names fit every word."""
    return _of(_MINE, _fit(range(words)), "limit {most})")


@cache
def by_keys(words: int) -> TextClause:
    """Children whose names fit every word, found by the keys of the words."""
    if words == 1:
        return _of(_ONE_WORD)
    return _of(_PAIRS, _fit(range(words)), "limit {most})", _TRIED, _fit(range(1, words)), "limit {most})")


@cache
def by_birth(words: int) -> TextClause:
    """Children born on a day whose names fit every word."""
    return _of(_BORN, _fit(range(words)), "limit {most})")


BY_NHS_NUMBER = _of(
    "select id as child_id, false as aliased, 0 as step from child where nhs_number = :nhs_number"
)
BY_NUMBER = _of("select child_id, false as aliased, 0 as step from child_identifier where value = :number")
CHILD_OF_REFERENCE = _of(
    "select id as child_id, false as aliased, 0 as step from child where reference = :reference"
)
CHILD_OF_CASE = _of("select child_id, false as aliased, 0 as step from cre_case where reference = :reference")

RECORDS = {
    Prefix.CASE: text(
        "select n.reference, 'A case that is held more closely' as kind, 'Led by ' || a.name as about"
        " from case_notice n join agency a on a.id = n.lead_agency_id where n.reference = :reference"
    ),
    Prefix.REFERRAL: text(
        "select reference, 'A form for the hub' as kind, '' as about"
        " from referral where reference = :reference"
    ),
    Prefix.DISCLOSURE: text(
        "select d.reference, 'Something that was told' as kind, 'To ' || a.name as about"
        " from disclosure d join agency a on a.id = d.receiver_agency_id where d.reference = :reference"
    ),
    Prefix.CONCERN: text(
        "select reference, 'A place, person or thing of concern' as kind, name as about"
        " from concern where reference = :reference"
    ),
    Prefix.LINKED_PROCESS: text(
        "select p.reference, 'A process of another service' as kind, 'Beside case ' || c.reference as about"
        " from linked_process p join cre_case c on c.id = p.case_id where p.reference = :reference"
    ),
    Prefix.REQUEST: text(
        "select reference, 'A request for information' as kind, '' as about"
        " from information_request where reference = :reference"
    ),
}


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
        return BY_NHS_NUMBER, {"nhs_number": sought.nhs_number}
    if sought.number:
        return BY_NUMBER, {"number": sought.number}
    typed = search_terms(sought.name, names) if sought.name else ()
    terms = sorted(typed, key=lambda term: -len(term.low))[:MOST_WORDS]  # the longest word tells most
    values: dict[str, Any] = {}
    for at, term in enumerate(terms):
        values |= {f"equal{at}": sorted(term.equal), f"low{at}": term.low, f"high{at}": term.high}
    if sought.born:
        return by_birth(len(terms)), values | {"born": list(sought.born)}
    if _reaches_many(person):
        return by_keys(len(terms)), values | {"pairs": _pairs(sought, names)}
    return among_mine(len(terms)), values | {"readers": list(person.readers)}


#: People who were found to reach many. That seldom changes, and only the speed of a search hangs on it.
_reach_many: set[UUID] = set()


def _reaches_many(person: Principal) -> bool:
    """Whether to start from the keys. The hub reaches almost all: no key leads it astray."""
    if person.is_coordinator or person.user_id in _reach_many:
        return True
    count: int = db.session.execute(REACH, {"readers": list(person.readers)}).scalar_one()
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
        by = CHILD_OF_REFERENCE if prefix is Prefix.CHILD else CHILD_OF_CASE
        found = _found(by, values, sought, names)
        if found.children or prefix is Prefix.CHILD:
            return found
    statement = RECORDS.get(prefix)
    rows = db.session.execute(statement, values).all() if statement is not None else []
    return Results(records=[FoundRecord(row.reference, row.kind, row.about or "") for row in rows])
