-- The audit trail. The application adds rows about whoever is asking and can do nothing else with it.

create policy added on audit_event for insert to portal_app
    with check (actor_id is not distinct from (select ctx.user_id()) and seal_number is null);
create policy seen on audit_event for select to portal_app using (
    actor_id = (select ctx.user_id()) or (select ctx.has_role('governance')));
create policy seen on audit_seal for select to portal_app using ((select ctx.has_role('governance')));

create policy sealing on audit_event to portal_worker using (true) with check (true);
create policy sealing on audit_seal to portal_worker using (true) with check (true);

create function ctx.stamp_audit() returns trigger language plpgsql as $$
begin
    new.xact := pg_current_xact_id()::text::bigint;
    return new;
end $$;
create trigger stamp_audit before insert on audit_event for each row execute function ctx.stamp_audit();
