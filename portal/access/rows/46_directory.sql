-- Whom to ask in a district is for everybody who signs in.

create policy seen on directory_entry for select to portal_app using ((select ctx.user_id()) is not null);
-- Each agency keeps its own contacts, and sees who changed them.
create policy added on directory_entry for insert to portal_app with check (
    OURS(agency_id) and MINE(created_by) and MINE(checked_by));
create policy changed on directory_entry for update to portal_app
    using (OURS(agency_id))
    with check (OURS(agency_id) and (ended_by is null or MINE(ended_by)));

create policy seen on directory_change for select to portal_app
    using (exists (select 1 from directory_entry e
                    where e.id = directory_change.entry_id and OURS(e.agency_id) offset 0));
create policy added on directory_change for insert to portal_app with check (
    MINE(changed_by)
    and exists (select 1 from directory_entry e
                 where e.id = directory_change.entry_id and OURS(e.agency_id) offset 0));
