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
        union select ctx.practice('agency', r.agency_id::text)
                from concern_release r where r.concern_id = p_concern and r.withdrawn_at is null
        union select ctx.practice('agency', a::text)
                from unnest(array[c.owner_agency_id, c.created_agency_id]) a where c.sensitivity = 0
        union select ctx.practice('sector', 'police') where c.sensitivity = 0
        union select ctx.practice('council', c.district)
               where c.sensitivity = 0 and c.kind = 'place' and not c.dwelling and c.district is not null
    ), gone as (
        delete from concern_scope s where s.concern_id = p_concern
           and not exists (select 1 from source o where o.reader = s.reader)
    )
    insert into concern_scope (concern_id, reader) select p_concern, reader from source on conflict do nothing;
end $$;

create function ctx.on_concern() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.rescope_concern(new.id);
    return null;
end $$;
create trigger on_concern
    after insert or update of owner_agency_id, owner_team_id, created_agency_id, sensitivity, kind, dwelling, district
    on concern for each row execute function ctx.on_concern();

create function ctx.on_concern_release() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.rescope_concern(case when tg_op = 'DELETE' then old.concern_id else new.concern_id end);
    return null;
end $$;
create trigger on_concern_release after insert or update or delete on concern_release
    for each row execute function ctx.on_concern_release();

-- Whether a set of readers sees a concern.
create function ctx.reaches_concern(p_readers uuid[], p_concern uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from concern_scope s where s.concern_id = p_concern and s.reader = any (p_readers))
$$;

create policy seen on concern_scope for select to portal_app
    using (READER(reader));

create policy seen on concern for select to portal_app
    using (CONCERN(concern.id));
create policy seen on concern_key for select to portal_app
    using (CONCERN(concern_key.concern_id));
create policy seen on concern_release for select to portal_app
    using (CONCERN(concern_release.concern_id));

-- A link shows its two ends, so whoever reads it reads both: of a child, the record. No role widens handling.
create policy seen on concern_link for select to portal_app using (
    (handling = 'network'
     or OURS(agency_id)
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and CONCERN(concern_link.concern_id)
    and (child_id is null
         or CHILD(concern_link.child_id))
    and (other_id is null
         or CONCERN(concern_link.other_id)));

create policy seen on concern_note for select to portal_app using (
    (handling = 'network'
     or OURS(agency_id)
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and CONCERN(concern_note.concern_id));
