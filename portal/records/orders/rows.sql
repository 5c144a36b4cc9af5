-- Orders and notices are seen with what they are on. Police, councils and coordinators record them; the agency that
-- did, and coordinators, say what happens to them. Which child one protects is for whoever also reads the child's
-- record.

create function ctx.records_orders() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_coordinator()
        or coalesce((select sector in ('police', 'council') from ctx.live_session()), false)
$$;

create policy seen on concern_order for select to portal_app
    using (CONCERN(concern_order.concern_id));
create policy added on concern_order for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id) and ended_at is null
    and original_expires_on is not distinct from expires_on
    and (owner_team_id is null or TEAMS(owner_team_id))
    and (select ctx.records_orders())
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

-- What the worker reads to remind and to tell.
create policy worker on concern_order for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert, update (expires_on, review_on, served_on, served_words, ended_on, ended_at, ended_by, outcome,
    ended_words, version) on concern_order to portal_app;
grant select, insert on order_child, order_step to portal_app;
grant select (id, reference, concern_id) on concern_order to portal_worker;
grant select on concern_order to portal_scope;
grant execute on function ctx.records_orders to portal_app;
