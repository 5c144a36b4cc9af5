-- The database roles of the portal. A server's administrator runs this once per server, as a superuser;
-- running it again changes nothing. Passwords, where a server asks for them, are set outside.
--
-- portal_owner   owns databases and tables; used by migrations only
-- portal_app     the web process: owns nothing, subject to every row policy
-- portal_sign_in the web process while somebody signs in or out: calls a few functions, reads and writes no table
-- portal_worker  the reminder worker: its own row policies, no narrative
-- portal_documents  makes long documents: reads what they are made of, for a few minutes, and no other table
-- portal_ctx     owns the functions that resolve who is asking; nobody signs in as it
-- portal_scope   owns the triggers that keep the scope table; nobody signs in as it
-- portal_audit   owns the functions that seal the audit trail; nobody signs in as it
do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('portal_owner', 'login'), ('portal_app', 'login'), ('portal_sign_in', 'login'),
      ('portal_worker', 'login'), ('portal_documents', 'login'),
      ('portal_ctx', 'nologin'), ('portal_scope', 'nologin'), ('portal_audit', 'nologin')
    ) as role (name, may_sign_in)
  loop
    if not exists (select from pg_roles where rolname = wanted.name) then
      execute format('create role %I %s', wanted.name, wanted.may_sign_in);
    end if;
    execute format(
      'alter role %I %s nosuperuser nobypassrls nocreaterole nocreatedb noreplication', wanted.name, wanted.may_sign_in
    );
  end loop;
end $$;

-- The owner may hand functions to these, and is not one of them without saying so.
grant portal_ctx, portal_scope, portal_audit to portal_owner with set true, inherit false, admin false;
