-- Absences are one's own to enter, and a manager's for the people of their agency; colleagues see them.
-- who: whoever works for the agency of the person who is away
create policy seen on absence for select to portal_app using (
    exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id)));
create policy added on absence for insert to portal_app with check (
    MINE(entered_by)
    and (MINE(user_id)
         or (ROLE(manager)
             and exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id)))));
create policy changed on absence for update to portal_app using (
    MINE(user_id)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id))));

-- A deputy covers a case that both they and whoever enters it read already: being one gives no reach.
create function ctx.may_cover(p_case uuid, p_deputy uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from case_scope s where s.case_id = p_case and s.reader = any ((select ctx.readers())::uuid[])
                      and s.sees = 2 and s.until > statement_timestamp())
       and exists (select 1 from case_scope s where s.case_id = p_case and s.reader = any (ctx.readers_of(p_deputy))
                      and s.sees = 2 and s.until > statement_timestamp())
$$;

-- Whose absence it is, and the managers of their agency.
create function ctx.enters_absence(p_absence uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from absence a join app_user u on u.id = a.user_id
                    where a.id = p_absence
                      and (a.user_id = ctx.user_id()
                           or (ctx.has_role('manager') and u.agency_id = ctx.agency_id())))
$$;

create policy seen on absence_cover for select to portal_app using (
    MINE(deputy_id)
    or FULL(absence_cover.case_id));
create policy added on absence_cover for insert to portal_app
    with check (ctx.enters_absence(absence_id) and ctx.may_cover(case_id, deputy_id));
create policy removed on absence_cover for delete to portal_app using (
    (MINE(deputy_id)
     or FULL(absence_cover.case_id))
    and ctx.enters_absence(absence_id));

-- Who covers a case of an absence, each once, for whoever enters it: also of cases that these do not read.
create function ctx.deputies_of(p_absence uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct c.deputy_id from absence_cover c
     where c.absence_id = p_absence and ctx.enters_absence(p_absence)
$$;

-- Who on a case is away today, until when, and who covers the case for them, for whoever reads the case: colleagues of
-- other agencies see no absence, and have to know whom to ring instead. Nobody, where whoever was to cover it does not read it or is away today too.
create function ctx.covered_on(p_case uuid, p_today date) returns table (away_id uuid, last_day date, deputy_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.user_id, a.last_day,
           case when ctx.reaches_case(ctx.readers_of(v.deputy_id), p_case)
                 and not exists (select 1 from absence d where d.user_id = v.deputy_id and d.ended_at is null
                                    and p_today between d.first_day and d.last_day) then v.deputy_id end
      from absence_cover v join absence a on a.id = v.absence_id
     where v.case_id = p_case and a.ended_at is null
       and p_today between a.first_day and a.last_day
       and ctx.reaches_case((select ctx.readers())::uuid[], p_case)
$$;

-- Whether the lead of a case is away today and nobody was to cover it, for whoever reads the case: only their agency sees until when.
create function ctx.lead_away_uncovered(p_case uuid, p_today date) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.reaches_case((select ctx.readers())::uuid[], p_case)
       and exists (select 1 from cre_case c join absence a on a.user_id = c.lead_professional_id
                    where c.id = p_case and a.ended_at is null and p_today between a.first_day and a.last_day
                      and c.state not in ('closed', 'transferred')
                      and not exists (select 1 from absence_cover v where v.absence_id = a.id and v.case_id = p_case))
$$;

-- Whether somebody reads a case at HIGH of whoever is away that nobody covers: for the worker, who tells them so.
create function ctx.left_uncovered(p_absence uuid, p_person uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from absence a
         cross join lateral (
               select l.id from cre_case l where l.lead_professional_id = a.user_id
                union
               select i.case_id from involvement i where i.worker_id = a.user_id and i.ended_at is null) of_them
          join cre_case c on c.id = of_them.id and c.level = 'high' and c.state not in ('closed', 'transferred')
         where a.id = p_absence
           and not exists (select 1 from absence_cover v
                            where v.absence_id = a.id and v.case_id = c.id
                              and ctx.reaches_case(ctx.readers_of(v.deputy_id), c.id))
           and ctx.reaches_case(ctx.readers_of(p_person), c.id))
$$;

-- Whether the person who asks reads a case, or has just taken the work of a team off it or held it more closely: by that they may
-- have lost sight of it themselves.
create function ctx.took_off(p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.reaches_case((select ctx.readers())::uuid[], p_case)
        or exists (select 1 from involvement i
                    where i.case_id = p_case and i.ended_by = ctx.user_id()
                      and i.ended_at > statement_timestamp() - interval '5 minutes')
        or exists (select 1 from access_grant g
                    where g.case_id = p_case and g.user_id = ctx.user_id()
                      and g.ends_at between statement_timestamp() - interval '5 minutes' and statement_timestamp())
        or exists (select 1 from sensitivity_change s
                    where s.case_id = p_case and s.asked_by = ctx.user_id()
                      and s.confirmed_at > statement_timestamp() - interval '5 minutes')
$$;

-- The open cases of people who are away, now or later, that a deputy was to cover who does not read them any more: of one deputy,
-- for whoever looks after that one; of one case and the deputies who read it before a step, for whoever took that. Whether it is
-- so today, and the case is at HIGH or the child is missing. Not granted to anybody: `ctx.tell_unseen` tells of them, and nothing
-- comes back.
create function ctx.lost_covers(p_asks jsonb, p_today date)
returns table (case_id uuid, away_id uuid, deputy_id uuid, now boolean)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_deputy uuid := (p_asks ->> 'deputy')::uuid; v_case uuid := (p_asks ->> 'case')::uuid;
    v_before uuid[] := array(select jsonb_array_elements_text(p_asks -> 'deputies')::uuid);
begin
    return query
    select c.id, a.user_id, v.deputy_id,
           a.first_day <= p_today
           and (coalesce(c.level = 'high', false)
                or exists (select 1 from missing_episode m
                            where m.child_id = c.child_id and m.returned_at is null and m.withdrawn_at is null))
      from absence_cover v
      join absence a on a.id = v.absence_id and a.ended_at is null and a.last_day >= p_today
      join cre_case c on c.id = v.case_id and c.state not in ('closed', 'transferred')
     where ((v.deputy_id = v_deputy and (ctx.is_coordinator() or ctx.looks_after(v_deputy)))
            or (c.id = v_case and v.deputy_id = any (v_before) and ctx.took_off(v_case)))
       and not ctx.reaches_case(ctx.readers_of(v.deputy_id), c.id);
end $$;
create function ctx.unseen_each_lost_cover(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select l.case_id
      from ctx.lost_covers(p -> 'asks', (p ->> 'today')::date) l
     group by l.case_id having bool_or(l.now) = (p ->> 'event' = 'cover_lost_now')
$$;

-- Who hears that of one of them: whoever is away; of those who manage their teams, else their agency, who reads the case; whoever
-- leads the case; and where no manager reads it the hub, of a sealed one who is named on it. Where whoever is away lost sight of
-- the case by the same step, nobody has to cover it for them. They, and the deputy, hear no more than that a cover ended.
create function ctx.unseen_of_lost_cover(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (select c.id, c.sensitivity from cre_case c where c.id = (p ->> 'subject')::uuid),
    lost as (
        select l.away_id, l.deputy_id,
               p -> 'asks' ->> 'case' is null or ctx.reaches_case(ctx.readers_of(l.away_id), l.case_id) as is_theirs
          from ctx.lost_covers(p -> 'asks', (p ->> 'today')::date) l where l.case_id = (p ->> 'subject')::uuid),
    away as (select distinct u.id, u.agency_id from lost l join app_user u on u.id = l.away_id where l.is_theirs),
    managing as (
        select w.id as away_id, u.id,
               exists (select 1 from team t join team_member m on m.team_id = t.id and m.user_id = w.id
                        where t.manager_id = u.id and t.active and t.agency_id = w.agency_id) as theirs
          from away w join app_user u on u.agency_id = w.agency_id and u.active and u.id <> w.id, about c
         where 'manager' = any (u.roles) and ctx.reaches_case(ctx.readers_of(u.id), c.id))
    select 'person', w.id, null::uuid from away w
    union
    select 'manager', m.id, null from managing m
     where m.theirs or not exists (select 1 from managing o where o.away_id = m.away_id and o.theirs)
    union
    select 'lead_unseen', l.user_id, l.team_id from about c cross join lateral ctx.hears_for_lead(c.id) l
     where exists (select from away) and (l.user_id is null or l.user_id not in (select id from away))
    union
    select 'hub', null, t.id from about c join agency g on g.sector = 'hub' join team t on t.agency_id = g.id and t.active
     where c.sensitivity < 2 and exists (select from away) and not exists (select 1 from managing)
    union
    select 'reader', g.user_id, null from about c join access_grant g on g.case_id = c.id
     where c.sensitivity = 2 and exists (select from away) and not exists (select 1 from managing)
       and g.starts_at <= statement_timestamp() and coalesce(g.ends_at, 'infinity') > statement_timestamp()
    union
    select 'leaving', l.deputy_id, null from lost l where p -> 'asks' ->> 'case' is not null
    union
    select 'leaving', l.away_id, null from lost l where not l.is_theirs
$$;

-- What the worker reads to remind and to tell.
create policy worker on absence for select to portal_worker using (true);
create policy worker on absence_cover for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert, update (first_day, last_day, ended_at) on absence to portal_app;
grant select, insert, delete on absence_cover to portal_app;
grant select on absence, absence_cover to portal_worker;
grant select on absence, absence_cover to portal_scope;
grant execute on function ctx.may_cover, ctx.enters_absence, ctx.deputies_of, ctx.covered_on, ctx.lead_away_uncovered to portal_app;
grant execute on function ctx.left_uncovered to portal_worker;
