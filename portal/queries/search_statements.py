"""The statements of a search, put together once for each number of words and kept compiled."""

from functools import cache
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Date, Text, Uuid

from portal.pathway.references import Prefix

_KINDS: dict[str, Any] = {
    "readers": ARRAY(Uuid),
    "ids": ARRAY(Uuid),
    "born": ARRAY(Date),
    "pairs": ARRAY(Text),
    **{f"equal{at}": ARRAY(Text) for at in range(4)},
}

#: Whether a child has one of the keys of a word, or one that begins with it.
_FITS = """
and (exists (select 1 from name_key e where e.child_id = n.child_id and e.key = any (:equal?))
     or exists (select 1 from name_key r where r.child_id = n.child_id and r.key >= :low? and r.key < :high?))
"""
_FIRST_WORD = """
(select child_id from name_key where key = any (:equal0) limit :tried)
union all
(select child_id from name_key where key >= :low0 and key < :high0 limit :tried)
"""
_MINE = """
with n as materialized (
    select distinct child_id from child_scope where reader = any (:readers) and until > statement_timestamp())
select n.child_id from n where true
"""
_BORN = "select n.child_id from (select id as child_id from child where dob = any (:born)) n where true"
_PAIRS = "select n.child_id from name_key n where n.key = any (:pairs)"


def _prepared(*parts: str) -> TextClause:
    statement = " ".join(parts)
    kinds = [bindparam(name, type_=kind) for name, kind in _KINDS.items() if f":{name}" in statement]
    return text(statement).bindparams(*kinds)


def _fit(words: range) -> str:
    return "".join(_FITS.replace("?", str(at)) for at in words)


#: The word itself first, then its sound, then what begins with it; the rest is not asked for once there is
#: enough. A child comes twice where it fits in two ways, so twice as many are taken.
BY_ONE_WORD = _prepared(
    "(select child_id from name_key where key = :low0 limit :most) union all",
    "(select child_id from name_key where key = any (:equal0) limit :most) union all",
    "(select child_id from name_key where key >= :low0 and key < :high0 limit :most) limit :more",
)


@cache
def by_words(count: int) -> TextClause:
    """Two words together by their sounds; and a bounded number of the first word that fit the rest."""
    return _prepared(
        "(", _PAIRS, _fit(range(count)), "limit :most) union all",
        "(select n.child_id from (", _FIRST_WORD, ") n where true", _fit(range(1, count)), "limit :most)",
    )  # fmt: skip


@cache
def among_mine(count: int) -> TextClause:
    """Of the children that a reader of few reaches, those that fit every word."""
    return _prepared(_MINE, _fit(range(count)), "limit :most")


@cache
def by_birth(count: int) -> TextClause:
    """Of those born on a day, those that fit every word."""
    return _prepared(_BORN, _fit(range(count)), "limit :most")


REACH = _prepared(
    "select count(*) from (select 1 from child_scope",
    "where reader = any (:readers) and until > statement_timestamp() limit :most) s",
)
BY_NHS_NUMBER = text("select id from child where nhs_number = :nhs_number limit :most")
BY_NUMBER = text("select child_id from child_identifier where value = :number limit :most")
CHILD_OF_REFERENCE = text("select id from child where reference = :reference")
CHILD_OF_CASE = text("select child_id from cre_case where reference = :reference")

CHILDREN = _prepared(
    """
select c.id, c.reference, c.given_name, c.family_name, c.dob, c.dob_is_estimate, c.nhs_number,
       array(select a.name from child_alias a where a.child_id = c.id order by a.created_at) as aliases,
       k.reference as case_reference, k.state as case_state, k.level as case_level
  from child c left join lateral (
       select reference, state, level from cre_case
        where child_id = c.id order by closed_at desc nulls first, opened_at desc limit 1) k on true
 where c.id = any (:ids)
"""
)

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
    Prefix.REQUEST: text(
        "select reference, 'A request for information' as kind, '' as about"
        " from information_request where reference = :reference"
    ),
}
