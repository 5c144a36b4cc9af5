-- The role that makes backups. Run once per server, as a superuser, and again in the portal's database.
-- Row security is forced on every table and binds the tables' owner too: only BYPASSRLS reads all of it.
do $$
begin
  if not exists (select from pg_roles where rolname = 'portal_backup') then
    create role portal_backup login;
  end if;
end $$;
alter role portal_backup nosuperuser bypassrls nocreaterole nocreatedb noreplication;
grant pg_read_all_data to portal_backup;
do $$
begin
  execute format('grant connect on database %I to portal_backup', current_database());
end $$;
