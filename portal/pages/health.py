"""What health brings to its cases: summaries that are missing or old, what was found, what is to do."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Select, Uuid, bindparam, column, or_, select, text

from portal.access.principal import Principal
from portal.extensions import db
from portal.pages import contributions
from portal.pages.contributions import MINE, PAGE
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import current_policy
from portal.queries.paging import MomentCursor, Page
from portal.queries.rows import Rows
from portal.records.cases.model import Case, CaseScope
from portal.records.children.model import Child
from portal.records.entries.policy import Contributions
from portal.records.missing.facts import missing_now
from portal.records.people.model import Agency
from portal.records.plans.model import Action
from portal.records.plans.reading import described, worst_first
from portal.vocabulary import Sector

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
    return contributions.page(_SUMMARIES + _AFTER, person, start, limit, stale_before=stale_before())


def counts_of(*, case_id: UUID) -> Any:
    """How many attendances, missed and worries of the last days one may see on a case."""
    return db.session.execute(_COUNTS, {"case_id": case_id, "since": contributions.since()}).one()


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
    return _to_count(_SUMMARIES, person, stale_before=stale_before())


def missed_waiting(person: Principal) -> Select[Any]:
    """The appointments missed lately that nobody followed up, to count."""
    return _to_count(contributions.of_kinds(["missed_appointment"]) + _UNFOLLOWED, person)


def stale_before() -> datetime:
    """From before when a summary counts no more."""
    return contributions.before(current_policy().of(Contributions).summary_lasts)


def _owed(person: Principal) -> Any:
    readers = sorted(person.readers)
    reached = select(CaseScope.case_id).where(CaseScope.reader.in_(readers), CaseScope.sees == FULL)
    return Action.state.in_(OPEN_ACTION_STATES) & or_(
        Action.owner_id == person.user_id,
        Action.owner_team_id.in_(sorted(person.team_ids)),
        Action.owner_agency_id.in_(_HEALTH) & Action.case_id.in_(reached),
    )


def _to_count(sql: str, person: Principal, **more: datetime) -> Select[Any]:
    found = contributions.bound(sql, person, **more)
    return select(found.columns(column("id", Uuid)).subquery().c.id)
