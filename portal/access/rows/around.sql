-- Who is around a case, and who hears what is for whoever leads it: for what tells, of cases and of what hangs on them.

-- Who hears what is for whoever leads a case: the lead professional. Where they do not read an open case any more, with whose
-- place it is, the teams of the agency that leads which work on it and the managers there, who read it; and where nobody there
-- does, a row that names neither.
create function ctx.hears_as_lead(p_case uuid) returns table (user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (
        select c.id, c.lead_agency_id as agency_id, c.lead_professional_id as lead_id,
               c.state in ('closed', 'transferred') or ctx.reaches_case(ctx.readers_of(c.lead_professional_id), c.id) as hears
          from cre_case c where c.id = p_case and c.lead_professional_id is not null),
    others as (
        select null::uuid as user_id, t.id as team_id, a.lead_id
          from about a join involvement i on i.case_id = a.id and coalesce(i.ended_at, 'infinity') > statement_timestamp()
          join team t on t.id = i.team_id and t.agency_id = a.agency_id and t.active
         where not a.hears and ctx.reaches_case(array[t.id], a.id)
        union
        select u.id, null, a.lead_id
          from about a join app_user u on u.agency_id = a.agency_id and u.active and 'manager' = any (u.roles)
         where not a.hears and ctx.reaches_case(ctx.readers_of(u.id), a.id))
    select a.lead_id, null::uuid, null::uuid from about a where a.hears
    union all
    select o.user_id, o.team_id, o.lead_id from others o
    union all
    select null, null, a.lead_id from about a where not a.hears and not exists (select from others)
$$;

-- Who hears what is for whoever leads a case (`ctx.hears_as_lead`), of those whom the page does not name: where nobody of the agency
-- that leads reads it, the hub, where it does.
create function ctx.hears_for_lead(p_case uuid) returns table (user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select l.user_id, l.team_id from ctx.hears_as_lead(p_case) l where coalesce(l.user_id, l.team_id) is not null
    union all
    select null, t.id from ctx.hears_as_lead(p_case) l
      join agency g on g.sector = 'hub' join team t on t.agency_id = g.id and t.active
     where l.user_id is null and l.team_id is null and ctx.reaches_case(array[ctx.hub()], p_case)
$$;

-- Who is around a case, by ground; of a closely held case only those who read it. For somebody who works on it and does not read
-- it any more their team there hears. The worker asks it; the application only through functions that say for whom. A meeting
-- that is to be held by `p_soon` is soon.
create function ctx.around_case(p_case uuid, p_soon timestamptz default null)
returns table (ground text, user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (select c.* from cre_case c where c.id = p_case),
    working as (
        select i.team_id, i.worker_id,
               i.worker_id is null or c.state in ('closed', 'transferred')
               or ctx.reaches_case(ctx.readers_of(i.worker_id), p_case) as hears
          from involvement i, about c
         where i.case_id = p_case and coalesce(i.ended_at, 'infinity') > statement_timestamp()),
    meetings as (
        select m.id, m.chair_id, m.state, m.starts_at from meeting_case mc join meeting m on m.id = mc.meeting_id
         where mc.case_id = p_case and m.state not in ('distributed', 'cancelled')),
    found (ground, user_id, team_id, instead_of) as (
        select 'lead_manager', u.id, null::uuid, null::uuid from about c join app_user u on u.agency_id = c.lead_agency_id
         where u.active and 'manager' = any (u.roles)
        union all
        select 'worker', w.worker_id, null, null from working w where w.hears
        union all
        select 'worker', null, w.team_id, w.worker_id from working w join team t on t.id = w.team_id and t.active
         where not w.hears and ctx.reaches_case(array[w.team_id], p_case)
        union all
        select 'team', null, w.team_id, null from working w join about c on c.sensitivity = 0
        union all
        select 'reader', g.user_id, null, null from access_grant g
         where g.case_id = p_case and g.starts_at <= statement_timestamp()
           and coalesce(g.ends_at, 'infinity') > statement_timestamp()
        union all
        select 'chair', m.chair_id, null, null from meetings m
        union all
        select 'chair_soon', m.chair_id, null, null from meetings m where m.state = 'booked' and m.starts_at <= p_soon)
    select 'lead_professional', l.user_id, l.team_id, l.instead_of from ctx.hears_as_lead(p_case) l, about c
     where c.sensitivity = 0 or l.user_id is null or ctx.reaches_case(ctx.readers_of(l.user_id), p_case)
    union
    select f.ground, f.user_id, f.team_id, f.instead_of from found f, about c
     where f.team_id is not null
        or (f.user_id is not null
            and (c.sensitivity = 0 or ctx.reaches_case(ctx.readers_of(f.user_id), p_case)))
    union
    -- Whoever has something to do for the child without reading the case, of one that is not sealed.
    select 'action_owner', a.owner_id, a.owner_team_id, null from action a, about c
     where a.case_id = p_case and a.state in ('not_started', 'under_way', 'blocked') and c.sensitivity < 2
       and (a.owner_id is not null or a.owner_team_id is not null)
    union
    select 'invited_later', coalesce(i.comes_id, i.user_id), case when i.comes_id is null and i.user_id is null then i.team_id end, null
      from meetings m join invitation i on i.meeting_id = m.id, about c
     where i.withdrawn_at is null and c.sensitivity < 2
       and (i.comes_id is not null or i.user_id is not null or i.team_id is not null)
$$;
