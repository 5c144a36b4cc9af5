-- Whoever controls a provider decides who its people are, and whoever takes the last provider away shuts everybody
-- out. So a provider is switched on by a second administrator, and no administrator alone leaves the portal without
-- another administrator, or the hub without another coordinator, who can sign in. Where there was none before,
-- nothing is lost: the first administrators begin so.

create function ctx.provider_takes_two() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then  -- the owner, who has no session: migrations, the partnership's provider
        return new;
    end if;
    if tg_op = 'INSERT' and (new.active or new.is_partnership_default or new.added_by is distinct from ctx.user_id()) then
        raise insufficient_privilege using message = 'a provider is switched on by another administrator';
    end if;
    if tg_op = 'UPDATE' and new.active and not old.active and old.added_by = ctx.user_id() then
        raise insufficient_privilege using message = 'whoever added a provider does not switch it on';
    end if;
    return new;
end $$;
create trigger provider_takes_two before insert or update on identity_provider
    for each row execute function ctx.provider_takes_two();

-- Whether somebody of a role, other than whoever asks, can sign in; or could without a provider, the use that an
-- agency makes of one, a person, or an agency.
create function ctx.others_can_sign_in(
    p_role text, p_provider uuid, p_used_by uuid, p_person uuid, p_agency uuid) returns boolean
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from app_user u
          join agency a on a.id = u.agency_id and a.active
          join user_identity i on i.user_id = u.id
          join identity_provider p on p.issuer = i.issuer and p.active
         where u.active and p_role = any (u.roles) and u.id is distinct from ctx.user_id()
           and u.id is distinct from p_person and a.id is distinct from p_agency
           and (p_used_by is not null or p.id is distinct from p_provider)
           and (exists (select 1 from agency_provider l where l.agency_id = a.id and l.provider_id = p.id
                           and (l.agency_id, l.provider_id) is distinct from (p_used_by, p_provider))
                or (p.is_partnership_default
                    and not exists (select 1 from agency_provider l where l.agency_id = a.id
                                       and (l.agency_id, l.provider_id) is distinct from (p_used_by, p_provider)))))
$$;

create function ctx.keeps_a_way_in() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_role text;
    v_left boolean;
    v_before boolean;
begin
    if ctx.user_id() is null then  -- the owner: migrations and the commands on the server
        return coalesce(new, old);
    end if;
    foreach v_role in array array['administrator', 'coordinator'] loop
        case tg_table_name || tg_op
            when 'agency_providerINSERT' then
                v_before := ctx.others_can_sign_in(v_role, new.provider_id, new.agency_id, null, null);
                v_left := ctx.others_can_sign_in(v_role, null, null, null, null);
            when 'agency_providerDELETE' then
                v_before := ctx.others_can_sign_in(v_role, null, null, null, null);
                v_left := ctx.others_can_sign_in(v_role, old.provider_id, old.agency_id, null, null);
            when 'identity_providerUPDATE' then
                v_before := ctx.others_can_sign_in(v_role, null, null, null, null);
                v_left := ctx.others_can_sign_in(v_role, old.id, null, null, null);
            when 'agencyUPDATE' then
                v_before := ctx.others_can_sign_in(v_role, null, null, null, null);
                v_left := ctx.others_can_sign_in(v_role, null, null, null, old.id);
            else
                continue when not v_role = any (old.roles)
                    or (new.active and v_role = any (new.roles) and new.agency_id = old.agency_id);
                v_before := ctx.others_can_sign_in(v_role, null, null, null, null);
                v_left := ctx.others_can_sign_in(v_role, null, null, old.id, null);
        end case;
        if v_before and not v_left then
            raise exception using errcode = 'CRE01', message = 'nobody else of role ' || v_role || ' could sign in';
        end if;
    end loop;
    return coalesce(new, old);
end $$;
create trigger keeps_a_way_in before delete on agency_provider for each row execute function ctx.keeps_a_way_in();
create trigger adds_a_way_in after insert on agency_provider for each row execute function ctx.keeps_a_way_in();
create trigger keeps_a_way_in before update of active on identity_provider
    for each row when (old.active and not new.active) execute function ctx.keeps_a_way_in();
create trigger keeps_a_way_in before update of active on agency
    for each row when (old.active and not new.active) execute function ctx.keeps_a_way_in();
create trigger keeps_a_way_in before update of active, roles, agency_id on app_user
    for each row when (old.active and old.roles && array['administrator', 'coordinator'])
    execute function ctx.keeps_a_way_in();
