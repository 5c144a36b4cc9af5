-- A plan is for everyone with full reach on its case. An action is also for whoever owns it: they know who the child
-- is, the action and what their own agency wrote on it, until some days after it is done. On a sealed case only
-- somebody named on it owns one. An action hangs on a case or on a concern; on a concern, whoever sees that has
-- full reach, and on one that is restricted only they own one.

-- Who gives an action to another agency: whoever answers for what it is on, or runs a meeting on it.
create function ctx.directs_action(p_case uuid, p_concern uuid, p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_coordinator()
        or (p_case is not null
            and (ctx.answers_for_case(p_case)
                 or exists (select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
                             where mc.case_id = p_case and m.state not in ('distributed', 'cancelled')
                               and ctx.user_id() in (m.chair_id, m.note_taker_id))))
        or (p_concern is not null
            and exists (select 1 from concern k where k.id = p_concern and k.owner_agency_id = ctx.agency_id()))
        or exists (select 1 from meeting m
                    where m.id = p_meeting and m.state not in ('distributed', 'cancelled')
                      and ctx.user_id() in (m.chair_id, m.note_taker_id))
$$;

create policy seen on plan for select to portal_app
    using (FULL(plan.case_id));
create policy added on plan for insert to portal_app with check (
    MINE(started_by) and state = 'running'
    and FULL(plan.case_id));
create policy changed on plan for update to portal_app
    using (FULL(plan.case_id))
    with check (ended_by is null or MINE(ended_by));

create policy seen on plan_text for select to portal_app
    using (FULL(plan_text.case_id));
create policy added on plan_text for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and FULL(plan_text.case_id)
    and exists (select 1 from plan p
                 where p.id = plan_text.plan_id and p.case_id = plan_text.case_id and p.state = 'running')
    and (meeting_id is null or exists (select 1 from meeting_case mc
                                        where mc.meeting_id = plan_text.meeting_id and mc.case_id = plan_text.case_id)));

-- Whether the action is the asker's to do, by request reach: as the person, or as one of the team.
create function ctx.owns_action_as(p_readers uuid[], p_action uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from action a
         cross join lateral ctx.asked(a.owner_agency_id, a.owner_team_id, a.owner_id) owner (reader)
         where a.id = p_action and owner.reader = any (p_readers)
           and coalesce(a.reach_until, 'infinity') > statement_timestamp()
           and not exists (select 1 from cre_case c where c.child_id = a.child_id and c.sensitivity = 2)
           and not exists (select 1 from concern k where k.id = a.concern_id and k.sensitivity > 0))
$$;

create function ctx.owns_action(p_action uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.owns_action_as(ctx.readers(), p_action)
$$;

-- Whether an action may be given to somebody: on a sealed case only to a person who is named on it, on a restricted
-- concern only to a person who sees it.
create function ctx.may_be_given(p_case uuid, p_concern uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from cre_case c where c.id = p_case and c.sensitivity < 2)
        or exists (select 1 from concern k where k.id = p_concern and k.sensitivity = 0)
        or (p_concern is not null and p_user is not null
            and ctx.reaches_concern(ctx.readers_of(p_user), p_concern))
        or exists (select 1 from case_scope s
                    where s.case_id = p_case and s.reader = p_user and s.sees = 2 and s.until > statement_timestamp())
$$;

-- Who confirms that an action is done: the chair of the meeting that gave it, or of an open one on the case; where
-- no meeting gave it, or its chair did it, also the lead professional, on a concern the agency that keeps it, and
-- coordinators.
create function ctx.may_confirm_action(p_action uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from action a
         where a.id = p_action
           and (exists (select 1 from meeting m
                         where m.id = a.meeting_id and m.chair_id = ctx.user_id() and m.state <> 'cancelled')
                or exists (select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
                            where mc.case_id = a.case_id and m.chair_id = ctx.user_id()
                              and m.state not in ('distributed', 'cancelled'))
                or ((a.meeting_id is null
                     or exists (select 1 from meeting m where m.id = a.meeting_id and m.chair_id = a.done_by))
                    and (ctx.is_coordinator()
                         or exists (select 1 from cre_case c
                                     where c.id = a.case_id and c.lead_professional_id = ctx.user_id())
                         or exists (select 1 from concern k
                                     where k.id = a.concern_id and k.owner_agency_id = ctx.agency_id())))))
$$;

-- who: whoever has full reach on its case
-- who: whoever is let in to its concern
-- who: whoever owns it, as the person or as one of the team, until some days after it is done; not on a sealed child
--      or a restricted concern
create policy seen on action for select to portal_app using (
    FULL(action.case_id)
    or (concern_id is not null
        and CONCERN(action.concern_id))
    or ((READER(owner_id) or READER(owner_team_id))
        and ctx.owns_action(id)));
create policy added on action for insert to portal_app with check (
    MINE(given_by) and OURS(given_agency_id) and state = 'not_started'
    and reach_until is null and done_at is null
    and (OURS(owner_agency_id) or ctx.directs_action(case_id, concern_id, meeting_id))
    and ((exists (select 1 from cre_case c where c.id = action.case_id and c.child_id = action.child_id)
          and exists (select 1 from plan p where p.id = action.plan_id and p.case_id = action.case_id))
         or exists (select 1 from concern k where k.id = action.concern_id and k.ended_at is null))
    and (meeting_id is null
         or exists (select 1 from meeting_case mc
                     where mc.meeting_id = action.meeting_id and mc.case_id = action.case_id)
         or (concern_id is not null
             and exists (select 1 from meeting m
                          where m.id = action.meeting_id and m.district is not null
                            and (select ctx.user_id()) in (m.chair_id, m.note_taker_id))))
    and (decision_id is null
         or exists (select 1 from decision d
                     where d.id = action.decision_id and d.meeting_id = action.meeting_id
                       and (d.case_id is null or d.case_id = action.case_id))));
create policy changed on action for update to portal_app using (
    FULL(action.case_id)
    or (concern_id is not null
        and CONCERN(action.concern_id))
    or ((READER(owner_id) or READER(owner_team_id))
        and ctx.owns_action(id)));

create function ctx.owner_can_own() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if tg_op = 'UPDATE' and new.owner_agency_id <> ctx.agency_id() and old.given_by is distinct from ctx.user_id()
       and new.owner_agency_id is distinct from old.owner_agency_id
       and not ctx.directs_action(old.case_id, old.concern_id, old.meeting_id) then
        raise insufficient_privilege using message = 'whoever directs what an action is on gives it to another agency';
    end if;
    if not ctx.may_be_given(new.case_id, new.concern_id, new.owner_id) then
        raise insufficient_privilege using message =
            'on a sealed case or a restricted concern only somebody who reads it owns an action';
    end if;
    if not exists (select 1 from app_user u where u.id = new.owner_id and u.agency_id = new.owner_agency_id)
       and not exists (select 1 from team t where t.id = new.owner_team_id and t.agency_id = new.owner_agency_id) then
        raise check_violation using message = 'whoever owns an action belongs to the agency that it names';
    end if;
    return new;
end $$;
create trigger owner_can_own before insert or update of owner_id, owner_team_id, owner_agency_id on action
    for each row when (current_user = 'portal_app') execute function ctx.owner_can_own();

-- Whoever owns an action says how it goes and that it is done, and nothing else; that it is done also whoever records
-- a meeting on its case that heard so. What was done stands.
create function ctx.action_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_full boolean;
begin
    v_full := exists (select 1 from case_scope s where s.case_id = new.case_id and s.sees = 2)
        or exists (select 1 from concern_scope s where s.concern_id = new.concern_id);
    if old.state not in ('not_started', 'under_way', 'blocked')
       and (new.owner_id, new.owner_team_id, new.owner_agency_id, new.external_name, new.external_role, new.due_on,
            new.blocked_reason, new.done_by, new.done_at, new.done_words, new.covered_by, new.reach_until)
           is distinct from
           (old.owner_id, old.owner_team_id, old.owner_agency_id, old.external_name, old.external_role, old.due_on,
            old.blocked_reason, old.done_by, old.done_at, old.done_words, old.covered_by, old.reach_until) then
        raise check_violation using message = 'an action that is done or no longer owed stands as it is';
    end if;
    if not v_full
       and ((new.owner_id, new.owner_team_id, new.owner_agency_id, new.external_name, new.external_role, new.due_on,
             new.covered_by, new.confirmed_by)
            is distinct from
            (old.owner_id, old.owner_team_id, old.owner_agency_id, old.external_name, old.external_role, old.due_on,
             old.covered_by, old.confirmed_by)
            or (new.state <> old.state and new.state in ('not_needed', 'covered'))) then
        raise insufficient_privilege using message = 'whoever reads what it is on says whose an action is and until when';
    end if;
    if new.done_by is distinct from old.done_by
       and (new.done_by is distinct from ctx.user_id()
            or not (coalesce(old.owner_id = ctx.user_id(), false)
                    or coalesce(old.owner_team_id = any (ctx.readers() || ctx.teams()), false)
                    or (v_full and ctx.heard_as_done(new.id)))) then
        raise insufficient_privilege using message = 'whoever owns an action, or records a meeting that hears of it, says that it is done';
    end if;
    if new.confirmed_by is distinct from old.confirmed_by
       and (new.confirmed_by is distinct from ctx.user_id() or not ctx.may_confirm_action(new.id)) then
        raise insufficient_privilege using message = 'the chair confirms that an action is done';
    end if;
    return new;
end $$;
create trigger action_stands before update on action
    for each row when (current_user = 'portal_app') execute function ctx.action_stands();

create policy seen on action_step for select to portal_app
    using (exists (select 1 from action a where a.id = action_step.action_id offset 0));
create policy added on action_step for insert to portal_app with check (
    MINE(made_by)
    and exists (select 1 from action a where a.id = action_step.action_id
                   and a.case_id is not distinct from action_step.case_id offset 0));

-- No role widens handling. Whoever only owns the action reads what their own agency wrote.
-- who: whoever reads the action and works for the agency that wrote it
-- who: whoever has full reach on its case or is let in to its concern, where it is for the network
-- who: the same, where it is for named agencies and theirs is one
create policy seen on action_note for select to portal_app using (
    exists (select 1 from action a where a.id = action_note.action_id offset 0)
    and (OURS(agency_id)
         or ((handling = 'network'
              or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
             and (FULL(action_note.case_id)
                  or (case_id is null
                      and exists (select 1 from action a join concern_scope s on s.concern_id = a.concern_id
                                   where a.id = action_note.action_id offset 0))))));
create policy added on action_note for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and exists (select 1 from action a where a.id = action_note.action_id
                   and a.case_id is not distinct from action_note.case_id offset 0));

-- What the worker reads to remind and to tell.
create policy worker on action for select to portal_worker using (true);

-- Whom a message about it may still go to: the grounds above, of readers who do not ask themselves.
create function ctx.reaches_action(p_readers uuid[], p_action uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from action a
         where a.id = p_action
           and (ctx.reaches_case(p_readers, a.case_id)
                or ctx.reaches_concern(p_readers, a.concern_id)
                or ctx.owns_action_as(p_readers, a.id)))
$$;

-- Whom to tell how an action goes: whoever gave it, the chair of its meeting while that is open, and the lead
-- professional, or the manager of the team that keeps the concern. Whoever owns it may not read meeting, case or
-- concern: the application writes the message.
create function ctx.hear_of_action(p_action uuid) returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select array(
        select distinct who.id
          from action a
          left join cre_case c on c.id = a.case_id
          left join concern k on k.id = a.concern_id
          left join team t on t.id = k.owner_team_id and t.active
          left join meeting m on m.id = a.meeting_id and m.state not in ('distributed', 'cancelled')
         cross join lateral (values (a.given_by), (m.chair_id), (t.manager_id)
                             union all select l.user_id from ctx.hears_as_lead(c.id) l) who (id)
         where a.id = p_action and who.id is not null
           and ctx.reaches_action(ctx.readers_of(who.id), a.id)
           and (ctx.owns_action(a.id)
                or ctx.reaches_concern(ctx.readers(), a.concern_id)
                or exists (select 1 from case_scope s where s.case_id = a.case_id and s.reader = any ((select ctx.readers())::uuid[])
                              and s.sees = 2 and s.until > statement_timestamp())))
$$;

-- What a meeting that goes on gives is held until it is over: whoever runs it lets it go, each message once. Those that
-- are for e-mail go out from a moment on, which the caller takes from the hours of sending; how many they are.
create function ctx.release_messages(p_meeting uuid, p_at timestamptz) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_mails integer;
begin
    with released as (
        update outbox_message m
           set held_until = null,
               not_before = case when m.state = 'owed' then least(m.not_before, p_at) else m.not_before end,
               next_try_at = case when m.state = 'owed' then least(m.next_try_at, p_at) else m.next_try_at end
          from outbox_subject s join action a on a.id = s.subject_id
         where s.message_id = m.id and s.subject_kind = 'action' and m.held_until is not null
           and m.state in ('owed', 'shown') and m.attempts = 0 and m.lease is null
           and a.meeting_id = p_meeting and ctx.keeps_record(p_meeting)
           and ctx.runs_meeting_as((select ctx.readers())::uuid[], p_meeting)
        returning m.channel)
    select count(*) filter (where channel = 'mail')::integer into v_mails from released;
    return v_mails;
end $$;
-- Of what a meeting gave, for whoever runs it: how many e-mails are held, until when at the latest, how many wait to be
-- sent, and how many the mail server took.
create function ctx.messages_of_meeting(p_meeting uuid, p_now timestamptz)
returns table (held integer, until timestamptz, waiting integer, sent integer)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query select count(*) filter (where m.state = 'owed' and m.held_until > p_now)::integer,
           max(m.not_before) filter (where m.state = 'owed' and m.held_until > p_now),
           count(*) filter (where m.state in ('owed', 'queued') and not coalesce(m.held_until > p_now, false))::integer,
           count(*) filter (where m.state = 'accepted')::integer
      from outbox_message m join outbox_subject s on s.message_id = m.id join action a on a.id = s.subject_id
     where s.subject_kind = 'action' and m.channel = 'mail' and m.ground = 'owner'
       and m.event in ('action_given', 'action_handed_over')
       and a.meeting_id = p_meeting and ctx.keeps_record(p_meeting)
       and ctx.runs_meeting_as((select ctx.readers())::uuid[], p_meeting);
end $$;
-- That an action is given is held: whoever owns it has heard nothing of it yet.
create function ctx.given_is_held(p_action uuid, p_now timestamptz) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from outbox_message m join outbox_subject s on s.message_id = m.id
         where s.subject_kind = 'action' and s.subject_id = p_action and m.ground = 'owner'
           and m.event in ('action_given', 'action_handed_over') and m.held_until > p_now
           and m.state in ('owed', 'shown') and m.lease is null
           and ctx.reaches_action((select ctx.readers())::uuid[], p_action))
$$;
-- An action is over, or somebody else's, while that it was given is held: nobody hears of it. Only messages about what is
-- no longer theirs to do are dropped, whoever asks. Whether there was one to its owner.
create function ctx.drop_held(p_action uuid, p_now timestamptz) returns boolean
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    with dropped as (
        update outbox_message m set state = 'cancelled', outcome = 'no_longer_needed', settled_at = p_now
          from outbox_subject s join action a on a.id = s.subject_id
         where s.message_id = m.id and s.subject_kind = 'action' and s.subject_id = p_action
           and m.event in ('action_given', 'action_handed_over') and m.ground in ('owner', 'manager', 'giver')
           and m.held_until > p_now and m.state in ('owed', 'shown') and m.attempts = 0 and m.lease is null
           and (a.state not in ('not_started', 'under_way', 'blocked')
                or coalesce(m.recipient_id, m.recipient_team_id) is distinct from coalesce(a.owner_id, a.owner_team_id))
           and ctx.reaches_action((select ctx.readers())::uuid[], p_action)
        returning m.ground)
    select exists (select 1 from dropped where ground = 'owner')
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (owner_id, owner_team_id, owner_agency_id, external_name, external_role, state, due_on,
    blocked_reason, done_by, done_at, done_words, confirmed_by, confirmed_at, effect, covered_by, reach_until, version) on action to
    portal_app;
grant select, insert on action_note, action_step, plan_text to portal_app;
grant select, insert, update (state, ended_by, ended_at) on plan to portal_app;
grant select (id, reference, meeting_id, owner_id, owner_team_id, state) on action to portal_worker;
grant select on action to portal_scope;
grant select (case_id, state) on plan to portal_scope;
grant execute on function ctx.directs_action, ctx.owns_action, ctx.may_be_given,
    ctx.may_confirm_action, ctx.hear_of_action, ctx.release_messages, ctx.messages_of_meeting,
    ctx.given_is_held, ctx.drop_held to portal_app;
