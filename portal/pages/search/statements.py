"""The statements of the search for children: each kept compiled for each number of words.

What is found is of the reader's reach alone: row policies decide, the statements ask for all.
"""

from functools import cache
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Date, Text, Uuid

from portal.records.missing.facts import missing_now

SHOWN = 50
MOST_WORDS = 4
FEW = 500  # a reader of fewer children starts from them, one of more from the keys

_MARKS = {
    "{most}": str(SHOWN + 1),  # one more than is shown says that there are more
    "{rows}": str(4 * (SHOWN + 1)),  # keys that fit, of which one child may have several
    "{tried}": "500",  # children of whom one word fits, that are tried against the others
    "{few}": str(FEW),
    "{unseen}": "child_id <> all (:seen)",  # who stands on a page before is not found again
}
_KINDS: dict[str, Any] = {
    "readers": ARRAY(Uuid),
    "seen": ARRAY(Uuid),
    "born": ARRAY(Date),
    "both": ARRAY(Text),
    "pairs": ARRAY(Text),
    "years": ARRAY(Text),
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


#: Children of whom a key fits, each once; named, so that later steps know how many they are.
_STEP = """
@name as materialized (
    select child_id from (
        select n.child_id from name_key n where @where and n.{unseen} @fits limit {rows}) o
     group by child_id limit {most})
"""

#: Children who have one key: their order is that of its index, which is read until there are enough of them.
_EXACT = """
spelled as materialized (
    select n.child_id from name_key n where n.key = :low0 and n.{unseen}
     group by n.child_id order by n.child_id limit {most})
"""

#: A bounded number of children whose names begin like two words.
_OPENING = """
opening as materialized (
    select n.child_id from (
        select distinct child_id from name_key
         where @where and key >= :opens and key < :opens_end and {unseen} limit {tried}) n
     where true @fits limit {most})
"""

#: Likewise those of whom one word fits, when there is nobody else.
_ALONE = """
alone as materialized (
    select distinct n.child_id from (
        (select child_id from name_key where key = any (:equal0) and {unseen} limit {tried})
        union all
        (select child_id from name_key where key >= :low0 and key < :high0 and {unseen} limit {tried})) n
     where @where @fits limit {most})
"""
_FOUND = "select child_id, @at as step from @name"
_MANY = "(select count(*) from @name)"
_NOBODY = "not exists (select 1 from @name)"


def _written(template: str, **marks: str) -> str:
    for mark, written in marks.items():
        template = template.replace(f"@{mark}", written)
    return template


def _step(name: str, where: str, fits: str = "") -> str:
    return _written(_STEP, name=name, where=where, fits=fits)


def _hits(*steps: str) -> str:
    """The children of all steps, those of the first before those of the last."""
    names = (step.split(maxsplit=1)[0] for step in steps)
    found = (_written(_FOUND, at=str(at), name=name) for at, name in enumerate(names))
    return " ".join(("with", ", ".join(steps), " union all ".join(found)))


def _fewer(*names: str) -> str:
    """Whether earlier steps do not fill a page."""
    return " + ".join(_written(_MANY, name=name) for name in names) + " < {most}"


def _one_word() -> str:
    """The word itself; then, when that is not enough, its sound and what begins with it."""
    return _hits(
        _EXACT,
        _step("sounding", f"{_fewer('spelled')} and n.key = any (:equal0)"),
        _step("beginning", f"{_fewer('spelled', 'sounding')} and n.key >= :low0 and n.key < :high0"),
    )


def _several(words: int) -> str:
    """Two words together: as they are spelled, as they sound, as they begin. Then one word by itself."""
    fits = _fit(range(words))
    before = ("spelled", "sounding", "opening")
    nobody = " and ".join(_written(_NOBODY, name=name) for name in before)
    return _hits(
        _step("spelled", "n.key = any (:both)", _fit(range(2, words))),
        _step("sounding", f"{_fewer('spelled')} and n.key = any (:pairs)", fits),
        _written(_OPENING, where=_fewer("spelled", "sounding"), fits=fits),
        _written(_ALONE, where=nobody, fits=fits),
    )


def _year(words: int) -> str:
    """Those born in a year whose names begin like the first word, then those that sound like it."""
    fits = _fit(range(words))
    return _hits(
        _step("beginning", "n.key >= :year_low and n.key < :year_high", fits),
        _step("sounding", f"{_fewer('beginning')} and n.key = any (:years)", fits),
    )


#: A reader of few starts from their own: keys of a common name lead to thousands of other people's children.
_MINE = """
select n.child_id, 0 as step from (
    select distinct child_id from child_scope
     where reader = any (:readers) and until > statement_timestamp() and {unseen} limit {few}) n
 where true
"""

_IN_YEAR = """
   and exists (select 1 from child b where b.id = n.child_id and b.dob between :first and :last offset 0)
"""

_BORN = """
select n.child_id, 0 as step
  from (select id as child_id from child where dob = any (:born)) n
 where n.{unseen}
"""

#: What is shown of the children that were hit, as far as the reader may see it.
_SHOWN = """
select c.id, c.reference, c.given_name, c.family_name, c.dob, c.dob_is_estimate, c.nhs_number,
       array(select a.name from child_alias a where a.child_id = c.id order by a.created_at) as aliases,
       k.reference as case_reference, k.state as case_state, k.level as case_level,
       {missing_now} as missing_now
  from (select child_id from hit group by child_id order by min(step), child_id limit {most}) h
  join child c on c.id = h.child_id
  left join lateral (
       select reference, state, level from cre_case
        where child_id = c.id order by closed_at desc nulls first, opened_at desc limit 1) k on true
""".replace("{missing_now}", missing_now("c.id"))


def _prepared(statement: str) -> TextClause:
    for mark, written in _MARKS.items():
        statement = statement.replace(mark, written)
    kinds = [bindparam(name, type_=kind) for name, kind in _KINDS.items() if f":{name}" in statement]
    return text(statement).bindparams(*kinds)


def _of(*hits: str) -> TextClause:
    return _prepared(" ".join(("with hit as materialized (", *hits, ")", _SHOWN)))


def _fit(words: range) -> str:
    return "".join(_FITS.replace("?", str(at)) for at in words)


#: How many children the readers reach, counted no further than is of interest.
REACH = _prepared(
    "select count(*) from (select 1 from child_scope"
    " where reader = any (:readers) and until > statement_timestamp() limit {few}) s"
)


@cache
def among_mine(words: int, *, in_year: bool) -> TextClause:
    """Of the children whom a reader of few reaches, those whose names fit every word."""
    return _of(_MINE, _IN_YEAR if in_year else "", _fit(range(words)), "limit {most}")


@cache
def by_keys(words: int) -> TextClause:
    """Children whose names fit every word, found by the keys of the words."""
    return _of(_one_word() if words == 1 else _several(words))


@cache
def by_year(words: int) -> TextClause:
    """Children born in a year whose names fit every word."""
    return _of(_year(words))


@cache
def by_birth(words: int) -> TextClause:
    """Children born on a day whose names fit every word."""
    return _of(_BORN, _fit(range(words)), "limit {most}")


#: By what only one child has.
BY_NHS_NUMBER = _of("select id as child_id, 0 as step from child where nhs_number = :value limit {most}")
BY_NUMBER = _of("select child_id, 0 as step from child_identifier where value = :value limit {most}")
