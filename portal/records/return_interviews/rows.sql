-- Return interviews. Who reads one: whoever hears of the child (missing_scope), as its handling lets them, like an entry.
-- That an episode has one, and of which agency, is for all who hear of the child. What was said before is kept by a trigger, whoever changes it, so
-- that a draft that is saved as it is typed needs nothing more; what was completed stands, and a correction of its
-- words, or of what came of it and when, is one more change that stays to be read.

-- who: whoever hears of it and works for the agency that holds it, where nothing in it must be held back from them
-- who: whoever hears of it, where it is for everyone, and nothing in it must be held back
-- who: whoever hears of it, where it is for named agencies and theirs is one, and nothing in it must be held back
create policy seen on return_interview for select to portal_app using (
    (handling = 'network'
     or OURS(agency_id)
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and EPISODE(return_interview.id)
    and not ctx.interview_is_held_back(return_interview.id));
create policy seen on return_interview_episode for select to portal_app
    using (EPISODE(return_interview_episode.interview_id));
-- who: whoever reads its interview, where it gives away nothing that must be held back from them
create policy seen on return_attempt for select to portal_app
    using (exists (select 1 from return_interview i where i.id = return_attempt.interview_id offset 0)
           and not ctx.attempt_is_held_back(return_attempt.id));

-- Whether the person who asks reads an episode of a child that ended: whoever does may begin an interview on it.
create function ctx.hears_of_child(p_child uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from missing_episode e join missing_scope s on s.record_id = e.id
         where e.child_id = p_child and e.returned_at is not null and e.withdrawn_at is null
           and s.reader = any ((select ctx.readers())::uuid[]) and s.until > statement_timestamp())
$$;

create policy added on return_interview for insert to portal_app with check (
    MINE(opened_by) and OURS(agency_id)
    and (team_id is null or TEAMS(team_id))
    and offered is null and done_at is null and completed_at is null
    and ctx.hears_of_child(child_id));
create policy changed on return_interview for update to portal_app using (
    (handling = 'network'
     or OURS(agency_id)
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and EPISODE(return_interview.id));

create policy added on return_interview_episode for insert to portal_app with check (
    EPISODE(return_interview_episode.interview_id)
    and exists (select 1 from return_interview i
                 where i.id = return_interview_episode.interview_id and i.child_id = return_interview_episode.child_id
                   and i.completed_at is null offset 0)
    and exists (select 1 from missing_episode e
                 where e.id = return_interview_episode.episode_id and e.child_id = return_interview_episode.child_id
                   and e.returned_at is not null and e.withdrawn_at is null offset 0));

create policy added on return_attempt for insert to portal_app with check (
    MINE(made_by) and OURS(agency_id)
    and exists (select 1 from return_interview i
                 where i.id = return_attempt.interview_id and i.child_id = return_attempt.child_id
                   and i.completed_at is null offset 0));

-- who: whoever reads its interview, where neither what it said before nor since must be held back from them
create policy seen on return_change for select to portal_app
    using (exists (select 1 from return_interview i where i.id = return_change.interview_id offset 0)
           and not ctx.interview_change_is_held_back(return_change.id));
create trigger keep_whether_asked before insert on return_attempt
    for each row execute function ctx.keep_whether_attempt_asked();

-- An interview counts as held only by somebody who does not care for the child; what was completed stands; nobody
-- completes one in the name of another. What came of it, and when, its own agency puts right with a reason; that it was
-- completed, when and by whom, nobody does.
create function ctx.interview_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if (new.handling, new.listed_agencies, new.family_safe)
       is distinct from (old.handling, old.listed_agencies, old.family_safe)
       and old.agency_id is distinct from ctx.agency_id() then
        raise insufficient_privilege using message = 'the agency that holds a return interview says who reads it';
    end if;
    if new.done_at is not null and new.independent is distinct from true then
        raise check_violation using message = 'a return interview is held by somebody who does not care for the child';
    end if;
    if new.completed_by is distinct from old.completed_by
       and (old.completed_by is not null or new.completed_by is distinct from ctx.user_id()) then
        raise insufficient_privilege using message = 'nobody completes a return interview in the name of another';
    end if;
    if new.completed_at is not null
       and (new.offered is null or (new.offered = 'yes' and new.accepted is null)
            or (new.offered = 'yes' and new.accepted and new.done_at is null)) then
        raise check_violation using message = 'a return interview is completed when it was held, declined or not offered';
    end if;
    if old.completed_at is not null and new.completed_at is distinct from old.completed_at then
        raise check_violation using message = 'what was completed of a return interview stands';
    end if;
    if old.completed_at is not null
       and (new.offered, new.offered_at, new.offered_by, new.offered_how, new.accepted, new.declined_reason,
            new.interviewer, new.independent, new.independent_words, new.done_at, new.place, new.seen_alone,
            new.limits_told)
           is distinct from
           (old.offered, old.offered_at, old.offered_by, old.offered_how, old.accepted, old.declined_reason,
            old.interviewer, old.independent, old.independent_words, old.done_at, old.place, old.seen_alone,
            old.limits_told)
       and (new.corrected_because = '' or old.agency_id is distinct from ctx.agency_id()) then
        raise check_violation using message = 'what was completed of a return interview stands until its agency says why not';
    end if;
    return new;
end $$;
create trigger interview_stands before update on return_interview
    for each row when (current_user = 'portal_app') execute function ctx.interview_stands();

-- What an interview says, flat: each answer under its own key.
create function ctx.interview_facts(p_row return_interview) returns jsonb
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select (to_jsonb(p_row) - 'answers' - 'version' - 'completed_by' - 'child_id')
        || coalesce((select jsonb_object_agg('answers.' || key, value) from jsonb_each(p_row.answers)), '{}'::jsonb)
$$;

create function ctx.keep_interview_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_before jsonb := ctx.interview_facts(old); v_after jsonb := ctx.interview_facts(new);
        v_was jsonb; v_is jsonb; v_words text;
begin
    select coalesce(jsonb_object_agg(key, value), '{}') into v_was from jsonb_each(v_before)
     where value is distinct from v_after -> key;
    select coalesce(jsonb_object_agg(key, value), '{}') into v_is from jsonb_each(v_after)
     where value is distinct from v_before -> key;
    if v_was <> '{}' or v_is <> '{}' then
        select string_agg(value, ' | ') into v_words from jsonb_each_text(v_is) where ctx.is_said_in_interview(key);
        insert into return_change (id, interview_id, child_id, number, before, after, changed_by, changed_agency_id,
                                   changed_at, asked)
        values (gen_random_uuid(), new.id, new.child_id, new.version, v_was, v_is, ctx.user_id(), ctx.agency_id(),
                statement_timestamp(), v_words is null or ctx.user_id() is null
                                       or ctx.was_asked(new.child_id, ctx.is_asked_of_child(new.child_id), v_words));
    end if;
    return null;
end $$;
create trigger keep_interview_change after update on return_interview
    for each row execute function ctx.keep_interview_change();

-- Whose duty an interview is: of a child whose case is held closely somebody’s who reads that case, the lead
-- professional first, then of the agency that leads and of social care, and then it hangs on the case, so that nobody else
-- learns of one; else the social care team that leads an open case, or works on it; else the
-- social care of the responsible authority; else the hub.
create function ctx.interview_owner(p_episode uuid, out case_id uuid, out user_id uuid, out team_id uuid,
                                    out agency_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare e missing_episode; v_held smallint;
begin
    select m.* into e from missing_episode m where m.id = p_episode;
    v_held := ctx.held(e.child_id);
    if v_held > 0 then
        select c.id, who.id, null, case when who.id is null then c.lead_agency_id end
          into case_id, user_id, team_id, agency_id
          from ctx.cases_holding(e.child_id) c
          left join lateral (
              select u.id from case_scope s join app_user u on u.id = s.reader and u.active
                join agency a on a.id = u.agency_id
               where s.case_id = c.id and s.sees = 2 and s.until > statement_timestamp()
               order by (u.id = c.lead_professional_id) desc nulls last, (u.agency_id = c.lead_agency_id) desc,
                        (a.sector = 'social_care') desc, s.until desc, u.id
               limit 1) who on true
         where c.sensitivity = v_held
         order by c.state in ('closed', 'transferred'), c.opened_at desc limit 1;
        return;
    end if;
    select i.team_id into team_id
      from cre_case c join involvement i on i.case_id = c.id join agency a on a.id = i.agency_id
      join team t on t.id = i.team_id
     where c.child_id = e.child_id and c.state not in ('closed', 'transferred') and a.sector = 'social_care'
       and a.active and t.active and i.started_at <= statement_timestamp()
       and (i.ended_at is null or i.ended_at > statement_timestamp())
     order by i.agency_id = c.lead_agency_id desc, i.started_at, i.id limit 1;
    if team_id is not null then
        return;
    end if;
    select a.id into agency_id from agency a
     where a.sector = 'social_care' and a.active and a.authority in (e.responsible_authority, e.host_authority)
     order by a.authority = e.responsible_authority desc nulls last, a.code limit 1;
    -- The hub sees to whose the child is. Never whoever recorded it: of a child who is held closely they owe nothing, and could
    -- tell one from the other by what they owe.
    if agency_id is null then
        select a.id into agency_id from agency a where a.sector = 'hub' and a.active order by a.code limit 1;
    end if;
    if agency_id is null then
        team_id := e.recorded_team_id;
        agency_id := case when e.recorded_team_id is null then e.recorded_agency_id end;
    end if;
end $$;

create function ctx.reads_episode(p_episode uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from missing_scope s
                    where s.record_id = p_episode and s.reader = any ((select ctx.readers())::uuid[]) and s.until > statement_timestamp())
$$;

-- The duty itself: one for each return of an episode. Whoever records the return may not learn whose it is. Where the
-- time of the return is corrected, a new duty takes the place of the open one; one that was met stays as it is.
create function ctx.owe_interview(p_id uuid, p_episode uuid, p_started timestamptz, p_due timestamptz, p_source text,
                                  p_confirmed boolean, p_policy text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_child uuid; o record;
begin
    if not ctx.reads_episode(p_episode) then
        raise insufficient_privilege using message = 'whoever records a return reads the episode';
    end if;
    select e.child_id into v_child from missing_episode e
     where e.id = p_episode and e.returned_at = p_started and e.withdrawn_at is null;
    perform 1 from child where id = v_child for no key update;  -- two who record the same return take their turn
    if not found or exists (
        select 1 from deadline d where d.subject_kind = 'missing_episode' and d.subject_id = p_episode
           and d.kind = 'return_interview' and (d.state = 'done' or (d.state = 'open' and d.started_at = p_started)))
       or exists (  -- a completed interview said that none applies: no other covers the episode
        select 1 from return_interview_episode c join return_interview i on i.id = c.interview_id
         where c.episode_id = p_episode and i.completed_at is not null)
    then
        return;
    end if;
    update deadline set state = 'superseded', ended_at = statement_timestamp(),
                        move_reason = 'The time of the return was corrected'
     where subject_kind = 'missing_episode' and subject_id = p_episode and kind = 'return_interview'
       and state = 'open';
    select * into o from ctx.interview_owner(p_episode);
    insert into deadline (id, kind, subject_kind, subject_id, case_id, child_id, owner_id, owner_team_id,
                          owner_agency_id, started_at, due_at, original_due_at, state, source, confirmed, policy_version)
    values (p_id, 'return_interview', 'missing_episode', p_episode, o.case_id,
            case when o.case_id is null then v_child end, o.user_id, o.team_id, o.agency_id, p_started, p_due, p_due,
            'open', p_source, p_confirmed, p_policy);
end $$;

-- Somebody said later whose the child is: an interview that the hub or another authority owes, and nobody began, goes to the
-- social care that answers for the child, with the same time. Its front door and the hub hear so (`p_tell`), and whoever said
-- it nothing.
create function ctx.pass_interview_on(p_episode uuid, p_tell jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare d deadline; o record;
begin
    if not ctx.reads_episode(p_episode) then
        return;
    end if;
    select l.* into d from deadline l
     where l.subject_kind = 'missing_episode' and l.subject_id = p_episode and l.kind = 'return_interview' and l.state = 'open'
       and l.case_id is null and l.owner_agency_id is not null
       and not exists (select from return_interview_episode c where c.episode_id = p_episode)
       for update;
    select * into o from ctx.interview_owner(p_episode);
    if d.id is null or o.case_id is not null or o.agency_id is null or o.agency_id = d.owner_agency_id then
        return;
    end if;
    update deadline set state = 'superseded', ended_at = statement_timestamp(),
           move_reason = 'It was said later whose social care it is'
     where id = d.id;
    insert into deadline (id, kind, subject_kind, subject_id, child_id, owner_agency_id, started_at, due_at, original_due_at,
                          state, source, confirmed, policy_version)
    values (gen_random_uuid(), d.kind, d.subject_kind, d.subject_id, d.child_id, o.agency_id, d.started_at, d.due_at,
            d.original_due_at, 'open', d.source, d.confirmed, d.policy_version);
    perform ctx.tell_unseen((p_tell -> 'owed') || jsonb_build_object('given', coalesce((
        select jsonb_agg(jsonb_build_object('ground', 'owner', 'team', t.id))
          from team t where t.agency_id = o.agency_id and t.active and 'front_door' = any (t.desks)), '[]')));
    if exists (select from agency a where a.id = d.owner_agency_id and a.sector = 'hub') then
        perform ctx.tell_unseen(p_tell -> 'before');
    end if;
end $$;

-- It is not owed any more: the episode was withdrawn, or the child did not return after all.
create function ctx.owe_no_interview(p_episode uuid, p_reason text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if not ctx.reads_episode(p_episode) then
        raise insufficient_privilege using message = 'whoever changes an episode reads it';
    end if;
    update deadline set state = 'cancelled', ended_at = statement_timestamp(), move_reason = p_reason
     where subject_kind = 'missing_episode' and subject_id = p_episode and kind = 'return_interview'
       and state = 'open';
end $$;

-- Whether the handling of an interview lets somebody in: what is asked of whoever is told of it.
create function ctx.interview_lets_in(p_readers uuid[], p_interview uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from return_interview i
         where i.id = p_interview
           and (i.handling = 'network'
                or exists (select 1 from app_user u where u.id = any (p_readers)
                              and (u.agency_id = i.agency_id
                                   or (i.handling = 'agencies' and u.agency_id = any (i.listed_agencies))))
                or exists (select 1 from team t where t.id = any (p_readers)
                              and (t.agency_id = i.agency_id
                                   or (i.handling = 'agencies' and t.agency_id = any (i.listed_agencies))))))
$$;

-- Who leads an open case of the child that whoever tells does not read, where they read the interview: told by
-- `ctx.tell_unseen`, and named to nobody.
create function ctx.unseen_of_interview(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select 'lead_unseen', w.user_id, w.team_id
      from return_interview i
      join cre_case c on c.child_id = i.child_id and c.state not in ('closed', 'transferred')
     cross join lateral ctx.hears_for_lead(c.id) w
     cross join lateral (select case when w.team_id is null then ctx.readers_of(w.user_id) else array[w.team_id] end) r (readers)
     where i.id = (p ->> 'subject')::uuid
       and ctx.reaches_missing((select ctx.readers())::uuid[], i.id)
       and not ctx.reaches_case((select ctx.readers())::uuid[], c.id)
       and ctx.reaches_missing(r.readers, i.id) and ctx.interview_lets_in(r.readers, i.id);
end $$;

-- An episode was put on another child at this moment by whoever asks, and the completed interviews that cover it went with it: what
-- was said because of them on the cases of the child before (`_asked` and `why_looked_at` in Python): that the assessment has to be
-- looked at again, and why. There a correction says that it was another child's, for everybody who works on the case; the duty
-- ends, and the words are for the agency alone that wrote them. Why is said on each open case of the right child instead, by
-- the same and for the same, as far as they work on it. Gives the references of the interviews, and the corrections.
create function ctx.move_said(p_episode uuid, p_before uuid)
returns table (interview text, correction uuid)
language plpgsql volatile security definer rows 10 set search_path = pg_catalog, public, pg_temp as $$
declare e missing_episode; i return_interview; s record; v_marked boolean;
    v_asked text := 'The risk assessment has to be looked at again after return interview %s';
    v_why text := 'Why the assessment has to be looked at after %s: ';
    v_mark text := 'What stood here came of return interview %s, which is of another child.';
begin
    select m.* into e from missing_episode m where m.id = p_episode;
    if not ctx.reads_episode(p_episode)
       or not exists (select from missing_match m
                       where m.episode_id = p_episode and m.child_id = p_before and m.other_id = e.child_id and m.same
                         and m.answered_by = ctx.user_id() and ctx.is_written_now(m.xmin)) then
        return;
    end if;
    for i in select r.* from return_interview r join return_interview_episode c on c.interview_id = r.id
              where c.episode_id = p_episode and r.completed_at is not null and r.assessment_needed
    loop
        interview := i.reference; v_marked := false;
        for s in
            with recursive chain (id, why, ids) as (
                select x.id, starts_with(x.text, format(v_why, i.reference)), array[x.id]
                  from chronology_entry x join cre_case c on c.id = x.case_id
                 where c.child_id = p_before and x.corrects_id is null
                   and (starts_with(x.text, format(v_asked, i.reference))
                        or starts_with(x.text, format(v_why, i.reference)))
                union all
                select n.id, h.why, h.ids || n.id from chain h join chronology_entry n on n.corrects_id = h.id)
            select x.*, h.why, h.ids from chain h join chronology_entry x on x.id = h.id
             where not exists (select from chronology_entry n where n.corrects_id = x.id)
               and (x.text <> format(v_mark, i.reference))
             order by x.id
        loop
            if s.why then
                insert into chronology_entry (
                    id, case_id, author_id, agency_id, kind, text, happened_at, created_at, handling, listed_agencies,
                    family_safe, sender, details, version)
                select gen_random_uuid(), c.id, s.author_id, s.agency_id, s.kind, s.text, s.happened_at, statement_timestamp(),
                       case when s.handling = 'agencies' and w.listed = '{}' then 'own' else s.handling end, w.listed,
                       s.family_safe, s.sender, s.details, 1
                  from cre_case c
                 cross join lateral (select array(
                       select distinct v.agency_id from involvement v
                        where v.case_id = c.id and v.ended_at is null and v.agency_id = any (s.listed_agencies)) as listed) w
                 where c.child_id = e.child_id and c.state not in ('closed', 'transferred')
                   and not exists (select from chronology_entry x where x.case_id = c.id and x.text = s.text
                                      and x.created_at = statement_timestamp());
                update chronology_entry set handling = 'own', listed_agencies = '{}' where id = any (s.ids);
            end if;
            update deadline set state = 'cancelled', ended_at = statement_timestamp(),
                   move_reason = 'The return interview is of another child'
             where subject_kind = 'chronology_entry' and subject_id = s.id and state = 'open';
            correction := gen_random_uuid(); v_marked := true;
            insert into chronology_entry (
                id, case_id, author_id, agency_id, kind, text, happened_at, created_at, handling, listed_agencies,
                family_safe, corrects_id, correction_reason, sender, details, version)
            values (correction, s.case_id, ctx.user_id(), ctx.agency_id(), s.kind,
                    format(v_mark, i.reference), s.happened_at,
                    statement_timestamp(), 'network', '{}', s.family_safe, s.id, 'The return interview is of another child', '', '{}', 1);
            return next;
        end loop;
        if not v_marked then
            correction := null;
            return next;
        end if;
    end loop;
end $$;

-- What the worker reads to remind and to tell.
create policy worker on return_interview for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert on return_interview_episode to portal_app;
grant select (id, interview_id, child_id, at, way, words, made_by, agency_id, written_at),
    insert (id, interview_id, child_id, at, way, words, made_by, agency_id, written_at) on return_attempt to portal_app;
grant select (id, interview_id, child_id, number, before, after, changed_by, changed_agency_id, changed_at) on return_change
    to portal_app;
grant select, insert, update (offered, offered_at, offered_by, offered_how, accepted, declined_reason, interviewer,
    independent, independent_words, done_at, place, seen_alone, limits_told, answers, carer_information, shared,
    assessment_needed, completed_at, completed_by, handling, listed_agencies, family_safe, corrected_because,
    version)
    on return_interview to portal_app;
grant select (id, reference) on return_interview to portal_worker;
grant select, insert, update (child_id, asked) on return_change to portal_scope;
grant select, update (child_id, asked) on return_attempt to portal_scope;
grant select, update (child_id) on return_interview_episode to portal_scope;
grant select, update (child_id, version) on return_interview to portal_scope;
grant execute on function ctx.hears_of_child, ctx.owe_interview, ctx.owe_no_interview, ctx.move_said,
    ctx.pass_interview_on to portal_app;
