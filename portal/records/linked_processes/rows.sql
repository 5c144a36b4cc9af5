-- Processes of other services are for everyone with full reach on the case: what may not be seen by all goes in as an
-- entry with handling. A personal duty stays with whoever has it, whatever else the application lets through.

create policy seen on linked_process for select to portal_app
    using (FULL(linked_process.case_id));
create policy added on linked_process for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id) and state = 'running'
    and FULL(linked_process.case_id)
    and exists (select 1 from cre_case c where c.id = linked_process.case_id and c.child_id = linked_process.child_id)
    and status_id is null
    and (meeting_id is null or exists (select 1 from meeting_case mc
                                        where mc.meeting_id = linked_process.meeting_id
                                          and mc.case_id = linked_process.case_id))
    and (decision_id is null
         or exists (select 1 from decision d where d.id = linked_process.decision_id
                       and d.meeting_id = linked_process.meeting_id)));
create policy changed on linked_process for update to portal_app
    using (FULL(linked_process.case_id));

create policy seen on linked_step for select to portal_app
    using (FULL(linked_step.case_id));
create policy added on linked_step for insert to portal_app with check (
    state = 'open'
    and exists (select 1 from linked_process p
                 where p.id = linked_step.process_id and p.case_id = linked_step.case_id and p.state = 'running' offset 0));
create policy changed on linked_step for update to portal_app
    using (FULL(linked_step.case_id));

create policy seen on linked_note for select to portal_app
    using (FULL(linked_note.case_id));
create policy added on linked_note for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and exists (select 1 from linked_process p
                 where p.id = linked_note.process_id and p.case_id = linked_note.case_id offset 0));

-- Whether somebody can see to a process of a case: on a sealed one only a person who is named on it.
create function ctx.may_see_to(p_case uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from cre_case c where c.id = p_case and c.sensitivity < 2)
        or exists (select 1 from case_scope s
                    where s.case_id = p_case and s.reader = p_user and s.sees = 2 and s.until > statement_timestamp())
$$;

create function ctx.linked_process_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if new.owner_id is not null and not ctx.may_see_to(new.case_id, new.owner_id) then
        raise insufficient_privilege using message = 'on a sealed case only somebody named on it sees to a process';
    end if;
    if new.came_from_id is not null
       and not exists (select 1 from linked_process p where p.id = new.came_from_id and p.case_id = new.case_id) then
        raise check_violation using message = 'a process comes from another of the same case';
    end if;
    if tg_op = 'INSERT' then
        return new;
    end if;
    if new.status_id is distinct from old.status_id
       and not exists (select 1 from child_status s where s.id = new.status_id and s.child_id = new.child_id) then
        raise check_violation using message = 'the status that begins with a process is its child’s';
    end if;
    if old.state <> 'running' then
        raise check_violation using message = 'a process that has ended stands as it is';
    end if;
    if old.personal and old.owner_id is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'a personal duty is only for whoever has it';
    end if;
    if new.state <> old.state and new.ended_by is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'whoever ends a process says so in their own name';
    end if;
    return new;
end $$;
create trigger linked_process_stands before insert or update on linked_process
    for each row when (current_user = 'portal_app') execute function ctx.linked_process_stands();

create function ctx.linked_step_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.state <> 'open' then
        raise check_violation using message = 'what was said of a step stands as it is';
    end if;
    if new.state <> old.state
       and (new.recorded_by, new.recorded_agency_id) is distinct from (ctx.user_id(), ctx.agency_id()) then
        raise insufficient_privilege using message = 'whoever records a step does so in their own name';
    end if;
    if exists (select 1 from linked_process p
                where p.id = new.process_id and p.personal and p.owner_id is distinct from ctx.user_id()) then
        raise insufficient_privilege using message = 'a personal duty is only for whoever has it';
    end if;
    return new;
end $$;
create trigger linked_step_stands before update on linked_step
    for each row when (current_user = 'portal_app') execute function ctx.linked_step_stands();

-- The clock of a personal duty does not go to somebody else either.
create function ctx.is_personal_duty(p_process uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from linked_process p where p.id = p_process and p.personal)
$$;
create function ctx.personal_duty_stays() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if ctx.is_personal_duty(new.subject_id) then
        raise insufficient_privilege using message = 'a personal duty is not handed over';
    end if;
    return new;
end $$;
create trigger personal_duty_stays before update of owner_id, owner_team_id, owner_agency_id on deadline for each row
    when (current_user = 'portal_app' and old.subject_kind = 'linked_process'
          and (new.owner_id is distinct from old.owner_id
               or new.owner_team_id is distinct from old.owner_team_id
               or new.owner_agency_id is distinct from old.owner_agency_id))
    execute function ctx.personal_duty_stays();

-- What the worker reads to remind and to tell.
create policy worker on linked_process for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert on linked_note to portal_app;
grant select, insert, update (their_reference, state, owner_id, owner_team_id, owner_agency_id, status_id, outcome,
    outcome_words, ended_at, ended_by, version) on linked_process to portal_app;
grant select, insert, update (owner_agency_id, deadline_id, state, done_at, answer, words, late_reason, recorded_by,
    recorded_agency_id, recorded_at) on linked_step to portal_app;
grant select (id, reference) on linked_process to portal_worker;
grant select on linked_process to portal_scope;
grant execute on function ctx.may_see_to, ctx.is_personal_duty to portal_app;
