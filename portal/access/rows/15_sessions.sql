-- Opening and ending sessions. The application hands in hashes; it can never read a session back
-- except through ctx.my_sessions(), which shows a person their own.

-- An agency's people sign in at its own providers; at the partnership's only if it has none of its own.
create function ctx.uses_provider(p_agency uuid, p_issuer text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from identity_provider p
                    where p.issuer = p_issuer and p.active
                      and (exists (select 1 from agency_provider own
                                    where own.agency_id = p_agency and own.provider_id = p.id)
                           or (p.is_partnership_default
                               and not exists (select 1 from agency_provider own where own.agency_id = p_agency))))
$$;

create function ctx.open_session(
    p_id uuid, p_token_hash bytea, p_issuer text, p_subject text, p_provider_session text,
    p_device text, p_idle_seconds int, p_absolute_seconds int) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_user uuid;
begin
    select i.user_id into v_user
      from user_identity i
      join app_user u on u.id = i.user_id and u.active
      join agency a on a.id = u.agency_id and a.active
     where i.issuer = p_issuer and i.subject = p_subject
       and ctx.uses_provider(a.id, p_issuer);
    if v_user is null then
        return null;
    end if;
    insert into ctx.session (id, user_id, token_hash, issuer, provider_session, device,
                             opened_at, last_seen_at, idle_seconds, ends_at)
    values (p_id, v_user, p_token_hash, p_issuer, p_provider_session, p_device,
            statement_timestamp(), statement_timestamp(), p_idle_seconds,
            statement_timestamp() + make_interval(secs => p_absolute_seconds));
    return v_user;
end $$;

-- Typing and page views count as activity. At most one write a minute.
create function ctx.touch_session() returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    update ctx.session set last_seen_at = statement_timestamp()
     where id = (select session_id from ctx.live_session())
       and last_seen_at < statement_timestamp() - interval '1 minute'
$$;

create function ctx.close_session() returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    update ctx.session set revoked_at = statement_timestamp()
     where id = (select session_id from ctx.live_session())
$$;

-- At which provider the person who is asking signed in, to end their session there too.
create function ctx.issuer_of_session() returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select issuer from ctx.session where id = (select session_id from ctx.live_session())
$$;

create function ctx.my_sessions() returns table (
    id uuid, device text, opened_at timestamptz, last_seen_at timestamptz, ends_at timestamptz, current boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.id, s.device, s.opened_at, s.last_seen_at, s.ends_at, s.id = l.session_id
      from ctx.live_session() l
      join ctx.session s on s.user_id = l.user_id
     where s.revoked_at is null and s.ends_at > statement_timestamp()
       and s.last_seen_at + make_interval(secs => s.idle_seconds) > statement_timestamp()
     order by s.last_seen_at desc
$$;

create function ctx.end_my_session(p_session uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update ctx.session set revoked_at = statement_timestamp()
     where id = p_session and revoked_at is null
       and user_id = (select user_id from ctx.live_session());
    return found;
end $$;

-- Who may look after a person's access: an administrator, or a manager of their agency; nobody their own.
create function ctx.looks_after(p_user uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from ctx.live_session() l
                    where l.user_id <> p_user
                      and ('administrator' = any (l.roles)
                           or ('manager' = any (l.roles)
                               and exists (select 1 from app_user u
                                            where u.id = p_user and u.agency_id = l.agency_id
                                              and not u.roles && array['governance', 'administrator']))))
$$;

-- An administrator ends anyone's sessions; a manager those of their own agency's people.
create function ctx.end_sessions_of(p_user uuid) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_ended int;
begin
    if p_user is distinct from ctx.user_id() and not ctx.looks_after(p_user) then
        raise insufficient_privilege;
    end if;
    update ctx.session set revoked_at = statement_timestamp() where user_id = p_user and revoked_at is null;
    get diagnostics v_ended = row_count;
    return v_ended;
end $$;

create function ctx.end_sessions_of_agency(p_agency uuid) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_ended int;
begin
    if not ctx.has_role('administrator') then
        raise insufficient_privilege;
    end if;
    update ctx.session s set revoked_at = statement_timestamp()
      from app_user u where u.id = s.user_id and u.agency_id = p_agency and s.revoked_at is null;
    get diagnostics v_ended = row_count;
    return v_ended;
end $$;

-- Back-channel logout: the provider, whose signed token the application has checked, ends what it opened
-- before it said so. A token that is kept and sent again ends nothing that was opened since.
create function ctx.end_provider_sessions(
    p_issuer text, p_subject text, p_provider_session text, p_said_at timestamptz) returns int
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
    return v_ended;
end $$;

-- An administrator switched a provider off: what was opened with it ends.
create function ctx.end_sessions_from(p_issuer text) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_ended int;
begin
    if not ctx.has_role('administrator') then
        raise insufficient_privilege;
    end if;
    update ctx.session set revoked_at = statement_timestamp() where issuer = p_issuer and revoked_at is null;
    get diagnostics v_ended = row_count;
    return v_ended;
end $$;

create function ctx.sessions_of(p_user uuid) returns table (
    device text, opened_at timestamptz, last_seen_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.device, s.opened_at, s.last_seen_at from ctx.session s
     where s.user_id = p_user and (select ctx.looks_after(p_user))
       and s.revoked_at is null and s.ends_at > statement_timestamp()
       and s.last_seen_at + make_interval(secs => s.idle_seconds) > statement_timestamp()
     order by s.last_seen_at desc
$$;

-- The person's account at their provider changed: forget it, and with it every way in.
create function ctx.release_identities(p_user uuid) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_released int;
begin
    if not ctx.looks_after(p_user) then
        raise insufficient_privilege;
    end if;
    update ctx.session set revoked_at = statement_timestamp() where user_id = p_user and revoked_at is null;
    delete from user_identity where user_id = p_user;
    get diagnostics v_released = row_count;
    return v_released;
end $$;

-- True once for each digest: what may be used once cannot be used again on any process or machine.
create function ctx.spend(p_digest bytea, p_kept_until timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from ctx.spent where kept_until < statement_timestamp();
    insert into ctx.spent (digest, kept_until) values (p_digest, p_kept_until) on conflict do nothing;
    return found;
end $$;

-- The agency that a link invites to, while the link is good: all that a visitor who holds it learns.
create function ctx.inviting_agency(p_token_hash bytea) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.code from staff_invite i
      join app_user u on u.id = i.user_id and u.active
      join agency a on a.id = u.agency_id and a.active
     where i.token_hash = p_token_hash and i.accepted_at is null and i.withdrawn_at is null
       and i.expires_at > statement_timestamp()
$$;

-- The one-time link binds the invited person to (issuer, subject). False: used, expired, withdrawn,
-- from a provider the agency does not use, or that identity is somebody already.
create function ctx.accept_invite(p_identity uuid, p_token_hash bytea, p_issuer text, p_subject text) returns boolean
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
    if not found or exists (select 1 from user_identity where issuer = p_issuer and subject = p_subject) then
        return false;
    end if;
    insert into user_identity (id, user_id, issuer, subject, created_at)
    values (p_identity, v_invite.user_id, p_issuer, p_subject, statement_timestamp());
    update staff_invite set accepted_at = statement_timestamp() where id = v_invite.id;
    return true;
end $$;
