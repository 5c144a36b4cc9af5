"""What sectors brought lately to the cases that somebody reaches, and the cases to which they can bring
more; of health, also which summaries are missing or old, what was found, what is to do.

Each list starts from the cases that the reader, their teams or the agency that they manage reach, and is
cut by the database to what they may see of them. Of somebody who reaches very many it takes those that come
first in the queue, and `looks_at_most` says so: a page that read all of them would not answer.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Select, TextClause, Uuid, bindparam, column, or_, select, text

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.calendar import add_months, at_local
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import Figure, Unit, current_policy
from portal.queries.paging import NEWEST, MomentCursor, Page
from portal.queries.rows import NAMED, Rows
from portal.records.cases.model import Case, CaseScope
from portal.records.children.model import Child
from portal.records.entries.policy import Contributions
from portal.records.missing.facts import missing_now
from portal.records.people.model import Agency
from portal.records.plans.model import Action
from portal.records.plans.reading import described, worst_first
from portal.vocabulary import Sector

PAGE = 50

#: So many open cases of a reader are looked at.
MOST_CASES = 1000

_FIRST_OF_EACH = """select distinct first.case_id from unnest(:their_readers) r (reader)
      cross join lateral (select s.case_id from case_scope s
                           where s.reader = r.reader and s.sees = 2 and s.rank < 9
                           order by s.rank, s.due, s.case_id limit {most}) first"""

#: The open cases of a reader, for the place `{mine}` of a statement: the first in the queue.
MINE = f"({_FIRST_OF_EACH.replace('{most}', str(MOST_CASES))}) mine"
_BEYOND = f"""select count(*) > {MOST_CASES} as beyond
  from ({_FIRST_OF_EACH.replace("{most}", str(MOST_CASES + 1))}) mine"""  # noqa: S608 - our own words

# The entries first, and only then what the page shows of the few that are on it.
_LATELY = """
select e.id from {mine} join chronology_entry e on e.case_id = mine.case_id
 where e.kind in ({kinds}) and e.happened_at >= :recent_since
   and not exists (select 1 from chronology_entry n where n.corrects_id = e.id)"""
_SHOWN = """
select e.id, e.kind, e.text, e.details, e.happened_at as at, e.critical_moment, c.reference,
       k.given_name, k.family_name, u.name as author, a.name as agency, e.agency_id, e.conditions,
       (select jsonb_build_object('conditions', q.conditions, 'forbids', q.forbids, 'agency', g.name,
                                  'agency_id', q.graded_agency_id, 'released_at', q.released_at)
          from entry_grading q join agency g on g.id = q.graded_agency_id
         where q.entry_id = e.id and q.replaced_at is null) as grading
  from ({lately} and (e.happened_at, e.id) < (:at, :id)
         order by e.happened_at desc, e.id desc limit :limit) found
  join chronology_entry e on e.id = found.id
  join cre_case c on c.id = e.case_id join child k on k.id = c.child_id
  join app_user u on u.id = e.author_id join agency a on a.id = e.agency_id
 order by e.happened_at desc, e.id desc"""
_CASES = """
select c.id, c.reference, c.level, k.given_name, k.family_name, c.opened_at as at,
       {missing_now} as missing_now
  from (select c.id from {mine} join cre_case c on c.id = mine.case_id
         where (c.opened_at, c.id) < (:at, :id) order by c.opened_at desc, c.id desc limit :limit) found
  join cre_case c on c.id = found.id join child k on k.id = c.child_id
 order by c.opened_at desc, c.id desc""".replace("{missing_now}", missing_now("k.id"))


def lately(
    *, person: Principal, kinds: Sequence[str], after: MomentCursor | None = None, limit: int = PAGE
) -> Page[MomentCursor]:
    """Entries of some kinds of the last days (policy `contributions.recent`), the newest first: id, kind,
    text, details, at, critical_moment, reference of the case, the child, author, agency, agency_id.

    Args:
        kinds: codes of policy `contributions.kinds`.
    """
    if not kinds:
        return Page([], None)
    return page(_SHOWN.replace("{lately}", of_kinds(kinds)), person, after or NEWEST, limit)


def cases_of(
    *, person: Principal, after: MomentCursor | None = None, limit: int = PAGE
) -> Page[MomentCursor]:
    """The open cases that a person reaches, the newest first: reference, level, the child."""
    return page(_CASES.replace("{mine}", MINE), person, after or NEWEST, limit)


def looks_at_most(*, person: Principal) -> int | None:
    """How many open cases the lists look at, of somebody who reaches more."""
    return MOST_CASES if db.session.execute(bound(_BEYOND, person)).scalar_one() else None


def of_kinds(kinds: Sequence[str]) -> str:
    """The statement for some kinds. They are codes of the policy, letters and digits alone, and stand in it
    as words, so that the index of the entries of health serves.

    :raises ValueError: one of them is none.
    """
    if not all(one.isascii() and one.replace("_", "").isalnum() for one in kinds):
        raise ValueError("a kind is a code of the policy")
    listed = ", ".join(f"'{one}'" for one in kinds)
    return _LATELY.replace("{mine}", MINE).replace("{kinds}", listed)


def since() -> datetime:
    """From when on something is recent."""
    return before(current_policy().of(Contributions).recent)


def before(figure: Figure) -> datetime:
    """The start of the day so long ago."""
    today, months = clock.today(), figure.unit is Unit.MONTHS
    day = add_months(today, -figure.value) if months else today - timedelta(days=figure.value)
    return at_local(day, time())


def bound(sql: str, person: Principal, **more: datetime) -> TextClause:
    """A statement with its reader and its days."""
    values: dict[str, Any] = {"their_readers": sorted(person.readers), "recent_since": since(), **more}
    types: dict[str, Any] = {"their_readers": ARRAY(Uuid)}
    used = [name for name in values if f":{name}" in sql]
    return text(sql).bindparams(
        *(bindparam(name, values[name], type_=types.get(name, DateTime(timezone=True))) for name in used)
    )


def page(
    sql: str, person: Principal, start: MomentCursor, limit: int, **more: datetime
) -> Page[MomentCursor]:
    """One page of a statement that pages by `:at` and `:id` up to `:limit`."""
    found = bound(sql, person, **more).bindparams(
        bindparam("at", start.at, type_=DateTime(timezone=True)),
        bindparam("id", start.id, type_=Uuid),
        bindparam("limit", limit + 1),
    )
    rows = db.session.execute(found).all()
    return Page.cut(rows, limit, lambda row: MomentCursor(row.at, row.id))


MOST = 100
FULL = 2  # as `case_scope.sees` has it

_HEALTH = select(Agency.id).where(Agency.sector == Sector.HEALTH)

#: What stands on the list of what was found lately.
FOUND = ("attendance", "missed_appointment", "worry")

_NEVER = datetime(1900, 1, 1, tzinfo=UTC)

_SUMMARIES = """
select c.id, c.reference, c.level, k.given_name, k.family_name, k.reference as child_reference,
       {missing_now} as missing_now,
       e.happened_at as latest, u.name as author, a.name as agency,
       coalesce(e.happened_at, timestamptz '1900-01-01 00:00+00') as at
  from {mine} join cre_case c on c.id = mine.case_id join child k on k.id = c.child_id
  left join lateral (
       select e.happened_at, e.author_id, e.agency_id from chronology_entry e
        where e.case_id = c.id and e.kind = 'health_summary'
          and not exists (select 1 from chronology_entry n where n.corrects_id = e.id)
        order by e.happened_at desc, e.id desc limit 1) e on true
  left join app_user u on u.id = e.author_id left join agency a on a.id = e.agency_id
 where (e.happened_at is null or e.happened_at < :stale_before)"""
_SUMMARIES = _SUMMARIES.replace("{mine}", MINE).replace("{missing_now}", missing_now("k.id"))
_AFTER = """
   and (coalesce(e.happened_at, timestamptz '1900-01-01 00:00+00'), c.id) > (:at, :id)
 order by at, c.id limit :limit"""
_UNFOLLOWED = " and e.details ->> 'followed_up' is distinct from 'yes'"

_COUNTS = text(
    """
select count(*) filter (where e.kind = 'attendance') as attendances,
       count(*) filter (where e.kind = 'missed_appointment') as missed,
       count(*) filter (where e.kind = 'worry') as worries
  from chronology_entry e
 where e.case_id = :case_id and e.kind in ('attendance', 'missed_appointment', 'worry')
   and e.happened_at >= :since and not exists (select 1 from chronology_entry n where n.corrects_id = e.id)"""
).bindparams(bindparam("case_id", type_=Uuid), bindparam("since", type_=DateTime(timezone=True)))


def summaries_wanted(
    *, person: Principal, after: MomentCursor | None = None, limit: int = PAGE
) -> Page[MomentCursor]:
    """The open cases without a summary of health that still counts: those without one first, then the oldest:
    reference, level, the child, and latest, author, agency of the last one.
    """
    start = after or MomentCursor(_NEVER, UUID(int=0))
    return page(_SUMMARIES + _AFTER, person, start, limit, stale_before=stale_before())


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
        .add_columns(*NAMED, Case.reference.label("case_reference"))
        .join(Child, Child.id == Action.child_id)
        .outerjoin(Case, Case.id == Action.case_id)
        .where(_owed(person))
        .order_by(*worst_first())
        .limit(MOST)
    ).all()


def summaries_waiting(person: Principal) -> Select[Any]:
    """The cases without a summary that counts, to count."""
    return _to_count(_SUMMARIES, person, stale_before=stale_before())


def missed_waiting(person: Principal) -> Select[Any]:
    """The appointments missed lately that nobody followed up, to count."""
    return _to_count(of_kinds(["missed_appointment"]) + _UNFOLLOWED, person)


def stale_before() -> datetime:
    """From before when a summary counts no more."""
    return before(current_policy().of(Contributions).summary_lasts)


def _owed(person: Principal) -> Any:
    readers = sorted(person.readers)
    reached = select(CaseScope.case_id).where(CaseScope.reader.in_(readers), CaseScope.sees == FULL)
    return Action.state.in_(OPEN_ACTION_STATES) & or_(
        Action.owner_id == person.user_id,
        Action.owner_team_id.in_(sorted(person.team_ids)),
        Action.owner_agency_id.in_(_HEALTH) & Action.case_id.in_(reached),
    )


def _to_count(sql: str, person: Principal, **more: datetime) -> Select[Any]:
    found = bound(sql, person, **more)
    return select(found.columns(column("id", Uuid)).subquery().c.id)
