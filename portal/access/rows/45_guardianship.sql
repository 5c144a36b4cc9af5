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
