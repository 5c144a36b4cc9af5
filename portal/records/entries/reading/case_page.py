"""What the page, print and file of one case show: each part one statement, however many its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Row, TextClause, Uuid, bindparam, text

from portal import clock
from portal.extensions import db
from portal.policy import current_policy
from portal.queries.paging import NEWEST, MomentCursor, Page
from portal.queries.rows import ALERT_OWNER, STILL, Rows, sector_of
from portal.records.missing.facts import missing_now
from portal.records.missing.policy import Missing
from portal.records.missing.rules import WINDOWS, days_before

ENTRIES = 20


def just_after(happened_at: datetime, entry_id: UUID) -> MomentCursor:
    """Where a page starts whose first entry is this one."""
    return MomentCursor(happened_at, UUID(int=entry_id.int + 1))


def _statement(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("case_id", type_=Uuid))


_HEAD = text(
    """
select c.id, c.reference, c.child_id, c.state, c.sensitivity, c.sensitivity_reason, c.level, c.level_since,
       c.types, c.contexts, c.authority, c.district, c.lead_agency_id, c.lead_professional_id, c.reason,
       c.opened_at, z.reopened_at, c.closed_at, c.next_due_at, c.version,
       k.reference as child_reference, k.given_name, k.family_name, k.dob, k.dob_is_estimate, k.nhs_number,
       (select r.pronouns from child_record r where r.child_id = c.child_id) as pronouns,
       (select r.preferred_contact from child_record r where r.child_id = c.child_id) as preferred_contact,
       (select s.value from child_statement s
         where s.child_id = c.child_id and s.kind = 'phone' and s.code = 'own' and s.ends_on is null
           and not s.do_not_disclose
           and not exists (select 1 from child_statement n where n.replaces_id = s.id)
         order by s.created_at desc limit 1) as own_phone,
       a.name as lead_agency, {lead} as lead_professional,
       case when u.active then u.phone end as lead_phone, u.job_title as lead_job_title,
       array(select s.reader from case_scope s where s.case_id = c.id and s.sees = 2) as readers,
       (select json_agg(json_build_object(
                   'reference', m.reference, 'kind', m.kind, 'state', m.state, 'starts_at', m.starts_at,
                   'chair_id', m.chair_id) order by m.starts_at)
          from meeting_case mc join meeting m on m.id = mc.meeting_id
         where mc.case_id = c.id and m.state <> 'cancelled') as meetings,
       (select json_agg(json_build_object('status', s.status, 'starts_on', s.starts_on, 'agency', o.name)
                        order by s.starts_on desc nulls last)
          from child_status s join agency o on o.id = s.agency_id
         where s.child_id = c.child_id and (s.ends_on is null or s.ends_on >= :today)) as statuses,
       (select json_build_object('reference', r.reference, 'state', r.state) from risk_assessment r
         where r.case_id = c.id and r.state in ('draft', 'waiting')) as assessing,
       (select json_build_object('reference', p.reference, 'state', p.state, 'valid_until', p.valid_until)
          from safety_plan p where p.case_id = c.id and p.state <> 'ended') as safety_plan,
       (select json_build_object(
                   'kind', e.kind, 'ground', e.ground, 'reason', e.reason, 'words', e.words,
                   'minutes_reason', e.minutes_reason, 'level_reason', e.level_reason,
                   'undone_reason', e.undone_reason,
                   'reopen_if', e.reopen_if, 'closed_at', e.closed_at, 'meeting', m.reference,
                   'asked_by', p.name, 'second', s.name,
                   'follow_up', array[
                        coalesce(f.name, e.follow_up_name), coalesce(g.name, e.follow_up_agency),
                        coalesce(nullif(e.follow_up_contact, ''), f.phone, '')])
          from case_closure e join app_user p on p.id = e.asked_by left join app_user s on s.id = e.second_id
          left join app_user f on f.id = e.follow_up_id left join agency g on g.id = f.agency_id
          left join meeting m on m.id = e.meeting_id
         where e.case_id = c.id and e.withdrawn_at is null and e.reopened_at is null) as ending,
       (select json_build_object('at', e.reopened_at, 'by', p.name, 'reason', e.reopen_reason)
          from case_closure e join app_user p on p.id = e.reopened_by
         where e.case_id = c.id order by e.reopened_at desc limit 1) as reopening,
       array(select h.kind from hand_over h where h.case_id = c.id) as hand_overs,
       (select json_agg(json_build_object(
                   'reference', l.reference, 'kind', l.kind, 'started_at', l.started_at,
                   'owner', coalesce(u.name, t.name, o.name),
                   'steps', (select json_agg(json_build_object('kind', s.kind, 'due_at', s.due_at)
                                             order by s.due_at)
                               from linked_step s where s.process_id = l.id and s.state = 'open'))
                order by l.started_at)
          from linked_process l join agency o on o.id = l.owner_agency_id
          left join app_user u on u.id = l.owner_id left join team t on t.id = l.owner_team_id
         where l.case_id = c.id and l.state = 'running') as linked,
       (select json_agg(json_build_object('level', l.level, 'at', l.decided_at) order by l.number)
          from level_decision l where l.case_id = c.id) as levels,
       (select min(r.received_at) from triage_decision t join referral r on r.id = t.referral_id
         where t.case_id = c.id and r.received_at <= c.opened_at) as shared_at,
       (select min(r.finalised_at) from risk_assessment r
         where r.case_id = c.id and r.state = 'finalised'
           and r.finalised_at >= coalesce(z.reopened_at, '-infinity')) as assessed_at,
       (select json_object_agg(d.kind, json_build_object('due', d.due_at, 'ended', d.ended_at))
          from (select distinct on (d.kind) d.kind, d.due_at, d.ended_at from deadline d
                 where d.case_id = c.id and d.subject_kind = 'cre_case' and d.state = 'done'
                   and d.kind in ('assessment', 'meeting')
                   and d.ended_at >= coalesce(z.reopened_at, '-infinity')
                 order by d.kind, d.ended_at) d) as met,
       (select count(*) from (select 1 from chronology_entry e where e.case_id = c.id limit 100) e)
           as entries,
       (select count(*) from (select 1 from concern_link l where l.child_id = c.child_id
                                 and l.ended_at is null and not l.do_not_disclose limit 100) l) as links,
       (select array[r.assessor_id, r.concluded_by] from risk_assessment r
         where r.case_id = c.id and r.state = 'finalised'
         order by r.finalised_at desc limit 1) as assessed_by,
       (select d.saved_at from entry_draft d where d.case_id = c.id) as draft_saved_at,
       (select s.id from sensitivity_change s where s.case_id = c.id and s.confirmed_at is null
           and s.withdrawn_at is null limit 1) as pending_change_id,
       (select json_build_object('open', count(*), 'overdue', count(*) filter (where x.due_on < :today))
          from action x
         where x.case_id = c.id and x.state in ('not_started', 'under_way', 'blocked')) as actions,
       exists (select 1 from plan p
                where p.case_id = c.id and p.started_at >= coalesce(z.reopened_at, '-infinity')) as planned,
       {missing_now} as missing_now,
       (select json_build_object(
                   'listed', count(*) filter (where e.stands), 'unshown', ctx.missing_unshown(c.child_id),
                   'times', count(*) filter (where e.counts),
                   'linked', count(*) filter (where e.counts and e.child_id <> c.child_id),
                   'recent', count(*) filter (where e.counts and e.missing_since >= :recent_since))
          from (select child_id, missing_since, withdrawn_at is null as stands,
                       withdrawn_at is null and status = any (:counted) as counts from missing_episode) e
         where e.child_id in (select c.child_id
                              union all select l.child_b from child_link l
                                         where l.child_a = c.child_id and l.unlinked_at is null
                              union all select l.child_a from child_link l
                                         where l.child_b = c.child_id and l.unlinked_at is null
                              union all select unnest(ctx.read_as_same(c.child_id)))) as missing,
       exists (select 1 from access_request q
                where q.case_id = c.id and q.answered_at is null) as access_asked,
       (select json_agg(json_build_object(
                   'away_id', v.away_id, 'away', w.name, 'last_day', v.last_day, 'deputy', d.name,
                   'phone', d.phone) order by w.name, w.id)
          from ctx.covered_on(c.id, :today) v join app_user w on w.id = v.away_id
          left join app_user d on d.id = v.deputy_id) as covered,
       ctx.lead_away_uncovered(c.id, :today) as lead_away,
       (select json_agg(h order by h.is_team desc, h.name) from ctx.hears_instead_of_lead(c.id) h)
           as instead_of_lead,
       (select json_agg(f) from ctx.front_doors_of_case(c.id) f) as front_doors
  from cre_case c join child k on k.id = c.child_id
  join agency a on a.id = c.lead_agency_id left join app_user u on u.id = c.lead_professional_id
  cross join (select max(e.reopened_at) as reopened_at from case_closure e join cre_case o on o.id = e.case_id
               where o.reference = :reference) z
 where c.reference = :reference
""".replace("{missing_now}", missing_now("c.child_id", linked=True)).replace("{lead}", STILL.format("u"))
)

_NOTICE = text(
    """
select n.case_id, n.reference, n.sensitivity, a.name as lead_agency, u.name as contact,
       u.phone as contact_phone, u.away_until as contact_away, n.lead_agency_id
  from case_notice n join agency a on a.id = n.lead_agency_id
  left join lateral ctx.contact_of_notice(n.case_id) u on true
 where n.reference = :reference
"""
)

_DUTY = text(
    "select name, duty_phone, duty_email from team where agency_id = :agency_id and active order by name"
).bindparams(bindparam("agency_id", type_=Uuid))

_NETWORK = _statement(
    """
select i.id, i.team_id, i.agency_id, i.worker_id, i.started_at, i.reason, t.name as team, t.duty_phone,
       a.name as agency, {worker} as worker,
       case when w.active then w.phone end as worker_phone, w.job_title as worker_job_title,
       i.agency_id = :lead as leads,
       (select e.happened_at from chronology_entry e
         where e.case_id = i.case_id and e.author_id = i.worker_id
         order by e.happened_at desc limit 1) as last_entry
  from involvement i join team t on t.id = i.team_id join agency a on a.id = i.agency_id
  left join app_user w on w.id = i.worker_id
 where i.case_id = :case_id and i.ended_at is null
 order by i.agency_id <> :lead, a.name, t.name
""".replace("{worker}", STILL.format("w"))
).bindparams(bindparam("lead", type_=Uuid))

_ALERTS = _statement(
    """
select l.id, l.kind, l.text, l.review_on, l.child_told, l.told_reason, l.version, l.owner_id,
       l.created_at, l.holds_back, c.closed_at is not null as on_ended_case, {owner} as owner,
       u.active and ctx.reads_too(l.case_id, l.owner_id) as owner_reads
  from alert l join app_user u on u.id = l.owner_id join cre_case c on c.id = l.case_id
 where l.case_id = :case_id and l.ended_at is null order by l.created_at, l.id
""".replace("{owner}", ALERT_OWNER)
)

_ENTRIES_SQL = """
select e.id, e.kind, e.text, e.happened_at, e.created_at, e.handling, e.family_safe, e.critical_moment,
       e.moment, e.details, e.conditions, e.agency_id, e.corrects_id, e.correction_reason,
       u.name as author, a.name as agency, e.sender, d.reference as disclosure, d.giver_agency_id,
       (select json_build_object(
                   'source_grade', q.source_grade, 'information_grade', q.information_grade,
                   'handling_code', q.handling_code, 'conditions', q.conditions, 'forbids', q.forbids,
                   'agency_id', q.graded_agency_id, 'agency', o.name, 'released_at', q.released_at)
          from entry_grading q join agency o on o.id = q.graded_agency_id
         where q.entry_id = e.id and q.replaced_at is null) as grading,
       array(select g.name from agency g where g.id = any (e.listed_agencies) order by g.name) as listed,
       (select n.id from chronology_entry n where n.corrects_id = e.id limit 1) as corrected_by,
       (select json_agg(json_build_object(
                   'reference', f.reference, 'name', f.name, 'kind', f.kind, 'size', f.size,
                   'state', f.state, 'removed', f.removed_at is not null) order by f.added_at, f.id)
          from attachment f where f.entry_id = e.id) as files,
       case when e.critical_moment is not null then (
           select d.due_at from deadline d
            where d.subject_kind = 'chronology_entry' and d.subject_id = e.id and d.state = 'open' limit 1)
       end as review_due,
       case when e.critical_moment is not null then (
           select json_build_object('words', r.words, 'at', r.reviewed_at, 'by', p.name,
                                    'assessment', x.reference)
             from moment_review r join app_user p on p.id = r.reviewed_by
             left join risk_assessment x on x.id = r.assessment_id
            where r.entry_id = e.id)
       end as review
  from chronology_entry e join app_user u on u.id = e.author_id join agency a on a.id = e.agency_id
  left join disclosure d on d.id = e.disclosure_id
 where e.case_id = :case_id and (e.happened_at, e.id) < (:at, :entry_id){of_kinds}
 order by e.happened_at desc, e.id desc limit :limit
"""


def of_entries(*, of_kinds: str = "", around: str = "{entries}") -> TextClause:
    """The statement of entries: of some kinds, within another statement."""
    return _statement(around.replace("{entries}", _ENTRIES_SQL.replace("{of_kinds}", of_kinds))).bindparams(
        bindparam("at", type_=DateTime(timezone=True)), bindparam("entry_id", type_=Uuid)
    )


_ENTRIES, _ENTRIES_OF_KINDS = of_entries(), of_entries(of_kinds=" and e.kind = any (:kinds)")
_ENTRY = of_entries(of_kinds=" and e.id = :one").bindparams(bindparam("one", type_=Uuid))
_OF_SECTOR = f" and (:sector = '' or :sector = {sector_of('e.sender', 'a.sector')})"
_LATEST = of_entries(of_kinds=f" and (not :critical or e.critical_moment is not null){_OF_SECTOR}")

_DEADLINES = _statement(
    """
select d.id, d.kind, d.due_at, d.original_due_at, d.confirmed, d.source, d.policy_version, d.subject_kind,
       coalesce(u.name, t.name, a.name) as owner, d.owner_id,
       case d.subject_kind
            when 'told_by_hand' then (select h.name from told_by_hand h where h.id = d.subject_id)
            when 'chronology_entry' then (
                 select e.critical_moment from chronology_entry e where e.id = d.subject_id)
            when 'risk_assessment' then (
                 select r.reference from risk_assessment r where r.id = d.subject_id)
            when 'action' then (select x.what from action x where x.id = d.subject_id) end as whom
  from deadline d left join app_user u on u.id = d.owner_id left join team t on t.id = d.owner_team_id
  left join agency a on a.id = d.owner_agency_id
 where d.case_id = :case_id and d.state = 'open' order by d.due_at, d.id
"""
)

_GRANTS = _statement(
    """
select g.id, g.user_id, g.kind, g.reason, g.starts_at, g.ends_at, u.name, a.name as agency, a.sector
  from access_grant g join app_user u on u.id = g.user_id join agency a on a.id = u.agency_id
 where g.case_id = :case_id and (g.ends_at is null or g.ends_at > :now) order by a.name, u.name
"""
)

_CHANGE = _statement(
    """
select s.id, s.before, s.after, s.reason, s.asked_at, s.asked_by, u.name as asked_by_name
  from sensitivity_change s join app_user u on u.id = s.asked_by
 where s.case_id = :case_id and s.confirmed_at is null and s.withdrawn_at is null
"""
)


@dataclass(frozen=True)
class Status:
    """A status of the child, from when, and which agency says so."""

    status: str
    starts_on: date | None
    agency: str


def head(*, reference: str) -> Row[Any] | None:
    """A case that one reads in full: itself, its child, who leads, through which readers one reaches it."""
    repeated = current_policy().of(Missing).prompt
    return db.session.execute(
        _HEAD,
        {
            "reference": reference,
            "today": clock.today(),
            "counted": [one.value for one in repeated.counted],
            "recent_since": days_before(clock.now(), WINDOWS[0]),
        },
    ).one_or_none()


def notice(*, reference: str) -> Row[Any] | None:
    """That a case exists, how closely it is held, who leads it, and somebody there who reads it."""
    return db.session.execute(_NOTICE, {"reference": reference}).one_or_none()


def duty_teams(*, agency_id: UUID) -> Rows:
    """The teams of an agency with their duty phones."""
    return db.session.execute(_DUTY, {"agency_id": agency_id}).all()


def network(*, case: Any) -> Rows:
    """The teams on a case, the lead first, each with its worker and duty phone."""
    return db.session.execute(_NETWORK, {"case_id": case.id, "lead": case.lead_agency_id}).all()


def alerts(*, case_id: UUID) -> Rows:
    """The alerts that stand on a case."""
    return db.session.execute(_ALERTS, {"case_id": case_id}).all()


def entries(
    *, case_id: UUID, before: MomentCursor | None = None, limit: int = ENTRIES, kinds: Sequence[str] = ()
) -> Page[MomentCursor]:
    """The entries that one may read, newest first, from `before` on; of some kinds, where any are named."""
    start = before or NEWEST
    values = {"case_id": case_id, "at": start.at, "entry_id": start.id, "limit": limit + 1}
    statement = _ENTRIES_OF_KINDS if kinds else _ENTRIES
    rows = db.session.execute(statement, values | ({"kinds": list(kinds)} if kinds else {})).all()
    return Page.cut(rows, limit, lambda row: MomentCursor(row.happened_at, row.id))


def latest(*, case_id: UUID, critical: bool = False, sector: str = "", limit: int = 6) -> Rows:
    """The newest entries that one may read: all, critical moments alone, or those of one sector."""
    values = {"case_id": case_id, "at": NEWEST.at, "entry_id": NEWEST.id, "limit": limit}
    return db.session.execute(_LATEST, values | {"critical": critical, "sector": sector}).all()


def entry(*, case_id: UUID, entry_id: UUID) -> Rows:
    """One entry of a case that one may read; nothing where there is none."""
    values = {"case_id": case_id, "at": NEWEST.at, "entry_id": NEWEST.id, "limit": 1}
    return db.session.execute(_ENTRY, values | {"one": entry_id}).all()


_CHANGES = text(
    """
select k.before, k.after, k.reason, k.changed_at as at, u.name as by,
       (select jsonb_object_agg(a.id, a.name) from agency a
         where a.id in (select l::uuid from jsonb_array_elements_text(
                               (k.before -> 'agencies') || (k.after -> 'agencies')) l)) as names
  from entry_change k join app_user u on u.id = k.changed_by
 where k.entry_id = :entry_id order by k.number desc
"""
).bindparams(bindparam("entry_id", type_=Uuid))


def changes_of(*, entry_id: UUID) -> Rows:
    """How an entry was put right beside its words, the latest first."""
    return db.session.execute(_CHANGES, {"entry_id": entry_id}).all()


def statuses(*, case: Any) -> list[Status]:
    """The statuses that the child has now, beside the case; they came with its head."""
    return [
        Status(
            one["status"],
            date.fromisoformat(one["starts_on"]) if one["starts_on"] else None,
            one["agency"],
        )
        for one in case.statuses or ()
    ]


def deadlines(*, case_id: UUID) -> Rows:
    """What is owed on a case, earliest first."""
    return db.session.execute(_DEADLINES, {"case_id": case_id}).all()


def grants(*, case_id: UUID) -> Rows:
    """The people who read a case by name."""
    return db.session.execute(_GRANTS, {"case_id": case_id, "now": clock.now()}).all()


def pending_change(*, case_id: UUID) -> Row[Any] | None:
    """What waits for a second person: that the case be held less closely."""
    return db.session.execute(_CHANGE, {"case_id": case_id}).one_or_none()


#: Bytes of words. The database counts them, so that no more leave it.
WORDS = 2_000_000

_WITHIN = of_entries(
    around="""
select * from (
       select e.*, count(*) over () as found,
              sum(octet_length(e.text)) over (order by e.happened_at desc, e.id desc)
              - octet_length(e.text) as words_before
         from ({entries}) e) w
 where words_before < :most order by happened_at desc, id desc
"""
)


def entries_within(*, case_id: UUID, limit: int) -> Page[MomentCursor]:
    """The newest entries that one may read, newest first: so many, of so many bytes, or one."""
    values = {"case_id": case_id, "at": NEWEST.at, "entry_id": NEWEST.id, "limit": limit + 1}
    rows = db.session.execute(_WITHIN, values | {"most": WORDS}).all()
    kept = rows[:limit]
    goes_on = bool(rows) and rows[0].found > len(kept)
    return Page(kept, MomentCursor(kept[-1].happened_at, kept[-1].id) if goes_on else None)
