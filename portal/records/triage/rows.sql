-- What the hub decides on an information form is for whoever triages it.

create policy triaged on triage_decision to portal_app
    using (TRIAGES(triage_decision.referral_id))
    with check (TRIAGES(triage_decision.referral_id));
create policy triaged on intelligence_report to portal_app
    using (TRIAGES(intelligence_report.referral_id))
    with check (TRIAGES(intelligence_report.referral_id));
create policy triaged on social_care_referral to portal_app
    using (TRIAGES(social_care_referral.referral_id))
    with check (TRIAGES(social_care_referral.referral_id));

-- The front door that it was sent to reads it, and says what it decided.
create function ctx.is_front_door_as(p_readers uuid[], p_made uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from disclosure d
                    where d.social_care_referral_id = p_made
                      and d.withdrawn_at is null and d.decision <> 'refuse' and d.receiver_id is null
                      and (d.receiver_team_id = any (p_readers) or d.receiver_agency_id = any (p_readers)))
$$;

create function ctx.is_front_door_of(p_made uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_front_door_as(ctx.readers(), p_made)
$$;

-- who: the team at the front door that was told of it while that stands, and its agency’s managers
create policy told on social_care_referral for select to portal_app
    using (ctx.is_front_door_of(id));
create policy answered on social_care_referral for update to portal_app
    using (ctx.is_front_door_of(id));

-- Once somebody there has opened it nobody has to ring, and once it is decided nobody has to decide, whatever duties
-- of others whoever did it may see.
create function ctx.front_door_has_it() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update deadline set state = 'done', ended_at = statement_timestamp()
     where state = 'open'
       and ((kind = 'social_care' and subject_kind = 'social_care_referral' and subject_id = new.id)
            or (new.outcome_at is not null and kind = 'social_care_decision'
                and (subject_id = new.id
                     or subject_id in (select d.id from disclosure d where d.social_care_referral_id = new.id))));
    return null;
end $$;
create trigger front_door_has_it after update of opened_at, outcome_at on social_care_referral
    for each row when (new.opened_at is not null or new.outcome_at is not null)
    execute function ctx.front_door_has_it();

-- Whether the hub as a whole triages a form that whoever asks triages, so that others may ask it about that form.
create function ctx.is_the_hubs(p_referral uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.hub_triages((select ctx.readers())::uuid[], p_referral)
       and ctx.hub_triages(array[ctx.hub()], p_referral)
$$;

-- The open cases of the child who was referred to a front door: those of the form, and of the record of the child.
create function ctx.cases_of_front_door(p_made uuid) returns setof cre_case
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.*
      from (select t.case_id as id
              from social_care_referral s
              join triage_decision d on d.id = s.decision_id
              join triage_decision t on t.referral_id = s.referral_id and t.reopened_at is null
                                    and t.subject_id is not distinct from d.subject_id
             where s.id = p_made
            union
            select k.id from disclosure y join disclosure_child x on x.disclosure_id = y.id
              join cre_case k on k.child_id = x.child_id
             where y.social_care_referral_id = p_made) found
      join cre_case c on c.id = found.id
     where c.state not in ('closed', 'transferred')
$$;

-- A front door has just decided to hold a strategy discussion: each open case of the child owes it from then on, unless it
-- does already, by whoever leads it, or in that place by a team that does or a manager who reads it. Which case that is, or that there is one, is nothing that whoever decides has to know.
create function ctx.owe_strategy(p_made uuid, p_due timestamptz, p_source text, p_confirmed boolean, p_policy text)
    returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into deadline (id, kind, subject_kind, subject_id, case_id, owner_id, owner_team_id, owner_agency_id, started_at,
                          due_at, original_due_at, state, source, confirmed, policy_version)
    select gen_random_uuid(), 'strategy', 'cre_case', c.id, c.id, o.user_id, o.team_id,
           case when coalesce(o.user_id, o.team_id) is null then c.lead_agency_id end, s.outcome_at, p_due, p_due, 'open',
           p_source, p_confirmed, p_policy
      from social_care_referral s cross join lateral ctx.cases_of_front_door(s.id) c
      left join lateral (select l.user_id, l.team_id from ctx.hears_as_lead(c.id) l order by l.team_id, l.user_id limit 1) o on true
     where s.id = p_made and s.outcome = 'strategy_discussion' and s.outcome_by = ctx.user_id()
       and (ctx.is_front_door_of(s.id) or ctx.triages_form(s.referral_id))
       and not exists (select 1 from deadline d
                        where d.case_id = c.id and d.kind = 'strategy' and d.state = 'open');
end $$;

-- The strategy discussions that a front door brought by its decision, on cases of the form or of the child. By one moment that
-- is of no other: each duty is counted from when it was decided.
create function ctx.strategy_of_front_door(p_made uuid) returns setof deadline
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select l.*
      from social_care_referral s
     cross join lateral (
           select t.case_id as id from triage_decision t where t.referral_id = s.referral_id
           union
           select k.id from disclosure y join disclosure_child x on x.disclosure_id = y.id
             join cre_case k on k.child_id = x.child_id
            where y.social_care_referral_id = s.id) found
      join deadline l on l.case_id = found.id and l.kind = 'strategy' and l.subject_kind = 'cre_case'
                     and l.started_at = s.outcome_at
     where s.id = p_made and s.outcome = 'strategy_discussion'
$$;

-- The referrals to front doors of the child of a case: from a form that was added to it, or told of the child. A few: whoever
-- joins them looks each up, and does not read all decisions that there are.
create function ctx.front_doors_about(p_case uuid) returns setof uuid
language sql stable security definer rows 3 set search_path = pg_catalog, public, pg_temp as $$
    select s.id from triage_decision t
      join triage_decision d on d.referral_id = t.referral_id and d.subject_id is not distinct from t.subject_id
      join social_care_referral s on s.decision_id = d.id
     where t.case_id = p_case and t.reopened_at is null
    union
    select y.social_care_referral_id from cre_case c join disclosure_child x on x.child_id = c.child_id
      join disclosure y on y.id = x.disclosure_id
     where c.id = p_case and y.social_care_referral_id is not null
$$;

-- The hub has just taken back the decision behind a referral: the discussion that it brought is owed no more, unless the case
-- owes one for what was found since, for another front door's decision that stands, or nothing else. Whoever takes back need
-- not know of the case. It ends at the moment of taking back, by which whoever owed it is found.
create function ctx.end_strategy_of(p_made uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update deadline l set state = 'cancelled', ended_at = t.reopened_at,
                          move_reason = 'The hub took its referral to social care back'
      from social_care_referral s join triage_decision t on t.id = s.decision_id
     where s.id = p_made and t.reopened_by = ctx.user_id() and ctx.triages_form(s.referral_id)
       and l.id in (select b.id from ctx.strategy_of_front_door(p_made) b) and l.state = 'open'
       and exists (select 1 from deadline o where o.case_id = l.case_id and o.state = 'open' and o.id <> l.id)
       and not exists (select 1 from level_decision v
                        where v.case_id = l.case_id and v.level = 'high' and v.decided_at >= l.started_at)
       and not exists (select 1 from ctx.front_doors_about(l.case_id) f (id)
                         join social_care_referral o on o.id = f.id and o.id <> p_made
                         join triage_decision d on d.id = o.decision_id
                        where o.outcome = 'strategy_discussion' and o.withdrawn_at is null and d.reopened_at is null)
       and not exists (select 1 from decision m
                        where m.case_id = l.case_id and m.outcome = 'section_47' and m.withdrawn_at is null
                          and m.recorded_at >= l.started_at);
end $$;

-- Whoever owed it hears that, of each such case: nobody else learns which that is (`ctx.tell_unseen`).
create function ctx.unseen_each_strategy_over(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select l.case_id
      from social_care_referral s join triage_decision t on t.id = s.decision_id
     cross join lateral ctx.strategy_of_front_door(s.id) l
     where s.id = (p -> 'asks' ->> 'id')::uuid and ctx.triages_form(s.referral_id)
       and l.state = 'cancelled' and l.ended_at = t.reopened_at
$$;
create function ctx.unseen_of_strategy_over(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select case when u.id = l.owner_id then 'lead_professional' else 'lead_manager' end, u.id, null::uuid
      from social_care_referral s
     cross join lateral ctx.strategy_of_front_door(s.id) l
      join app_user u on u.id = l.owner_id
                      or (l.owner_id is null and u.agency_id = l.owner_agency_id and u.active and 'manager' = any (u.roles))
     where s.id = (p -> 'asks' ->> 'id')::uuid and l.case_id = (p ->> 'subject')::uuid
       and ctx.triages_form(s.referral_id)
    union
    select 'lead_professional', null, l.owner_team_id
      from social_care_referral s cross join lateral ctx.strategy_of_front_door(s.id) l
     where s.id = (p -> 'asks' ->> 'id')::uuid and l.case_id = (p ->> 'subject')::uuid
       and l.owner_team_id is not null and ctx.triages_form(s.referral_id)
$$;

-- The referrals to front doors of the child of a case, and what was decided of each, for whoever reads the case: from a form
-- that was added to it, or told of the child. Of one on a form that is for the people of another case nothing is said here.
create function ctx.front_doors_of_case(p_case uuid)
    returns table (authority text, made_at timestamptz, outcome text, outcome_at timestamptz, taken_at timestamptz)
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select s.authority, s.made_at, s.outcome, s.outcome_at, coalesce(d.reopened_at, s.withdrawn_at)
      from ctx.front_doors_about(p_case) f (id)
      join social_care_referral s on s.id = f.id and (s.withdrawn_at is null or s.outcome is not null)
      join triage_decision d on d.id = s.decision_id
     where ctx.reaches_case((select ctx.readers())::uuid[], p_case)
       and not exists (select 1 from referral_seal l where l.referral_id = s.referral_id and l.case_id <> p_case)
     order by s.made_at desc
$$;

-- What became of the discussions that front doors decided for a form, once nobody owes one any more, for whoever sees the form or is
-- of that front door. Whether it was on a case is not said; of one on a closely held case, only to whoever reads that.
create function ctx.strategies_of(p_referral uuid) returns table (made_id uuid, authority text, held boolean, at timestamptz)
language plpgsql stable security definer cost 1000 rows 1 set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select s.id, s.authority, bool_or(l.state = 'done'), max(l.ended_at)
      from social_care_referral s
      join triage_decision t on t.id = s.decision_id and t.reopened_at is null
     cross join lateral ctx.strategy_of_front_door(s.id) l
      join cre_case c on c.id = l.case_id
     where s.referral_id = p_referral and s.outcome = 'strategy_discussion'
       and (ctx.is_front_door_of(s.id)
            or ctx.reaches((select ctx.readers())::uuid[], 'referral', p_referral, null))
       and (c.sensitivity = 0 or ctx.reaches_case((select ctx.readers())::uuid[], c.id))
     group by s.id, s.authority
    having bool_and(l.state <> 'open') and (bool_or(l.state = 'done') or bool_and(l.state = 'cancelled'));
end $$;

-- A case has just ended with such a discussion not held. The front door that decided it hears so, and whoever sent the form; which
-- case that was, or that there was one, is nothing that either has to know, and who they are nothing that whoever ends it has to.
-- Of a closely held case only the hub is told, which knows whom to ring.
create function ctx.tell_strategy_not_held(p jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare f record;
begin
    for f in
        with made as (
            select s.id, r.id as referral_id, r.reference::text as reference, r.author_id
              from cre_case c cross join lateral ctx.front_doors_about(c.id) a (id)
              join social_care_referral s on s.id = a.id join referral r on r.id = s.referral_id
             where c.id = (p ->> 'case')::uuid and c.sensitivity = 0
               and ctx.reaches_case((select ctx.readers())::uuid[], c.id)
               and exists (select from ctx.strategy_of_front_door(s.id) l join deadline d on d.id = l.id
                            where l.case_id = c.id and l.state = 'cancelled' and ctx.is_written_now(d.xmin)))
        select 'door' as whom, d.id, d.reference::text as reference,
               jsonb_build_object('ground', 'social_care', 'team', d.receiver_team_id) as given
          from made m join disclosure d on d.social_care_referral_id = m.id and d.withdrawn_at is null
        union
        select 'sender', m.referral_id, m.reference, jsonb_build_object('ground', 'author', 'person', m.author_id)
          from made m
    loop
        perform ctx.tell_unseen_of((p -> f.whom) || jsonb_build_object(
            'subject', f.id, 'reference', f.reference, 'given', jsonb_build_array(f.given)));
    end loop;
end $$;

-- Who hears what the front door decided: whoever referred the child, and has the form. Whether that is red is for how soon.
create function ctx.hear_of_front_door(p_made uuid) returns table (reference text, people uuid[], red boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select r.reference, array_remove(array[s.made_by, r.claimed_by], null), coalesce(r.colour = 'red', false)
      from social_care_referral s join referral r on r.id = s.referral_id
     where s.id = p_made and (ctx.is_front_door_of(s.id) or ctx.triages_form(s.referral_id))
$$;

-- The sender hears it too, and who leads an open case of the child, who does not read the form. Who and which case that is
-- is nothing that whoever decides has to know: `ctx.tell_unseen` tells them.
create function ctx.unseen_of_front_door(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with made as (
        select s.id, r.author_id, array_remove(array[r.author_id, s.made_by, r.claimed_by], null) as people
          from social_care_referral s join referral r on r.id = s.referral_id
         where s.id = (p -> 'asks' ->> 'id')::uuid
           and (ctx.is_front_door_of(s.id) or ctx.triages_form(s.referral_id)))
    select 'author', m.author_id, null::uuid from made m where m.author_id is not null
    union
    select 'lead_professional', l.user_id, l.team_id
      from made m cross join lateral ctx.cases_of_front_door(m.id) c cross join lateral ctx.hears_for_lead(c.id) l
     where l.user_id is null or l.user_id <> all (m.people)
$$;

-- The hub has just taken back a referral that a front door had decided: who leads an open case of the child hears so, of each such
-- case, which whoever takes it back need not know.
create function ctx.unseen_each_taken_back(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.id from social_care_referral s cross join lateral ctx.cases_of_front_door(s.id) c
     where s.id = (p -> 'asks' ->> 'id')::uuid and s.withdrawn_at is not null and ctx.triages_form(s.referral_id)
$$;
create function ctx.unseen_of_taken_back(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select 'lead_professional', l.user_id, l.team_id
      from ctx.unseen_each_taken_back(p) c (id) cross join lateral ctx.hears_for_lead(c.id) l
     where c.id = (p ->> 'subject')::uuid
$$;

-- What front doors decided of the form of a message, for whoever was told of it as leading a case of the child and reads that
-- case now: they do not read the form.
create function ctx.front_door_told(p_message uuid)
    returns table (authority text, outcome text, words text, decided_at timestamptz, case_reference text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct s.authority, s.outcome, s.outcome_words, s.outcome_at, c.reference
      from outbox_message m
      join outbox_subject o on o.message_id = m.id and o.subject_kind = 'referral'
      join social_care_referral s on s.referral_id = o.subject_id and s.outcome is not null and s.withdrawn_at is null
     cross join lateral ctx.cases_of_front_door(s.id) c
     where m.id = p_message and m.event = 'social_care_decided' and m.ground = 'lead_professional'
       and (m.recipient_id = ctx.user_id() or m.recipient_team_id = any ((select ctx.teams())::uuid[]))
       and m.state <> 'cancelled'
       and ctx.reaches_case((select ctx.readers())::uuid[], c.id)
     order by s.outcome_at desc, c.reference
$$;

-- When the hub took back, and who did, the decision behind what was told: that which referred the child to a front door,
-- else any on the form since it was told. For whoever reads what was told; never why, which may be about other children.
create function ctx.taken_back_behind(p_disclosure uuid) returns table (taken_at timestamptz, taken_by text)
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select t.reopened_at, u.name
      from disclosure d
      left join social_care_referral s on s.id = d.social_care_referral_id
     cross join lateral (  -- each by an index of its own
           select t.* from triage_decision t where t.id = s.decision_id
           union all
           select t.* from triage_decision t where s.id is null and t.referral_id = d.referral_id) t
      join app_user u on u.id = t.reopened_by
     where d.id = p_disclosure and t.reopened_at >= d.decided_at and ctx.reaches_disclosure(ctx.readers(), d.id)
     order by t.reopened_at desc
     limit 1
$$;

-- Which form a front door answers to: its decision goes to the sender as a message on it.
create function ctx.answers_from_front_door(p_referral uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from social_care_referral s
                    where s.referral_id = p_referral and s.outcome_by = ctx.user_id()
                      and ctx.is_front_door_of(s.id))
$$;
create policy added_by_front_door on referral_message for insert to portal_app with check (
    MINE(author_id) and from_hub and not asks_reply and ctx.answers_from_front_door(referral_id));

-- A filter of the queue is its owner's.
create policy own on saved_filter to portal_app using (MINE(user_id))
    with check (MINE(user_id));

-- A form that the hub works on comes to be for those named on a sealed case, because that is about to be sealed (`case`), or because
-- two records were linked just now (`link`): whoever of them coordinates has it from now on (`ctx.owed_by_who_sees_the_form`), and
-- hears so, unless they had it. Who seals or links may read neither the form nor who that is: nothing comes back.
create function ctx.forms_handed_on(p jsonb) returns table (reference text, referral_id uuid, red boolean, owner_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    with sealed (referral_id, case_id) as (
        select m.referral_id, c.id
          from cre_case c
         cross join lateral (
               select c.child_id as id
               union all
               select k.id from ctx.linked_records(c.child_id) k (id)
                where not exists (select from cre_case o where o.child_id = k.id)) of_it
          join referral_child m on m.child_id = of_it.id
         where c.id = (p ->> 'case')::uuid and ctx.reaches_case((select ctx.readers())::uuid[], c.id)
           and not exists (select from referral_seal l where l.referral_id = m.referral_id and l.case_id = c.id)
        union
        select l.referral_id, l.case_id from referral_seal l
         where p ? 'link' and ctx.is_coordinator() and ctx.is_written_now(l.xmin)),
    named (case_id, user_id, place) as (
        select g.case_id, u.id, row_number() over (partition by g.case_id order by g.starts_at, u.id)
          from access_grant g
          join app_user u on u.id = g.user_id and u.active and 'coordinator' = any (u.roles)
          join agency a on a.id = u.agency_id and a.active and a.sector = 'hub'
         where g.case_id in (select s.case_id from sealed s) and g.starts_at <= statement_timestamp()
           and coalesce(g.ends_at, 'infinity') > statement_timestamp())
    select distinct r.reference::text, r.id, coalesce(r.colour = 'red', false), n.user_id
      from sealed s join referral r on r.id = s.referral_id join named n on n.case_id = s.case_id and n.place = 1
     where exists (select from deadline d
                    where d.referral_id = r.id and d.kind in ('triage', 'sender_wrote') and d.state = 'open')
       and not exists (select from named h where h.case_id = s.case_id and h.user_id = r.claimed_by)
       and not (coalesce((p ->> 'opening')::boolean, false) and r.claimed_by is not distinct from ctx.user_id());
end $$;
create function ctx.tell_handed_on(p jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare f record;
begin
    for f in select h.* from ctx.forms_handed_on(p -> 'closes') h loop
        perform ctx.tell_unseen_of((case when f.red then p -> 'red' else p -> 'form' end) || jsonb_build_object(
            'subject', f.referral_id, 'reference', f.reference,
            'given', jsonb_build_array(jsonb_build_object('ground', 'owner', 'person', f.owner_id))));
    end loop;
end $$;

-- Who may touch which columns, and call what.
grant select, insert, update (replaced_by_id) on intelligence_report to portal_app;
grant select, insert, update (query, is_default), delete on saved_filter to portal_app;
grant select, insert, update (front_door_reference, call_with, call_at, confirmed_at, confirmed_by, withdrawn_at,
    opened_at, opened_by, outcome, outcome_words, outcome_at, outcome_by) on social_care_referral to portal_app;
grant execute on function ctx.is_front_door_of, ctx.answers_from_front_door, ctx.hear_of_front_door,
    ctx.front_door_told, ctx.is_the_hubs, ctx.taken_back_behind, ctx.owe_strategy,
    ctx.end_strategy_of, ctx.strategies_of, ctx.tell_strategy_not_held,
    ctx.front_doors_of_case, ctx.tell_handed_on to portal_app;
grant select, insert, update (reopened_by, reopened_at, reopen_reason) on triage_decision to portal_app;
grant select on social_care_referral, triage_decision to portal_scope;
