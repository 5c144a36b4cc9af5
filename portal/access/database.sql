-- What a database of the portal takes from everybody. A server's administrator runs this once in it, as a superuser;
-- running it again changes nothing. Large objects belong to no table and to no row policy: what one person writes into
-- one, another could read.
do $$
declare
  wanted record;
begin
  for wanted in
    select oid::regprocedure::text as signature from pg_proc
     where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^lo_|^(loread|lowrite)$'
  loop
    execute format('revoke all on function pg_catalog.%s from public', wanted.signature);
  end loop;
end $$;
