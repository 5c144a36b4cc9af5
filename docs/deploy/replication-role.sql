-- The role by which a standby follows its primary, and is brought back after a failover. Run once per server, as a
-- superuser, in the database postgres. It reads whole files of the server: guard its password like a backup.
do $$
begin
  if not exists (select from pg_roles where rolname = 'portal_replication') then
    create role portal_replication login replication;
  end if;
end $$;
alter role portal_replication nosuperuser nobypassrls nocreaterole nocreatedb replication;
grant connect on database postgres to portal_replication;
-- What pg_rewind asks for; nothing of it reads a table.
grant execute on function pg_catalog.pg_ls_dir(text, boolean, boolean) to portal_replication;
grant execute on function pg_catalog.pg_stat_file(text, boolean) to portal_replication;
grant execute on function pg_catalog.pg_read_binary_file(text) to portal_replication;
grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) to portal_replication;
