"""My team: who carries what, who is away, and what is overdue, for whoever manages an agency's people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, DateTime, Text, Uuid, bindparam, text

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.calendar import end_of_day
from portal.pathway.states import OPEN_CASE_STATES
from portal.queries.rows import Rows
from portal.records.linked_processes.facts import duty_label
from portal.vocabulary import ROLES_THAT_SEE_CASES, RiskLevel
from portal.web.due_presenter import overdue_by
from portal.web.pictures.scale import Piece, stack

#: People on the page, and what is counted of each: nobody carries so much.
PEOPLE, MOST = 100, 200
WIDTH = 230  # pixels of the longest bar
_NOT_ASSESSED = "plain"

#: What somebody who has left leads, works on or owes, as far as it was not handed over.
_STILL_HELD = """(
    exists (select 1 from cre_case c where c.lead_professional_id = u.id and c.state = any (:open))
    or exists (select 1 from involvement i join cre_case c on c.id = i.case_id
                where i.worker_id = u.id and i.ended_at is null and c.state = any (:open))
    or exists (select 1 from deadline d where d.owner_id = u.id and d.state = 'open'))"""

_CARRY = text(
    """
select u.id, u.name, u.job_title, u.active,
       (select json_object_agg(x.level, x.number)
          from (select coalesce(c.level, 'plain') as level, count(*) as number
                  from (select distinct i.case_id from involvement i
                         where i.worker_id = u.id and i.ended_at is null limit :most) i
                  join cre_case c on c.id = i.case_id
                 where c.state = any (:open) group by 1) x) as levels,
       (select count(*) from (select 1 from deadline d where d.owner_id = u.id and d.state = 'open'
                                 and d.due_at < :now limit :most) d) as overdue,
       (select count(*) from (select 1 from deadline d where d.owner_id = u.id and d.state = 'open'
                                 and d.due_at >= :now and d.due_at < :soon limit :most) d) as soon,
       (select json_build_object('first', a.first_day, 'last', a.last_day, 'covered',
                   (select count(*) from absence_cover v
                     where v.absence_id = a.id and ctx.may_cover(v.case_id, v.deputy_id)))
          from absence a where a.user_id = u.id and a.ended_at is null
           and a.last_day >= :today and a.first_day <= :until order by a.first_day limit 1) as away
  from app_user u
 where u.agency_id = :agency and (u.active and u.roles && :roles or not u.active and {held})
 order by u.name, u.id limit :people
""".replace("{held}", _STILL_HELD)
).bindparams(
    bindparam("open", type_=ARRAY(Text)),
    bindparam("roles", type_=ARRAY(Text)),
    bindparam("agency", type_=Uuid),
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("soon", type_=DateTime(timezone=True)),
    bindparam("today", type_=Date),
    bindparam("until", type_=Date),
)


@dataclass(frozen=True)
class Away:
    """When somebody is away, and whether anybody covers for them."""

    first: date
    last: date
    covered: int


@dataclass(frozen=True)
class Carries:
    """What one person carries."""

    id: UUID
    name: str
    cases: int
    bar: Sequence[Piece]
    said: str
    overdue: int
    soon: int
    away: Away | None
    left: bool  # they can no longer use the portal, and this was not handed over


def carry(person: Principal) -> list[Carries]:
    """Who of an agency carries how many open cases, by level, and what they owe: first whoever has left and
    still does, then who has most.

    Of the cases and duties that whoever asks may see; of each person at most `MOST`.
    """
    now, today = clock.now(), clock.today()
    week = today + timedelta(days=7)
    rows = db.session.execute(
        _CARRY,
        {
            "agency": person.agency_id,
            "roles": sorted(ROLES_THAT_SEE_CASES),
            "open": sorted(OPEN_CASE_STATES),
            "now": now,
            "soon": end_of_day(week),
            "today": today,
            "until": today + timedelta(days=28),
            "most": MOST,
            "people": PEOPLE,
        },
    ).all()
    counted = [(row, _parts(row.levels or {})) for row in rows]
    most = max((sum(number for _, number in parts) for _, parts in counted), default=0)
    found = [_carries(row, parts, most) for row, parts in counted]
    return sorted(found, key=lambda one: (not one.left, -one.cases))


def _parts(levels: dict[str, int]) -> list[tuple[str, int]]:
    """Numbers in the fixed order of the bar."""
    return [(code, levels.get(code, 0)) for code in (*(one.value for one in RiskLevel), _NOT_ASSESSED)]


def _carries(row: Any, parts: Sequence[tuple[str, int]], most: int) -> Carries:
    away = row.away and Away(
        date.fromisoformat(row.away["first"]), date.fromisoformat(row.away["last"]), row.away["covered"]
    )
    said = ", ".join(f"{number} {_label(code)}" for code, number in parts if number)
    number = sum(count for _, count in parts)
    return Carries(
        row.id,
        row.name,
        number,
        stack(parts, width=WIDTH, most=most),
        said,
        row.overdue,
        row.soon,
        away or None,
        not row.active,
    )


def _label(code: str) -> str:
    return "not assessed" if code == _NOT_ASSESSED else RiskLevel(code).label.lower()


@dataclass(frozen=True)
class OverdueKind:
    """How much of one kind of duty is overdue, how long the longest, and how much of it is at level high."""

    what: str
    kind: str
    number: int
    longest: str
    high: int


def overdue_by_kind(duties: Rows, now: datetime) -> list[OverdueKind]:
    """The kinds of the duties that are overdue, those with most first.

    Args:
        duties: rows of `portal.pages.work.owed`, the longest overdue first.
    """
    late = sorted(
        (row for row in duties if row.due_at < now),
        key=lambda row: (duty_label(row.kind, row.source), row.due_at),
    )
    found = []
    for what, rows in groupby(late, lambda row: duty_label(row.kind, row.source)):
        own = list(rows)
        high = sum(row.level == RiskLevel.HIGH for row in own)
        found.append(OverdueKind(what, own[0].kind, len(own), overdue_by(own[0].due_at, now), high))
    return sorted(found, key=lambda one: -one.number)
