-- What was said and decided at a meeting follows the child that it is on; what is on no single child is for whoever
-- knows of the meeting as a whole. From approval on it stands. A closed part is for its own readers only.

-- The words of every policy below: on a child, full reach on the case and the meeting is seen; else the whole meeting.
create function ctx.records_meeting(p_meeting uuid, p_case uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select case when p_case is null then ctx.runs_meeting_as(ctx.readers(), p_meeting)
                else exists (select 1 from meeting_case mc
                               join case_scope s on s.case_id = mc.case_id
                              where mc.meeting_id = p_meeting and mc.case_id = p_case
                                and s.reader = any ((select ctx.readers())::uuid[]) and s.sees = 2 and s.until > statement_timestamp())
           end
$$;

-- who: whoever has full reach on the case that it is on
-- who: where it is on the whole meeting: whoever knows of that as a whole
create policy seen on minute for select to portal_app using (
    case when case_id is null then ctx.runs_meeting(meeting_id)
         else FULL(minute.case_id) end);
create policy added on minute for insert to portal_app with check (
    MINE(saved_by) and ctx.records_meeting(meeting_id, case_id) and ctx.keeps_record(meeting_id)
    and exists (select 1 from agenda_item i
                 where i.id = minute.item_id and i.meeting_id = minute.meeting_id
                   and i.case_id is not distinct from minute.case_id));
create policy changed on minute for update to portal_app using (
    case when case_id is null then ctx.runs_meeting(meeting_id)
         else FULL(minute.case_id) end)
    with check (MINE(saved_by) and ctx.keeps_record(meeting_id));

-- who: whoever has full reach on the case that it is on
-- who: where it is on the whole meeting: whoever knows of that as a whole
create policy seen on decision for select to portal_app using (
    case when case_id is null then ctx.runs_meeting(meeting_id)
         else FULL(decision.case_id) end);
create policy added on decision for insert to portal_app with check (
    MINE(recorded_by) and ctx.records_meeting(meeting_id, case_id) and ctx.keeps_record(meeting_id));
create policy changed on decision for update to portal_app using (
    case when case_id is null then ctx.runs_meeting(meeting_id)
         else FULL(decision.case_id) end)
    with check (ctx.records_meeting(meeting_id, case_id) and ctx.keeps_record(meeting_id));

-- Whoever puts a decision in other words has recorded it: their name stands for what it says now.
create function ctx.decided_by_me() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    new.recorded_by := ctx.user_id();
    return new;
end $$;
create trigger decided_by_me before update on decision for each row
    when (current_user = 'portal_app'
          and (old.text is distinct from new.text or old.reason is distinct from new.reason
               or old.outcome is distinct from new.outcome))
    execute function ctx.decided_by_me();

create policy seen on decision_part for select to portal_app
    using (exists (select 1 from decision d where d.id = decision_part.decision_id offset 0));
create policy added on decision_part for insert to portal_app with check (
    MINE(saved_by) and exists (select 1 from decision d where d.id = decision_part.decision_id
                                  and ctx.keeps_record(d.meeting_id) offset 0));
create policy changed on decision_part for update to portal_app
    using (exists (select 1 from decision d where d.id = decision_part.decision_id offset 0))
    with check (MINE(saved_by) and exists (select 1 from decision d where d.id = decision_part.decision_id
                                              and ctx.keeps_record(d.meeting_id) offset 0));

create policy seen on level_proposal for select to portal_app
    using (FULL(level_proposal.case_id));
create policy added on level_proposal for insert to portal_app with check (
    MINE(proposed_by) and settled_at is null and ctx.records_meeting(meeting_id, case_id)
    and ctx.keeps_record(meeting_id));
create policy changed on level_proposal for update to portal_app
    using (FULL(level_proposal.case_id))
    with check (MINE(settled_by));

-- The assessor of the last finalised assessment is not the second person to lower a level in a meeting.
create function ctx.assessed_last(p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select a.assessor_id = ctx.user_id() or a.concluded_by = ctx.user_id() from risk_assessment a
                      where a.case_id = p_case and a.state = 'finalised'
                      order by a.finalised_at desc, a.id desc limit 1), false)
$$;

create policy of_a_meeting on level_decision as restrictive for insert to portal_app with check (
    meeting_id is null
    or (ctx.records_meeting(meeting_id, case_id) and (second_id is null or not ctx.assessed_last(case_id))));

-- A closed part: chair, note-taker and those named for it, as long as they see the meeting.
create function ctx.reads_closed(p_closed uuid, p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from meeting m
                    where m.id = p_meeting and ctx.user_id() in (m.chair_id, m.note_taker_id))
        or exists (select 1 from closed_reader r where r.closed_id = p_closed and r.user_id = ctx.user_id())
$$;
-- Who may be named: somebody who is invited by name, comes, or is in a team that is invited; or with full reach on
-- the child that it is on, or on every child of a meeting that it is on as a whole. While they see the meeting: whoever
-- does not would be named and read nothing (the invited once their time is over; a team on sealed children).
create function ctx.may_read_closed(p_closed uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from closed_minute c cross join lateral (select ctx.readers_of(p_user) as keys offset 0) who
         where c.id = p_closed and ctx.reaches_meeting(who.keys, c.meeting_id)
           and (exists (select 1 from invitation i
                         where i.meeting_id = c.meeting_id and i.withdrawn_at is null
                           and (p_user in (i.user_id, i.comes_id) or i.team_id = any (who.keys)))
                or (select bool_and(ctx.reaches_case(who.keys, mc.case_id)) from meeting_case mc
                     where mc.meeting_id = c.meeting_id and mc.case_id = coalesce(c.case_id, mc.case_id))))
$$;
-- who: chair, note-taker and whoever is named for it, while they read the meeting
create policy seen on closed_minute for select to portal_app using (
    exists (select 1 from meeting m where m.id = closed_minute.meeting_id offset 0)
    and ctx.reads_closed(id, meeting_id));
create policy added on closed_minute for insert to portal_app with check (
    MINE(saved_by)
    and exists (select 1 from meeting m where m.id = closed_minute.meeting_id
                   and (select ctx.user_id()) in (m.chair_id, m.note_taker_id) offset 0)
    and ctx.records_meeting(meeting_id, case_id));
create policy changed on closed_minute for update to portal_app using (
    exists (select 1 from meeting m where m.id = closed_minute.meeting_id
               and (select ctx.user_id()) in (m.chair_id, m.note_taker_id) offset 0))
    with check (MINE(saved_by));

create policy seen on closed_reader for select to portal_app
    using (exists (select 1 from closed_minute c where c.id = closed_reader.closed_id offset 0));
create policy added on closed_reader for insert to portal_app with check (
    MINE(named_by) and ctx.may_read_closed(closed_id, user_id)
    and exists (select 1 from closed_minute c join meeting m on m.id = c.meeting_id
                 where c.id = closed_reader.closed_id
                   and (select ctx.user_id()) in (m.chair_id, m.note_taker_id) offset 0));
create policy removed on closed_reader for delete to portal_app using (
    exists (select 1 from closed_minute c join meeting m on m.id = c.meeting_id
             where c.id = closed_reader.closed_id
               and (select ctx.user_id()) in (m.chair_id, m.note_taker_id) offset 0));
create policy seen on closed_reader_end for select to portal_app
    using (exists (select 1 from closed_minute c where c.id = closed_reader_end.closed_id offset 0));
create policy added on closed_reader_end for insert to portal_app with check (
    MINE(ended_by) and reason <> ''
    and exists (select 1 from closed_minute c join meeting m on m.id = c.meeting_id
                  join closed_reader r on r.closed_id = c.id and r.user_id = closed_reader_end.user_id
                 where c.id = closed_reader_end.closed_id
                   and (select ctx.user_id()) in (m.chair_id, m.note_taker_id) offset 0));

-- The versions that were given to whoever asks, until their reach ends: the invitation stands. What is on a sealed
-- child, or on a whole meeting with one, goes to named people only. It begins with the invitations, which are few: without
-- `offset 0` every copy was read for each statement.
create function ctx.copies_of(p_readers uuid[]) returns table (id uuid, issue_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.id, c.issue_id
      from invitation i
           cross join lateral (select c.id, c.issue_id from minutes_copy c
                                where c.invitation_id = i.id and c.reach_until > statement_timestamp() offset 0) c
           cross join lateral (select n.meeting_id, n.case_id from minutes_issue n where n.id = c.issue_id offset 0) n
     where (i.user_id = any (p_readers) or i.comes_id = any (p_readers) or i.team_id = any (p_readers))
       and i.withdrawn_at is null
       and exists (select 1 from ctx.invited(i.agency_id, i.team_id, i.user_id, i.comes_id) who (reader)
                    where who.reader = any (p_readers))
       and (coalesce(i.user_id = any (p_readers), false)
            or not exists (select 1 from meeting_case mc
                            where mc.meeting_id = n.meeting_id and (n.case_id is null or mc.case_id = n.case_id)
                              and exists (select 1 from cre_case k
                                           where k.id = mc.case_id and k.sensitivity = 2 offset 0)))
$$;
create function ctx.my_issues() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select array(select issue_id from ctx.copies_of(ctx.readers()))
$$;
create function ctx.my_copies() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select array(select id from ctx.copies_of(ctx.readers()))
$$;

-- who: whoever was given a copy, until its time is over; on a sealed child only by name
-- who: whoever has full reach on the case that it is on
-- who: where it is on the whole meeting: whoever knows of that as a whole
create policy seen on minutes_issue for select to portal_app using (
    id = any ((select ctx.my_issues())::uuid[])
    or case when case_id is null then ctx.runs_meeting(meeting_id)
            else FULL(minutes_issue.case_id) end);
create policy added on minutes_issue for insert to portal_app with check (
    MINE(made_by) and ctx.records_meeting(meeting_id, case_id)
    and exists (select 1 from meeting m
                 where m.id = minutes_issue.meeting_id
                   and case when minutes_issue.kind = 'draft' then m.state = 'minutes_in_draft'
                            else m.state in ('approved', 'distributed') end offset 0));

-- who: whoever it was given to, until its time is over; on a sealed child only by name
-- who: whoever has full reach on the case that the minutes are on
-- who: where they are on the whole meeting: whoever knows of that as a whole
create policy seen on minutes_copy for select to portal_app using (
    id = any ((select ctx.my_copies())::uuid[])
    or exists (select 1 from minutes_issue n
                where n.id = minutes_copy.issue_id
                  and case when n.case_id is null then ctx.runs_meeting(n.meeting_id)
                           else FULL(n.case_id)
                      end offset 0));
create policy added on minutes_copy for insert to portal_app with check (
    MINE(given_by) and opened_at is null
    and exists (select 1 from minutes_issue n
                 where n.id = minutes_copy.issue_id and ctx.records_meeting(n.meeting_id, n.case_id) offset 0)
    and (invitation_id is null
         or exists (select 1 from invitation i join minutes_issue n on n.meeting_id = i.meeting_id
                     where i.id = minutes_copy.invitation_id and n.id = minutes_copy.issue_id offset 0)));
create policy opened on minutes_copy for update to portal_app using (
    id = any ((select ctx.my_copies())::uuid[])
    or READER(team_id))
    with check (MINE(opened_by));

-- Whoever saw the draft asks for a correction and hears what became of it.
-- who: whoever asked for it, while of the agency that they asked for
-- who: whoever has full reach on the case that it is on
-- who: where it is on the whole meeting: whoever knows of that as a whole
create policy seen on minutes_correction for select to portal_app using (
    (MINE(asked_by) and OURS(agency_id))
    or case when case_id is null then ctx.runs_meeting(meeting_id)
            else FULL(minutes_correction.case_id)
       end);
create policy added on minutes_correction for insert to portal_app with check (
    MINE(asked_by) and OURS(agency_id) and settled_at is null
    and exists (select 1 from minutes_issue n
                 where n.meeting_id = minutes_correction.meeting_id
                   and n.case_id is not distinct from minutes_correction.case_id offset 0));
create policy changed on minutes_correction for update to portal_app using (
    ctx.records_meeting(meeting_id, case_id)) with check (MINE(settled_by) or unmade_reason is not null);

create policy seen on family_passage for select to portal_app
    using (FULL(family_passage.case_id));
create policy added on family_passage for insert to portal_app with check (
    MINE(chosen_by) and confirmed_at is null and ctx.records_meeting(meeting_id, case_id));
create policy changed on family_passage for update to portal_app using (ctx.records_meeting(meeting_id, case_id));

-- Whether what was recorded belongs to a child: it is on that child, or on the whole of a meeting on nobody else.
create function ctx.is_on_child(p_meeting uuid, p_recorded uuid, p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select case when p_recorded is not null then p_recorded = p_case
                else exists (select 1 from meeting_case where meeting_id = p_meeting and case_id = p_case)
                     and not exists (select 1 from meeting_case where meeting_id = p_meeting and case_id <> p_case)
           end
$$;

-- A meeting's next date is for whoever records it.
create policy changed on meeting_case for update to portal_app using (
    FULL(meeting_case.case_id)
    and ctx.runs_meeting(meeting_id));

-- What was approved stands: what is found wrong later is noted beside it.
create function ctx.record_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_meeting uuid := case when tg_table_name = 'decision_part'
                           then (select meeting_id from decision where id = (to_jsonb(new) ->> 'decision_id')::uuid)
                           else (to_jsonb(new) ->> 'meeting_id')::uuid end;
begin
    if not ctx.is_recorded(v_meeting) then
        raise check_violation using message = 'the record of a meeting stands from approval on';
    end if;
    if tg_op = 'UPDATE' and tg_table_name <> 'decision_part'
       and (to_jsonb(new) ->> 'case_id', to_jsonb(new) ->> 'meeting_id')
           is distinct from (to_jsonb(old) ->> 'case_id', to_jsonb(old) ->> 'meeting_id') then
        raise check_violation using message = 'what was recorded stays with its meeting and child';
    end if;
    return new;
end $$;
create trigger record_stands before insert or update on minute
    for each row when (current_user = 'portal_app') execute function ctx.record_stands();
create trigger record_stands before insert or update on decision
    for each row when (current_user = 'portal_app') execute function ctx.record_stands();
create trigger record_stands before insert or update on decision_part
    for each row when (current_user = 'portal_app') execute function ctx.record_stands();
create trigger record_stands before insert or update on closed_minute
    for each row when (current_user = 'portal_app') execute function ctx.record_stands();
create trigger record_stands before insert on level_proposal
    for each row when (current_user = 'portal_app') execute function ctx.record_stands();

-- A proposal is settled once. A lower level is taken only by somebody who may be the second person.
create function ctx.proposal_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.settled_at is not null then
        raise check_violation using message = 'what became of a proposed level stands';
    end if;
    if (to_jsonb(new) - array['settled_by', 'settled_at', 'accepted', 'settle_reason', 'taken_back'])
       is distinct from (to_jsonb(old) - array['settled_by', 'settled_at', 'accepted', 'settle_reason', 'taken_back']) then
        raise check_violation using message = 'a proposed level stands as it was proposed';
    end if;
    if new.accepted and (not ctx.may_lower_level(new.case_id) or ctx.assessed_last(new.case_id)) then
        raise insufficient_privilege using message = 'a lower level takes a second person who may agree to it';
    end if;
    if new.taken_back and not ctx.keeps_record(new.meeting_id) then
        raise insufficient_privilege using message = 'whoever keeps the record of a meeting takes a level back';
    end if;
    return new;
end $$;
create trigger proposal_stands before update on level_proposal
    for each row when (current_user = 'portal_app') execute function ctx.proposal_stands();

-- Minutes are approved by the chair, and by nobody else.
create function ctx.chair_approves() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if new.chair_id is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'the chair approves the minutes';
    end if;
    return new;
end $$;
create trigger chair_approves before update of state on meeting
    for each row when (current_user = 'portal_app' and new.state = 'approved' and old.state <> 'approved')
    execute function ctx.chair_approves();

-- A passage is confirmed for the family by the chair, as it stands.
create function ctx.chair_confirms() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if (to_jsonb(new) - array['confirmed_by', 'confirmed_at', 'removed_at'])
       is distinct from (to_jsonb(old) - array['confirmed_by', 'confirmed_at', 'removed_at']) then
        raise check_violation using message = 'a passage stands as it was chosen: take it out and choose it again';
    end if;
    if new.confirmed_by is distinct from old.confirmed_by
       and not exists (select 1 from meeting m
                        where m.id = new.meeting_id and m.chair_id = ctx.user_id() and new.confirmed_by = m.chair_id) then
        raise insufficient_privilege using message = 'the chair confirms what the family may have';
    end if;
    return new;
end $$;
create trigger chair_confirms before update on family_passage
    for each row when (current_user = 'portal_app') execute function ctx.chair_confirms();

-- Minutes: full reach on what they are on, or a copy whose time is not over.
create function ctx.reaches_minutes(p_readers uuid[], p_issue uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from ctx.copies_of(p_readers) c where c.issue_id = p_issue)
        or exists (select 1 from minutes_issue n
                    where n.id = p_issue
                      and case when n.case_id is null then ctx.runs_meeting_as(p_readers, n.meeting_id)
                               else ctx.reaches_case(p_readers, n.case_id) end)
$$;

-- Who hears that a correction is asked for: those who wrote the minutes and may still see them, else whoever leads the
-- case. Whoever asks may see neither meeting nor case: the application writes the message.
create function ctx.hear_of_correction(p_issue uuid) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with issue as (
        select n.* from minutes_issue n where n.id = p_issue and ctx.reaches_minutes(ctx.readers(), n.id)),
    wrote as (
        select distinct who.id
          from issue n join meeting m on m.id = n.meeting_id
         cross join lateral (values (m.chair_id), (m.note_taker_id), (n.made_by)) who (id)
         where who.id is not null and ctx.reaches_minutes(ctx.readers_of(who.id), n.id))
    select 'chair', w.id, null::uuid from wrote w
    union all
    select 'lead_professional', l.user_id, l.team_id from issue n cross join lateral ctx.hears_for_lead(n.case_id) l
     where not exists (select 1 from wrote)
$$;

-- When the minutes of an issue were approved, and by whom: also for whoever was given a draft alone, and sees neither
-- the meeting any more nor the text that stands.
create function ctx.minutes_approved(p_issue uuid) returns table (at timestamptz, by_whom text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.made_at, u.name
      from minutes_issue n
      join minutes_issue a on a.meeting_id = n.meeting_id and a.kind = 'professional'
      join app_user u on u.id = a.made_by
     where n.id = p_issue and ctx.reaches_minutes(ctx.readers(), n.id)
     order by a.made_at, a.id limit 1
$$;

-- Of meetings whose minutes were given between two moments to somebody who has not opened them: how many copies, and
-- who chairs, whose own copy does not count. The worker tells them; what the minutes say, and who has not read them, it
-- does not learn.
create function ctx.minutes_unopened(p_from timestamptz, p_until timestamptz)
returns table (meeting_id uuid, reference text, chair_id uuid, agency_id uuid, copies bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select m.id, m.reference, m.chair_id, u.agency_id, count(*)
      from minutes_copy c
      join minutes_issue n on n.id = c.issue_id and n.kind = 'professional'
      join meeting m on m.id = n.meeting_id
      join app_user u on u.id = m.chair_id and u.active
      left join invitation i on i.id = c.invitation_id
     where c.opened_at is null and c.given_at >= p_from and c.given_at < p_until
       and coalesce(i.comes_id, i.user_id) is distinct from m.chair_id
     group by m.id, m.reference, m.chair_id, u.agency_id
$$;

-- Who may touch which columns, and call what.
grant execute on function ctx.minutes_unopened to portal_worker;
grant execute on function ctx.hear_of_correction, ctx.minutes_approved to portal_app;
grant select, insert, update (heading, text, saved_by, saved_at, version) on closed_minute to portal_app;
grant select, insert, delete on closed_reader to portal_app;
grant select, insert on closed_reader_end, minutes_issue to portal_app;
grant select, insert, update (item_id, text, reason, outcome, recorded_by, recorded_at, withdrawn_at,
    withdrawn_reason, version) on decision to portal_app;
grant select, insert, update (stance, words, escalation, saved_by, saved_at) on decision_part to portal_app;
grant select, insert, update (confirmed_by, confirmed_at, removed_at) on family_passage to portal_app;
grant select, insert, update (settled_by, settled_at, accepted, settle_reason, taken_back) on level_proposal to portal_app;
grant select, insert, update (text, both_changed, saved_by, saved_at, version) on minute to portal_app;
grant select, insert, update (opened_at, opened_by) on minutes_copy to portal_app;
grant select, insert, update (taken, answer, settled_by, settled_at, unmade_reason) on minutes_correction to portal_app;
grant select on closed_minute, closed_reader, decision, minutes_copy, minutes_issue to portal_scope;
grant execute on function ctx.records_meeting, ctx.assessed_last, ctx.reads_closed, ctx.may_read_closed,
    ctx.my_issues, ctx.my_copies, ctx.is_on_child to portal_app;
