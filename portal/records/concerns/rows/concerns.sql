-- Places, people and other concerns: police, coordinators, the agencies that made and own them, and those to which the
-- owner released them. A council sees places in its districts, unless the place is a home or placement. A restricted
-- one: coordinators, the team that holds it, its agency's managers, and whom it was released to.

create function ctx.rescope_concern(p_concern uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare c concern;
begin
    select * into c from concern where id = p_concern for no key update;
    if not found then return; end if;
    with source (reader) as (
        select ctx.hub()
        union select c.owner_agency_id
        union select c.owner_team_id where c.owner_team_id is not null
        union select ctx.audience_key('agency', r.agency_id::text)
                from concern_release r where r.concern_id = p_concern and r.withdrawn_at is null
        union select ctx.audience_key('agency', a::text)
                from unnest(array[c.owner_agency_id, c.created_agency_id]) a where c.sensitivity = 0
        union select ctx.audience_key('sector', 'police') where c.sensitivity = 0
        union select ctx.audience_key('council', c.district)
               where c.sensitivity = 0 and c.kind = 'place' and not c.dwelling and c.district is not null
    ), gone as (
        delete from concern_scope s where s.concern_id = p_concern
           and not exists (select 1 from source o where o.reader = s.reader)
    )
    insert into concern_scope (concern_id, reader) select p_concern, reader from source on conflict do nothing;
end $$;

create trigger on_concern
    after insert or update of owner_agency_id, owner_team_id, created_agency_id, sensitivity, kind, dwelling, district
    on concern for each row execute function ctx.do_for('rescope_concern', 'id');

create trigger on_concern_release after insert or update or delete on concern_release
    for each row execute function ctx.do_for('rescope_concern', 'concern_id');

-- who: whoever reads as the reader that it names
create policy seen on concern_scope for select to portal_app
    using (READER(reader));

create policy seen on concern for select to portal_app
    using (CONCERN(concern.id));
create policy seen on concern_key for select to portal_app
    using (CONCERN(concern_key.concern_id));
create policy seen on concern_release for select to portal_app
    using (CONCERN(concern_release.concern_id));

-- A link shows its two ends, so whoever reads it reads both: of a child, the record. No role widens handling.
-- who: whoever is let in to its concern, and to the other or reaches the record of its child, and works for the
--      agency that wrote it
-- who: the same, where it is for the network
-- who: the same, where it is for named agencies and theirs is one
create policy seen on concern_link for select to portal_app using (
    ((handling = 'network' and not do_not_disclose)
     or OURS(agency_id)
     or ((handling = 'agencies' or do_not_disclose) and (select ctx.agency_id()) = any (listed_agencies)))
    and CONCERN(concern_link.concern_id)
    and (child_id is null
         or CHILD(concern_link.child_id))
    and (other_id is null
         or CONCERN(concern_link.other_id)));

-- who: whoever is let in to its concern and works for the agency that wrote it
-- who: whoever is let in to its concern, where it is for the network
-- who: whoever is let in to its concern, where it is for named agencies and theirs is one
create policy seen on concern_note for select to portal_app using (
    (handling = 'network'
     or OURS(agency_id)
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and CONCERN(concern_note.concern_id));

-- Who writes what on a concern. Whoever practises records one for their own agency; what it says is changed by that
-- agency, the one that owns it and coordinators; how closely it is held, who owns it and that it ends by the last two.
-- Only police say how they know a person. Only the owner lets others see it.

create policy added on concern for insert to portal_app with check (
    MINE(created_by) and OURS(created_agency_id)
    and OURS(owner_agency_id)
    and (owner_team_id is null or TEAMS(owner_team_id))
    and police_status is null and ended_at is null
    and source_grade is null and information_grade is null and handling_code is null
    and (select ctx.practises()));
create policy changed on concern for update to portal_app
    using (CONCERN(concern.id))
    with check (true);  -- what may change, and by whom: below

create function ctx.concern_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_answers boolean;
begin
    v_answers := ctx.is_coordinator() or old.owner_agency_id = ctx.agency_id();
    if (new.police_status, new.police_status_by, new.police_status_at)
       is distinct from (old.police_status, old.police_status_by, old.police_status_at)
       and (not ctx.audience_key('sector', 'police') = any ((select ctx.readers())::uuid[])
            or new.police_status_by is distinct from ctx.user_id()) then
        raise insufficient_privilege using message = 'only police say how they know a person';
    end if;
    if (new.source_grade, new.information_grade, new.handling_code)
       is distinct from (old.source_grade, old.information_grade, old.handling_code)
       and not (ctx.is_coordinator() or ctx.audience_key('sector', 'police') = any ((select ctx.readers())::uuid[])) then
        raise insufficient_privilege using message = 'only police and coordinators grade information';
    end if;
    if not v_answers
       and (new.owner_agency_id, new.owner_team_id, new.sensitivity, new.review_on, new.ended_at, new.ended_by,
            new.ended_reason)
           is distinct from
           (old.owner_agency_id, old.owner_team_id, old.sensitivity, old.review_on, old.ended_at, old.ended_by,
            old.ended_reason) then
        raise insufficient_privilege using message = 'whoever owns a concern says who holds it and whether it stands';
    end if;
    if new.ended_by is distinct from old.ended_by and new.ended_by is not null
       and new.ended_by is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'whoever ends a concern says so themselves';
    end if;
    if new.owner_team_id is not null
       and not exists (select 1 from team t where t.id = new.owner_team_id and t.agency_id = new.owner_agency_id) then
        raise check_violation using message = 'the team that holds a concern belongs to the agency that owns it';
    end if;
    if not (v_answers or old.created_agency_id = ctx.agency_id())
       and (new.name, new.description, new.details, new.risk, new.dwelling, new.district, new.authority, new.first_on,
            new.last_on, new.also_child, new.do_not_approach)
           is distinct from
           (old.name, old.description, old.details, old.risk, old.dwelling, old.district, old.authority, old.first_on,
            old.last_on, old.also_child, old.do_not_approach) then
        raise insufficient_privilege using message = 'the agencies that recorded and own a concern say what it is';
    end if;
    return new;
end $$;
create trigger concern_stands before update on concern
    for each row when (current_user = 'portal_app') execute function ctx.concern_stands();

create policy added on concern_key for insert to portal_app with check (
    exists (select 1 from concern c
             where c.id = concern_key.concern_id
               and (HUB
                    or (select ctx.agency_id()) in (c.owner_agency_id, c.created_agency_id)) offset 0));
create policy removed on concern_key for delete to portal_app using (
    exists (select 1 from concern c
             where c.id = concern_key.concern_id
               and (HUB
                    or (select ctx.agency_id()) in (c.owner_agency_id, c.created_agency_id)) offset 0));

create policy added on concern_release for insert to portal_app with check (
    MINE(released_by) and withdrawn_at is null
    and exists (select 1 from concern c
                 where c.id = concern_release.concern_id and c.ended_at is null
                   and OURS(c.owner_agency_id) offset 0));
create policy changed on concern_release for update to portal_app
    using (withdrawn_at is null
           and exists (select 1 from concern c
                        where c.id = concern_release.concern_id
                          and OURS(c.owner_agency_id) offset 0))
    with check (MINE(withdrawn_by));

create policy added on concern_link for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id) and ended_at is null
    and exists (select 1 from concern c where c.id = concern_link.concern_id and c.ended_at is null offset 0)
    and (child_id is null
         or CHILD(concern_link.child_id))
    and (other_id is null or exists (select 1 from concern c where c.id = concern_link.other_id offset 0)));
create policy changed on concern_link for update to portal_app
    using (ended_at is null
           and ((handling = 'network' and not do_not_disclose)
                or OURS(agency_id)
                or ((handling = 'agencies' or do_not_disclose)
                    and (select ctx.agency_id()) = any (listed_agencies)))
           and (child_id is null
                or CHILD(concern_link.child_id))
           and exists (select 1 from concern c
                        where c.id in (concern_link.concern_id, concern_link.other_id)
                          and (OURS(concern_link.agency_id)
                               or OURS(c.owner_agency_id)
                               or HUB) offset 0)
           and exists (select 1 from concern c where c.id = concern_link.concern_id offset 0)
           and (other_id is null or exists (select 1 from concern c where c.id = concern_link.other_id offset 0)))
    with check (MINE(ended_by));

create policy added on concern_note for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and exists (select 1 from concern c where c.id = concern_note.concern_id and c.ended_at is null offset 0));

create policy seen on concern_change for select to portal_app
    using (CONCERN(concern_change.concern_id));
create policy added on concern_change for insert to portal_app with check (
    MINE(changed_by) and OURS(changed_agency_id)
    and CONCERN(concern_change.concern_id));

-- That two which look alike are not the same is for whoever sees both.
create policy seen on concern_difference for select to portal_app using (
    CONCERN(concern_difference.concern_id)
    and CONCERN(concern_difference.other_id));
create policy added on concern_difference for insert to portal_app with check (
    MINE(said_by) and OURS(agency_id) and undone_at is null
    and CONCERN(concern_difference.concern_id)
    and CONCERN(concern_difference.other_id));
create policy changed on concern_difference for update to portal_app
    using (undone_at is null
           and CONCERN(concern_difference.concern_id)
           and CONCERN(concern_difference.other_id))
    with check (MINE(undone_by));

-- What the worker reads to remind and to tell.
create policy worker on concern for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert, update (name, description, details, source_grade, information_grade, handling_code, risk,
    owner_agency_id, owner_team_id, sensitivity, dwelling, district, authority, first_on, last_on, review_on,
    police_status, police_status_by, police_status_at, also_child, do_not_approach, ended_at, ended_by, ended_reason,
    version) on concern to portal_app;
grant select, insert on concern_change, concern_note to portal_app;
grant select, insert, update (undone_at, undone_by) on concern_difference to portal_app;
grant select, insert, delete on concern_key to portal_app;
grant select, insert, update (ended_at, ended_by, ended_reason, do_not_disclose) on concern_link to portal_app;
grant select, insert, update (withdrawn_at, withdrawn_by) on concern_release to portal_app;
grant select on concern_scope to portal_app;
grant select (id, reference, owner_agency_id, owner_team_id) on concern to portal_worker;
grant select, update (version) on concern to portal_scope;
grant select (concern_id, kind, before, after, changed_by, changed_at) on concern_change to portal_scope;
grant select on concern_link, concern_release to portal_scope;
grant select (concern_id, author_id) on concern_note to portal_scope;
grant select, insert, update, delete on concern_scope to portal_scope;
