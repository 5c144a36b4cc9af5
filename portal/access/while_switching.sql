-- For the minutes in which web processes of the version before portal_sign_in still run beside new ones: what those
-- call to sign people in and out, under its old signature, as portal_app. Installed only by the upgrade that crosses
-- that version; fifteen minutes later each of these refuses, and the next upgrade takes them away.
do $$
begin
    execute format(
        'create function ctx.still_switching() returns void language plpgsql volatile
         set search_path = pg_catalog, public, pg_temp as %L',
        format('begin if statement_timestamp() > %L::timestamptz then
                    raise insufficient_privilege
                        using message = ''this web process is of an older version: restart it'';
                end if; end', statement_timestamp() + interval '15 minutes'));
end $$;

create function ctx.open_session(
    p_id uuid, p_token_hash bytea, p_issuer text, p_subject text, p_provider_session text,
    p_device text, p_idle_seconds int, p_absolute_seconds int) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.still_switching();
    if ctx.open_session(p_token_hash, null, p_issuer, p_subject, p_provider_session, p_device,
                        p_idle_seconds, p_absolute_seconds, '{}', null, null) then
        return (select user_id from ctx.session where token_hash = p_token_hash);
    end if;
    return null;
end $$;

create function ctx.close_session() returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.still_switching();
    update ctx.session set revoked_at = statement_timestamp() where id = (select session_id from ctx.live_session());
end $$;

create function ctx.issuer_of_session() returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.still_switching();
    return (select issuer from ctx.session where id = (select session_id from ctx.live_session()));
end $$;

create function ctx.end_provider_sessions(
    p_issuer text, p_subject text, p_provider_session text, p_said_at timestamptz) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.still_switching();
    return ctx.end_provider_sessions(p_issuer, p_subject, p_provider_session, p_said_at, null, null);
end $$;

create function ctx.spend(p_digest bytea, p_kept_until timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.still_switching();
    return ctx.spend(p_digest, extract(epoch from p_kept_until - statement_timestamp())::int);
end $$;

create function ctx.inviting_agency(p_token_hash bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.still_switching();
    return ctx.agency_inviting(p_token_hash);
end $$;

create function ctx.accept_invite(p_identity uuid, p_token_hash bytea, p_issuer text, p_subject text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.still_switching();
    return ctx.accept_invite(p_token_hash, p_issuer, p_subject, null, null);
end $$;

do $$
declare v_signature text;
begin
    for v_signature in
        select unnest(array[
            'open_session(uuid, bytea, text, text, text, text, int, int)', 'close_session()', 'issuer_of_session()',
            'end_provider_sessions(text, text, text, timestamptz)', 'spend(bytea, timestamptz)',
            'inviting_agency(bytea)', 'accept_invite(uuid, bytea, text, text)'])
    loop
        execute 'revoke all on function ctx.' || v_signature || ' from public';
        execute 'grant execute on function ctx.' || v_signature || ' to portal_app';
        execute 'alter function ctx.' || v_signature || ' owner to portal_ctx';
    end loop;
    revoke all on function ctx.still_switching() from public;
    grant execute on function ctx.still_switching() to portal_ctx;
end $$;
