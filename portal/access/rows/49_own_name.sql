-- Nobody writes in the name of another, or of another agency. `portal/access/own_names.py` puts this on every column
-- that says who did something: what was said there is whoever asks, and stands once it is there, unless whoever asks
-- says it anew. A column that ends in a question mark may be emptied again, because what was done can be taken back.
-- It comes after the policies, which say first whose rows these are.
create function ctx.own_name() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_new jsonb := to_jsonb(new);
    v_old jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
    v_named text;
    v_column text;
    v_said text;
begin
    foreach v_named in array tg_argv loop
        v_column := rtrim(split_part(v_named, ' ', 2), '?');
        v_said := v_new ->> v_column;
        if v_said is not distinct from (v_old ->> v_column) or (v_said is null and right(v_named, 1) = '?') then
            continue;
        end if;
        if v_said is distinct from
           (case split_part(v_named, ' ', 1) when 'agency' then ctx.agency_id() else ctx.user_id() end)::text then
            raise insufficient_privilege using
                message = format('nobody writes in the name of another: %s of %s', v_column, tg_table_name);
        end if;
    end loop;
    return null;
end $$;

-- Who takes a team off a case: a coordinator, a manager of the team's own agency, and whoever has just ended the case.
create function ctx.ended_case(p_case uuid) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from case_closure k join cre_case c on c.id = k.case_id
                    where k.case_id = p_case and k.closed_at is not null and k.reopened_at is null
                      and c.state = k.kind and coalesce(k.second_id, k.asked_by) = ctx.user_id())
$$;

create function ctx.involvement_is_ended() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if (old.ended_at, old.ended_by, old.end_reason) is distinct from (new.ended_at, new.ended_by, new.end_reason)
       and (new.ended_by is distinct from ctx.user_id()
            or not (ctx.is_coordinator() or (ctx.has_role('manager') and old.agency_id = ctx.agency_id())
                    or ctx.ended_case(old.case_id))) then
        raise insufficient_privilege using
            message = 'a coordinator or the agency’s own manager ends an involvement, in their own name';
    end if;
    if old.worker_id is distinct from new.worker_id
       and not (ctx.answers_for_case(old.case_id) or ctx.manages_lead(old.case_id)
                or old.agency_id = ctx.agency_id()) then
        raise insufficient_privilege using message = 'whoever answers for a case, or the agency, names its worker';
    end if;
    return new;
end $$;
create trigger involvement_is_ended before update on involvement
    for each row execute function ctx.involvement_is_ended();

-- Reach by name is taken away by whoever may give it, by whoever directs the meeting that gave it, by a manager whose
-- person it is, and by whoever has just ended the case. Anybody may let go of their own.
create function ctx.grant_is_ended() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if not (old.user_id = ctx.user_id() or ctx.answers_for_case(old.case_id)
            or (old.meeting_id is not null and ctx.directs_meeting(old.meeting_id))
            or (ctx.has_role('manager')
                and exists (select 1 from app_user u where u.id = old.user_id and u.agency_id = ctx.agency_id()))
            or ctx.ended_case(old.case_id)) then
        raise insufficient_privilege using message = 'whoever gives reach by name takes it away';
    end if;
    return new;
end $$;
create trigger grant_is_ended before update of ends_at on access_grant
    for each row when (old.ends_at is distinct from new.ends_at) execute function ctx.grant_is_ended();

-- An alert is reviewed and ended by its owner, the lead professional or a coordinator.
create function ctx.alert_is_owned() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if old.owner_id is distinct from ctx.user_id() and not ctx.answers_for_case(old.case_id) then
        raise insufficient_privilege using message = 'an alert is changed by its owner or whoever answers for the case';
    end if;
    if old.ended_at is not null then
        raise check_violation using message = 'an alert that ended stays so';
    end if;
    return new;
end $$;
create trigger alert_is_owned before update on alert for each row execute function ctx.alert_is_owned();

-- Who a child is changes only as a correction says that stands beside it, by a coordinator or the lead professional.
create function ctx.identity_is_corrected() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if not (ctx.is_coordinator()
            or exists (select 1 from cre_case c where c.child_id = new.id and c.lead_professional_id = ctx.user_id()))
       or not exists (
        select 1 from child_correction k
         where k.child_id = new.id and k.part = 'identity' and k.child_version = old.version
           and (k.decided_at is null or k.decided_by = ctx.user_id())
           and k.after ->> 'given_name' = new.given_name and k.after ->> 'family_name' = new.family_name
           and (k.after ->> 'dob') is not distinct from new.dob::text
           and (k.after ->> 'dob_is_estimate')::boolean is not distinct from new.dob_is_estimate
           and (k.after ->> 'nhs_number') is not distinct from new.nhs_number) then
        raise insufficient_privilege using message = 'who a child is changes only as a correction says';
    end if;
    return new;
end $$;
create trigger identity_is_corrected before update on child for each row
    when (old.given_name is distinct from new.given_name or old.family_name is distinct from new.family_name
          or old.dob is distinct from new.dob or old.dob_is_estimate is distinct from new.dob_is_estimate
          or old.nhs_number is distinct from new.nhs_number)
    execute function ctx.identity_is_corrected();
