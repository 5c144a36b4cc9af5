-- Orders and notices are seen with what they are on. Police, councils and coordinators record them; the agency that
-- did, and coordinators, say what happens to them. Which child one protects is for whoever also reads the child's
-- record.

create function ctx.records_orders() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_coordinator()
        or coalesce((select sector in ('police', 'council') from ctx.live_session()), false)
$$;

create policy seen on concern_order for select to portal_app
    using (exists (select 1 from concern_scope s where s.concern_id = concern_order.concern_id offset 0));
create policy added on concern_order for insert to portal_app with check (
    author_id = (select ctx.user_id()) and agency_id = (select ctx.agency_id()) and ended_at is null
    and original_expires_on is not distinct from expires_on
    and (owner_team_id is null or owner_team_id = any ((select ctx.teams())::uuid[]))
    and (select ctx.records_orders())
    and exists (select 1 from concern c where c.id = concern_order.concern_id and c.ended_at is null offset 0));
create policy changed on concern_order for update to portal_app
    using (ended_at is null
        and (agency_id = (select ctx.agency_id()) or (select ctx.is_coordinator()))
        and exists (select 1 from concern_scope s where s.concern_id = concern_order.concern_id offset 0))
    with check (ended_by is null or ended_by = (select ctx.user_id()));

create policy seen on order_child for select to portal_app using (
    exists (select 1 from concern_order o where o.id = order_child.order_id offset 0)
    and exists (select 1 from child_scope s where s.child_id = order_child.child_id and s.sees = 2 offset 0));
create policy added on order_child for insert to portal_app with check (
    added_by = (select ctx.user_id())
    and exists (select 1 from concern_order o
                 where o.id = order_child.order_id
                   and (o.agency_id = (select ctx.agency_id()) or (select ctx.is_coordinator())) offset 0)
    and exists (select 1 from child_scope s where s.child_id = order_child.child_id and s.sees = 2 offset 0));

create policy seen on order_step for select to portal_app using (
    exists (select 1 from concern_order o where o.id = order_step.order_id offset 0));
create policy added on order_step for insert to portal_app with check (
    made_by = (select ctx.user_id()) and agency_id = (select ctx.agency_id())
    and exists (select 1 from concern_order o
                 where o.id = order_step.order_id
                   and (o.agency_id = (select ctx.agency_id()) or (select ctx.is_coordinator())) offset 0));
