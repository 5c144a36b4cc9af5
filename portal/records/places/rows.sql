-- Who could watch or act in a place, and what is known of it: whoever sees the place. Said in one's own name of a
-- place that is still of concern, and never written over: what changes stands in the steps.

create policy seen on guardian for select to portal_app
    using (CONCERN(guardian.concern_id));
create policy added on guardian for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and exists (select 1 from concern k where k.id = guardian.concern_id and k.kind = 'place' and k.ended_at is null));
create policy changed on guardian for update to portal_app
    using (CONCERN(guardian.concern_id))
    with check (ended_by is null or MINE(ended_by));

create policy seen on guardian_step for select to portal_app
    using (exists (select 1 from guardian g where g.id = guardian_step.guardian_id offset 0));
create policy added on guardian_step for insert to portal_app with check (
    MINE(made_by) and OURS(made_agency_id)
    and exists (select 1 from guardian g where g.id = guardian_step.guardian_id offset 0));

create policy seen on place_fact for select to portal_app
    using (CONCERN(place_fact.concern_id));
create policy added on place_fact for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id) and ended_at is null
    and exists (select 1 from concern k where k.id = place_fact.concern_id and k.kind = 'place' and k.ended_at is null));
-- Only the agency that said it takes it back.
create policy changed on place_fact for update to portal_app
    using (CONCERN(place_fact.concern_id)
           and OURS(agency_id))
    with check (ended_by is null or MINE(ended_by));

-- Whom to ask in a district is for everybody who signs in.

create policy seen on directory_entry for select to portal_app using ((select ctx.user_id()) is not null);
-- Each agency keeps its own contacts, and sees who changed them.
create policy added on directory_entry for insert to portal_app with check (
    OURS(agency_id) and MINE(created_by) and MINE(checked_by));
create policy changed on directory_entry for update to portal_app
    using (OURS(agency_id))
    with check (OURS(agency_id) and (ended_by is null or MINE(ended_by)));

-- who: whoever works for the agency whose contact it is
create policy seen on directory_change for select to portal_app
    using (exists (select 1 from directory_entry e
                    where e.id = directory_change.entry_id and OURS(e.agency_id) offset 0));
create policy added on directory_change for insert to portal_app with check (
    MINE(changed_by)
    and exists (select 1 from directory_entry e
                 where e.id = directory_change.entry_id and OURS(e.agency_id) offset 0));

-- What the worker reads to remind and to tell.
create policy worker on directory_entry for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert on directory_change, guardian_step to portal_app;
grant select, insert, update (district, role, name, job, phone, email, hours, words, checked_on, checked_by, ended_at,
    ended_by, version) on directory_entry to portal_app;
grant select, insert, update (role, name, can, contact, state, ended_at, ended_by, version) on guardian to portal_app;
grant select, insert, update (ended_at, ended_by, ended_reason) on place_fact to portal_app;
grant select (id, agency_id) on directory_entry to portal_worker;
grant select on directory_entry to portal_scope;
