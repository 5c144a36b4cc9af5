-- People are colleagues to everyone who is signed in, and nobody to anyone else.

create policy seen on app_user for select to portal_app using ((select ctx.user_id()) is not null);
create policy added on app_user for insert to portal_app with check (
    (select ctx.has_role('administrator'))
    or ((select ctx.has_role('manager')) and agency_id = (select ctx.agency_id())));
create policy changed on app_user for update to portal_app using (
    (select ctx.has_role('administrator'))
    or ((select ctx.has_role('manager')) and agency_id = (select ctx.agency_id()))
    or id = (select ctx.user_id()));

create function ctx.own_roles_stand() returns trigger language plpgsql as $$
begin
    if new.roles is distinct from old.roles and old.id = ctx.user_id() then
        raise insufficient_privilege using message = 'nobody changes their own roles';
    end if;
    if new.roles && array['governance', 'administrator']
       and new.roles && array['practitioner', 'chair', 'manager', 'coordinator'] then
        raise check_violation using message = 'governance and administrator stand apart from roles that see cases';
    end if;
    return new;
end $$;
create trigger own_roles_stand before update on app_user for each row execute function ctx.own_roles_stand();

create policy seen on team_member for select to portal_app using ((select ctx.user_id()) is not null);
create policy added on team_member for insert to portal_app with check (
    (select ctx.has_role('administrator'))
    or ((select ctx.has_role('manager'))
        and exists (select 1 from team t where t.id = team_id and t.agency_id = (select ctx.agency_id()))));
create policy removed on team_member for delete to portal_app using (
    (select ctx.has_role('administrator'))
    or ((select ctx.has_role('manager'))
        and exists (select 1 from team t where t.id = team_id and t.agency_id = (select ctx.agency_id()))));

create policy seen on user_identity for select to portal_app using (
    user_id = (select ctx.user_id()) or (select ctx.has_role('administrator'))
    or ((select ctx.has_role('manager'))
        and exists (select 1 from app_user u where u.id = user_id and u.agency_id = (select ctx.agency_id()))));

create policy seen on staff_invite for select to portal_app using (
    (select ctx.has_role('administrator'))
    or ((select ctx.has_role('manager'))
        and exists (select 1 from app_user u where u.id = user_id and u.agency_id = (select ctx.agency_id()))));
create policy added on staff_invite for insert to portal_app with check (
    (select ctx.has_role('administrator'))
    or ((select ctx.has_role('manager'))
        and exists (select 1 from app_user u where u.id = user_id and u.agency_id = (select ctx.agency_id()))));
create policy changed on staff_invite for update to portal_app using (
    (select ctx.has_role('administrator'))
    or ((select ctx.has_role('manager'))
        and exists (select 1 from app_user u where u.id = user_id and u.agency_id = (select ctx.agency_id()))));

create policy seen on role_change for select to portal_app using (
    (select ctx.has_role('administrator')) or user_id = (select ctx.user_id())
    or ((select ctx.has_role('manager'))
        and exists (select 1 from app_user u where u.id = user_id and u.agency_id = (select ctx.agency_id()))));
create policy added on role_change for insert to portal_app with check (
    asked_by = (select ctx.user_id()) and user_id <> (select ctx.user_id())
    and ((select ctx.has_role('administrator'))
         or ((select ctx.has_role('manager'))
             and exists (select 1 from app_user u where u.id = user_id and u.agency_id = (select ctx.agency_id())))));
create policy changed on role_change for update to portal_app using (
    (select ctx.has_role('administrator')) and asked_by <> (select ctx.user_id())
    and user_id <> (select ctx.user_id()));

create policy own on saved_filter to portal_app using (user_id = (select ctx.user_id()))
    with check (user_id = (select ctx.user_id()));
