-- A meeting is seen by whoever has full reach on one of its cases, and by whoever is invited, until reach ends.
-- One on a district is seen by coordinators, by whoever called it, and by the invited.

create function ctx.is_invited(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from invitation i join meeting m on m.id = i.meeting_id
         cross join lateral ctx.invited(i.agency_id, i.team_id, i.user_id, i.comes_id) invited (reader)
         where i.meeting_id = p_meeting and i.withdrawn_at is null and m.state <> 'cancelled'
           and coalesce(m.reach_until, 'infinity') > statement_timestamp()
           and invited.reader = any (ctx.readers()))
$$;

-- To a meeting on the child of a sealed case only persons can be invited.
create function ctx.is_invited_by_name(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from invitation i join meeting m on m.id = i.meeting_id
         where i.meeting_id = p_meeting and i.withdrawn_at is null and m.state <> 'cancelled'
           and coalesce(m.reach_until, 'infinity') > statement_timestamp()
           and i.user_id = any (ctx.readers()) and i.agency_id = ctx.agency_id())
$$;

create function ctx.is_invited_for(p_meeting uuid, p_child uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_invited_by_name(p_meeting)
        or (ctx.is_invited(p_meeting)
            and not exists (select 1 from cre_case where child_id = p_child and sensitivity = 2))
$$;

-- Full: on one of its cases; on a district's, whoever watches over it. An invitation alone is not full.
create function ctx.runs_meeting(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting_case mc join case_scope s on s.case_id = mc.case_id
         where mc.meeting_id = p_meeting and s.reader = any (ctx.readers()) and s.sees = 2
           and s.until > statement_timestamp())
        or exists (
        select 1 from meeting m
         where m.id = p_meeting and not exists (select 1 from meeting_case mc where mc.meeting_id = m.id)
           and (ctx.is_coordinator()
                or (m.called_by = any (ctx.readers()) and m.called_agency_id = ctx.agency_id())
                or (ctx.is_invited_by_name(m.id) and ctx.user_id() in (m.chair_id, m.note_taker_id))))
$$;

create policy seen on meeting for select to portal_app
    using (ctx.runs_meeting(id) or ctx.is_invited(id));
create policy added on meeting for insert to portal_app with check (
    called_by = (select ctx.user_id()) and called_agency_id = (select ctx.agency_id()) and state in ('due', 'booked'));
create policy changed on meeting for update to portal_app using (ctx.runs_meeting(id));

create policy seen on meeting_case for select to portal_app using (
    exists (select 1 from case_scope s where s.case_id = meeting_case.case_id and s.sees = 2 offset 0)
    or ctx.is_invited_for(meeting_id, child_id));
create policy added on meeting_case for insert to portal_app with check (
    exists (select 1 from cre_case c where c.id = meeting_case.case_id and c.child_id = meeting_case.child_id)
    and exists (select 1 from meeting m where m.id = meeting_case.meeting_id));

create policy seen on meeting_change for select to portal_app
    using (ctx.runs_meeting(meeting_id) or ctx.is_invited(meeting_id));
create policy added on meeting_change for insert to portal_app
    with check (changed_by = (select ctx.user_id()) and ctx.runs_meeting(meeting_id));

-- Who else is invited is for those with full reach; the invited see their own invitation.
create function ctx.holds_invitation(p_agency uuid, p_team uuid, p_user uuid, p_comes uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from ctx.invited(p_agency, p_team, p_user, p_comes) invited (reader)
                    where invited.reader = any (ctx.readers()))
$$;

create policy seen on invitation for select to portal_app using (
    ctx.runs_meeting(meeting_id)
    or (withdrawn_at is null and ctx.holds_invitation(agency_id, team_id, user_id, comes_id)
        and ctx.is_invited(meeting_id)));
create policy added on invitation for insert to portal_app
    with check (invited_by = (select ctx.user_id()) and ctx.runs_meeting(meeting_id));
create policy changed on invitation for update to portal_app using (
    ctx.runs_meeting(meeting_id)
    or (withdrawn_at is null and ctx.holds_invitation(agency_id, team_id, user_id, comes_id)
        and ctx.is_invited(meeting_id)));

-- Whoever is only invited answers the invitation and changes nothing else of it. Whom an invitation is for stands.
create function ctx.invitation_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_reply text[] := array['reply', 'reply_reason', 'replied_at', 'replied_by', 'comes_id', 'version'];
    v_record text[] := array['required', 'role', 'attendance', 'attendance_note', 'withdrawn_at', 'withdrawn_reason'];
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if (to_jsonb(new) - v_reply - v_record) is distinct from (to_jsonb(old) - v_reply - v_record) then
        raise check_violation using message = 'an invitation stands as it was given: withdraw it and invite again';
    end if;
    if not ctx.runs_meeting(new.meeting_id) and (to_jsonb(new) - v_reply) is distinct from (to_jsonb(old) - v_reply) then
        raise insufficient_privilege using message = 'whoever is invited answers, and changes nothing else';
    end if;
    return new;
end $$;
create trigger invitation_stands before update on invitation
    for each row execute function ctx.invitation_stands();

-- Headings are for the invited too; one on a single child follows that child.
create policy seen on agenda_item for select to portal_app using (
    (ctx.runs_meeting(meeting_id) or ctx.is_invited(meeting_id))
    and (case_id is null
         or exists (select 1 from meeting_case mc
                     where mc.meeting_id = agenda_item.meeting_id and mc.case_id = agenda_item.case_id)));
create policy added on agenda_item for insert to portal_app with check (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or exists (select 1 from case_scope s where s.case_id = agenda_item.case_id and s.sees = 2 offset 0)));
create policy changed on agenda_item for update to portal_app using (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or exists (select 1 from case_scope s where s.case_id = agenda_item.case_id and s.sees = 2 offset 0)));
create policy removed on agenda_item for delete to portal_app using (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or exists (select 1 from case_scope s where s.case_id = agenda_item.case_id and s.sees = 2 offset 0)));

create policy seen on meeting_paper for select to portal_app using (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or exists (select 1 from case_scope s where s.case_id = meeting_paper.case_id and s.sees = 2 offset 0)));
create policy added on meeting_paper for insert to portal_app with check (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or exists (select 1 from case_scope s where s.case_id = meeting_paper.case_id and s.sees = 2 offset 0)));
create policy changed on meeting_paper for update to portal_app using (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or exists (select 1 from case_scope s where s.case_id = meeting_paper.case_id and s.sees = 2 offset 0)));

create policy seen on meeting_handout for select to portal_app using (ctx.runs_meeting(meeting_id));
create policy added on meeting_handout for insert to portal_app
    with check (handed_by = (select ctx.user_id()) and ctx.runs_meeting(meeting_id));

-- Whether an alert of a kind stands on any of a meeting's cases, also on one that whoever runs it does not read.
create function ctx.alert_stands(p_meeting uuid, p_kind text) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.runs_meeting(p_meeting) and exists (
        select 1 from meeting_case mc join alert a on a.case_id = mc.case_id
         where mc.meeting_id = p_meeting and a.kind = p_kind and a.ended_at is null)
$$;
