-- Fills a migrated database, whose triggers on these tables are off, set by set. {cases} is the number of
-- cases; bench_agency (n, agency, team, person), bench_name (n, given, family) and bench_key (n, key) are there.
-- Agencies: 0 the hub, 1-4 social care, 5 police, 6-11 health, 12-40 others, 41 the tiny one, 42 one that is on one
-- case in twenty. What somebody works on by name is as much in a small world as in a large one.

create unlogged table bench_case as
select n, uuidv7() as case_id, uuidv7() as child_id, 1 + (n * 7919) % {names} as name, (n * 31) % 1000 as die
  from generate_series(1::bigint, {cases}) n;

analyze bench_case;

insert into child (id, reference, given_name, family_name, dob, dob_is_estimate, created_at, version)
select child_id, 'CHD-' || substr(lpad(upper(to_hex(b.n)), 8, '0'), 1, 4) || '-' || substr(lpad(upper(to_hex(b.n)), 8, '0'), 5), given, family,
       date '2008-01-01' + (b.n * 13 % 3000)::int, false, now(), 1
  from bench_case b join bench_name m on m.n = b.name;

insert into child_record (child_id, disabilities, version) select child_id, '{{}}', 1 from bench_case;

insert into name_key (child_id, key, from_alias)
select b.child_id, k.key, false from bench_case b join bench_key k on k.n = b.name;

insert into cre_case (id, reference, child_id, state, sensitivity, sensitivity_reason, level, types, contexts,
                      district, lead_agency_id, reason, opened_at, opened_by, next_due_at, policy_version, version)
select case_id, 'CRE-' || substr(lpad(upper(to_hex(b.n)), 8, '0'), 1, 4) || '-' || substr(lpad(upper(to_hex(b.n)), 8, '0'), 5), child_id, 'plan_under_way', 0, '',
       (array['high', 'medium', 'low', 'low', 'low'])[1 + b.n % 5], '{{cse}}', '{{}}', 'derby', a.agency,
       'Bench', now(), h.person, timestamptz '2026-12-01' + (b.n * 17 % 90) * interval '1 day', 'bench', 1
  from bench_case b
  join bench_agency a on a.n = 1 + b.n % 4
  join bench_agency h on h.n = 0;

insert into case_notice (case_id, reference, sensitivity, lead_agency_id)
select id, reference, sensitivity, lead_agency_id from cre_case join bench_case on case_id = id;

-- about three and a half agencies a case
insert into involvement (id, case_id, agency_id, team_id, worker_id, reason, started_at, started_by)
select uuidv7(), b.case_id, a.agency, coalesce(p.team, a.team), case when b.n <= {in_hand} and coalesce(p.n, 0) = 0 then a.person end, 'Bench', now(), h.person
  from bench_case b
 cross join lateral (
    select 1 + b.n % 4 as n
    union all select 5 where b.die < 600
    union all select 6 + b.n % 6
    union all select 12 + b.n % 29 where b.die < 900
    union all select 41 where b.n <= 20
    union all select 42 where b.n % 20 = 0) joined
  join bench_agency a on a.n = joined.n
  left join bench_police p on a.n = 5 and p.n = b.n / 2 % 12
  join bench_agency h on h.n = 0;

insert into deadline (id, kind, subject_kind, subject_id, case_id, owner_team_id, started_at, due_at,
                      original_due_at, state, source, confirmed, policy_version)
select uuidv7(), 'assessment', 'cre_case', c.id, c.id, a.team, now(), c.next_due_at, c.next_due_at, 'open',
       'bench', false, 'bench'
  from cre_case c join bench_agency a on a.agency = c.lead_agency_id;

-- what the trigger would have written; a rung fell before the morning that tests.bench.reminders travels to for those
-- that are due first, and falls later for the others
insert into reminder_plan (deadline_id, since, look_at, told_until)
select id, timestamptz '2026-11-01', due_at - interval '1 day', timestamptz '2026-11-30'
  from deadline where source = 'bench';

insert into chronology_entry (id, case_id, author_id, agency_id, kind, text, happened_at, handling,
                              listed_agencies, family_safe, created_at, details)
select uuidv7(), b.case_id, a.person, a.agency, 'note', 'A note that somebody wrote about this child.',
       now() - s * interval '1 day', (array['network', 'network', 'network', 'own'])[1 + s % 4],
       '{{}}', 'no', now(), '{{}}'
  from bench_case b join bench_agency a on a.n = 1 + b.n % 4
 cross join lateral generate_series(1, case when b.n = 1 then {long_life} else {entries} end) s;

-- what the triggers would have written; the drift check compares
insert into case_scope (case_id, reader, sees, until, rank, due)
select c.id, who.reader, 2, ctx.forever(), ctx.queue_rank(c.state, c.level), c.next_due_at
  from cre_case c
  join (select case_id, ctx.hub() as reader from bench_case
        union select case_id, team_id from involvement where reason = 'Bench'
        union select case_id, agency_id from involvement where reason = 'Bench') who on who.case_id = c.id;

insert into child_scope (child_id, reader, sees, until)
select b.child_id, s.reader, s.sees, s.until from case_scope s join bench_case b on b.case_id = s.case_id;

-- what changed of late, a line for each case: its newest entry
insert into case_news (id, case_id, event, subject_kind, subject_id, by_id, by_agency_id, at)
select uuidv7(), e.case_id, 'entry_added', 'chronology_entry', e.id, e.author_id, e.agency_id, now() - b.n % 40 * interval '1 day'
  from chronology_entry e join bench_case b on b.case_id = e.case_id
 where e.happened_at between now() - interval '25 hours' and now() - interval '23 hours' and e.handling = 'network';

-- what the officer has been told: ten thousand things, of fewer cases where there are few
create unlogged table bench_told as
select c.id as case_id, c.reference, uuidv7() as message, row_number() over () as n
  from cre_case c join bench_case b on b.case_id = c.id cross join generate_series(1, greatest(1, 200000 / {cases}))
 where b.n / 2 % 12 = 0 and b.die < 600 limit 10000;

insert into outbox_message (id, key, kind, channel, urgent, recipient_id, agency_id, created_at, read_at, state, attempts,
                            not_before, next_try_at, settled_at)
select message, 'bench-' || t.n, 'shared', 'portal', false, a.person, a.agency, now() - t.n * interval '1 hour',
       case when t.n % 20 > 0 then now() end, 'shown', 0, now(), now(), now()
  from bench_told t join bench_agency a on a.n = 5;

insert into outbox_subject (message_id, subject_kind, subject_id, reference, case_id)
select message, 'cre_case', case_id, reference, case_id from bench_told;
