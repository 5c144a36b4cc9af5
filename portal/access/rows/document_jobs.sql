-- Long documents that are made beside the pages. What is in one, somebody may read in the sign-in that asked for it
-- and in no other; what is made of it, only the process that makes documents writes.

create policy own on document_job for select to portal_app using (session_id = (select ctx.session_id()));
create policy asked on document_job for insert to portal_app with check (
    session_id = (select ctx.session_id()) and MINE(asked_by) and state = 'waiting'
    and content is null and attempts = 0 and lease_until is null and taken_at is null);
create policy taken on document_job for update to portal_app
    using (session_id = (select ctx.session_id()) and state = 'ready')
    with check (session_id = (select ctx.session_id()) and state = 'ready');
create policy dropped on document_job for delete to portal_app using (session_id = (select ctx.session_id()));

create policy making on document_job for select to portal_documents using (true);
create policy made on document_job for update to portal_documents using (true) with check (true);

create policy expiring on document_job to portal_worker using (true) with check (false);

-- How many documents are being made for the person who is asking, over all their sign-ins. Who asks for two at once
-- waits here for a moment, so that none is counted past.
create function ctx.documents_under_way() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_user uuid := ctx.user_id();
begin
    perform ctx.take_turn('documents of ' || v_user::text);
    return (select count(*) from document_job
             where asked_by = v_user and state in ('waiting', 'making') and expires_at > statement_timestamp());
end $$;

-- Who may touch which columns, and call what.
grant select, insert, update (expires_at, taken_at), delete on document_job to portal_app;
grant select (id, asked_at, expires_at, payload, state, lease_until, attempts), update (payload, state, lease_until,
    attempts, content) on document_job to portal_documents;
grant select (id, expires_at), delete on document_job to portal_worker;
grant select on document_job to portal_scope;
grant execute on function ctx.documents_under_way to portal_app;
