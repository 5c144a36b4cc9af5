"""Lists of cases.

A list starts from the scope of one reader, in the order of its index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Row,
    SmallInteger,
    TextClause,
    Uuid,
    bindparam,
    text,
)

from portal.access.principal import Principal
from portal.extensions import db
from portal.queries import paging
from portal.queries.listing import MOST
from portal.queries.paging import Page
from portal.queries.rows import STILL
from portal.records.missing.facts import missing_now
from portal.vocabulary import Labelled, Role

HUB = UUID(int=0)
FULL = 2  # as `case_scope.sees` has it
PAGE = 50


class ReaderKind(Labelled):
    """Through whom a list is read."""

    MINE = "mine", "Mine"
    TEAM = "team", "My team’s"
    AGENCY = "agency", "My agency’s"
    HUB = "hub", "All of the hub’s"


@dataclass(frozen=True)
class Reader:
    """One reader that a person is: the person, one of their teams, their agency's managers, the hub."""

    kind: ReaderKind
    id: UUID
    name: str

    @property
    def code(self) -> str:
        """How an address names it: `mine`, `agency`, `hub`, or the team's identifier."""
        return str(self.id) if self.kind is ReaderKind.TEAM else self.kind.value


@dataclass(frozen=True)
class CaseCursor(paging.Cursor):
    """The last row of a page: the next page starts after it."""

    rank: int
    due: datetime
    case_id: UUID


START = CaseCursor(0, datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


# The rows of the reader, in the order of the index, and only then the few cases themselves.
_SHOWN = """
select m.rank, m.due, m.case_id, c.reference, c.state, c.level, c.level_since, c.sensitivity,
       k.given_name, k.family_name, k.dob, k.dob_is_estimate,
       a.name as lead_agency, {lead} as lead_professional, {missing_now} as missing_now,
       (select max(e.happened_at) from chronology_entry e where e.case_id = c.id) as last_entry{more}
  from m join cre_case c on c.id = m.case_id join child k on k.id = c.child_id
  join agency a on a.id = c.lead_agency_id left join app_user u on u.id = c.lead_professional_id
 order by m.rank, m.due, m.case_id
""".replace("{missing_now}", missing_now("c.child_id")).replace("{lead}", STILL.format("u"))


def _listing(chosen: str, more: str = "") -> TextClause:
    return text("\n".join((chosen, _SHOWN.replace("{more}", more)))).bindparams(
        bindparam("reader", type_=Uuid),
        bindparam("rank", type_=SmallInteger),
        bindparam("due", type_=DateTime(timezone=True)),
        bindparam("case_id", type_=Uuid),
    )


_CHOSEN_OF_READER = """
with m as materialized (
    select rank, due, case_id from case_scope
     where reader = :reader and sees = 2 and rank >= :from_rank and rank <= :to_rank
       and (rank, due, case_id) > (:rank, :due, :case_id)
     order by rank, due, case_id limit :limit)
"""
_OF_READER = _listing(_CHOSEN_OF_READER)

# Mine: where I am the worker, the lead professional or named. A person has few, so they are found first; of
# somebody who has very many, the queues of their readers are walked in their order until the page is full.
FEW = 1000
_CHOSEN_OF_PERSON = f"""
with own as materialized (
    (select case_id from involvement where worker_id = :reader and ended_at is null limit {FEW + 1})
    union
    (select case_id from case_scope where reader = :reader and sees = 2 limit {FEW + 1})),
found as (
    select s.rank, s.due, own.case_id from own
     -- any of the person's readers will do: the place in the queue is the same for all
     cross join lateral (select rank, due, case_id from case_scope
                          where case_id = own.case_id and sees = 2 limit 1) s
     where (select count(*) from own) <= {FEW}
       and s.rank >= :from_rank and s.rank <= :to_rank
       and (s.rank, s.due, s.case_id) > (:rank, :due, :case_id)
    union
    select s.rank, s.due, s.case_id from unnest((select ctx.readers())) r (reader)
     cross join lateral (
        select rank, due, case_id from case_scope
         where reader = r.reader and sees = 2 and rank >= :from_rank and rank <= :to_rank
           and (rank, due, case_id) > (:rank, :due, :case_id)
           and (reader = :reader
                or exists (select 1 from involvement i
                            where i.case_id = case_scope.case_id and i.worker_id = :reader
                              and i.ended_at is null))
         order by rank, due, case_id limit :limit) s
     where (select count(*) from own) > {FEW}),
m as materialized (select * from found order by rank, due, case_id limit :limit)
"""  # noqa: S608 - our own words
_OF_PERSON = _listing(_CHOSEN_OF_PERSON)

# How many there are is counted of a reader's own index; of a person that takes a statement of its own.
_HOW_MANY = f""",
       (select count(*)
          from (select 1 from case_scope
                 where reader = :reader and sees = 2 and rank >= :from_rank and rank <= :to_rank
                 limit {MOST + 1}) counted) as how_many"""  # noqa: S608 - our own words


@cache
def _page(*, mine: bool, more: str) -> TextClause:
    return _listing(_CHOSEN_OF_PERSON, more) if mine else _listing(_CHOSEN_OF_READER, more + _HOW_MANY)


_NOTICES = text(
    """
select n.reference, n.sensitivity, a.name as lead_agency
  from (select case_id from case_scope where reader = :reader and sees = 1 and rank < 9
         order by case_id desc limit :limit) s
  join case_notice n on n.case_id = s.case_id join agency a on a.id = n.lead_agency_id
 order by n.reference
"""
).bindparams(bindparam("reader", type_=Uuid))

_OPEN_RANKS, _CLOSED_RANKS = (1, 8), (9, 9)


def list_cases(
    *, reader: Reader, after: CaseCursor | None = None, limit: int = PAGE, closed: bool = False
) -> Page[CaseCursor]:
    """The cases of one reader: highest level first, those not yet assessed after high, then least time left.

    Rows have rank, due (the year 9999: nothing is owed), case_id, reference, state, level, level_since,
    sensitivity, given_name, family_name, dob, dob_is_estimate, lead_agency, lead_professional, missing_now
    and last_entry, in this order.

    Args:
        reader: through whom the person reads (`readers`).
        after: the last row of the page before.
        limit: rows of a page.
        closed: those that are closed or transferred, instead of those that are open.
    """
    statement = _OF_PERSON if reader.kind is ReaderKind.MINE else _OF_READER
    return _cut(statement, reader, after, limit, closed=closed)


def list_page(
    *,
    reader: Reader,
    after: CaseCursor | None = None,
    closed: bool = False,
    more: str = "",
    values: Mapping[str, Any],
) -> Page[CaseCursor]:
    """A page of the same with what it says besides, for which to ask apart takes longer than to answer it;
    and, but for a person's own cases, with `how_many` there are in all, at most `MOST` and one.

    Args:
        more: SQL for further columns about the case `c`.
        values: what that asks by name.
    """
    statement = _page(mine=reader.kind is ReaderKind.MINE, more=more)
    return _cut(statement, reader, after, PAGE, closed=closed, **values)


def _cut(
    statement: TextClause,
    reader: Reader,
    after: CaseCursor | None,
    limit: int,
    *,
    closed: bool,
    **values: Any,
) -> Page[CaseCursor]:
    start = after or START
    lowest, highest = _CLOSED_RANKS if closed else _OPEN_RANKS
    values |= {"reader": reader.id, "from_rank": lowest, "to_rank": highest, "limit": limit + 1}
    values |= {"rank": start.rank, "due": start.due, "case_id": start.case_id}
    # These rows are no objects: the ORM's way only costs.
    rows = db.session.connection().execute(statement, values).all()
    return Page.cut(rows, limit, lambda row: CaseCursor(row.rank, row.due, row.case_id))


def list_notices(*, reader: Reader, limit: int = PAGE) -> Sequence[Row[Any]]:
    """The restricted cases that a reader's team works on: reference, sensitivity, lead_agency."""
    if reader.kind in {ReaderKind.MINE, ReaderKind.HUB}:
        return ()
    return db.session.connection().execute(_NOTICES, {"reader": reader.id, "limit": limit}).all()


def readers(person: Principal) -> list[Reader]:
    """The readers that a person may choose among, the one that their work starts from first."""
    found = []
    if person.is_coordinator:
        found.append(Reader(ReaderKind.HUB, HUB, ReaderKind.HUB.label))
    found.append(Reader(ReaderKind.MINE, person.user_id, ReaderKind.MINE.label))
    found += _teams(person)
    if person.has(Role.MANAGER):
        found.append(Reader(ReaderKind.AGENCY, person.agency_id, ReaderKind.AGENCY.label))
    return found if person.readers else []


def _teams(person: Principal) -> list[Reader]:
    """The person's teams, by name where there are several."""
    teams = person.team_ids & person.readers
    if len(teams) < 2:  # noqa: PLR2004 - one team is "my team", and needs no name
        return [Reader(ReaderKind.TEAM, one, ReaderKind.TEAM.label) for one in teams]
    rows = db.session.execute(_TEAM_NAMES, {"ids": sorted(teams)})
    return [Reader(ReaderKind.TEAM, row.id, row.name) for row in rows]


_TEAM_NAMES = text("select id, name from team where id = any(:ids) order by name")


def choose_reader(person: Principal, code: str | None, offered: list[Reader] | None = None) -> Reader | None:
    """The reader that an address names; none for one who sees no cases.

    Where it names none, the first that the person is and through whom something is open: nobody is told that
    there is nothing who would read it a step further on.
    """
    offered = readers(person) if offered is None else offered
    named = next((one for one in offered if one.code == code), None)
    if named is not None or not offered:
        return named
    return next((one for one in offered if _some(one)), offered[0])


def _some(reader: Reader) -> bool:
    return bool(list_cases(reader=reader, limit=1).rows or list_notices(reader=reader, limit=1))
