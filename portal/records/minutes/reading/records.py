"""What was recorded at a meeting, as its readers see it: minutes, decisions, levels, dates, closed parts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Row, Uuid, bindparam, or_, select, text

from portal.extensions import db
from portal.queries.rows import Rows, name_of
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.meetings.reading.records import OfMeeting
from portal.records.minutes.model import ClosedMinute, LevelProposal, Minute
from portal.records.minutes.vocabulary import OVERTAKEN
from portal.records.people.model import User
from portal.records.plans.facts import OWNER_NAME

_HEADINGS = """
select g.id, g.heading, g.code, g.case_id, k.given_name, k.family_name, m.id as minute_id,
       coalesce(m.text, '') as text, coalesce(m.version, 0) as version, u.name as saved_by, m.saved_at,
       coalesce(m.both_changed, false) as both_changed
  from agenda_item g left join meeting_case mc on mc.meeting_id = g.meeting_id and mc.case_id = g.case_id
  left join child k on k.id = mc.child_id left join minute m on m.item_id = g.id
  left join app_user u on u.id = m.saved_by
 where g.meeting_id = :meeting_id
"""

#: The agenda that one may see with what was said under each heading; version 0 where nothing was.
headings = OfMeeting(f"{_HEADINGS} order by g.position, g.id")
#: The same of one heading (`item_id`).
heading = OfMeeting(f"{_HEADINGS} and g.id = :item_id", item_id=Uuid).one

#: What was decided, in order, with what was taken back.
decisions = OfMeeting(
    """
select d.id, d.reference, d.case_id, d.item_id, d.text, d.reason, d.outcome, d.recorded_at, d.version,
       d.withdrawn_at, d.withdrawn_reason, u.name as recorded_by, g.heading
  from decision d join app_user u on u.id = d.recorded_by left join agenda_item g on g.id = d.item_id
 where d.meeting_id = :meeting_id order by d.recorded_at, d.id
"""
)

#: Each agency's part in the decisions, dissents first.
parts = OfMeeting(
    """
select p.decision_id, p.agency_id, a.name as agency, p.stance, p.words, p.escalation
  from decision_part p join decision d on d.id = p.decision_id join agency a on a.id = p.agency_id
 where d.meeting_id = :meeting_id order by p.stance <> 'dissents', a.name
"""
)

#: The actions that a meeting gave, by when they are due.
actions = OfMeeting(
    f"""
select a.id, a.reference, a.decision_id, a.case_id, a.what, a.measure, a.due_on, a.state,
       {OWNER_NAME} as owner, g.name as agency
  from action a join agency g on g.id = a.owner_agency_id left join app_user u on u.id = a.owner_id
  left join team t on t.id = a.owner_team_id
 where a.meeting_id = :meeting_id order by a.due_on, a.id
"""  # noqa: S608 - put together from what stands above
)

#: The levels that a meeting came to: what holds (`accepted`), what was refused, and what waits.
levels = OfMeeting(
    """
select p.id, p.case_id, p.before, p.level, p.reason, p.proposed_at as at, u.name as by, p.accepted,
       p.settled_at, s.name as second, p.settle_reason, p.proposed_by, p.taken_back
  from level_proposal p join app_user u on u.id = p.proposed_by left join app_user s on s.id = p.settled_by
 where p.meeting_id = :meeting_id
union all
select d.id, d.case_id, d.before, d.level, d.reason, d.decided_at, u.name, true, d.decided_at, null, '',
       d.decided_by, false
  from level_decision d join app_user u on u.id = d.decided_by
 where d.meeting_id = :meeting_id and d.second_id is null
 order by at
"""
)

#: The lines that are typed or were added under headings, in the order in which they were begun: without those
#: that were dropped or taken back.
lines = OfMeeting(
    f"""
select d.id, d.item_id, d.case_id, d.kind, d.fields, d.added_at is not null as added, s.name as saved_by,
       d.saved_by as saved_by_id, coalesce(n.text, a.what) as words, n.reason, a.due_on,
       {OWNER_NAME} as owner
  from meeting_draft d join app_user s on s.id = d.saved_by
  left join decision n on d.kind = 'decision' and n.id = d.record_id
  left join action a on d.kind = 'action' and a.id = d.record_id
  left join app_user u on u.id = a.owner_id left join team t on t.id = a.owner_team_id
 where d.meeting_id = :meeting_id and d.dropped_at is null and n.withdrawn_at is null
   and coalesce(a.state, '') not in ('not_needed', 'covered')
 order by d.made_at, d.id
"""  # noqa: S608 - put together from what stands above
)

# Everybody who has the record open; of two pages of one person the one on which they write, and this one.
_PRESENT = OfMeeting(
    """
select distinct on (u.name, u.id, p.page = :page) u.id, u.name, p.item_id, p.seen_at, p.page = :page as asks
  from meeting_presence p join app_user u on u.id = p.user_id
 where p.meeting_id = :meeting_id and p.seen_at > :since
 order by u.name, u.id, p.page = :page, p.item_id nulls last, p.seen_at desc, p.page
""",
    since=DateTime(timezone=True),
    page=Uuid,
)

_WRITERS = OfMeeting(
    """
select distinct v.item_id, v.number, u.name
  from unnest(cast(:items as uuid[]), cast(:known as integer[])) k (item_id, known)
  join minute_version v on v.item_id = k.item_id and v.number > k.known
  join app_user u on u.id = v.saved_by
 where v.meeting_id = :meeting_id and v.saved_by <> :but
""",
    but=Uuid,
    items=ARRAY(Uuid),
    known=ARRAY(Integer),
)

_VERSIONS = OfMeeting(
    """
select v.number as version, v.text, v.both_changed, v.saved_by as by_id, u.name as saved_by, v.saved_at
  from ctx.minute_versions(:meeting_id, :item_id) v join app_user u on u.id = v.saved_by
 order by v.number desc limit 5000
""",
    item_id=Uuid,
)

_NEXT = OfMeeting("select case_id, next_on from meeting_case where meeting_id = :meeting_id")

#: The agencies that are invited.
agencies = OfMeeting(
    """
select a.id, a.name from agency a
 where a.id in (select i.agency_id from invitation i
                 where i.meeting_id = :meeting_id and i.withdrawn_at is null and i.agency_id is not null)
 order by a.name
"""
)

#: The closed parts that one may read. Their text is on a page of its own.
closed_parts = OfMeeting(
    """
select c.id, c.heading, c.case_id, c.saved_at, u.name as saved_by
  from closed_minute c join app_user u on u.id = c.saved_by
 where c.meeting_id = :meeting_id order by c.id
"""
)

_READERS = text(
    """
select r.user_id, u.name, a.name as agency, r.named_at, n.name as named_by
  from closed_reader r join app_user u on u.id = r.user_id join agency a on a.id = u.agency_id
  join app_user n on n.id = r.named_by
 where r.closed_id = :closed_id order by u.name
"""
).bindparams(bindparam("closed_id", type_=Uuid))

_READERS_BEFORE = text(
    """
select e.user_id, u.name, a.name as agency, e.ended_at, n.name as ended_by, e.reason
  from closed_reader_end e join app_user u on u.id = e.user_id join agency a on a.id = u.agency_id
  join app_user n on n.id = e.ended_by
 where e.closed_id = :closed_id order by e.ended_at desc, e.id
"""
).bindparams(bindparam("closed_id", type_=Uuid))

# Those who came or are invited, then whoever works on the case. A team too, where nobody is named. Then every
# other agency, which its only team answers for, else its lead; not on a sealed child.
_OWNERS = OfMeeting(
    """
with invited as materialized (  -- once: whether each may be known is looked up
    select coalesce(i.comes_id, i.user_id) as id, i.team_id, i.agency_id
      from invitation i where i.meeting_id = :meeting_id and i.withdrawn_at is null)
select 'person' as kind, u.id, u.name, a.name as agency, min(w.rank) as rank
  from (select i.id, 0 as rank from invited i
        union all
        select v.worker_id, 1 from involvement v where v.case_id = :case_id and v.ended_at is null
        union all
        select c.lead_professional_id, 1 from cre_case c where c.id = :case_id) w
  join app_user u on u.id = w.id and u.active join agency a on a.id = u.agency_id
 group by u.id, u.name, a.name
union all
select 'team', t.id, t.name, a.name, 2
  from team t join agency a on a.id = t.agency_id
 where t.active
   and (t.id in (select v.team_id from involvement v where v.case_id = :case_id and v.ended_at is null)
        or t.id in (select i.team_id from invited i))
union all
select case when t.id is null then 'agency-person' else 'agency-team' end, coalesce(t.id, l.id),
       coalesce(t.name, l.name), a.name, 3
  from agency a
  left join lateral (select (array_agg(o.id))[1] as id, min(o.name) as name from team o
                      where o.agency_id = a.id and o.active having count(*) = 1) t on true
  left join app_user l on l.id = a.lead_id and l.agency_id = a.id and l.active and t.id is null
 where a.active and coalesce(t.id, l.id) is not null
   and (select c.sensitivity from cre_case c where c.id = :case_id) < 2
   and a.id not in (select v.agency_id from involvement v where v.case_id = :case_id and v.ended_at is null)
   and a.id not in (select i.agency_id from invited i where i.agency_id is not null)
 order by 5, 4, 3
""",
    case_id=Uuid,
)

_NAMEABLE = OfMeeting(
    """
with invited as materialized (  -- once: whether each may be known is looked up
    select coalesce(i.comes_id, i.user_id) as id, i.team_id
      from invitation i where i.meeting_id = :meeting_id and i.withdrawn_at is null),
on_case as materialized (select mc.case_id as id from meeting_case mc where mc.meeting_id = :meeting_id)
select u.id, u.name, a.name as agency
  from (select i.id, 0 as rank from invited i
        union all
        select m.user_id, 1 from invited i join team_member m on m.team_id = i.team_id where i.id is null
        union all
        select v.worker_id, 2 from on_case c join involvement v on v.case_id = c.id and v.ended_at is null
        union all
        select m.user_id, 3 from on_case c join involvement v on v.case_id = c.id and v.ended_at is null
          join team_member m on m.team_id = v.team_id
        union all
        select k.lead_professional_id, 2 from on_case c join cre_case k on k.id = c.id) w
  join app_user u on u.id = w.id and u.active join agency a on a.id = u.agency_id
 group by u.id, u.name, a.name
having ctx.may_read_closed(:closed_id, u.id)
 order by min(w.rank), a.name, u.name limit 300
""",
    closed_id=Uuid,
)

# What is open, what was done since the meeting before, and what this meeting heard of; the first due first.
_LAST = OfMeeting(
    f"""
select a.id, a.case_id, a.reference, a.what, a.due_on, a.state, a.blocked_reason, a.done_at, a.done_words,
       a.covered_by, a.effect as had_effect, {OWNER_NAME} as owner, g.name as agency, r.outcome, r.effect,
       r.words, r.followed_at, r.version
  from action a join agency g on g.id = a.owner_agency_id left join app_user u on u.id = a.owner_id
  left join team t on t.id = a.owner_team_id
  left join action_review r on r.action_id = a.id and r.meeting_id = :meeting_id
 where a.case_id = :case_id and a.meeting_id is distinct from :meeting_id
   and (a.state in ('not_started', 'under_way', 'blocked') or r.action_id is not null
        or a.done_at >= (select max(m.starts_at) from meeting_case mc join meeting m on m.id = mc.meeting_id
                          where mc.case_id = :case_id and m.held_at is not null and m.id <> :meeting_id
                            and m.starts_at < (select starts_at from meeting where id = :meeting_id)))
 order by a.due_on, a.id limit 100
""",  # noqa: S608 - put together from what stands above
    case_id=Uuid,
)

#: What a meeting heard of actions that were given before it.
reviews = OfMeeting(
    f"""
select r.action_id, r.case_id, r.outcome, r.effect, r.words, r.version, a.what, a.due_on,
       {OWNER_NAME} as owner, g.name as agency
  from action_review r join action a on a.id = r.action_id join agency g on g.id = a.owner_agency_id
  left join app_user u on u.id = a.owner_id left join team t on t.id = a.owner_team_id
 where r.meeting_id = :meeting_id order by a.due_on, a.id
"""  # noqa: S608 - put together from what stands above
)

_BEFORE = OfMeeting(
    """
select m.id, m.reference, m.kind, m.starts_at, mc.next_on
  from meeting m join meeting_case mc on mc.meeting_id = m.id
 where mc.case_id = :case_id and m.held_at is not null and m.id <> :meeting_id
   and m.starts_at < (select starts_at from meeting where id = :meeting_id)
 order by m.starts_at desc, m.id limit 1
""",
    case_id=Uuid,
)


def next_dates(*, meeting_id: UUID) -> dict[UUID, Any]:
    """The next date on each child, by case; None where none is set."""
    return {row.case_id: row.next_on for row in _NEXT(meeting_id=meeting_id)}


def closed_part(*, meeting_id: UUID, closed_id: UUID) -> ClosedMinute | None:
    """A closed part that one may read."""
    return db.session.scalar(select(ClosedMinute).filter_by(id=closed_id, meeting_id=meeting_id))


def present(*, meeting_id: UUID, since: datetime, page: UUID | None) -> Rows:
    """Who has the record of a meeting open, in which box and when last (`seen_at`); `asks` is this page."""
    return _PRESENT(meeting_id=meeting_id, since=since, page=page)


def writers(*, meeting_id: UUID, but: UUID, since: Mapping[UUID, int]) -> Rows:
    """Who else wrote which version under some headings, since the version that is known of each."""
    return _WRITERS(meeting_id=meeting_id, but=but, items=list(since), known=list(since.values()))


def versions(*, meeting_id: UUID, item_id: UUID) -> Rows:
    """Every version of what was said under a heading, newest first."""
    return _VERSIONS(meeting_id=meeting_id, item_id=item_id)


def find_minute(*, meeting_id: UUID, item_id: UUID) -> Minute | None:
    """What was said under a heading."""
    return db.session.scalar(select(Minute).where(Minute.item_id == item_id, Minute.meeting_id == meeting_id))


def case_of(*, case_id: UUID) -> Case | None:
    """A case that one reads in full."""
    return db.session.get(Case, case_id)


def waiting_levels(*, case_id: UUID) -> Sequence[LevelProposal]:
    """The lower levels of a case that wait for a second person."""
    found = select(LevelProposal).where(LevelProposal.case_id == case_id, LevelProposal.settled_at.is_(None))
    return db.session.scalars(found.order_by(LevelProposal.proposed_at)).all()


def settled_last(*, case_id: UUID) -> Any:
    """The lower level of a case that was settled last: level, accepted, settled_at, settle_reason and by whom
    (`second`): a second person, whoever ran the meeting and took it back (`taken_back`), or whose risk
    assessment decided the level since (`overtaken`).
    """
    return db.session.execute(
        select(
            LevelProposal.level,
            LevelProposal.accepted,
            LevelProposal.taken_back,
            LevelProposal.settled_at,
            LevelProposal.settle_reason,
            LevelProposal.settle_reason.startswith(OVERTAKEN).label("overtaken"),
            name_of(LevelProposal.settled_by, "second"),
        )
        .where(LevelProposal.case_id == case_id, LevelProposal.settled_by.is_not(None))
        .order_by(LevelProposal.settled_at.desc(), LevelProposal.id)
        .limit(1)
    ).one_or_none()


def cases_that_wait(*, case_ids: Collection[UUID]) -> set[UUID]:
    """Of some cases, those of which a lower level waits for a second person."""
    found = select(LevelProposal.case_id).where(
        LevelProposal.case_id.in_(case_ids), LevelProposal.settled_at.is_(None)
    )
    return set(db.session.scalars(found))


def closed_on_case(*, case_id: UUID) -> set[str]:
    """Meetings on a case with a closed part, on it or on all, that whoever asks may read: references."""
    found = (
        select(Meeting.reference)
        .join(MeetingCase, MeetingCase.meeting_id == Meeting.id)
        .join(ClosedMinute, ClosedMinute.meeting_id == Meeting.id)
        .where(
            MeetingCase.case_id == case_id,
            or_(ClosedMinute.case_id == case_id, ClosedMinute.case_id.is_(None)),
        )
    )
    return set(db.session.scalars(found))


def find_level(*, meeting_id: UUID, proposal_id: UUID) -> LevelProposal | None:
    """A lower level that a meeting came to."""
    return db.session.scalar(select(LevelProposal).filter_by(id=proposal_id, meeting_id=meeting_id))


def person(*, user_id: UUID) -> User | None:
    """Somebody with an account."""
    return db.session.get(User, user_id)


def may_be_named(*, meeting_id: UUID, closed_id: UUID) -> Rows:
    """People who may be named for a closed part: who comes, those of teams that are invited, then who works
    on a case of the meeting and reads it.
    """
    return _NAMEABLE(meeting_id=meeting_id, closed_id=closed_id)


def closed_readers(*, closed_id: UUID) -> Rows:
    """Who is named for a closed part."""
    return db.session.execute(_READERS, {"closed_id": closed_id}).all()


def closed_readers_before(*, closed_id: UUID) -> Rows:
    """Who was taken off a closed part, the last first, and why."""
    return db.session.execute(_READERS_BEFORE, {"closed_id": closed_id}).all()


def owners(*, meeting_id: UUID, case_id: UUID) -> Rows:
    """Who may be given an action at a meeting: people who come, people on the case, then teams, and whoever
    answers for another agency.
    """
    return _OWNERS(meeting_id=meeting_id, case_id=case_id)


def last_actions(*, meeting_id: UUID, case_id: UUID) -> Rows:
    """The actions of a case that were given before a meeting and are to be spoken of, with what it heard."""
    return _LAST(meeting_id=meeting_id, case_id=case_id)


def meeting_before(*, meeting_id: UUID, case_id: UUID) -> Row[Any] | None:
    """The last meeting on a case that was held before this one."""
    return _BEFORE.one(meeting_id=meeting_id, case_id=case_id)
