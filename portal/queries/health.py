"""What health brings to its cases: summaries that are missing or old, what was found lately, what is to do.

Each list starts from the cases that the reader, their teams or the agency that they manage reach, and is cut
by the database to what they may see of them. The kinds are those of policy `contributions`; they stand here
in words, so that the index of these entries serves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Select, TextClause, Uuid, bindparam, column, or_, select, text

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.models import Action, Agency, Case, CaseScope, Child
from portal.pathway.calendar import add_months, at_local
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import Figure, Unit, current_policy
from portal.queries.plans import described, worst_first
from portal.vocabulary import Sector

Rows = Sequence[Any]  # rows named by their columns
PAGE = 50
MOST = 100
FULL = 2  # as `case_scope.sees` has it

_HEALTH = select(Agency.id).where(Agency.sector == Sector.HEALTH)

#: What stands on the list of what was found lately.
FOUND = ("attendance", "missed_appointment", "worry")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: the next page goes on after it."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}.{self.id.hex}"

    @classmethod
    def read(cls, typed: str | None) -> Self | None:
        """The cursor of an address; none when there is none or it makes no sense."""
        try:
            microseconds, found = (typed or "").split(".")
            seconds, rest = divmod(int(microseconds), 1_000_000)
            return cls(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), UUID(found))
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Page:
    """One page of a list, and where the next one starts."""

    rows: Rows
    next: Cursor | None


_MINE = """(select distinct s.case_id from case_scope s
             where s.reader = any (:health_readers) and s.sees = 2 and s.rank < 9) mine"""
_NEVER = datetime(1900, 1, 1, tzinfo=UTC)

_SUMMARIES = """
select c.id, c.reference, c.level, k.given_name, k.family_name, k.reference as child_reference,
       e.happened_at as latest, u.name as author, a.name as agency,
       coalesce(e.happened_at, timestamptz '1900-01-01 00:00+00') as at
  from {mine} join cre_case c on c.id = mine.case_id join child k on k.id = c.child_id
  left join lateral (
       select e.happened_at, e.author_id, e.agency_id from chronology_entry e
        where e.case_id = c.id and e.kind = 'health_summary'
          and not exists (select 1 from chronology_entry n where n.corrects_id = e.id)
        order by e.happened_at desc, e.id desc limit 1) e on true
  left join app_user u on u.id = e.author_id left join agency a on a.id = e.agency_id
 where (e.happened_at is null or e.happened_at < :health_stale)""".replace("{mine}", _MINE)

_LATELY = """
select e.id, e.kind, e.text, e.details, e.happened_at as at, e.critical_moment, c.reference,
       k.given_name, k.family_name, u.name as author, a.name as agency, e.agency_id
  from {mine} join cre_case c on c.id = mine.case_id join child k on k.id = c.child_id
  join chronology_entry e on e.case_id = c.id
  join app_user u on u.id = e.author_id join agency a on a.id = e.agency_id
 where e.kind in ('attendance', 'missed_appointment', 'worry') and e.happened_at >= :health_since
   and not exists (select 1 from chronology_entry n where n.corrects_id = e.id)""".replace("{mine}", _MINE)

_AFTER = """
   and (coalesce(e.happened_at, timestamptz '1900-01-01 00:00+00'), c.id) > (:at, :id)
 order by at, c.id limit :limit"""
_OLDER = " and (e.happened_at, e.id) < (:at, :id) order by e.happened_at desc, e.id desc limit :limit"
_UNFOLLOWED = " and e.kind = 'missed_appointment' and e.details ->> 'followed_up' is distinct from 'yes'"

_COUNTS = text(
    """
select count(*) filter (where e.kind = 'attendance') as attendances,
       count(*) filter (where e.kind = 'missed_appointment') as missed,
       count(*) filter (where e.kind = 'worry') as worries
  from chronology_entry e
 where e.case_id = :case_id and e.kind in ('attendance', 'missed_appointment', 'worry')
   and e.happened_at >= :since and not exists (select 1 from chronology_entry n where n.corrects_id = e.id)"""
).bindparams(bindparam("case_id", type_=Uuid), bindparam("since", type_=DateTime(timezone=True)))


def summaries_wanted(*, person: Principal, after: Cursor | None = None, limit: int = PAGE) -> Page:
    """The open cases without a summary of health that still counts: those without one first, then the oldest:
    reference, level, the child, and latest, author, agency of the last one.
    """
    sql = _SUMMARIES + _AFTER
    start = after or Cursor(_NEVER, UUID(int=0))
    return _page(sql, person, start, limit)


def found_lately(
    *, person: Principal, after: Cursor | None = None, kind: str = "", limit: int = PAGE
) -> Page:
    """Attendances, appointments missed and worries of the last days (policy `contributions.recent`), the
    newest first.

    Args:
        kind: only of this kind.
    """
    only = " and e.kind = :kind" if kind in FOUND else ""
    sql = _LATELY + only + _OLDER
    start = after or Cursor(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
    return _page(sql, person, start, limit, kind=kind)


def counts_of(*, case_id: UUID) -> Any:
    """How many attendances, missed and worries of the last days one may see on a case."""
    return db.session.execute(_COUNTS, {"case_id": case_id, "since": since()}).one()


def actions_of(*, case_id: UUID) -> Rows:
    """What health agencies have to do on a case, or did, the worst first."""
    owned = described().where(Action.case_id == case_id, Action.owner_agency_id.in_(_HEALTH))
    return db.session.execute(owned.order_by(*worst_first()).limit(MOST)).all()


def actions_for(*, person: Principal) -> Rows:
    """What health agencies still have to do on the cases that the reader reaches, and the reader’s own."""
    return db.session.execute(
        described()
        .add_columns(Child.given_name, Child.family_name, Case.reference.label("case_reference"))
        .join(Child, Child.id == Action.child_id)
        .outerjoin(Case, Case.id == Action.case_id)
        .where(_owed(person))
        .order_by(*worst_first())
        .limit(MOST)
    ).all()


def summaries_waiting(person: Principal) -> Select[Any]:
    """The cases without a summary that counts, to count."""
    return _to_count(_SUMMARIES, person)


def missed_waiting(person: Principal) -> Select[Any]:
    """The appointments missed lately that nobody followed up, to count."""
    return _to_count(_LATELY + _UNFOLLOWED, person)


def since() -> datetime:
    """From when on something is recent."""
    return _before(current_policy().contributions.recent)


def stale_before() -> datetime:
    """From before when a summary counts no more."""
    return _before(current_policy().contributions.summary_lasts)


def _before(figure: Figure) -> datetime:
    """The start of the day so long ago."""
    today = clock.today()
    months = figure.unit is Unit.MONTHS
    day = add_months(today, -figure.value) if months else today - timedelta(days=figure.value)
    return at_local(day, time())


def _owed(person: Principal) -> Any:
    readers = sorted(person.readers)
    reached = select(CaseScope.case_id).where(CaseScope.reader.in_(readers), CaseScope.sees == FULL)
    return Action.state.in_(OPEN_ACTION_STATES) & or_(
        Action.owner_id == person.user_id,
        Action.owner_team_id.in_(sorted(person.team_ids)),
        Action.owner_agency_id.in_(_HEALTH) & Action.case_id.in_(reached),
    )


def _bound(sql: str, person: Principal) -> TextClause:
    values: dict[str, Any] = {
        "health_readers": sorted(person.readers),
        "health_stale": stale_before(),
        "health_since": since(),
    }
    types: dict[str, Any] = {"health_readers": ARRAY(Uuid)}
    used = [name for name in values if f":{name}" in sql]
    return text(sql).bindparams(
        *(bindparam(name, values[name], type_=types.get(name, DateTime(timezone=True))) for name in used)
    )


def _page(sql: str, person: Principal, start: Cursor, limit: int, **more: Any) -> Page:
    found = _bound(sql, person).bindparams(
        bindparam("at", start.at, type_=DateTime(timezone=True)),
        bindparam("id", start.id, type_=Uuid),
        bindparam("limit", limit + 1),
        *(bindparam(name, value) for name, value in more.items() if f":{name} " in f"{sql} "),
    )
    rows = db.session.execute(found).all()
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], Cursor(rows[limit - 1].at, rows[limit - 1].id))


def _to_count(sql: str, person: Principal) -> Select[Any]:
    return select(_bound(sql, person).columns(column("id", Uuid)).subquery().c.id)
