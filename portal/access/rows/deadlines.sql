-- A deadline is seen by whoever sees its subject, and by its owner. Of a child who is held closely whoever recorded
-- an episode sees that, and not who has to do something about it; nor does whoever sent a form, or manages its
-- author, see who owes its triage: of a child whose case is sealed that is somebody who is named on it.

-- who: whoever owns it, as the person while of the agency for which they do, as one of the team or as a manager of the agency
-- who: whoever has full reach on its case
-- who: of a form, and of a referral to social care: coordinators of the hub who triage the form
-- who: of a disclosure, a question or a meeting: whoever reads that
-- who: of somebody to tell by hand of a meeting, and of no child of it: whoever knows of the meeting as a whole
-- who: of a missing episode, its prompt or interview: whoever hears of it and knows who the child is
-- who: of a concern: whoever is let in to it
-- who: of a contact: whoever works for its agency
create policy seen on deadline for select to portal_app using (
    OWNS(deadline)
    or READER(owner_team_id)
    or READER(owner_agency_id)
    or (case_id is not null
        and FULL(deadline.case_id))
    or (referral_id is not null
        and TRIAGES(deadline.referral_id))
    or (disclosure_id is not null and exists (select 1 from disclosure d where d.id = deadline.disclosure_id))
    or (request_id is not null and exists (select 1 from information_request r where r.id = deadline.request_id))
    or (meeting_id is not null and subject_kind = 'meeting'
        and exists (select 1 from meeting m where m.id = deadline.meeting_id))
    or (case_id is null and meeting_id is not null and subject_kind = 'told_by_hand' and ctx.runs_meeting(meeting_id))
    or (child_id is not null
        and EPISODE(deadline.subject_id)
        and exists (select 1 from child_scope s where s.child_id = deadline.child_id offset 0))
    or (concern_id is not null
        and CONCERN(deadline.concern_id))
    or (directory_id is not null
        and exists (select 1 from directory_entry e
                     where e.id = deadline.directory_id and OURS(e.agency_id))));
create policy added on deadline for insert to portal_app with check (
    (case_id is null
     or FULL(deadline.case_id))
    and (referral_id is null or exists (select 1 from referral r where r.id = deadline.referral_id))
    and (disclosure_id is null or exists (select 1 from disclosure d where d.id = deadline.disclosure_id))
    and (request_id is null or exists (select 1 from information_request r where r.id = deadline.request_id))
    and (meeting_id is null or exists (select 1 from meeting m where m.id = deadline.meeting_id))
    and (child_id is null
         or EPISODE(deadline.subject_id))
    and (concern_id is null
         or CONCERN(deadline.concern_id))
    and (directory_id is null
         or exists (select 1 from directory_entry e
                     where e.id = deadline.directory_id and OURS(e.agency_id))));
-- Whoever sees a duty may come to change it: which verb may is Python's to say. The same words as above,
-- because a policy cannot read its own table.
create policy changed on deadline for update to portal_app using (
    OWNS(deadline)
    or READER(owner_team_id)
    or READER(owner_agency_id)
    or (case_id is not null
        and FULL(deadline.case_id))
    or (referral_id is not null
        and TRIAGES(deadline.referral_id))
    or (disclosure_id is not null and exists (select 1 from disclosure d where d.id = deadline.disclosure_id))
    or (request_id is not null and exists (select 1 from information_request r where r.id = deadline.request_id))
    or (meeting_id is not null and subject_kind = 'meeting'
        and exists (select 1 from meeting m where m.id = deadline.meeting_id))
    or (case_id is null and meeting_id is not null and subject_kind = 'told_by_hand' and ctx.runs_meeting(meeting_id))
    or (child_id is not null
        and EPISODE(deadline.subject_id)
        and exists (select 1 from child_scope s where s.child_id = deadline.child_id offset 0))
    or (concern_id is not null
        and CONCERN(deadline.concern_id))
    or (directory_id is not null
        and exists (select 1 from directory_entry e
                     where e.id = deadline.directory_id and OURS(e.agency_id))));

create trigger original_due_stands before update on deadline for each row
    when (new.original_due_at <> old.original_due_at or new.started_at <> old.started_at)
    execute function ctx.refuse('the original due date of a deadline never moves');
create trigger subject_stands before update on deadline for each row
    when ((new.kind is distinct from old.kind or new.subject_kind is distinct from old.subject_kind
               or new.subject_id is distinct from old.subject_id or new.case_id is distinct from old.case_id
               or new.referral_id is distinct from old.referral_id
               or new.disclosure_id is distinct from old.disclosure_id
               or new.request_id is distinct from old.request_id
               or new.meeting_id is distinct from old.meeting_id or new.child_id is distinct from old.child_id
               or new.concern_id is distinct from old.concern_id
               or new.directory_id is distinct from old.directory_id))
    execute function ctx.refuse('a deadline stays with its subject');

-- Every due date that was moved stays to be read: from when, to when, by whom and why.
create policy seen on deadline_change for select to portal_app
    using (exists (select 1 from deadline d where d.id = deadline_change.deadline_id offset 0));

create function ctx.keep_due_date() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into deadline_change (id, deadline_id, before, after, code, reason, changed_by, changed_at)
    values (gen_random_uuid(), new.id, old.due_at, new.due_at, new.move_code, coalesce(new.move_reason, ''),
            ctx.user_id(), statement_timestamp());
    return null;
end $$;
create trigger keep_due_date after update of due_at on deadline
    for each row when (new.due_at is distinct from old.due_at) execute function ctx.keep_due_date();

-- Who gave a duty to whoever owns it: nobody is told what they gave themselves.
create function ctx.given_by_whom() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    new.given_by := coalesce(ctx.user_id(), new.given_by);
    return new;
end $$;
create trigger given_by_whom before insert on deadline for each row execute function ctx.given_by_whom();
create trigger given_to_another before update of owner_id on deadline
    for each row when (new.owner_id is distinct from old.owner_id) execute function ctx.given_by_whom();

-- Whoever works for another agency goes on owing what they owned for the former one, which a person of that hands over. They
-- see it no more as its owner, until they are back there or are given it anew: a former agency gives no sight.
create function ctx.owned_for_former() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update deadline set owned_for_id = old.agency_id where owner_id = new.id and owned_for_id is null;
    return null;
end $$;
create trigger owned_for_former after update of agency_id on app_user
    for each row when (new.agency_id is distinct from old.agency_id) execute function ctx.owned_for_former();
create function ctx.owned_anew() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    new.owned_for_id := null;
    return new;
end $$;
-- After whatever gives it to another: by its name.
create trigger owned_anew before update of owner_id, owner_team_id, owner_agency_id on deadline
    for each row when (new.owner_id is distinct from old.owner_id) execute function ctx.owned_anew();

-- When the worker has to look at a duty: at once, after anything that changes what is owed. The worker then
-- writes when to look again. A plan ends with its duty.
create function ctx.plan_reminders() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if new.state <> 'open' then
        delete from reminder_plan where deadline_id = new.id;
    else
        insert into reminder_plan as p (deadline_id, since, look_at)
        values (new.id, case when tg_op = 'INSERT' then new.started_at else statement_timestamp() end,
                statement_timestamp())
        on conflict (deadline_id) do update
           set look_at = excluded.look_at,
               since = case when new.due_at is distinct from old.due_at then excluded.since else p.since end,
               -- Whoever has it keeps it where their team goes, as on a case that is sealed.
               given_at = case when coalesce(new.owner_id, new.owner_team_id, new.owner_agency_id)
                                    is distinct from coalesce(old.owner_id, old.owner_team_id, old.owner_agency_id)
                               then statement_timestamp() else p.given_at end,
               told_until = null;  -- the keys of what was told keep it from being told twice
    end if;
    return null;
end $$;
create trigger plan_reminders after insert on deadline
    for each row execute function ctx.plan_reminders();
create trigger plan_reminders_again after update of state, due_at, owner_id, owner_team_id, owner_agency_id on deadline
    for each row execute function ctx.plan_reminders();

-- No open case is ever without an open deadline that has an owner.
create function ctx.case_keeps_a_clock() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_case uuid := case when tg_table_name = 'cre_case' then (to_jsonb(new) ->> 'id')::uuid
                            else (to_jsonb(old) ->> 'case_id')::uuid end;
begin
    if exists (select 1 from cre_case where id = v_case and state not in ('closed', 'transferred'))
       and not exists (select 1 from deadline where case_id = v_case and state = 'open') then
        raise check_violation using message = 'an open case keeps an open deadline that has an owner';
    end if;
    return null;
end $$;
create constraint trigger case_keeps_a_clock after insert or update of state on cre_case
    deferrable initially deferred for each row execute function ctx.case_keeps_a_clock();
create constraint trigger deadline_keeps_a_clock after update of state, case_id or delete on deadline
    deferrable initially deferred for each row execute function ctx.case_keeps_a_clock();

-- The worker reads what is owed and to whom, in columns that hold no narrative, and writes messages. It is no
-- person: it holds no session.
create policy worker on deadline for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert, update (owner_id, owner_team_id, owner_agency_id, due_at, state, ended_at, late_reason,
    move_reason, move_code, source, confirmed) on deadline to portal_app;
grant select on deadline_change to portal_app;
grant select (id, kind, subject_kind, subject_id, case_id, referral_id, disclosure_id, request_id, meeting_id,
    child_id, concern_id, directory_id, given_by, owner_id, owner_team_id, owner_agency_id, owned_for_id, started_at, due_at,
    original_due_at, state, ended_at, source, policy_version) on deadline to portal_worker;
grant select, insert, update (owner_id, owner_team_id, owner_agency_id, owned_for_id, due_at, state, ended_at, move_reason)
    on deadline to portal_scope;
grant insert on deadline_change to portal_scope;
