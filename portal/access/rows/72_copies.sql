-- What was taken out of the portal as a file. Whoever took it sees that they did, the managers of their agency what
-- their people took, governance all of it, and coordinators what was taken of the cases that they read.

create policy seen on taken_copy for select to portal_app using (
    (taken_by = (select ctx.user_id()) and taken_agency_id = (select ctx.agency_id()))
    or taken_agency_id = any ((select ctx.readers())::uuid[])
    or (select ctx.has_role('governance'))
    or ((select ctx.is_coordinator())
        and exists (select 1 from case_scope s where s.case_id = taken_copy.case_id and s.sees = 2 offset 0)));
create policy added on taken_copy for insert to portal_app with check (
    taken_by = (select ctx.user_id()) and taken_agency_id = (select ctx.agency_id()));
