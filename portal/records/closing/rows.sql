-- How a case ended and what was handed over are for everyone with full reach on the case. What was said stands:
-- a second person is added to it, or a reopening.

create policy seen on case_closure for select to portal_app
    using (FULL(case_closure.case_id));
-- At once only as a meeting decided; else somebody asks, and waits.
create policy added on case_closure for insert to portal_app with check (
    MINE(asked_by) and second_id is null and withdrawn_at is null and reopened_at is null
    and (closed_at is null or ground = 'meeting')
    and FULL(case_closure.case_id));
create policy changed on case_closure for update to portal_app
    using (FULL(case_closure.case_id));

create function ctx.closure_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_second text[] := array['second_id', 'second_at', 'closed_at'];
    v_withdrawal text[] := array['withdrawn_by', 'withdrawn_at', 'withdrawn_reason'];
    v_reopening text[] := array['reopened_by', 'reopened_at', 'reopen_reason'];
    v_open text[] := case when old.withdrawn_at is not null or old.reopened_at is not null then '{}'
                          when old.closed_at is not null then v_reopening
                          when new.withdrawn_at is not null then v_withdrawal
                          else v_second end;
begin
    if (to_jsonb(new) - v_open) is distinct from (to_jsonb(old) - v_open) then
        raise check_violation using message = 'how a case ended stands as it was said';
    end if;
    if new.closed_at is not null and old.closed_at is null
       and (new.second_id is distinct from ctx.user_id() or not ctx.may_lower_level(new.case_id)) then
        raise insufficient_privilege using message = 'a second person who may agrees that a case ends';
    end if;
    if (new.withdrawn_by is distinct from old.withdrawn_by and new.withdrawn_by is distinct from ctx.user_id())
       or (new.reopened_by is distinct from old.reopened_by and new.reopened_by is distinct from ctx.user_id()) then
        raise insufficient_privilege using message = 'nobody decides in the name of another';
    end if;
    return new;
end $$;
create trigger closure_stands before update on case_closure
    for each row when (current_user = 'portal_app') execute function ctx.closure_stands();

-- On what ground a case ends: the last decision of a meeting that was held; or no exploitation was ever found and
-- nobody ever met, as the assessor says and somebody else agrees; or the child has moved and was handed over.
create function ctx.closure_is_grounded() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_wanted text := case new.kind when 'closed' then 'close' else 'transfer' end;
begin
    if new.ground = 'meeting' and not exists (
        select 1 from decision d join meeting m on m.id = d.meeting_id
         where d.id = new.decision_id and d.meeting_id = new.meeting_id and d.case_id = new.case_id
           and d.outcome = v_wanted and d.withdrawn_at is null
           and m.held_at is not null and m.state <> 'cancelled'
           and not exists (select 1 from decision l join meeting n on n.id = l.meeting_id
                            where l.case_id = d.case_id and l.outcome is not null and l.withdrawn_at is null
                              and n.held_at > m.held_at)) then
        raise check_violation using message = 'a case ends as the last meeting on it decided';
    end if;
    if new.assessment_id is not null and not exists (
        select 1 from risk_assessment a
         where a.id = new.assessment_id and a.case_id = new.case_id and a.state = 'finalised') then
        raise check_violation using message = 'a case ends after an assessment that was finalised';
    end if;
    if new.hand_over_id is not null and not exists (
        select 1 from hand_over h
         where h.id = new.hand_over_id and h.case_id = new.case_id and h.kind = 'transfer'
           and h.finalised_at is not null) then
        raise check_violation using message = 'a case is transferred with a hand-over that was finalised';
    end if;
    if new.ground = 'no_exploitation' and (
        not exists (select 1 from risk_assessment a
                     where a.id = new.assessment_id and a.level = 'none'
                       and new.asked_by in (a.assessor_id, a.concluded_by)
                       and new.second_id not in (a.assessor_id, coalesce(a.concluded_by, a.assessor_id)))
        or exists (select 1 from level_decision where case_id = new.case_id and level <> 'none')
        or exists (select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
                    where mc.case_id = new.case_id and m.held_at is not null and m.state <> 'cancelled')) then
        raise check_violation using
            message = 'without a meeting a case ends only where no exploitation was ever found, by two people';
    end if;
    return new;
end $$;
create trigger closure_is_grounded before insert or update of closed_at on case_closure
    for each row when (new.closed_at is not null) execute function ctx.closure_is_grounded();

-- What says that a case ended and the case's own state are never apart: so a case that is open has nothing yet that
-- could end it, and one that ended is reopened only by saying so.
create function ctx.closure_and_state_agree() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select 1 from case_closure k join cre_case c on c.id = k.case_id
                where k.id = new.id and k.closed_at is not null and k.reopened_at is null and c.state <> k.kind) then
        raise check_violation using message = 'a case that was closed is closed';
    end if;
    if exists (select 1 from case_closure k join cre_case c on c.id = k.case_id
                where k.id = new.id and k.reopened_at is not null and c.state in ('closed', 'transferred')
                  and not exists (select 1 from case_closure l
                                   where l.case_id = k.case_id and l.closed_at is not null
                                     and l.reopened_at is null)) then
        raise check_violation using message = 'a case that was reopened is open';
    end if;
    return null;
end $$;
create constraint trigger closure_and_state_agree after insert or update on case_closure
    deferrable initially deferred for each row execute function ctx.closure_and_state_agree();

create function ctx.case_ends_as_decided() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare v_stands case_closure;
begin
    select * into v_stands from case_closure
     where case_id = new.id and closed_at is not null and reopened_at is null;
    if new.state in ('closed', 'transferred') then
        if v_stands.kind is distinct from new.state
           or coalesce(v_stands.second_id, v_stands.asked_by) is distinct from ctx.user_id() then
            raise insufficient_privilege using message = 'a case ends only as it was decided, by whoever decided it';
        end if;
    elsif v_stands.id is not null or not exists (
        select 1 from case_closure where case_id = new.id and reopened_by = ctx.user_id()) then
        raise insufficient_privilege using message = 'a case is reopened by whoever says why';
    end if;
    return new;
end $$;
create trigger case_ends_as_decided before update of state on cre_case for each row
    when (current_user = 'portal_app' and old.state <> new.state
          and (new.state in ('closed', 'transferred') or old.state in ('closed', 'transferred')))
    execute function ctx.case_ends_as_decided();

create policy seen on hand_over for select to portal_app
    using (FULL(hand_over.case_id));
create policy added on hand_over for insert to portal_app with check (
    MINE(started_by) and finalised_at is null
    and FULL(hand_over.case_id));
create policy changed on hand_over for update to portal_app using (
    finalised_at is null
    and FULL(hand_over.case_id))
    with check (MINE(saved_by) and (finalised_by is null or MINE(finalised_by)));

create trigger hand_over_stands before update on hand_over for each row
    when (old.finalised_at is not null
          or (new.case_id is distinct from old.case_id or new.kind is distinct from old.kind
               or new.reference is distinct from old.reference
               or new.started_by is distinct from old.started_by
               or new.started_at is distinct from old.started_at
               or new.policy_version is distinct from old.policy_version))
    execute function ctx.refuse('a hand-over stays what it was begun as, and stands once finalised');

-- The worker opens what is owed when a young person comes of age. It learns the days, and no date of birth.
-- It looks at so many cases after the one that it came to last.
create function ctx.transitions(
    p_today date, p_prompt integer, p_plan integer, p_adult integer, p_after uuid, p_most integer)
returns table (case_id uuid, authority text, prompt_on date, plan_on date, adult_on date, since date,
               owner_id uuid, agency_id uuid, begun boolean, planned boolean, duties json)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.id, c.authority, days.prompt, days.plan, days.adult,
           (greatest(c.opened_at, (select max(k.reopened_at) from case_closure k where k.case_id = c.id))
            at time zone 'Europe/London')::date,
           coalesce(
               (select u.id from app_user u
                 where u.id = c.lead_professional_id and u.active and u.agency_id = c.lead_agency_id),
               case when c.sensitivity = 2 then (
                   select g.user_id from access_grant g join app_user u on u.id = g.user_id
                    where g.case_id = c.id and g.kind = 'named' and u.active and u.agency_id = c.lead_agency_id
                      and coalesce(g.ends_at, 'infinity') > statement_timestamp()
                    order by g.starts_at, g.id limit 1) end),
           c.lead_agency_id,
           exists (select 1 from hand_over h where h.case_id = c.id and h.kind = 'transition'),
           exists (select 1 from hand_over h
                    where h.case_id = c.id and h.kind = 'transition' and h.finalised_at is not null),
           (select json_agg(json_build_object('id', d.id, 'kind', d.kind, 'state', d.state, 'started_at', d.started_at,
                                              'due_at', d.original_due_at, 'policy_version', d.policy_version))
              from deadline d
             where d.case_id = c.id and d.kind in ('transition_prompt', 'transition_plan')
               and d.state in ('open', 'done'))
      from (select id from cre_case where id > p_after order by id limit p_most) looked_at
      join cre_case c on c.id = looked_at.id join child k on k.id = c.child_id
     cross join lateral (select (k.dob + make_interval(months => p_prompt))::date as prompt,
                                (k.dob + make_interval(months => p_plan))::date as plan,
                                (k.dob + make_interval(months => p_adult))::date as adult) days
     where c.state not in ('closed', 'transferred')
       and (days.prompt <= p_today
            or exists (select 1 from deadline d
                        where d.case_id = c.id and d.kind in ('transition_prompt', 'transition_plan')
                          and d.state = 'open'))
$$;

create function ctx.owe_transition(
    p_id uuid, p_case uuid, p_kind text, p_owner uuid, p_agency uuid, p_started timestamptz, p_due timestamptz,
    p_source text, p_confirmed boolean, p_policy text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform 1 from cre_case where id = p_case and state not in ('closed', 'transferred') for no key update;
    if not found or p_kind not in ('transition_prompt', 'transition_plan')
       or exists (select 1 from deadline d
                   where d.case_id = p_case and d.kind = p_kind and d.state in ('open', 'done')) then
        return false;
    end if;
    insert into deadline (id, kind, subject_kind, subject_id, case_id, owner_id, owner_agency_id, started_at, due_at,
                          original_due_at, state, source, confirmed, policy_version)
    values (p_id, p_kind, 'cre_case', p_case, p_case, p_owner, case when p_owner is null then p_agency end, p_started,
            p_due, p_due, 'open', p_source, p_confirmed, p_policy);
    return true;
end $$;

create function ctx.end_transition(p_deadline uuid, p_at timestamptz, p_reason text) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    update deadline set state = 'superseded', ended_at = p_at, move_reason = p_reason
     where id = p_deadline and kind in ('transition_prompt', 'transition_plan') and state = 'open'
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (second_id, second_at, withdrawn_by, withdrawn_at, withdrawn_reason, closed_at,
    reopened_by, reopened_at, reopen_reason) on case_closure to portal_app;
grant select, insert, update (service, person, contact, meets_on, answers, saved_by, saved_at, finalised_by,
    finalised_at, version) on hand_over to portal_app;
grant select on case_closure, hand_over to portal_scope;
grant execute on function ctx.transitions, ctx.owe_transition, ctx.end_transition to portal_worker;
