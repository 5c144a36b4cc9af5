-- Orders and notices are seen with what they are on. Police, councils and coordinators record them; the agency that
-- did, and coordinators, say what happens to them. Which child one protects is for whoever also reads the child's
-- record.

create policy seen on concern_order for select to portal_app
    using (CONCERN(concern_order.concern_id));
create policy added on concern_order for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id) and ended_at is null
    and original_expires_on is not distinct from expires_on
    and (owner_team_id is null or TEAMS(owner_team_id))
    and (HUB or (select ctx.is_police()) or (select ctx.is_council()))
    and exists (select 1 from concern c where c.id = concern_order.concern_id and c.ended_at is null offset 0));
create policy changed on concern_order for update to portal_app
    using (ended_at is null
        and (OURS(agency_id) or HUB)
        and CONCERN(concern_order.concern_id))
    with check (ended_by is null or MINE(ended_by));

create policy seen on order_child for select to portal_app using (
    exists (select 1 from concern_order o where o.id = order_child.order_id offset 0)
    and CHILD(order_child.child_id));
create policy added on order_child for insert to portal_app with check (
    MINE(added_by)
    and exists (select 1 from concern_order o
                 where o.id = order_child.order_id
                   and (OURS(o.agency_id) or HUB) offset 0)
    and CHILD(order_child.child_id));

create policy seen on order_step for select to portal_app using (
    exists (select 1 from concern_order o where o.id = order_step.order_id offset 0));
create policy added on order_step for insert to portal_app with check (
    MINE(made_by) and OURS(agency_id)
    and exists (select 1 from concern_order o
                 where o.id = order_step.order_id
                   and (OURS(o.agency_id) or HUB) offset 0));

-- What is still to do on a concern by somebody who does not see it as it is held now: the actions of one that is
-- restricted, and the orders that somebody answers for. Asked, by its agency, whoever gave it away or a coordinator,
-- of one that is about to be held otherwise.
create function ctx.unowned_on(p_concern uuid) returns text[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select array(
        select owed.reference
          from (select a.reference, a.due_on as by_day
                  from action a
                 where a.concern_id = p_concern and a.state in ('not_started', 'under_way', 'blocked')
                   and not ctx.may_be_given(null, a.concern_id, a.owner_id)
                union all
                select o.reference, coalesce(o.expires_on, o.review_on)
                  from concern_order o join agency g on g.id = o.agency_id
                 where o.concern_id = p_concern and o.ended_at is null
                   and not ctx.reaches_concern(
                       array_remove(array[o.owner_team_id, o.agency_id], null) || ctx.audience_keys(g.id)
                       || case when g.sector = 'hub' then array[ctx.hub()] else '{}'::uuid[] end, p_concern)) owed
         where ctx.is_coordinator()
            or exists (select 1 from concern k where k.id = p_concern and k.owner_agency_id = ctx.agency_id())
            or exists (select 1 from concern_change h
                        where h.concern_id = p_concern and h.kind = 'owner' and h.changed_by = ctx.user_id())
         order by owed.by_day, owed.reference)
$$;

-- Whom to tell of an order, by ground, for whoever sees it: those who work with the children whom it protects, and
-- whoever answers for it. Who leads or works on a case hears of it also where they may not see what it is on: they learn
-- that it is about their child, and from whom to hear more (`ctx.who_answers_for_order`), and nothing that it says.
create function ctx.around_order(p_order uuid)
returns table (ground text, user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (
        select o.* from concern_order o
         where o.id = p_order and ctx.reaches_concern((select ctx.readers())::uuid[], o.concern_id))
    select w.ground, w.user_id, w.team_id, w.instead_of
      from about o
     cross join lateral ctx.around_children(
           o.concern_id, array(select c.child_id from order_child c where c.order_id = o.id)) w
    union
    -- The police who work on a case of one of them.
    select 'police', null, i.team_id, null
      from about o join order_child p on p.order_id = o.id
      join cre_case c on c.child_id = p.child_id and c.state not in ('closed', 'transferred') and c.sensitivity = 0
      join involvement i on i.case_id = c.id and coalesce(i.ended_at, 'infinity') > statement_timestamp()
      join team t on t.id = i.team_id and t.active join agency a on a.id = t.agency_id and a.sector = 'police'
     where ctx.reaches_case((select ctx.readers())::uuid[], c.id)
    union
    select 'keeper', null, o.owner_team_id, null from about o where o.owner_team_id is not null
    union
    select 'keeper', t.user_id, t.team_id, null from about o cross join lateral ctx.told_for(o.agency_id) t
     where o.owner_team_id is null
$$;

-- Those whom the page names; who works on a case that whoever tells does not read is told by `ctx.tell_unseen`.
create function ctx.hear_of_order(p_order uuid)
returns table (ground text, user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.* from ctx.around_order(p_order) a where a.ground not in ('lead_unseen', 'worker_unseen')
$$;
create function ctx.unseen_of_order(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.ground, a.user_id, a.team_id from ctx.around_order((p ->> 'subject')::uuid) a where a.ground in ('lead_unseen', 'worker_unseen')
$$;

-- Who answers for an order, and their number, for whoever was told of it because of a child whom it protects and may not
-- see it, while they read a case of that child: `cases` says which. Of what it is on and what it says it tells nothing.
create function ctx.who_answers_for_order(p_message uuid)
returns table (team text, team_phone text, agency text, cases text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with told as (
        select o.id, o.owner_team_id, o.agency_id
          from outbox_message m
          join outbox_subject s on s.message_id = m.id and s.subject_kind = 'concern_order'
          join concern_order o on o.id = s.subject_id
         where m.id = p_message and m.last_word and m.state <> 'cancelled'
           and ((m.recipient_id = ctx.user_id() and m.agency_id = ctx.agency_id())
                or m.recipient_team_id = any ((select ctx.teams())::uuid[]))),
    mine as (
        select told.id, array_agg(c.reference order by c.reference) as cases
          from told
          join order_child p on p.order_id = told.id
          join cre_case c on c.child_id = p.child_id and c.state not in ('closed', 'transferred')
         where ctx.reaches_case((select ctx.readers())::uuid[], c.id)
         group by told.id)
    select t.name, t.duty_phone, a.name, mine.cases
      from told join mine on mine.id = told.id
      join agency a on a.id = told.agency_id
      left join team t on t.id = told.owner_team_id and t.active
$$;

-- What the worker reads to remind and to tell.
create policy worker on concern_order for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert, update (expires_on, review_on, served_on, served_words, ended_on, ended_at, ended_by, outcome,
    ended_words, version) on concern_order to portal_app;
grant select, insert on order_child, order_step to portal_app;
grant select (id, reference, concern_id) on concern_order to portal_worker;
grant select on concern_order to portal_scope;
grant select (order_id, child_id) on order_child to portal_scope;
grant execute on function ctx.unowned_on, ctx.hear_of_order, ctx.who_answers_for_order to portal_app;
