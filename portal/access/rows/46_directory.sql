-- Whom to ask in a district is for everybody who signs in.

create policy seen on directory_entry for select to portal_app using ((select ctx.user_id()) is not null);
-- Each agency keeps its own contacts, and sees who changed them.
create policy added on directory_entry for insert to portal_app with check (
    agency_id = (select ctx.agency_id()) and created_by = (select ctx.user_id()) and checked_by = (select ctx.user_id()));
create policy changed on directory_entry for update to portal_app
    using (agency_id = (select ctx.agency_id()))
    with check (agency_id = (select ctx.agency_id()) and (ended_by is null or ended_by = (select ctx.user_id())));

create policy seen on directory_change for select to portal_app
    using (exists (select 1 from directory_entry e
                    where e.id = directory_change.entry_id and e.agency_id = (select ctx.agency_id()) offset 0));
create policy added on directory_change for insert to portal_app with check (
    changed_by = (select ctx.user_id())
    and exists (select 1 from directory_entry e
                 where e.id = directory_change.entry_id and e.agency_id = (select ctx.agency_id()) offset 0));
