-- Everybody is signed out: as portal_owner, psql --file end-all-sessions.sql. Prints how many sessions it ended.
with ended as (
  update ctx.session set revoked_at = statement_timestamp()
   where revoked_at is null and ends_at > statement_timestamp() returning 1)
select count(*) as sessions_ended from ended;
