-- The sharing ledger and requests for information.

-- A coordinator sees a disclosure when they reach the record of every child on it, and the case that it
-- was made from: one about a sealed child is for those named on that case.
create function ctx.reaches_children_of(p_disclosure uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select not exists (
        select 1 from disclosure_child dc
         where dc.disclosure_id = p_disclosure
           and not exists (select 1 from child_scope s
                            where s.child_id = dc.child_id and s.reader = any ((select ctx.readers())::uuid[])
                              and s.sees = 2 and s.until > statement_timestamp()))
$$;

-- Whoever is told reads it while it stands: the person, where one is named, else the team and the agency's
-- managers. A refusal was told to nobody.
create policy seen on disclosure for select to portal_app using (
    (MINE(giver_id) and OURS(giver_agency_id))
    or (decision <> 'refuse' and withdrawn_at is null
        and ((receiver_id is null and (READER(receiver_team_id)
                                       or READER(receiver_agency_id)))
             or (READER(receiver_id)
                 and OURS(receiver_agency_id))))
    or ROLE(governance)
    or (HUB and ctx.reaches_children_of(id)
        and (case_id is null
             or FULL(disclosure.case_id))));
create policy added on disclosure for insert to portal_app with check (
    MINE(giver_id) and OURS(giver_agency_id)
    and confirmed_at is null and withdrawn_at is null
    and ctx.may_disclose(case_id, referral_id, receiver_agency_id, receiver_team_id, receiver_id));
create policy changed on disclosure for update to portal_app using (
    (decision <> 'refuse' and withdrawn_at is null
     and ((receiver_id is null and (READER(receiver_team_id)
                                    or READER(receiver_agency_id)))
          or (READER(receiver_id)
              and OURS(receiver_agency_id))))
    or (HUB and ctx.reaches_children_of(id)
        and (case_id is null
             or FULL(disclosure.case_id))));

create function ctx.disclosure_is_frozen() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) - array['confirmed_at', 'confirmed_by', 'withdrawn_at'])
       is distinct from (to_jsonb(old) - array['confirmed_at', 'confirmed_by', 'withdrawn_at']) then
        raise check_violation using message = 'a disclosure is frozen: withdraw it and make another';
    end if;
    return new;
end $$;
create trigger disclosure_is_frozen before update on disclosure
    for each row execute function ctx.disclosure_is_frozen();

create policy seen on disclosure_text for select to portal_app using (
    not ROLE(governance)
    and exists (select 1 from disclosure d where d.id = disclosure_text.disclosure_id));
create policy added on disclosure_text for insert to portal_app with check (
    exists (select 1 from disclosure d where d.id = disclosure_text.disclosure_id
               and MINE(d.giver_id)));

create policy seen on disclosure_child for select to portal_app using (
    exists (select 1 from disclosure d where d.id = disclosure_child.disclosure_id));
create policy added on disclosure_child for insert to portal_app with check (
    ctx.may_tell_of(disclosure_id, child_id)
    and exists (select 1 from child c where c.id = disclosure_child.child_id));

-- Asked: the question and the own answer, until reach ends. On a sealed case only a person can be asked.
create function ctx.is_asked(p_request uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from information_request r
         cross join lateral ctx.asked(r.asked_agency_id, r.asked_team_id, r.asked_user_id) asked (reader)
         where r.id = p_request and asked.reader = any (ctx.readers())
           and r.withdrawn_at is null and coalesce(r.reach_until, 'infinity') > statement_timestamp()
           and (r.asked_user_id is not null
                or not exists (select 1 from cre_case c where c.child_id = r.child_id and c.sensitivity = 2)))
$$;

create policy seen on information_request for select to portal_app using (
    ((READER(asked_user_id) or READER(asked_team_id))
     and ctx.is_asked(id))
    or (case_id is not null
        and FULL(information_request.case_id))
    or (case_id is null and referral_id is not null and HUB and ctx.triages(referral_id)));
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
    and (referral_id is null or (HUB and ctx.triages(referral_id))));
-- Everyone who sees a request may come to change it: the asked answer it, whoever asked withdraws it. Its
-- words and whom it asks stand, and reach is not the asked one's to lengthen.
create policy changed on information_request for update to portal_app using (
    ((READER(asked_user_id) or READER(asked_team_id))
     and ctx.is_asked(id))
    or (case_id is not null
        and FULL(information_request.case_id))
    or (case_id is null and referral_id is not null and HUB and ctx.triages(referral_id)));

create function ctx.request_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if (to_jsonb(new) - array['due_at', 'answered_at', 'withdrawn_at', 'withdrawn_reason', 'reach_until'])
       is distinct from (to_jsonb(old) - array['due_at', 'answered_at', 'withdrawn_at', 'withdrawn_reason', 'reach_until']) then
        raise check_violation using message = 'a request stands as it was asked: withdraw it and ask again';
    end if;
    if old.reach_until is not null and coalesce(new.reach_until, 'infinity') > old.reach_until then
        raise check_violation using message = 'the reach of a request is never lengthened';
    end if;
    return new;
end $$;
create trigger request_stands before update on information_request
    for each row execute function ctx.request_stands();

create policy seen on information_answer for select to portal_app using (
    exists (select 1 from information_request r where r.id = information_answer.request_id)
    and (OURS(agency_id)
         or ((handling = 'network'
              or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
             and (case_id is null
                  or FULL(information_answer.case_id)))));
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

-- Whom to tell that somebody asks: the lead professional, to those who see that the case exists. The
-- application writes the message; the page does not show the name.
create function ctx.lead_to_ask(p_case uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.lead_professional_id from cre_case c
     where c.id = p_case
       and exists (select 1 from case_scope s where s.case_id = c.id and s.reader = any (ctx.readers())
                      and s.until > statement_timestamp())
$$;
