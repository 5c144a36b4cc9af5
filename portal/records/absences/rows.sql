-- Absences are one's own to enter, and a manager's for the people of their agency; colleagues see them.
-- who: whoever works for the agency of the person who is away
create policy seen on absence for select to portal_app using (
    exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id)));
create policy added on absence for insert to portal_app with check (
    MINE(entered_by)
    and (MINE(user_id)
         or (ROLE(manager)
             and exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id)))));
create policy changed on absence for update to portal_app using (
    MINE(user_id)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id))));

-- A deputy covers a case that both they and whoever enters it read already: being one gives no reach.
create function ctx.may_cover(p_case uuid, p_deputy uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from case_scope s where s.case_id = p_case and s.reader = any ((select ctx.readers())::uuid[])
                      and s.sees = 2 and s.until > statement_timestamp())
       and exists (select 1 from case_scope s where s.case_id = p_case and s.reader = any (ctx.readers_of(p_deputy))
                      and s.sees = 2 and s.until > statement_timestamp())
$$;

-- Whose absence it is, and the managers of their agency.
create function ctx.enters_absence(p_absence uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from absence a join app_user u on u.id = a.user_id
                    where a.id = p_absence
                      and (a.user_id = ctx.user_id()
                           or (ctx.has_role('manager') and u.agency_id = ctx.agency_id())))
$$;

create policy seen on absence_cover for select to portal_app using (
    MINE(deputy_id)
    or FULL(absence_cover.case_id));
create policy added on absence_cover for insert to portal_app
    with check (ctx.enters_absence(absence_id) and ctx.may_cover(case_id, deputy_id));
create policy removed on absence_cover for delete to portal_app using (
    (MINE(deputy_id)
     or FULL(absence_cover.case_id))
    and ctx.enters_absence(absence_id));

-- What the worker reads to remind and to tell.
create policy worker on absence for select to portal_worker using (true);
create policy worker on absence_cover for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert, update (first_day, last_day, ended_at) on absence to portal_app;
grant select, insert, delete on absence_cover to portal_app;
grant select on absence, absence_cover to portal_worker;
grant select on absence to portal_scope;
grant execute on function ctx.may_cover, ctx.enters_absence to portal_app;
