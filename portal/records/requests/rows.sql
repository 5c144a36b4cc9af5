-- Requests for information and their answers, and requests for access to a case.

-- Asked: the question and the own answer, until reach ends. On a sealed case only a person can be asked.
create function ctx.is_asked_as(p_readers uuid[], p_request uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from information_request r
         cross join lateral ctx.asked(r.asked_agency_id, r.asked_team_id, r.asked_user_id) asked (reader)
         where r.id = p_request and asked.reader = any (p_readers)
           and r.withdrawn_at is null and coalesce(r.reach_until, 'infinity') > statement_timestamp()
           and (r.asked_user_id is not null
                or ctx.held(r.child_id) < 2))
$$;

create function ctx.is_asked(p_request uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_asked_as(ctx.readers(), p_request)
$$;

-- who: whoever is asked, as the person or as one of the team, until some days after the answer; of a sealed child
--      only a person
-- who: whoever has full reach on its case; of one that asks the police to release an entry, only who reads the entry
-- who: where it is on a form and on no case: coordinators of the hub who triage the form
create policy seen on information_request for select to portal_app using (
    ((READER(asked_user_id) or READER(asked_team_id))
     and ctx.is_asked(id))
    or (case_id is not null
        and FULL(information_request.case_id)
        and (entry_id is null or exists (select 1 from chronology_entry e where e.id = information_request.entry_id offset 0)))
    or (case_id is null and referral_id is not null and TRIAGES(information_request.referral_id)));
create policy added on information_request for insert to portal_app with check (
    MINE(asked_by)
    and (case_id is not null or referral_id is not null) and answered_at is null and reach_until is null
    and (case_id is null or ctx.answers_for_case(case_id) or ctx.chairs_on_case(case_id))
    and CHILD(information_request.child_id)
    and (case_id is null
         or FULL(information_request.case_id))
    and (meeting_id is null or (case_id is not null and exists (
            select 1 from meeting_case m where m.meeting_id = information_request.meeting_id
                                           and m.case_id = information_request.case_id)))
    and (entry_id is null or exists (select 1 from chronology_entry e
                                      where e.id = information_request.entry_id
                                        and e.case_id = information_request.case_id))
    and (referral_id is null or TRIAGES(information_request.referral_id)));

-- Everyone who sees a request may come to change it: the asked answer it, whoever asked withdraws it. Its
-- words and whom it asks stand, and reach is not the asked one's to lengthen.
create policy changed on information_request for update to portal_app using (
    ((READER(asked_user_id) or READER(asked_team_id))
     and ctx.is_asked(id))
    or (case_id is not null
        and FULL(information_request.case_id)
        and (entry_id is null or exists (select 1 from chronology_entry e where e.id = information_request.entry_id offset 0)))
    or (case_id is null and referral_id is not null and TRIAGES(information_request.referral_id)));

create trigger request_stands before update on information_request
    for each row execute function ctx.stays_but_for('a request stands as it was asked: withdraw it and ask again',
        'due_at', 'answered_at', 'withdrawn_at', 'withdrawn_reason', 'reach_until');
-- A question that was answered is new to nobody any more: for those of who was asked that have not read of it, the message
-- says that it was answered, and is not said to have been read.
create function ctx.question_was_answered() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
    update outbox_message m
       set read_at = new.answered_at, outcome = case when m.recipient_id = ctx.user_id() then m.outcome else 'answered' end
      from outbox_subject s
     where s.subject_kind = 'information_request' and s.subject_id = new.id and m.id = s.message_id
       and m.event = 'question_asked' and m.recipient_id is not null and m.agency_id = new.asked_agency_id
       and m.read_at is null and m.state in ('shown', 'accepted');
    return null;
end $$;
create trigger question_was_answered after update of answered_at on information_request for each row
    when (old.answered_at is null and new.answered_at is not null) execute function ctx.question_was_answered();
create trigger request_reach_stands before update on information_request for each row
    when (coalesce(new.reach_until, 'infinity') > old.reach_until)
    execute function ctx.refuse('the reach of a request is never lengthened');

-- who: whoever reads the question and works for the agency that answered
-- who: whoever reads the question with full reach on its case, where the answer is for the network
-- who: the same, where it is for named agencies and theirs is one
create policy seen on information_answer for select to portal_app using (
    exists (select 1 from information_request r where r.id = information_answer.request_id)
    and (OURS(agency_id)
         or ((handling = 'network'
              or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
             and (case_id is null
                  or FULL(information_answer.case_id)))));

-- Whether no alert says that anything of a child is not disclosed, for whoever reaches the record. Nobody else is told:
-- what an answer of their own may say of where the child is, is then on no paper, as if there were such an alert.
create function ctx.nothing_held_back(p_child uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from child_scope s
         where s.child_id = p_child and s.sees = 2 and s.reader = any ((select ctx.readers())::uuid[])
           and s.until > statement_timestamp())
       and not exists (
        select 1 from cre_case c join alert a on a.case_id = c.id
         where c.child_id = any (ctx.same_child(p_child, false)) and a.ended_at is null and a.holds_back <> '{}');
end $$;

-- Whoever is asked answers, and nobody for them: an answer ends the clock of those who were asked.
create policy added on information_answer for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and exists (select 1 from information_request r where r.id = information_answer.request_id
                   and r.case_id is not distinct from information_answer.case_id
                   and r.withdrawn_at is null and OURS(r.asked_agency_id)
                   and (MINE(r.asked_user_id)
                        or (r.asked_user_id is null and READER(r.asked_team_id)))));

-- Whoever sees only that a case exists may ask for more; those who lead it read the reason and answer.
create policy seen on access_request for select to portal_app using (
    (MINE(asked_by) and OURS(asked_agency_id))
    or FULL(access_request.case_id));
create policy added on access_request for insert to portal_app with check (
    MINE(asked_by) and OURS(asked_agency_id)
    and answered_at is null and answered_by is null and granted is null and answer is null
    and exists (select 1 from case_scope s where s.case_id = access_request.case_id and s.sees = 1 offset 0)
    and not FULL(access_request.case_id));
create policy answered on access_request for update to portal_app using (
    answered_at is null
    and FULL(access_request.case_id))
    with check (MINE(answered_by) and answered_by <> asked_by and answered_at is not null);

-- Whom to tell that somebody asks, to those who see that the case exists: the lead professional, or who hears in that place; where
-- nobody leads it, the managers of the agency that leads who read it. The application writes the message; the page shows no name.
create function ctx.who_to_ask(p_case uuid) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (
        select c.* from cre_case c
         where c.id = p_case
           and exists (select 1 from case_scope s
                        where s.case_id = c.id and s.reader = any ((select ctx.readers())::uuid[])
                          and s.until > statement_timestamp()))
    select 'lead_professional', l.user_id, l.team_id from about a cross join lateral ctx.hears_for_lead(a.id) l
    union all
    select 'manager', u.id, null from about a join app_user u on u.agency_id = a.lead_agency_id
     where a.lead_professional_id is null and u.active and 'manager' = any (u.roles)
       and ctx.reaches_case(ctx.readers_of(u.id), a.id)
$$;

-- What the worker reads to remind and to tell.
create policy worker on information_request for select to portal_worker using (true);
create policy worker on access_request for select to portal_worker using (true);

-- Whom a message about it may still go to: the grounds above, of readers who do not ask themselves.
create function ctx.reaches_request(p_readers uuid[], p_request uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from information_request r
         where r.id = p_request
           and ((ctx.reaches_case(p_readers, r.case_id) and (r.entry_id is null or ctx.entry_lets_in(p_readers, r.entry_id)))
                or (r.case_id is null and ctx.hub_triages(p_readers, r.referral_id))
                or ctx.is_asked_as(p_readers, r.id)))
$$;

-- Who hears of an answer: whoever asked; where they have left or may not see the question any more, whoever leads its case, or who
-- hears in that place. Whoever is asked may not read the case: the application writes the message.
create function ctx.hear_of_answer(p_request uuid) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with question as (
        select r.id, r.asked_by, r.case_id,
               a.active and ctx.reaches_request(ctx.readers_of(r.asked_by), r.id) as asker_sees
          from information_request r join app_user a on a.id = r.asked_by
         where r.id = p_request and ctx.is_asked(r.id))
    select 'asker', q.asked_by, null::uuid from question q where q.asker_sees
    union all
    select 'lead_professional', l.user_id, l.team_id from question q cross join lateral ctx.hears_for_lead(q.case_id) l
     where not q.asker_sees
       and ctx.reaches_request(case when l.user_id is null then array[l.team_id] else ctx.readers_of(l.user_id) end, q.id)
$$;

-- When the meeting is that a question was asked for, until it is over, for whoever may know of the question and perhaps not of the
-- meeting: so that what becomes of it is told while that runs. And who chairs it, which whoever answers does not learn
-- (`ctx.tell_unseen`).
create function ctx.meeting_of_question(p_request uuid) returns table (begins timestamptz, ends timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select m.starts_at, m.ends_at from information_request r join meeting m on m.id = r.meeting_id
     where r.id = p_request and m.state in ('due', 'booked') and ctx.reaches_request(ctx.readers(), r.id)
$$;
create function ctx.unseen_of_question_chair(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select 'chair', m.chair_id, null::uuid from information_request r join meeting m on m.id = r.meeting_id
     where r.id = (p ->> 'subject')::uuid and m.state in ('due', 'booked') and ctx.reaches_request(ctx.readers(), r.id)
$$;

-- The questions that nobody answers any more, because the person or team that was asked is gone, and who hears of it:
-- for whoever ended their access or closed the team, who sees neither question nor case. They are named to nobody.
create function ctx.left_unanswered(p_user uuid, p_team uuid)
returns table (id uuid, reference text, case_id uuid, asked_by uuid, people uuid[], teams uuid[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select r.id, r.reference, r.case_id, r.asked_by,
           array(select l.user_id from ctx.hears_for_lead(r.case_id) l),
           array(select l.team_id from ctx.hears_for_lead(r.case_id) l)
      from information_request r
     where r.answered_at is null and r.withdrawn_at is null
       and (exists (select 1 from app_user u where u.id = r.asked_user_id and u.id = p_user and not u.active)
            or exists (select 1 from team t where t.id = r.asked_team_id and t.id = p_team and not t.active))
       and (ctx.has_role('administrator') or ctx.is_coordinator()
            or (ctx.has_role('manager') and r.asked_agency_id = ctx.agency_id()))
$$;

-- A case is about to be sealed (`case`), or two records were linked just now (`link`), by which one is as closed as a sealed case:
-- the questions to teams that wait end, as those do that whoever seals it sees (`withdraw_from_teams`), and who was asked hears
-- so. Of these nothing comes back: such as those on a form, which the lead professional does not read. Of a case that has ended
-- (`ended`) it is those that ask the police to release what whoever ends it may not read.
create function ctx.withdraw_unseen(p jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_children uuid[]; v_ended uuid; q record;
begin
    if p -> 'closes' ? 'ended' then
        select c.id into v_ended from cre_case c
         where c.id = (p -> 'closes' ->> 'ended')::uuid and c.state in ('closed', 'transferred')
           and ctx.reaches_case((select ctx.readers())::uuid[], c.id);
    elsif p -> 'closes' ? 'case' then
        v_children := array(
            select k.id
              from cre_case c
             cross join lateral (
                   select c.child_id union all
                   select l from ctx.linked_records(c.child_id) l
                    where not exists (select from cre_case o where o.child_id = l)) k (id)
             where c.id = (p -> 'closes' ->> 'case')::uuid and ctx.reaches_case((select ctx.readers())::uuid[], c.id));
    else
        v_children := array(
            select distinct w.id
              from child_link k
             cross join lateral (
                   select k.child_a union all select k.child_b
                   union all select ctx.linked_records(k.child_a)) w (id)
             where k.child_a = (p -> 'closes' -> 'link' ->> 0)::uuid and k.child_b = (p -> 'closes' -> 'link' ->> 1)::uuid
               and k.unlinked_at is null and k.linked_by = ctx.user_id() and ctx.is_coordinator()
               and ctx.is_written_now(k.xmin) and ctx.held(w.id) = 2);
    end if;
    for q in
        select r.id, r.reference, r.asked_team_id, r.asked_user_id, r.case_id from information_request r
         where ((r.child_id = any (v_children) and r.asked_team_id is not null and r.asked_user_id is null)
                or (r.case_id = v_ended and r.entry_id is not null))
           and r.answered_at is null and r.withdrawn_at is null
         order by r.id for update
    loop
        perform ctx.tell_unseen_of((p -> 'tells') || jsonb_build_object(
            'subject', q.id, 'reference', q.reference,
            'given', jsonb_build_array(jsonb_build_object(
                'ground', 'asked', 'person', q.asked_user_id,
                'team', case when q.asked_user_id is null then q.asked_team_id end))));
        update deadline set state = 'cancelled', ended_at = statement_timestamp(), move_reason = p ->> 'owed'
         where subject_kind = 'information_request' and subject_id = q.id and kind = 'information_request' and state = 'open';
        update information_request set withdrawn_at = statement_timestamp(), withdrawn_reason = p ->> 'reason'
         where id = q.id;
    end loop;
end $$;

-- Who may touch which columns, and call what.
grant select, insert, update (answered_by, answered_at, granted, answer) on access_request to portal_app;
grant select, insert on information_answer to portal_app;
grant select, insert, update (due_at, answered_at, withdrawn_at, withdrawn_reason, reach_until) on information_request
    to portal_app;
grant select (id, reference, case_id, referral_id, meeting_id, asked_agency_id, asked_team_id, asked_user_id,
    asked_by, asked_at, due_at, answered_at, withdrawn_at, reach_until) on information_request to portal_worker;
grant select on access_request, information_request to portal_scope;
grant update (withdrawn_at, withdrawn_reason) on information_request to portal_scope;
grant select (id, case_id, asked_at, answered_at) on access_request to portal_worker;
grant execute on function ctx.nothing_held_back, ctx.is_asked, ctx.who_to_ask, ctx.hear_of_answer, ctx.left_unanswered,
    ctx.meeting_of_question, ctx.withdraw_unseen to portal_app;
