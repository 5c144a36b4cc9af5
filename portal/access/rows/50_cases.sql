-- A case is reached through case_scope: 1 notice, 2 full.

create policy seen on case_scope for select to portal_app
    using (READER(reader) and until > statement_timestamp());

create policy seen on case_notice for select to portal_app using (
    ROLE(governance)
    or NOTICE(case_notice.case_id));

create policy seen on cre_case for select to portal_app
    using (FULL(cre_case.id));
create policy added on cre_case for insert to portal_app
    with check (HUB and MINE(opened_by)
                and state = 'awaiting_assessment'
                and CHILD(cre_case.child_id));
create policy changed on cre_case for update to portal_app
    using (FULL(cre_case.id));

create policy seen on involvement for select to portal_app
    using (FULL(involvement.case_id));
create policy added on involvement for insert to portal_app with check (
    MINE(started_by)
    and started_at <= statement_timestamp() + interval '1 minute'
    and ended_at is null and (ctx.answers_for_case(case_id) or ctx.chairs_on_case(case_id))
    and exists (select 1 from team t where t.id = involvement.team_id and t.agency_id = involvement.agency_id)
    and FULL(involvement.case_id));
create policy changed on involvement for update to portal_app
    using (FULL(involvement.case_id));

create policy seen on access_grant for select to portal_app using (
    (ROLE(governance) and kind in ('break_glass', 'subject_access'))
    or FULL(access_grant.case_id));
create policy added on access_grant for insert to portal_app with check (
    MINE(granted_by)
    and starts_at <= statement_timestamp() + interval '1 minute' and ends_at is null
    and case kind
            when 'named' then meeting_id is null and (ctx.answers_for_case(case_id) or ctx.manages_lead(case_id))
            when 'meeting' then ctx.directs_meeting(meeting_id) and ctx.runs_as_named(meeting_id, case_id, user_id)
            else false end
    and FULL(access_grant.case_id));
create policy changed on access_grant for update to portal_app
    using (FULL(access_grant.case_id));

create policy seen on alert for select to portal_app
    using (FULL(alert.case_id));
create policy added on alert for insert to portal_app
    with check (FULL(alert.case_id));
create policy changed on alert for update to portal_app
    using (FULL(alert.case_id));

-- No role widens handling, the hub's included.
create policy seen on chronology_entry for select to portal_app using (
    (handling = 'network'
     or OURS(agency_id)
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and FULL(chronology_entry.case_id));
create policy added on chronology_entry for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and FULL(chronology_entry.case_id));

-- What somebody has begun to write is theirs alone, for as long as they could add it.
create policy own on entry_draft to portal_app using (
    MINE(author_id)
    and FULL(entry_draft.case_id))
    with check (
    MINE(author_id)
    and FULL(entry_draft.case_id));

create policy seen on sensitivity_change for select to portal_app
    using (FULL(sensitivity_change.case_id));
create policy added on sensitivity_change for insert to portal_app with check (
    MINE(asked_by) and withdrawn_at is null
    and case when after > before then (confirmed_by is null or MINE(confirmed_by)) and ctx.answers_for_case(case_id)
             else HUB and confirmed_by is null and confirmed_at is null end
    and exists (select 1 from cre_case c where c.id = sensitivity_change.case_id
                   and c.sensitivity = sensitivity_change.before)
    and FULL(sensitivity_change.case_id));
create policy answered on sensitivity_change for update to portal_app using (
    confirmed_at is null and withdrawn_at is null
    and FULL(sensitivity_change.case_id))
    with check (
    case when confirmed_by is null then confirmed_at is null and withdrawn_at is not null
         else MINE(confirmed_by) and confirmed_by <> asked_by and confirmed_at is not null and withdrawn_at is null end
    and (MINE(asked_by) or ctx.answers_for_case(case_id) or ctx.manages_lead(case_id))
    and FULL(sensitivity_change.case_id));

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
           and exists (select 1 from app_user u join agency a on a.id = u.agency_id
                        where u.id = s.asked_by and a.sector = 'hub' and 'coordinator' = any (u.roles))
           and s.confirmed_at > statement_timestamp() - interval '5 minutes') then
        raise insufficient_privilege using message = 'two people lower the sensitivity of a case';
    end if;
    return new;
end $$;
create trigger two_people_lower before update of sensitivity on cre_case
    for each row when (new.sensitivity < old.sensitivity) execute function ctx.two_people_lower();

-- To hold a case more closely takes others off it: a coordinator or the lead professional does.
create function ctx.raised_by_right() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if not (ctx.is_coordinator() or old.lead_professional_id = ctx.user_id()) then
        raise insufficient_privilege using message = 'a coordinator or the lead professional raises sensitivity';
    end if;
    return new;
end $$;
create trigger raised_by_right before update of sensitivity on cre_case
    for each row when (new.sensitivity > old.sensitivity) execute function ctx.raised_by_right();
