-- Agencies, teams and providers are read by everybody: whoever signs in picks theirs first. They say who is
-- who, so only administrators write them, and a manager what concerns the teams of their own agency.

create policy seen on agency for select using (true);
create policy added on agency for insert to portal_app with check (ROLE(administrator));
create policy changed on agency for update to portal_app using (ROLE(administrator));

create policy seen on identity_provider for select using (true);
create policy added on identity_provider for insert to portal_app
    with check (ROLE(administrator));
create policy changed on identity_provider for update to portal_app
    using (ROLE(administrator));

create policy seen on agency_provider for select using (true);
create policy added on agency_provider for insert to portal_app
    with check (ROLE(administrator));
create policy removed on agency_provider for delete to portal_app
    using (ROLE(administrator));

create policy seen on team for select using (true);
create policy added on team for insert to portal_app with check (
    ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)));
create policy changed on team for update to portal_app using (
    ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)));

-- People are colleagues to everyone who is signed in, and nobody to anyone else.

create policy seen on app_user for select to portal_app using ((select ctx.user_id()) is not null);
create policy added on app_user for insert to portal_app with check (
    ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)));
create policy changed on app_user for update to portal_app using (
    ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)
        and not roles && array['governance', 'administrator'])
    or MINE(id));

create function ctx.weighty(p_roles text[]) returns text[] language sql immutable as $$
    select array(select r from unnest(p_roles) r where r in ('coordinator', 'governance', 'administrator') order by r)
$$;

-- Roles, agency and being switched on are never one's own to change; a weighty role comes only with a change
-- that one administrator asked for and another confirmed, in the last minutes.
create function ctx.roles_are_given() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_before text[] := case when tg_op = 'INSERT' then '{}'::text[] else old.roles end;
begin
    if new.roles && array['governance', 'administrator']
       and new.roles && array['practitioner', 'chair', 'manager', 'coordinator'] then
        raise check_violation using message = 'governance and administrator stand apart from roles that see cases';
    end if;
    if current_user <> 'portal_app' then  -- the owner, who has no session: migrations, the first administrator
        return new;
    end if;
    if tg_op = 'UPDATE' and old.id = ctx.user_id()
       and (new.roles, new.agency_id, new.active) is distinct from (old.roles, old.agency_id, old.active) then
        raise insufficient_privilege using message = 'nobody changes their own access';
    end if;
    if not ctx.weighty(new.roles) <@ v_before
       and not exists (select 1 from role_change c
                        where c.user_id = new.id and c.roles_after @> new.roles and c.roles_after <@ new.roles
                          and c.confirmed_by = ctx.user_id() and c.confirmed_by <> c.asked_by
                          and c.confirmed_at > statement_timestamp() - interval '5 minutes') then
        raise insufficient_privilege using message = 'this role takes a second administrator';
    end if;
    return new;
end $$;
create trigger roles_are_given before insert or update on app_user
    for each row execute function ctx.roles_are_given();

create policy seen on team_member for select to portal_app using ((select ctx.user_id()) is not null);
create policy added on team_member for insert to portal_app with check (
    ROLE(administrator)
    or (ROLE(manager)
        and exists (select 1 from team t where t.id = team_id and OURS(t.agency_id))));
create policy removed on team_member for delete to portal_app using (
    ROLE(administrator)
    or (ROLE(manager)
        and exists (select 1 from team t where t.id = team_id and OURS(t.agency_id))));

create policy seen on user_identity for select to portal_app using (
    MINE(user_id) or ROLE(administrator)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = user_id and OURS(u.agency_id))));

create policy seen on staff_invite for select to portal_app using (
    ROLE(administrator)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = user_id and OURS(u.agency_id))));
-- An invitation is for somebody whom one looks after, for two weeks, and never for oneself.
create policy added on staff_invite for insert to portal_app with check (
    MINE(invited_by) and accepted_at is null and withdrawn_at is null
    and expires_at <= statement_timestamp() + interval '15 days'
    and ctx.looks_after(user_id));
create policy changed on staff_invite for update to portal_app using (ctx.looks_after(user_id));

create policy seen on role_change for select to portal_app using (
    ROLE(administrator) or MINE(user_id)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = user_id and OURS(u.agency_id))));
create policy added on role_change for insert to portal_app with check (
    MINE(asked_by) and user_id <> (select ctx.user_id()) and confirmed_by is null
    and (ROLE(administrator)
         or (ROLE(manager)
             and exists (select 1 from app_user u where u.id = user_id and OURS(u.agency_id)))));
-- A change is confirmed by another administrator; the one who asked, or another, may withdraw it.
create policy changed on role_change for update to portal_app
    using (confirmed_at is null and refused_at is null and ROLE(administrator)
           and user_id <> (select ctx.user_id()))
    with check (user_id <> (select ctx.user_id())
                and ((confirmed_by is null and confirmed_at is null and refused_at is not null)
                     or (MINE(confirmed_by) and asked_by <> (select ctx.user_id())
                         and confirmed_at is not null and refused_at is null)));

create policy own on saved_filter to portal_app using (MINE(user_id))
    with check (MINE(user_id));
