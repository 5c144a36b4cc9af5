-- The audit trail. The application adds rows about whoever is asking and can do nothing else with it. Rows are
-- sealed in numbered batches by functions of portal_audit, as which nobody signs in, so that the worker that calls
-- them reads no row.

create policy added on audit_event for insert to portal_app
    with check (actor_id is not distinct from (select ctx.user_id()) and seal_number is null);
create policy seen on audit_event for select to portal_app using (
    MINE(actor_id) or ROLE(governance));
create policy seen on audit_seal for select to portal_app using (ROLE(governance));
create policy seen on audit_search for select to portal_app using (ROLE(governance));

-- What a row says, as a digest. Times are numbers, so that no setting of the connection changes it.
create function ctx.audit_digest(e audit_event) returns bytea language sql stable as $$
    select pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.json_build_array(
        e.id, extract(epoch from e.at), extract(epoch from e.recorded_at), e.xact, e.actor_id, e.agency_id,
        e.session_id, e.action, e.subject_kind, e.subject_id, e.child_id, e.case_id, e.route, e.ground, e.address,
        e.details, e.connection_id, e.connection_position,
        pg_catalog.encode(e.connection_previous, 'hex'))::text, 'UTF8'))
$$;

-- What a batch says of itself, before the digests of its rows.
create function ctx.audit_header(p_number bigint, p_sealed_at timestamptz, p_rows bigint, p_breaks bigint)
returns bytea language sql stable as $$
    select pg_catalog.convert_to(pg_catalog.json_build_array(
        p_number, extract(epoch from p_sealed_at), p_rows, p_breaks)::text, 'UTF8')
$$;

-- Says when a row was really written, and chains it to the row before on this connection: there are no gaps, so where
-- one is found, a row was taken away. Where the rows of a connection end stands under the number of the server's process,
-- of which there is one at a time; whoever gets the number next goes on with them. Nobody but this function writes it,
-- and it is undone with the transaction. What somebody searched for goes where governance alone reads it.
create function ctx.stamp_audit() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_last ctx.audit_link;
begin
    new.xact := pg_current_xact_id()::text::bigint;
    new.recorded_at := clock_timestamp();
    select * into v_last from ctx.audit_link
     where pid = pg_backend_pid() and written_at > new.recorded_at - interval '1 day';
    new.connection_id := coalesce(v_last.connection_id, gen_random_uuid());
    new.connection_position := coalesce(v_last.position, 0) + 1;
    new.connection_previous := coalesce(v_last.digest, ''::bytea);
    if new.details ? 'sought' then
        insert into audit_search (event_id, actor_id, searched_at, text)
            values (new.id, new.actor_id, new.recorded_at, new.details ->> 'sought');
        new.details := new.details - 'sought';
    end if;
    insert into ctx.audit_link as l (pid, connection_id, position, digest, written_at)
        values (pg_backend_pid(), new.connection_id, new.connection_position, ctx.audit_digest(new), new.recorded_at)
        on conflict (pid) do update set connection_id = excluded.connection_id, position = excluded.position,
            digest = excluded.digest, written_at = excluded.written_at;
    return new;
end $$;
create trigger stamp_audit before insert on audit_event for each row execute function ctx.stamp_audit();

-- Nobody changes or removes what is on the trail, the owner of the tables as little as the application.
create function ctx.refuse_audit_change() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    raise insufficient_privilege using message = 'the audit trail is only added to';
end $$;
create trigger only_added before update or delete on audit_event
    for each row when (current_user <> 'portal_audit') execute function ctx.refuse_audit_change();
create trigger never_emptied before truncate on audit_event
    for each statement execute function ctx.refuse_audit_change();
create trigger only_added before update or delete on audit_seal
    for each row execute function ctx.refuse_audit_change();
create trigger never_emptied before truncate on audit_seal
    for each statement execute function ctx.refuse_audit_change();
create trigger only_added before update or delete on audit_search
    for each row when (current_user <> 'portal_audit') execute function ctx.refuse_audit_change();
create trigger never_emptied before truncate on audit_search
    for each statement execute function ctx.refuse_audit_change();
create trigger only_added before insert or update or delete on audit_chain
    for each row when (current_user <> 'portal_audit') execute function ctx.refuse_audit_change();
create trigger never_emptied before truncate on audit_chain
    for each statement execute function ctx.refuse_audit_change();
create trigger only_added before insert or update or delete on ctx.audit_link
    for each row when (current_user <> 'portal_audit') execute function ctx.refuse_audit_change();
create trigger never_emptied before truncate on ctx.audit_link
    for each statement execute function ctx.refuse_audit_change();

-- Seals rows of finished transactions, up to a batch of them; says how many. Two never seal at the same time: the
-- second finds the end of the chain locked, by a lock that only this function can take. A row whose transaction is
-- still open cannot be seen yet and goes into a later batch.
create function ctx.seal_audit(p_most integer) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_end audit_chain;
    v_batch record;
    v_number bigint;
    v_sealed_at timestamptz := clock_timestamp();
    v_digest bytea;
begin
    if not exists (select from audit_chain) then
        raise exception 'the end of the audit chain is missing';
    end if;
    select * into v_end from audit_chain for update skip locked;
    if not found then
        return 0;
    end if;
    v_number := v_end.number + 1;
    with taken as (
        select id from audit_event where seal_number is null order by xact, connection_position limit p_most
    ), marked as (
        update audit_event e set seal_number = v_number from taken where e.id = taken.id returning e as event
    )
    select count(*) as rows,
           string_agg(ctx.audit_digest(event), ''::bytea order by (event).id) as digests,
           count(*) filter (where (event).connection_position > 1 and not exists (
               select from audit_event before
                where before.connection_id = (event).connection_id
                  and before.connection_position = (event).connection_position - 1
                  and ctx.audit_digest(before) = (event).connection_previous)) as breaks
      into v_batch from marked;
    if v_batch.rows = 0 then
        return 0;
    end if;
    v_digest := sha256(
        v_end.digest || ctx.audit_header(v_number, v_sealed_at, v_batch.rows, v_batch.breaks) || v_batch.digests);
    insert into audit_seal (number, sealed_at, rows, breaks, previous, digest)
        values (v_number, v_sealed_at, v_batch.rows, v_batch.breaks, v_end.digest, v_digest);
    update audit_chain set number = v_number, digest = v_digest;
    delete from ctx.audit_link where pid in (
        select pid from ctx.audit_link where written_at < clock_timestamp() - interval '2 days' for update skip locked);
    return v_batch.rows;
end $$;

-- Batches with the digest that they should have by what their rows say now.
create function ctx.audit_batches(p_after bigint, p_most integer)
returns table (number bigint, sealed_at timestamptz, rows integer, breaks integer, previous bytea, digest bytea,
               replaced_digest bytea, rows_now bigint, digest_now bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.number, s.sealed_at, s.rows, s.breaks, s.previous, s.digest, s.replaced_digest, now.rows,
           sha256(s.previous || ctx.audit_header(s.number, s.sealed_at, s.rows, s.breaks) || now.digests)
      from (select * from audit_seal where audit_seal.number > p_after order by audit_seal.number limit p_most) s
      cross join lateral (
          select count(*) as rows,
                 coalesce(string_agg(ctx.audit_digest(e), ''::bytea order by e.id), ''::bytea) as digests
            from audit_event e where e.seal_number = s.number) now
     order by s.number
$$;

-- Where the chain ends.
create function ctx.audit_end() returns table (end_number bigint, end_digest bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select number, digest from audit_chain
$$;

-- What the batches do not say: where the chain ends, rows outside every batch, and rows whose writer said another
-- time than the database's, beyond a tolerance.
create function ctx.audit_state(p_tolerance interval)
returns table (end_number bigint, end_digest bytea, unsealed bigint, strays bigint, undated bigint, dated_apart bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select (select number from audit_chain), (select digest from audit_chain),
           count(*) filter (where e.seal_number is null),
           count(*) filter (where e.seal_number is not null and s.number is null),
           count(*) filter (where e.recorded_at is null),
           count(*) filter (where e.at < e.recorded_at - p_tolerance or e.at > e.recorded_at + p_tolerance)
      from audit_event e left join audit_seal s on s.number = e.seal_number
$$;

-- For how long the row that has waited longest has not been sealed, by the database's clock; nothing when none waits.
create function ctx.seal_lag() returns interval
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select clock_timestamp() - min(coalesce(recorded_at, at)) from audit_event where seal_number is null
$$;

-- Removes what was searched for before a moment; says how much. Nothing younger than 30 days, whoever asks.
create function ctx.remove_searches(p_before timestamptz, p_most integer) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_removed integer;
begin
    delete from audit_search where event_id in (
        select event_id from audit_search
         where searched_at < least(p_before, clock_timestamp() - interval '30 days')
         order by searched_at limit p_most);
    get diagnostics v_removed = row_count;
    return v_removed;
end $$;

-- Who may touch which columns, and call what.
grant select, insert on audit_event to portal_app;
grant select on audit_seal, audit_search to portal_app;
grant insert on audit_event to portal_ctx;
grant select (id, at, actor_id, agency_id, action, ground, child_id, case_id) on audit_event to portal_scope;
grant select, update on audit_chain to portal_audit;
grant select, update (seal_number) on audit_event to portal_audit;
grant select, insert on audit_seal to portal_audit;
grant select (event_id, searched_at), insert, delete on audit_search to portal_audit;
grant select, insert, update, delete on ctx.audit_link to portal_audit;
grant execute on function ctx.seal_lag to portal_app;
grant execute on function ctx.seal_audit, ctx.audit_batches, ctx.audit_end, ctx.audit_state, ctx.seal_lag,
    ctx.remove_searches to portal_worker;
grant execute on function ctx.audit_digest, ctx.audit_header to portal_audit;
