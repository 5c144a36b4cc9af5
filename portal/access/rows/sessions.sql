-- What a session's own person, and whoever looks after them, may do with it. The application can never read a
-- session back except through ctx.my_sessions(), which shows a person their own. Opening one: sign_in.sql.

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

-- Typing and page views count as activity. At most one write a minute.
-- Nobody waits for a longer request of the same sign-in, which has noted the same.
create function ctx.touch_session() returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    update ctx.session set last_seen_at = statement_timestamp()
     where id = (select s.id from ctx.session s
                  where s.id = (select session_id from ctx.live_session())
                    and s.last_seen_at < statement_timestamp() - interval '1 minute'
                    for no key update skip locked)
$$;

-- Whether whoever asks proved at their provider who they are no longer ago than this: asked before what changes how
-- people sign in.
create function ctx.signed_in_within(p_seconds int) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from ctx.live_session() l join ctx.session s on s.id = l.session_id
                    where s.opened_at > statement_timestamp() - make_interval(secs => p_seconds))
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

-- The person's account at their provider changed: forget it, and with it every way in. Whoever can give out a new link
-- could follow it, so this is for people without a role that takes two.
create function ctx.release_identities(p_user uuid) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_released int;
begin
    if not ctx.looks_after(p_user) then
        raise insufficient_privilege;
    end if;
    if exists (select 1 from app_user u
                where u.id = p_user and u.active and u.roles && array['coordinator', 'governance', 'administrator']) then
        raise insufficient_privilege using message = 'roles that take two go first';
    end if;
    update ctx.session set revoked_at = statement_timestamp() where user_id = p_user and revoked_at is null;
    delete from user_identity where user_id = p_user;
    get diagnostics v_released = row_count;
    return v_released;
end $$;

-- Who may touch which columns, and call what.
grant select, insert, update, delete on ctx.session to portal_ctx;
grant execute on function ctx.touch_session, ctx.signed_in_within, ctx.my_sessions, ctx.end_my_session,
    ctx.looks_after, ctx.end_sessions_of, ctx.end_sessions_of_agency, ctx.end_sessions_from, ctx.sessions_of,
    ctx.release_identities to portal_app;
