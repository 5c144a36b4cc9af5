-- A case is reached through case_scope: 1 notice, 2 full.

create policy seen on case_scope for select to portal_app
    using (reader = any ((select ctx.readers())::uuid[]) and until > statement_timestamp());

create policy seen on case_notice for select to portal_app using (
    (select ctx.has_role('governance'))
    or exists (select 1 from case_scope s where s.case_id = case_notice.case_id offset 0));

create policy seen on cre_case for select to portal_app
    using (exists (select 1 from case_scope s where s.case_id = cre_case.id and s.sees = 2 offset 0));
create policy added on cre_case for insert to portal_app
    with check ((select ctx.is_coordinator()) and opened_by = (select ctx.user_id())
                and state = 'awaiting_assessment'
                and exists (select 1 from child_scope s where s.child_id = cre_case.child_id and s.sees = 2 offset 0));
create policy changed on cre_case for update to portal_app
    using (exists (select 1 from case_scope s where s.case_id = cre_case.id and s.sees = 2 offset 0));

create policy seen on involvement for select to portal_app
    using (exists (select 1 from case_scope s where s.case_id = involvement.case_id and s.sees = 2 offset 0));
create policy added on involvement for insert to portal_app with check (
    started_by = (select ctx.user_id())
    and started_at <= statement_timestamp() + interval '1 minute'
    and ended_at is null and (ctx.answers_for_case(case_id) or ctx.chairs_on_case(case_id))
    and exists (select 1 from team t where t.id = involvement.team_id and t.agency_id = involvement.agency_id)
    and exists (select 1 from case_scope s where s.case_id = involvement.case_id and s.sees = 2 offset 0));
create policy changed on involvement for update to portal_app
    using (exists (select 1 from case_scope s where s.case_id = involvement.case_id and s.sees = 2 offset 0));

create policy seen on access_grant for select to portal_app using (
    ((select ctx.has_role('governance')) and kind in ('break_glass', 'subject_access'))
    or exists (select 1 from case_scope s where s.case_id = access_grant.case_id and s.sees = 2 offset 0));
create policy added on access_grant for insert to portal_app with check (
    granted_by = (select ctx.user_id())
    and starts_at <= statement_timestamp() + interval '1 minute' and ends_at is null
    and case kind
            when 'named' then meeting_id is null and (ctx.answers_for_case(case_id) or ctx.manages_lead(case_id))
            when 'meeting' then ctx.directs_meeting(meeting_id) and ctx.runs_as_named(meeting_id, case_id, user_id)
            else false end
    and exists (select 1 from case_scope s where s.case_id = access_grant.case_id and s.sees = 2 offset 0));
create policy changed on access_grant for update to portal_app
    using (exists (select 1 from case_scope s where s.case_id = access_grant.case_id and s.sees = 2 offset 0));

create policy seen on alert for select to portal_app
    using (exists (select 1 from case_scope s where s.case_id = alert.case_id and s.sees = 2 offset 0));
create policy added on alert for insert to portal_app
    with check (exists (select 1 from case_scope s where s.case_id = alert.case_id and s.sees = 2 offset 0));
create policy changed on alert for update to portal_app
    using (exists (select 1 from case_scope s where s.case_id = alert.case_id and s.sees = 2 offset 0));

-- No role widens handling, the hub's included.
create policy seen on chronology_entry for select to portal_app using (
    (handling = 'network'
     or agency_id = (select ctx.agency_id())
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and exists (select 1 from case_scope s where s.case_id = chronology_entry.case_id and s.sees = 2 offset 0));
create policy added on chronology_entry for insert to portal_app with check (
    author_id = (select ctx.user_id()) and agency_id = (select ctx.agency_id())
    and exists (select 1 from case_scope s where s.case_id = chronology_entry.case_id and s.sees = 2 offset 0));

-- What somebody has begun to write is theirs alone, for as long as they could add it.
create policy own on entry_draft to portal_app using (
    author_id = (select ctx.user_id())
    and exists (select 1 from case_scope s where s.case_id = entry_draft.case_id and s.sees = 2 offset 0))
    with check (
    author_id = (select ctx.user_id())
    and exists (select 1 from case_scope s where s.case_id = entry_draft.case_id and s.sees = 2 offset 0));

create policy seen on sensitivity_change for select to portal_app
    using (exists (select 1 from case_scope s where s.case_id = sensitivity_change.case_id and s.sees = 2 offset 0));
create policy added on sensitivity_change for insert to portal_app with check (
    asked_by = (select ctx.user_id())
    and (confirmed_by is null or (after > before and confirmed_by = (select ctx.user_id())))
    and exists (select 1 from case_scope s where s.case_id = sensitivity_change.case_id and s.sees = 2 offset 0));
create policy answered on sensitivity_change for update to portal_app using (
    confirmed_at is null and withdrawn_at is null
    and exists (select 1 from case_scope s where s.case_id = sensitivity_change.case_id and s.sees = 2 offset 0))
    with check (
    (confirmed_by is null or (confirmed_by = (select ctx.user_id()) and confirmed_by <> asked_by))
    and exists (select 1 from case_scope s where s.case_id = sensitivity_change.case_id and s.sees = 2 offset 0));

-- A case is held less closely only when a coordinator asked for it and a second person confirmed.
create function ctx.two_people_lower() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then  -- the owner, who has no session: migrations and repairs
        return new;
    end if;
    if not exists (
        select 1 from sensitivity_change s
         where s.case_id = new.id and s.before = old.sensitivity and s.after = new.sensitivity
           and s.confirmed_by = ctx.user_id() and s.confirmed_by <> s.asked_by
           and s.confirmed_at > statement_timestamp() - interval '5 minutes') then
        raise insufficient_privilege using message = 'two people lower the sensitivity of a case';
    end if;
    return new;
end $$;
create trigger two_people_lower before update of sensitivity on cre_case
    for each row when (new.sensitivity < old.sensitivity) execute function ctx.two_people_lower();
