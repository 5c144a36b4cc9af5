-- What was taken out of the portal as a file. Whoever took it sees that they did, the managers of their agency what
-- their people took, governance all of it, and coordinators what was taken of the cases that they read.

create policy seen on taken_copy for select to portal_app using (
    (MINE(taken_by) and OURS(taken_agency_id))
    or READER(taken_agency_id)
    or ROLE(governance)
    or (HUB
        and FULL(taken_copy.case_id)));
create policy added on taken_copy for insert to portal_app with check (
    MINE(taken_by) and OURS(taken_agency_id));
