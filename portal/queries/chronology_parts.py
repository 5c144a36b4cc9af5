"""The kinds of record that make up the chronology of a child, each as one part of a union.

Every part gives the same columns: id, at, agency_id, by_id, case_id, reference, said. Which rows of it there
are, the database decides; a day without an hour stands at midday. `reference` leads to the record’s page;
`said` holds what is particular to it. A record that somebody put right stands as it is now; its own page has
what was said before.
"""

from types import MappingProxyType

from portal.records.entries.vocabulary.contributions import ChronologyPart

#: Parts of which there can be thousands: they bring their own order and limit, so that an index serves them.
ENTRIES = """
select e.id, e.happened_at as at, e.agency_id, e.author_id as by_id, c.id as case_id, null as reference,
       jsonb_build_object(
           'kind', e.kind, 'text', e.text, 'details', e.details, 'moment', e.moment, 'handling', e.handling,
           'critical_moment', e.critical_moment, 'conditions', e.conditions, 'written_at', e.created_at,
           'correction_reason', e.correction_reason,
           'giver_agency_id', (select d.giver_agency_id from disclosure d where d.id = e.disclosure_id),
           'listed', array(select g.name from agency g where g.id = any (e.listed_agencies) order by g.name),
           'grading', (select jsonb_build_object(
                                  'conditions', q.conditions, 'forbids', q.forbids,
                                  'agency_id', q.graded_agency_id, 'released_at', q.released_at)
                         from entry_grading q where q.entry_id = e.id and q.replaced_at is null)) as said
  from cre_case c cross join lateral (
       select e.* from chronology_entry e
        where e.case_id = c.id and (e.happened_at, e.id) < (:at, :id) and e.happened_at >= :since
          and (not :critical or e.critical_moment is not null)
          and (cast(:agency as uuid) is null or e.agency_id = :agency)
          and not exists (select 1 from chronology_entry n where n.corrects_id = e.id)
        order by e.happened_at desc, e.id desc limit :limit) e
 where c.child_id = :child
"""

#: The others, by what a line of them is called.
OTHERS: MappingProxyType[str, tuple[ChronologyPart, str]] = MappingProxyType(
    {
        "episode": (
            ChronologyPart.MISSING,
            """
select m.id, m.missing_since as at, m.recorded_agency_id as agency_id, m.recorded_by as by_id,
       cast(null as uuid) as case_id, m.reference,
       jsonb_build_object(
           'status', m.status, 'returned_at', m.returned_at, 'place', m.missing_from, 'grade', m.grade,
           'words', m.circumstances, 'found', m.how_found, 'found_where', m.found_where,
           'found_with', m.found_with, 'injuries', m.injuries) as said
  from missing_episode m where m.child_id = :child and m.withdrawn_at is null""",
        ),
        "interview": (
            ChronologyPart.MISSING,
            """
select i.id, coalesce(i.done_at, i.completed_at) as at, i.agency_id, i.completed_by as by_id,
       cast(null as uuid) as case_id, i.reference,
       jsonb_build_object('held', i.done_at is not null, 'accepted', i.accepted,
                          'reason', i.declined_reason, 'interviewer', i.interviewer) as said
  from return_interview i where i.child_id = :child and i.completed_at is not null""",
        ),
        "assessment": (
            ChronologyPart.ASSESSMENT,
            """
select r.id, r.finalised_at as at, r.agency_id, r.assessor_id as by_id, c.id as case_id, r.reference,
       jsonb_build_object('kind', r.kind, 'level', r.level, 'words', r.level_reason) as said
  from cre_case c join risk_assessment r on r.case_id = c.id
 where c.child_id = :child and r.finalised_at is not null""",
        ),
        "level": (
            ChronologyPart.ASSESSMENT,
            """
select l.id, l.decided_at as at, l.agency_id, l.decided_by as by_id, c.id as case_id, null as reference,
       jsonb_build_object('before', l.before, 'level', l.level, 'words', l.reason) as said
  from cre_case c join level_decision l on l.case_id = c.id
 where c.child_id = :child and l.before is distinct from l.level""",
        ),
        "nothing_changes": (
            ChronologyPart.ASSESSMENT,
            """
select r.entry_id as id, r.reviewed_at as at, r.agency_id, r.reviewed_by as by_id, c.id as case_id,
       null as reference, jsonb_build_object('words', r.words) as said
  from cre_case c join moment_review r on r.case_id = c.id
 where c.child_id = :child and r.assessment_id is null""",
        ),
        "meeting": (
            ChronologyPart.MEETING,
            """
select m.id, m.starts_at as at, h.agency_id, m.chair_id as by_id, c.id as case_id, m.reference,
       jsonb_build_object('kind', m.kind) as said
  from meeting_case k join meeting m on m.id = k.meeting_id join app_user h on h.id = m.chair_id
  left join cre_case c on c.id = k.case_id
 where k.child_id = :child and m.held_at is not null""",
        ),
        "decision": (
            ChronologyPart.MEETING,
            """
select d.id, coalesce(m.held_at, d.recorded_at) as at, h.agency_id, d.recorded_by as by_id, c.id as case_id,
       m.reference, jsonb_build_object('words', d.text, 'reason', d.reason, 'outcome', d.outcome) as said
  from cre_case c join decision d on d.case_id = c.id join app_user h on h.id = d.recorded_by
  left join meeting m on m.id = d.meeting_id
 where c.child_id = :child and d.withdrawn_at is null""",
        ),
        "panel_decision": (
            ChronologyPart.MEETING,
            """
select d.id, coalesce(m.held_at, d.recorded_at) as at, h.agency_id, d.recorded_by as by_id, p.case_id,
       p.reference, jsonb_build_object('words', d.text, 'reason', d.reason) as said
  from panel_item p join panel_decision d on d.item_id = p.id join app_user h on h.id = d.recorded_by
  left join meeting m on m.id = d.meeting_id
 where p.child_id = :child and d.withdrawn_at is null""",
        ),
        "action": (
            ChronologyPart.ACTION,
            """
select a.id, a.done_at as at, a.owner_agency_id as agency_id, a.done_by as by_id, c.id as case_id,
       a.reference,
       jsonb_build_object('what', a.what, 'words', a.done_words, 'effect', a.effect) as said
  from action a left join cre_case c on c.id = a.case_id
 where a.child_id = :child and a.done_at is not null""",
        ),
        "safety_plan": (
            ChronologyPart.ACTION,
            """
select v.id, v.put_at as at, p.agency_id, v.put_by as by_id, c.id as case_id, p.reference,
       jsonb_build_object('edition', v.edition, 'until', p.valid_until,
                          'child_agrees', v.child_agrees) as said
  from cre_case c join safety_plan p on p.case_id = c.id join safety_plan_version v on v.plan_id = p.id
 where c.child_id = :child""",
        ),
        "process": (
            ChronologyPart.PROCESS,
            """
select p.id, p.started_at as at, p.agency_id, p.author_id as by_id, c.id as case_id, p.reference,
       jsonb_build_object('kind', p.kind, 'words', p.words, 'their', p.their_reference) as said
  from cre_case c join linked_process p on p.case_id = c.id
 where c.child_id = :child""",
        ),
        "process_step": (
            ChronologyPart.PROCESS,
            """
select s.id, s.done_at as at, s.recorded_agency_id as agency_id, s.recorded_by as by_id, c.id as case_id,
       p.reference,
       jsonb_build_object('kind', p.kind, 'step', s.kind, 'words', s.words, 'due_at', s.due_at,
                          'late', s.done_at > s.due_at) as said
  from cre_case c join linked_process p on p.case_id = c.id join linked_step s on s.process_id = p.id
 where c.child_id = :child and s.done_at is not null""",
        ),
        "process_ended": (
            ChronologyPart.PROCESS,
            """
select p.id, p.ended_at as at, h.agency_id, p.ended_by as by_id, c.id as case_id, p.reference,
       jsonb_build_object('kind', p.kind, 'outcome', p.outcome, 'words', p.outcome_words) as said
  from cre_case c join linked_process p on p.case_id = c.id left join app_user h on h.id = p.ended_by
 where c.child_id = :child and p.ended_at is not null""",
        ),
        "strategy": (
            ChronologyPart.MISSING,
            """
select p.id, p.answered_at as at, p.answered_agency_id as agency_id, p.answered_by as by_id,
       cast(null as uuid) as case_id, p.reference,
       jsonb_build_object('answer', p.answer, 'words', p.words) as said
  from missing_prompt p where p.child_id = :child and p.answered_at is not null""",
        ),
        "status": (
            ChronologyPart.PROCESS,
            """
select s.id, coalesce((s.starts_on + time '12:00') at time zone 'Europe/London', s.created_at) as at,
       s.agency_id, cast(null as uuid) as by_id, cast(null as uuid) as case_id, null as reference,
       jsonb_build_object('status', s.status, 'ends_on', s.ends_on) as said
  from child_status s where s.child_id = :child""",
        ),
        "statement": (
            ChronologyPart.PROCESS,
            """
select s.id, coalesce((s.starts_on + time '12:00') at time zone 'Europe/London', s.created_at) as at,
       s.agency_id, s.author_id as by_id, cast(null as uuid) as case_id, null as reference,
       jsonb_build_object('kind', s.kind, 'value', s.value, 'ends_on', s.ends_on) as said
  from child_statement s
 where s.child_id = :child and not s.do_not_disclose
   and not exists (select 1 from child_statement n where n.replaces_id = s.id)""",
        ),
        "link": (
            ChronologyPart.CONCERN,
            """
select l.id, coalesce((l.from_on + time '12:00') at time zone 'Europe/London', l.created_at) as at,
       l.agency_id, l.author_id as by_id, cast(null as uuid) as case_id, o.reference,
       jsonb_build_object('kind', o.kind, 'name', o.name, 'role', l.role, 'words', l.words,
                          'until', l.until_on, 'ended_at', l.ended_at, 'handling', l.handling,
                          'listed', array(select g.name from agency g
                                           where g.id = any (l.listed_agencies) order by g.name)) as said
  from concern_link l join concern o on o.id = l.concern_id
 where l.child_id = :child""",
        ),
        "order": (
            ChronologyPart.CONCERN,
            """
select r.id, (r.starts_on + time '12:00') at time zone 'Europe/London' as at, r.agency_id,
       r.author_id as by_id, cast(null as uuid) as case_id, r.reference,
       jsonb_build_object('kind', r.kind, 'name', o.name, 'words', r.conditions,
                          'until', coalesce(r.ended_on, r.expires_on)) as said
  from order_child k join concern_order r on r.id = k.order_id join concern o on o.id = r.concern_id
 where k.child_id = :child""",
        ),
        "told": (
            ChronologyPart.TOLD,
            """
select d.id, d.decided_at as at, d.giver_agency_id as agency_id, d.giver_id as by_id,
       cast(null as uuid) as case_id, d.reference,
       jsonb_build_object('receiver', r.name, 'words', t.text, 'conditions', d.conditions,
                          'giver_agency_id', d.giver_agency_id) as said
  from disclosure_child k join disclosure d on d.id = k.disclosure_id
  join agency r on r.id = d.receiver_agency_id
  left join disclosure_text t on t.disclosure_id = d.id
 where k.child_id = :child and d.decision <> 'refuse' and d.withdrawn_at is null""",
        ),
        "answer": (
            ChronologyPart.TOLD,
            """
select a.id, a.answered_at as at, a.agency_id, a.author_id as by_id, a.case_id, q.reference,
       jsonb_build_object('question', q.question, 'words', a.text, 'nothing', a.nothing_held,
                          'handling', a.handling,
                          'listed', array(select g.name from agency g
                                           where g.id = any (a.listed_agencies) order by g.name)) as said
  from information_request q join information_answer a on a.request_id = q.id
 where q.child_id = :child""",
        ),
        "alert": (
            ChronologyPart.CASE,
            """
select l.id, l.created_at as at, h.agency_id, l.owner_id as by_id, c.id as case_id, null as reference,
       jsonb_build_object('kind', l.kind, 'words', l.text, 'ended_at', l.ended_at) as said
  from cre_case c join alert l on l.case_id = c.id join app_user h on h.id = l.owner_id
 where c.child_id = :child""",
        ),
        "opened": (
            ChronologyPart.CASE,
            """
select c.id, c.opened_at as at, h.agency_id, c.opened_by as by_id, c.id as case_id, c.reference,
       jsonb_build_object('words', c.reason) as said
  from cre_case c join app_user h on h.id = c.opened_by
 where c.child_id = :child""",
        ),
        "ended": (
            ChronologyPart.CASE,
            """
select e.id, e.closed_at as at, h.agency_id, e.asked_by as by_id, c.id as case_id, c.reference,
       jsonb_build_object('kind', e.kind, 'reason', e.reason, 'words', e.words) as said
  from cre_case c join case_closure e on e.case_id = c.id join app_user h on h.id = e.asked_by
 where c.child_id = :child and e.closed_at is not null""",
        ),
        "reopened": (
            ChronologyPart.CASE,
            """
select e.id, e.reopened_at as at, h.agency_id, e.reopened_by as by_id, c.id as case_id, c.reference,
       jsonb_build_object('words', e.reopen_reason) as said
  from cre_case c join case_closure e on e.case_id = c.id join app_user h on h.id = e.reopened_by
 where c.child_id = :child and e.reopened_at is not null""",
        ),
    }
)
