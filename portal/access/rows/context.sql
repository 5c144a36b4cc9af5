-- Who is asking. The setting portal.session carries an opaque token and nothing else; only
-- portal_ctx may read the table that gives it meaning, so no statement of the application can
-- make itself somebody. An unknown, ended, idle or revoked session is nobody and sees no rows.
--
-- A page asks this some twenty times, of few people and sessions: each is looked up by its key, which takes a third of the
-- time of reading through them (`enable_seqscan`); and what gives one row says so, or whatever joins it reads whole tables.

create function ctx.live_session() returns table (
    session_id uuid, user_id uuid, agency_id uuid, sector text, roles text[])
language sql stable security definer rows 1
set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
    select s.id, u.id, u.agency_id, a.sector, u.roles
      from ctx.session s
      join app_user u on u.id = s.user_id and u.active
      join agency a on a.id = u.agency_id and a.active
     where s.token_hash = sha256(convert_to(nullif(current_setting('portal.session', true), ''), 'UTF8'))
       and s.revoked_at is null
       and s.ends_at > statement_timestamp()
       and s.last_seen_at + make_interval(secs => s.idle_seconds) > statement_timestamp()
$$;

create function ctx.user_id() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select user_id from ctx.live_session()
$$;

create function ctx.session_id() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select session_id from ctx.live_session()
$$;

create function ctx.agency_id() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select agency_id from ctx.live_session()
$$;

create function ctx.has_role(p_role text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select p_role = any (roles) from ctx.live_session()), false)
$$;

-- Coordinators are people of the hub. The role alone, in another agency, gives nothing.
create function ctx.is_coordinator() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select sector = 'hub' and 'coordinator' = any (roles) from ctx.live_session()), false)
$$;

-- Readers that are no row of their own: everybody who practises in an agency, in the police, in the social care of an
-- authority, in the councils of a district. They follow what an agency is, so nothing is kept when that changes.
create function ctx.audience_key(p_kind text, p_code text) returns uuid language sql immutable as $$
    select md5(p_kind || ':' || p_code)::uuid
$$;

create function ctx.audience_keys(p_agency uuid) returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select array_remove(array[
               ctx.audience_key('agency', a.id::text),
               case when a.sector = 'police' then ctx.audience_key('sector', 'police') end,
               case when a.sector = 'social_care' and a.authority is not null
                    then ctx.audience_key('social_care', a.authority) end], null)
        || case when a.sector = 'council' then array(select ctx.audience_key('council', d) from unnest(a.districts) d)
                else '{}'::uuid[] end
      from agency a where a.id = p_agency and a.active
$$;

-- Whoever answers at a front door: those of its team; where no team of an authority's social care has it, of all of them
-- (`portal.records.people.agencies`). It follows what teams are, too.
create function ctx.front_door_keys(p_teams uuid[]) returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select case when exists (
               select 1 from team t join agency a on a.id = t.agency_id and a.active and a.sector = 'social_care'
                where t.id = any (p_teams) and t.active
                  and ('front_door' = any (t.desks)
                       or not exists (select 1 from team o join agency b on b.id = o.agency_id and b.active
                                       where o.active and 'front_door' = any (o.desks) and b.sector = 'social_care'
                                         and b.authority is not distinct from a.authority)))
           then array[ctx.audience_key('desk', 'front_door')] else '{}'::uuid[] end
$$;

-- The readers that a person is: the hub (the nil identifier), their teams, their agency's managers,
-- the practices of their agency, and themselves. An administrator is none: no grant can make case content theirs.
create function ctx.readers_of(p_user uuid) returns uuid[]
language sql stable security definer
set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
    select case when 'administrator' = any (u.roles) then '{}'::uuid[] else array_remove(
        array[u.id,
              case when a.sector = 'hub' and 'coordinator' = any (u.roles)
                   then '00000000-0000-0000-0000-000000000000'::uuid end,
              case when 'manager' = any (u.roles) then u.agency_id end]
        || case when u.roles && array['practitioner', 'chair', 'manager']
                then works.teams || ctx.audience_keys(u.agency_id)
                     || case when a.sector = 'social_care' then ctx.front_door_keys(works.teams) else '{}'::uuid[] end
                else '{}'::uuid[] end, null) end
      from app_user u join agency a on a.id = u.agency_id and a.active
     cross join lateral (
         select array(select m.team_id from team_member m
                        join team t on t.id = m.team_id and t.agency_id = u.agency_id and t.active
                       where m.user_id = u.id) as teams) works
     where u.id = p_user and u.active
$$;

create function ctx.readers() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select ctx.readers_of(user_id) from ctx.live_session()), '{}'::uuid[])
$$;

create function ctx.teams() returns uuid[]
language sql stable security definer
set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
    select coalesce((select array_agg(m.team_id) from ctx.live_session() s
                       join team_member m on m.user_id = s.user_id
                       join team t on t.id = m.team_id and t.agency_id = s.agency_id), '{}'::uuid[])
$$;

create function ctx.managed_teams() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select array_agg(t.id) from ctx.live_session() s
                       join team t on t.manager_id = s.user_id and t.agency_id = s.agency_id
                      where 'manager' = any (s.roles)), '{}'::uuid[])
$$;

-- What the application may know of the person who is asking.
create function ctx.principal() returns table (
    session_id uuid, user_id uuid, name text, agency_id uuid, agency_name text, agency_code text,
    sector text, team_ids uuid[], roles text[], due_a_touch boolean)
language sql stable security definer rows 1
set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
    select s.session_id, s.user_id, u.name, a.id, a.name, a.code, a.sector, ctx.teams(), s.roles,
           o.last_seen_at < statement_timestamp() - interval '1 minute'
      from ctx.live_session() s
      join ctx.session o on o.id = s.session_id
      join app_user u on u.id = s.user_id
      join agency a on a.id = s.agency_id
$$;

-- Say who is asking and learn who that is, in one round trip: the first thing in every transaction.
create function ctx.arrive(p_token text) returns table (
    session_id uuid, user_id uuid, name text, agency_id uuid, agency_name text, agency_code text,
    sector text, team_ids uuid[], roles text[], due_a_touch boolean)
language plpgsql volatile security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
begin
    perform set_config('portal.session', p_token, true);
    return query select * from ctx.principal();
end $$;

-- Waits, until the end of the transaction, for whoever does the same at this moment. Whoever knows what it is about can
-- hold its lock: after a while it goes on without, so that nobody is kept from what is urgent.
create function ctx.take_turn(p_what text) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp set lock_timeout = '2s' as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(p_what, 0));
exception when lock_not_available then
    raise log 'somebody holds a lock of the portal';
end $$;

create function ctx.is_police() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select sector = 'police' from ctx.live_session()), false)
$$;

create function ctx.is_council() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select sector = 'council' from ctx.live_session()), false)
$$;

create function ctx.practises() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_coordinator() or ctx.audience_key('agency', ctx.agency_id()::text) = any ((select ctx.readers())::uuid[])
$$;

-- Who may touch which columns, and call what.
grant execute on function ctx.user_id, ctx.session_id, ctx.agency_id, ctx.has_role, ctx.is_coordinator, ctx.audience_key,
    ctx.readers, ctx.teams, ctx.managed_teams, ctx.principal, ctx.arrive, ctx.take_turn, ctx.is_police, ctx.is_council,
    ctx.practises
    to portal_app;
grant execute on function ctx.audience_keys, ctx.front_door_keys, ctx.readers_of to portal_worker;
