-- Who looked, for those who answer for it. The trail itself stays with whoever wrote a row and with governance: these
-- give columns of it that say nothing of what was looked at beyond what the reader may know.

-- Whoever answers for looks at a case: its lead professional and the managers of the agency that leads it, while they
-- read it in full; governance.
create function ctx.answers_for_looks(p_case uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.has_role('governance') or exists (
        select 1 from cre_case c join case_scope s on s.case_id = c.id
         where c.id = p_case and s.reader = any ((select ctx.readers())::uuid[]) and s.sees = 2
           and s.until > statement_timestamp()
           and (c.lead_professional_id = ctx.user_id()
                or (ctx.has_role('manager') and c.lead_agency_id = ctx.agency_id())))
$$;

-- Whoever answers for what a person looked at: the person, the manager of a team that they are in, governance.
create function ctx.answers_for_looks_of(p_user uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select p_user = ctx.user_id() or ctx.has_role('governance') or exists (
        select 1 from team_member m where m.user_id = p_user and m.team_id = any ((select ctx.managed_teams())::uuid[]))
$$;

-- Whether whoever answers for a case may know of looks at the child's own record by somebody: whoever reads the case
-- too, and anybody where no other case of the child is held closely. Else such a look could give that case away.
create function ctx.may_know_of_look(p_case uuid, p_actor uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.has_role('governance')
        or not exists (
           select 1 from cre_case c join cre_case held on held.child_id = c.child_id
            where c.id = p_case and held.sensitivity > 0
              and not ctx.reaches_case((select ctx.readers())::uuid[], held.id))
        or ctx.reaches_case(ctx.readers_of(p_actor), p_case)
$$;

-- Looks at a case and at the record of its child, the newest first, before a place and within days. Of a record on the
-- case or the child that not everybody on it may know of, whoever is not governance learns that something was opened,
-- and no more. What is on another case of the child stands with that.
create function ctx.looks_at_case(
    p_case uuid, p_from timestamptz, p_to timestamptz, p_before timestamptz, p_before_id uuid, p_most integer)
returns table (id uuid, at timestamptz, actor_id uuid, actor text, agency text, action text, ground text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select e.id, e.at, e.actor_id, u.name, a.name,
           case when (select ctx.has_role('governance'))
                  or (split_part(e.action, ':', 1) in ('case', 'child', 'plan', 'action', 'assessment', 'meeting', 'minutes')
                      and e.action not like 'minutes:close%')  -- a closed part is for those named for it
                then e.action
                when e.case_id is null then 'child:record' else 'case:record' end,
           e.ground
      from (
           (select l.id, l.at, l.actor_id, l.agency_id, l.action, l.ground, l.case_id from audit_event l
             where l.case_id = p_case and (select ctx.answers_for_looks(p_case)) and l.actor_id is not null
               and l.at >= p_from and l.at < p_to and (l.at, l.id) < (p_before, p_before_id)
             order by l.at desc, l.id desc
             limit p_most)
           union all
           (select l.id, l.at, l.actor_id, l.agency_id, l.action, l.ground, l.case_id from audit_event l
             where l.child_id = (select c.child_id from cre_case c where c.id = p_case and ctx.answers_for_looks(p_case))
               and l.case_id is null and l.actor_id is not null
               and l.at >= p_from and l.at < p_to and (l.at, l.id) < (p_before, p_before_id)
               and ctx.may_know_of_look(p_case, l.actor_id)
             order by l.at desc, l.id desc
             limit p_most)) e
      left join app_user u on u.id = e.actor_id
      left join agency a on a.id = e.agency_id
     order by e.at desc, e.id desc
     limit p_most
$$;

-- What a person looked at, likewise. A manager gets what is about cases and children that they reach themselves, or
-- about none, and nothing of a closed part.
create function ctx.looks_of_person(
    p_user uuid, p_from timestamptz, p_to timestamptz, p_before timestamptz, p_before_id uuid, p_most integer)
returns table (id uuid, at timestamptz, action text, ground text, case_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with asks as (
        select p_user = ctx.user_id() or ctx.has_role('governance') as everything, ctx.readers() as readers)
    select e.id, e.at, e.action, e.ground, e.case_id
      from asks, audit_event e
     where e.actor_id = p_user and (select ctx.answers_for_looks_of(p_user))
       and e.at >= p_from and e.at < p_to and (e.at, e.id) < (p_before, p_before_id)
       and (asks.everything
            or (e.agency_id = (select ctx.agency_id()) and e.action not like 'minutes:close%'
                and (e.case_id is null or exists (
                     select 1 from case_scope s where s.case_id = e.case_id and s.reader = any (asks.readers)
                        and s.sees = 2 and s.until > statement_timestamp()))
                and (e.child_id is null or exists (
                     select 1 from child_scope s where s.child_id = e.child_id and s.reader = any (asks.readers)
                        and s.sees = 2 and s.until > statement_timestamp()))))
     order by e.at desc, e.id desc
     limit p_most
$$;

-- Why somebody goes on who opened, searched or took very much, and whom governance lets do so for a day.
-- who: whom it is about, the managers of their teams, governance officers
create policy seen on look_reason for select to portal_app using (ctx.answers_for_looks_of(look_reason.user_id));
create policy added on look_reason for insert to portal_app with check (MINE(user_id));
-- who: whom it is about, the managers of their teams, governance officers
create policy seen on look_exception for select to portal_app using (ctx.answers_for_looks_of(look_exception.user_id));
create policy added on look_exception for insert to portal_app with check (
    ROLE(governance) and MINE(named_by) and user_id <> named_by
    and until <= statement_timestamp() + interval '26 hours');  -- a day is 25 hours long once a year

-- Who may touch which columns, and call what.
grant select, insert on look_reason, look_exception to portal_app;
grant execute on function ctx.answers_for_looks_of, ctx.looks_at_case, ctx.looks_of_person to portal_app;
