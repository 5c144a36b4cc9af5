-- A person finds the answer to what they sent before, and nobody else's. The worker forgets what is old.

create policy own on idempotency_key to portal_app using (MINE(user_id))
    with check (MINE(user_id));
create policy old on idempotency_key for select to portal_worker using (true);
create policy forgotten on idempotency_key for delete to portal_worker using (made_at < now() - interval '23 hours');

-- Who may touch which columns, and call what.
grant select, insert, update (answer), delete on idempotency_key to portal_app;
grant select (made_at), delete on idempotency_key to portal_worker;
