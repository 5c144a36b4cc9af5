-- Signing in and out, on a connection of its own: portal_sign_in may call what is below and read nothing, and no
-- other role may call it. It hands in hashes, never reads a session or an identity, opens none for somebody whom no
-- invitation bound before, and what it does is on the audit trail in the same transaction, whatever the caller does.

-- What no setting exceeds: an hour without activity, twelve hours in any case.
create function ctx.longest_idle() returns int language sql immutable as $$ select 3600 $$;
create function ctx.longest_session() returns int language sql immutable as $$ select 43200 $$;

-- A row of the audit trail about signing in, dated by the database. Nobody but the functions here can write it.
create function ctx.note_sign_in(
    p_action text, p_user uuid, p_session uuid, p_ground text, p_details jsonb, p_route text, p_address text)
returns void language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into audit_event (id, at, actor_id, agency_id, session_id, action, ground, details, route, address)
    values (gen_random_uuid(), clock_timestamp(), p_user, (select agency_id from app_user where id = p_user),
            p_session, p_action, p_ground, p_details, left(p_route, 100), left(p_address, 500));
end $$;

-- True once for each digest: what may be used once cannot be used again on any process or machine. Kept for at
-- least a minute and at most a day.
create function ctx.spend(p_digest bytea, p_kept_seconds int) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from ctx.spent where kept_until < statement_timestamp();
    insert into ctx.spent (digest, kept_until)
    values (p_digest, statement_timestamp() + make_interval(secs => least(greatest(p_kept_seconds, 60), 86400)))
        on conflict do nothing;
    return found;
end $$;

-- The agency that a link invites to, while the link is good: all that a visitor who holds it learns.
create function ctx.agency_inviting(p_token_hash bytea) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.code from staff_invite i
      join app_user u on u.id = i.user_id and u.active
      join agency a on a.id = u.agency_id and a.active
     where i.token_hash = p_token_hash and i.accepted_at is null and i.withdrawn_at is null
       and i.expires_at > statement_timestamp()
$$;

-- The one-time link binds the invited person to (issuer, subject). False: used, expired, withdrawn,
-- from a provider the agency does not use, that identity is somebody already, or the invited person can sign in
-- already: an invitation gives nobody a second way into somebody's account.
create function ctx.accept_invite(
    p_token_hash bytea, p_issuer text, p_subject text, p_route text, p_address text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_invite staff_invite;
begin
    select i.* into v_invite from staff_invite i
      join app_user u on u.id = i.user_id and u.active
      join agency a on a.id = u.agency_id and a.active
     where i.token_hash = p_token_hash and i.accepted_at is null and i.withdrawn_at is null
       and i.expires_at > statement_timestamp()
       and ctx.uses_provider(a.id, p_issuer)
       for update of i;
    if not found
       or exists (select 1 from user_identity where issuer = p_issuer and subject = p_subject)
       or exists (select 1 from user_identity i join app_user u on u.id = i.user_id
                   where i.user_id = v_invite.user_id and ctx.uses_provider(u.agency_id, i.issuer)) then
        return false;
    end if;
    insert into user_identity (id, user_id, issuer, subject, created_at)
    values (gen_random_uuid(), v_invite.user_id, p_issuer, p_subject, statement_timestamp());
    update staff_invite set accepted_at = statement_timestamp() where id = v_invite.id;
    perform ctx.note_sign_in('people:bind', v_invite.user_id, null, null,
                             jsonb_build_object('issuer', p_issuer, 'invitation', v_invite.id), p_route, p_address);
    return true;
end $$;

-- A session for whoever is bound to (issuer, subject), at a provider that their agency uses; null for anybody else.
-- The session that the browser had before ends. Nothing is read back but that it worked.
create function ctx.open_session(
    p_token_hash bytea, p_former_hash bytea, p_issuer text, p_subject text, p_provider_session text, p_device text,
    p_idle_seconds int, p_absolute_seconds int, p_strength jsonb, p_route text, p_address text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_user uuid;
    v_id uuid := gen_random_uuid();
begin
    if length(p_token_hash) is distinct from 32 then
        raise invalid_parameter_value using message = 'a session is kept as the SHA-256 of its token';
    end if;
    select i.user_id into v_user
      from user_identity i
      join app_user u on u.id = i.user_id and u.active
      join agency a on a.id = u.agency_id and a.active
     where i.issuer = p_issuer and i.subject = p_subject
       and ctx.uses_provider(a.id, p_issuer);
    if v_user is null then
        return false;
    end if;
    perform ctx.fold_refusals();
    update ctx.session set revoked_at = statement_timestamp() where token_hash = p_former_hash and revoked_at is null;
    insert into ctx.session (id, user_id, token_hash, issuer, provider_session, device,
                             opened_at, last_seen_at, idle_seconds, ends_at)
    values (v_id, v_user, p_token_hash, p_issuer, p_provider_session, left(p_device, 200),
            statement_timestamp(), statement_timestamp(),
            least(greatest(p_idle_seconds, 0), ctx.longest_idle()),
            statement_timestamp()
                + make_interval(secs => least(greatest(p_absolute_seconds, 0), ctx.longest_session())));
    perform ctx.note_sign_in('session:open', v_user, v_id, null,
                             coalesce(p_strength, '{}') || jsonb_build_object('issuer', p_issuer), p_route, p_address);
    return true;
end $$;

-- Sign out: whoever holds the token ends its session, and learns at which provider it was opened.
create function ctx.close_session(p_token_hash bytea, p_route text, p_address text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_ended ctx.session;
begin
    update ctx.session set revoked_at = statement_timestamp()
     where token_hash = p_token_hash and revoked_at is null
     returning * into v_ended;
    if not found then
        return null;
    end if;
    perform ctx.note_sign_in('session:close', v_ended.user_id, v_ended.id, null,
                             jsonb_build_object('session', v_ended.id), p_route, p_address);
    return v_ended.issuer;
end $$;

-- Back-channel logout: the provider, whose signed token the application has checked, ends what it opened
-- before it said so. A token that is kept and sent again ends nothing that was opened since.
create function ctx.end_provider_sessions(
    p_issuer text, p_subject text, p_provider_session text, p_said_at timestamptz, p_route text, p_address text)
returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_ended int;
begin
    update ctx.session s set revoked_at = statement_timestamp()
     where s.issuer = p_issuer and s.revoked_at is null and s.opened_at <= p_said_at
       and (p_provider_session is null or s.provider_session = p_provider_session)
       and (p_subject is null or s.user_id in (select user_id from user_identity
                                                where issuer = p_issuer and subject = p_subject))
       and (p_subject is not null or p_provider_session is not null);
    get diagnostics v_ended = row_count;
    perform ctx.note_sign_in('session:end_by_provider', null, null, null,
                             jsonb_build_object('issuer', p_issuer, 'ended', v_ended), p_route, p_address);
    return v_ended;
end $$;

-- What was counted of minutes that are over, a row for each provider and minute.
create function ctx.fold_refusals() returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp as $$
declare v_over ctx.refused;
begin
    for v_over in
        delete from ctx.refused r
         using (select minute, provider from ctx.refused
                 where minute < date_trunc('minute', statement_timestamp()) for update skip locked) o
         where r.minute = o.minute and r.provider = o.provider returning r.*
    loop
        if v_over.beyond <> '{}' then
            perform ctx.note_sign_in('session:refused_more', null, null, null, jsonb_build_object(
                'provider', v_over.provider, 'minute', v_over.minute, 'reasons', v_over.beyond), null, null);
        end if;
    end loop;
end $$;

-- A refused sign-in, whose actor is nobody. Anybody can cause one, so of each provider ten a minute leave a row of
-- their own; the rest is counted by reason, and the count is written once the minute is over.
create function ctx.refuse_sign_in(p_provider text, p_reason text, p_route text, p_address text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_total int;
begin
    if not exists (select 1 from identity_provider where code = p_provider) or p_reason !~ '^[a-z_]{1,30}$' then
        raise invalid_parameter_value using message = 'a refusal names a provider and a reason';
    end if;
    perform ctx.fold_refusals();
    insert into ctx.refused as r (minute, provider, total, beyond)
    values (date_trunc('minute', statement_timestamp()), p_provider, 1, '{}')
        on conflict (minute, provider) do update
       set total = r.total + 1,
           beyond = case when r.total < 10 then r.beyond
                         else r.beyond || jsonb_build_object(p_reason, coalesce((r.beyond ->> p_reason)::int, 0) + 1)
                    end
    returning total into v_total;
    if v_total <= 10 then
        perform ctx.note_sign_in('session:refused', null, null, p_reason,
                                 jsonb_build_object('provider', p_provider), p_route, p_address);
    end if;
end $$;

-- Who may touch which columns, and call what.
grant select, insert, update, delete on ctx.refused to portal_ctx;
grant select, insert, delete on ctx.spent to portal_ctx;
grant execute on function ctx.spend, ctx.agency_inviting, ctx.accept_invite, ctx.open_session, ctx.close_session,
    ctx.end_provider_sessions, ctx.refuse_sign_in to portal_sign_in;
