-- Who may give somebody else reach: the rows that do (an involvement, a grant, a question, a meeting, an action, a
-- disclosure) ask for the right of whoever writes them, not only for their name. The same facts as the permissions in
-- portal/access/permissions, kept by the database too.

-- A coordinator, or the lead professional, who has full reach on the case.
create function ctx.answers_for_case(p_case uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from cre_case c join case_scope s on s.case_id = c.id
         where c.id = p_case and s.reader = any ((select ctx.readers())::uuid[]) and s.sees = 2 and s.until > statement_timestamp()
           and (ctx.is_coordinator() or c.lead_professional_id = ctx.user_id()))
$$;

-- The chair of a meeting on the case that is not over.
create function ctx.chairs_on_case(p_case uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
         where mc.case_id = p_case and m.chair_id = ctx.user_id() and m.state not in ('distributed', 'cancelled'))
$$;

-- A manager of the agency that leads the case, who hands the lead over.
create function ctx.manages_lead(p_case uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.has_role('manager')
       and exists (select 1 from cre_case c where c.id = p_case and c.lead_agency_id = ctx.agency_id())
$$;

-- Who keeps the record of a meeting, from that it was held to what it decided: chair, note-taker, coordinators, and the
-- lead professional of one of its cases. To have called it is not enough.
create function ctx.keeps_record(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting m
         where m.id = p_meeting
           and (ctx.is_coordinator() or ctx.user_id() in (m.chair_id, m.note_taker_id)
                or exists (select 1 from meeting_case mc join cre_case c on c.id = mc.case_id
                            where mc.meeting_id = m.id and c.lead_professional_id = ctx.user_id())))
$$;

-- Who directs a meeting: whoever keeps its record, and whoever called it while nobody had held it yet.
create function ctx.directs_meeting(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.keeps_record(p_meeting)
        or exists (select 1 from meeting m
                    where m.id = p_meeting and m.called_by = ctx.user_id() and m.state in ('due', 'booked'))
$$;

-- Who may be named because of a meeting: its chair and its note-taker, on the cases that it is about.
create function ctx.runs_as_named(p_meeting uuid, p_case uuid, p_user uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting m join meeting_case mc on mc.meeting_id = m.id
         where m.id = p_meeting and mc.case_id = p_case and p_user in (m.chair_id, m.note_taker_id)
           and m.state not in ('distributed', 'cancelled'))
$$;

-- Whoever is asked, invited or given something to do knows who the child is for some working days after it is done
-- (policy `clocks.limits.request_reach`, at most 40). What was written ends within 90 days, whatever was asked for.
create function ctx.reach_ends_in_time() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user = 'portal_app' and new.reach_until > statement_timestamp() + interval '90 days'
       and (tg_op = 'INSERT' or new.reach_until is distinct from old.reach_until) then
        raise check_violation using message = 'reach after something is done ends within 90 days';
    end if;
    return new;
end $$;
create trigger reach_ends_in_time before insert or update of reach_until on information_request
    for each row execute function ctx.reach_ends_in_time();
create trigger reach_ends_in_time before insert or update of reach_until on action
    for each row execute function ctx.reach_ends_in_time();
create trigger reach_ends_in_time before insert or update of reach_until on meeting
    for each row execute function ctx.reach_ends_in_time();
create trigger reach_ends_in_time before insert on minutes_copy
    for each row execute function ctx.reach_ends_in_time();

-- What ended stays ended, and an end is only brought forward: of a team's work, and of a person's own reach.
create function ctx.ended_reach_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_column text := case tg_table_name when 'involvement' then 'ended_at' else 'ends_at' end;
    v_old timestamptz := (to_jsonb(old) ->> v_column)::timestamptz;
    v_new timestamptz := (to_jsonb(new) ->> v_column)::timestamptz;
begin
    if current_user = 'portal_app' and v_new is distinct from v_old
       and (v_old <= statement_timestamp() or v_new is null
            or v_new > least(v_old, statement_timestamp() + interval '90 days')) then
        raise check_violation using message = 'reach ends within 90 days, and what ended is given anew';
    end if;
    return new;
end $$;
create trigger ended_reach_stands before update on involvement
    for each row execute function ctx.ended_reach_stands();
create trigger ended_reach_stands before update on access_grant
    for each row execute function ctx.ended_reach_stands();

-- Where a meeting is being recorded: from when it is booked until its minutes are approved.
create function ctx.is_recorded(p_meeting uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from meeting where id = p_meeting and state in ('booked', 'held', 'minutes_in_draft'))
$$;

-- Who may touch which columns, and call what.
grant execute on function ctx.answers_for_case, ctx.chairs_on_case, ctx.manages_lead, ctx.directs_meeting,
    ctx.keeps_record, ctx.runs_as_named, ctx.is_recorded to portal_app;
