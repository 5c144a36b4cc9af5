"""One chronology per child: everything that one may see of a child, from all records, in the order of
time.

One statement, whatever the number of rows: a union of the kinds of record, each cut by the database to what
the reader may see, paged by key. Names are looked up for the rows of the page alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import DateTime, TextClause, Uuid, bindparam, text

from portal import clock, registry
from portal.extensions import db
from portal.pathway.calendar import at_local
from portal.policy import Policy
from portal.queries.paging import NEWEST, MomentCursor, Page
from portal.queries.rows import Rows
from portal.records.children.reading import same_child
from portal.records.entries.reading.citations import bounds_of
from portal.records.entries.rules import Bounds, Detail, who_reads
from portal.records.entries.vocabulary import ChronologyPart
from portal.records.missing.model import WORDS_OF_CHILD


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one kind of line says: its title, its words, and what is said in fields beside them."""

    title: str
    words: Sequence[str] = ()
    details: Sequence[Detail] = ()
    critical: str | None = None
    conditions: str = ""
    readers: str = ""
    notes: Sequence[str] = ()  # what stands beside who says so
    sender: str = ""  # whose words they are, where whoever added them only carried them over
    link: Callable[[], str] | None = None  # where it leads, asked only where it is shown
    called: str = ""  # what the link is called, where it has no reference


class Says(Protocol):
    """A line in words."""

    def __call__(self, row: Any, policy: Policy, /) -> Said: ...


@dataclass(frozen=True, kw_only=True)
class LineKind:
    """A kind of record that the chronology of a child shows, as one part of a union.

    Attributes:
        what: what a line of it is called, in addresses too.
        part: what people choose, to see it.
        rows: SQL that gives the columns id, at, agency_id, by_id, case_id, reference, said, for the parameter
            `child`. Which rows there are, the database decides; a day without an hour stands at midday.
            `reference` leads to the record's page; `said` holds what is particular to it. What was put right
            stands as it is now; the record's own page has what was said before.
        says: a row in words.
        critical: whether lines of it can be critical moments.
        others: what of `said` another agency may have written than that of the line.
        earlier: SQL that gives what such lines said before they were put right, as `rows` does; it stays as
            it was, and is on no chronology.
    """

    what: str
    part: ChronologyPart
    rows: str
    says: Says
    critical: bool = False
    others: Sequence[str] = ()
    earlier: str = ""


def bounds_of_line(row: Any) -> Bounds:
    """What may not be done with the words of a line."""
    return bounds_of(row.said.get("conditions"), row.said.get("grading"))


def readers(row: Any) -> str:
    """Who else reads a line, by its handling."""
    return who_reads(row.said["handling"], row.agency, row.said["listed"])


#: How many lines a page has, and how many bytes of what they say a print or a file holds at most.
PAGE, WORDS = 25, 2_000_000

_EARLIEST = datetime(1900, 1, 1, tzinfo=clock.LOCAL_ZONE)

#: One kind of line, as far as it is asked for: `what` and `sql` are those of its `LineKind`.
PART = """
(select '{what}' as what, p.* from ({sql}) p
  where (p.at, p.id) < (:at, :id) and p.at >= :since
    and (cast(:agency as uuid) is null or p.agency_id = :agency)
  order by p.at desc, p.id desc limit :limit)"""

_WHOLE = """
select t.what, t.id, t.at, t.said, t.reference, t.agency_id, a.name as agency, u.name as author,
       c.reference as case_reference, c.authority, t.found
  from (select s.*, count(*) over () as found,
               sum(octet_length(said::text)) over (order by at desc, id desc)
               - octet_length(said::text) as words_before
          from (select * from ({parts}) every_part order by at desc, id desc limit :limit) s) t
  left join agency a on a.id = t.agency_id left join app_user u on u.id = t.by_id
  left join cre_case c on c.id = t.case_id
 where t.words_before < :most
 order by t.at desc, t.id desc"""


@dataclass(frozen=True)
class Wanted:
    """What a reader asks for; by default everything."""

    parts: frozenset[ChronologyPart] = frozenset()
    agency_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    critical: bool = False


def lines(
    *,
    child_id: UUID,
    wanted: Wanted | None = None,
    before: MomentCursor | None = None,
    limit: int = PAGE,
    share: float = 1,
) -> Page[MomentCursor]:
    """What one may see of a child, the newest first, from `before` on: so many, of so many bytes, or one.

    Args:
        share: of the bytes that a file may hold.
    """
    wanted = wanted or Wanted()
    statement = _statement(wanted)
    if statement is None:
        return Page([], None)
    start = _start(wanted, before)
    rows = db.session.execute(
        statement,
        {
            "child": child_id,
            "at": start.at,
            "id": start.id,
            "since": at_local(wanted.since, time()) if wanted.since else _EARLIEST,
            "agency": wanted.agency_id,
            "critical": wanted.critical,
            "limit": limit + 1,
            "most": int(WORDS * share),
        },
    ).all()
    kept = rows[:limit]
    goes_on = bool(rows) and rows[0].found > len(kept)
    return Page(kept, MomentCursor(kept[-1].at, kept[-1].id) if goes_on else None)


#: So many lines are looked through, of so many bytes, for what must not be disclosed; so many are shown.
#: The most of them took a processor two seconds, where a request has fifteen.
LOOKED_THROUGH, LOOKED_WORDS, NAMING = 5_000, 6_000_000, 100
#: What the name of a kind of line ends with where it is what such a line said before.
EARLIER = ", earlier text"

_NAMED = "(select p.*, p.said - cast('{{{others}}}' as text[]) as theirs from {part} p)"
# What a line says in words, each value by itself: as json a line would break in the middle of a word.
_VALUES = """(select string_agg(v.said #>> '{{}}', ' | ')
                  from jsonb_path_query({said}, 'strict $.**') v (said)
                 where jsonb_typeof(v.said) in ('string', 'number'))"""

_NAMING = """
with line as materialized (
    select t.*, row_number() over newest as nth,
           sum(octet_length(t.said::text)) over newest - octet_length(t.said::text) as words_before
      from (select * from ({parts}) every_part order by at desc, id desc limit :limit) t
    window newest as (order by t.at desc, t.id desc, t.agency_id)),
looked as materialized (
    select l.*, {words} as words, case when l.agency_id = (select ctx.agency_id()) then {own} end as own
      from line l where l.nth < :limit and l.words_before < :most_words)
select (select count(*) from looked) as looked, (select count(*) from line) as there, found.*
  from (values (true)) always left join (
        select t.what, t.id, t.at, t.said, t.reference, t.agency_id, a.name as agency, u.name as author,
               c.reference as case_reference, c.authority
          from ctx.lines_like_held(:of, :kinds, (select array_agg(words order by nth) from looked),
                                   (select array_agg(own order by nth) from looked)) f (nth)
          join looked t on t.nth = f.nth
          left join agency a on a.id = t.agency_id left join app_user u on u.id = t.by_id
          left join cre_case c on c.id = t.case_id
         order by t.nth limit :most) found on true
 order by found.at desc, found.id desc"""


@dataclass(frozen=True)
class Naming:
    """What looks like what must not be disclosed; `looked_through` the newest so many, where not all."""

    rows: Rows
    looked_through: int | None


def naming_held(*, child_id: UUID, kinds: Sequence[str]) -> Naming:
    """What looks like a statement that must not be disclosed of a child, the newest first: of all that one
    may see of it, also of what episodes say and no chronology has, of what entries said before, and so on the
    records that are linked with it. Of one’s own agency’s words; of those of others only what looks like a
    statement that one may read: more would point it out (ADR 34).

    Args:
        kinds: of statements.
    """
    records = dict.fromkeys([child_id, *db.session.scalars(same_child(child_id))])
    every = [_naming_on(one, child_id, kinds) for one in records]
    found = {(row.what, row.id, row.agency_id): row for one in every for row in one.rows}
    newest = sorted(found.values(), key=lambda row: (row.at, row.id), reverse=True)
    looked = sum(one.looked for one in every)
    return Naming(newest[:NAMING], None if all(one.whole for one in every) else looked)


@dataclass(frozen=True)
class _OnRecord:
    """What was found on one record of a child, among how many lines, and whether those are all."""

    rows: Rows
    looked: int
    whole: bool


def _naming_on(record_id: UUID, child_id: UUID, kinds: Sequence[str]) -> _OnRecord:
    lines_of = {what: one for what, one in registry.lines().items() if what != "episode"}
    every = {what: (one.rows, one.others) for what, one in lines_of.items()}
    every |= {f"{what}{EARLIER}": (one.earlier, one.others) for what, one in lines_of.items() if one.earlier}
    every |= {what: (sql, ()) for what, sql in WORDS_OF_CHILD.items()}
    parts = " union all ".join(
        _NAMED.format(part=PART.format(what=what, sql=sql), others=",".join(others))
        for what, (sql, others) in every.items()
    )
    words, own = _VALUES.format(said="l.said"), _VALUES.format(said="l.theirs")
    statement = text(_NAMING.format(parts=parts, words=words, own=own)).bindparams(
        *(bindparam(name, type_=Uuid) for name in ("child", "of", "id", "agency")),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("at", "since")),
    )
    said = {"child": record_id, "at": NEWEST.at, "id": NEWEST.id, "since": _EARLIEST, "agency": None}
    said |= {"of": child_id}
    bounds = {"limit": LOOKED_THROUGH + 1, "most_words": LOOKED_WORDS, "most": NAMING}
    rows = db.session.execute(statement, said | bounds | {"critical": False, "kinds": [*kinds]}).all()
    looked, there = rows[0].looked, rows[0].there
    return _OnRecord([row for row in rows if row.id], looked, looked == there)


def agencies_around(*, child_id: UUID) -> Rows:
    """The agencies that work or worked on the child’s cases that one reads, and the hub: id, name."""
    return db.session.execute(_AGENCIES, {"child": child_id}).all()


def _statement(wanted: Wanted) -> TextClause | None:
    """The union of what is asked for; what is a critical moment is an entry."""
    asked = wanted.parts or frozenset(ChronologyPart)
    found = {
        line.what: line.rows
        for line in registry.lines().values()
        if line.part in asked and (line.critical or not wanted.critical)
    }
    if not found:
        return None
    parts = " union all ".join(PART.format(what=what, sql=sql) for what, sql in found.items())
    named = {"child", "id", "agency"}
    times = {"at", "since"}
    return text(_WHOLE.format(parts=parts)).bindparams(
        *(bindparam(name, type_=Uuid) for name in sorted(named)),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in sorted(times)),
    )


def _start(wanted: Wanted, before: MomentCursor | None) -> MomentCursor:
    """Where a page starts: after the line before it, and not after the last day that is asked for."""
    start = before or NEWEST
    if wanted.until is None:
        return start
    end = MomentCursor(at_local(wanted.until + timedelta(days=1), time()), UUID(int=0))
    return min(start, end, key=lambda one: (one.at, one.id))


_AGENCIES = text(
    """
select a.id, a.name from agency a
 where a.sector = 'hub'
    or a.id in (select i.agency_id from involvement i join cre_case c on c.id = i.case_id
                 where c.child_id = :child)
 order by a.name"""
).bindparams(bindparam("child", type_=Uuid))
