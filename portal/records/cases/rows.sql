-- A case is reached through case_scope: 1 notice, 2 full.

-- who: whoever reads as the reader that it names, until its time is over
create policy seen on case_scope for select to portal_app
    using (READER(reader) and until > statement_timestamp());

create policy seen on case_notice for select to portal_app using (
    ROLE(governance)
    or NOTICE(case_notice.case_id));

create policy seen on cre_case for select to portal_app
    using (FULL(cre_case.id));
create policy added on cre_case for insert to portal_app
    with check (HUB and MINE(opened_by)
                and state = 'awaiting_assessment'
                and CHILD(cre_case.child_id));
create policy changed on cre_case for update to portal_app
    using (FULL(cre_case.id));

create policy seen on involvement for select to portal_app
    using (FULL(involvement.case_id));
create policy added on involvement for insert to portal_app with check (
    MINE(started_by)
    and started_at <= statement_timestamp() + interval '1 minute'
    and ended_at is null and (ctx.answers_for_case(case_id) or ctx.chairs_on_case(case_id))
    and exists (select 1 from team t where t.id = involvement.team_id and t.agency_id = involvement.agency_id)
    and FULL(involvement.case_id));
create policy changed on involvement for update to portal_app
    using (FULL(involvement.case_id));

-- who: governance officers, of an emergency access and of a subject-access review
-- who: whoever has full reach on its case
create policy seen on access_grant for select to portal_app using (
    (ROLE(governance) and kind in ('break_glass', 'subject_access'))
    or FULL(access_grant.case_id));
create policy added on access_grant for insert to portal_app with check (
    MINE(granted_by)
    and starts_at <= statement_timestamp() + interval '1 minute' and ends_at is null
    and case kind
            when 'named' then meeting_id is null and (ctx.answers_for_case(case_id) or ctx.manages_lead(case_id))
            when 'meeting' then ctx.directs_meeting(meeting_id) and ctx.runs_as_named(meeting_id, case_id, user_id)
            else false end
    and FULL(access_grant.case_id));
create policy changed on access_grant for update to portal_app
    using (FULL(access_grant.case_id));

create policy seen on alert for select to portal_app
    using (FULL(alert.case_id));
create policy added on alert for insert to portal_app
    with check (FULL(alert.case_id));
create policy changed on alert for update to portal_app
    using (FULL(alert.case_id));

create policy seen on sensitivity_change for select to portal_app
    using (FULL(sensitivity_change.case_id));
create policy added on sensitivity_change for insert to portal_app with check (
    MINE(asked_by) and withdrawn_at is null
    and case when after > before then (confirmed_by is null or MINE(confirmed_by)) and ctx.answers_for_case(case_id)
             else HUB and confirmed_by is null and confirmed_at is null end
    and exists (select 1 from cre_case c where c.id = sensitivity_change.case_id
                   and c.sensitivity = sensitivity_change.before)
    and FULL(sensitivity_change.case_id));
create policy answered on sensitivity_change for update to portal_app using (
    confirmed_at is null and withdrawn_at is null
    and FULL(sensitivity_change.case_id))
    with check (
    case when confirmed_by is null then confirmed_at is null and withdrawn_at is not null
         else MINE(confirmed_by) and confirmed_by <> asked_by and confirmed_at is not null and withdrawn_at is null end
    and (MINE(asked_by) or ctx.answers_for_case(case_id) or ctx.manages_lead(case_id))
    and FULL(sensitivity_change.case_id));

-- A case is held less closely only when a coordinator asked for it and a second person confirmed.
create function ctx.two_people_lower() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if not exists (
        select 1 from sensitivity_change s
         where s.case_id = new.id and s.before = old.sensitivity and s.after = new.sensitivity
           and s.confirmed_by = ctx.user_id() and s.confirmed_by <> s.asked_by
           and exists (select 1 from app_user u join agency a on a.id = u.agency_id
                        where u.id = s.asked_by and a.sector = 'hub' and 'coordinator' = any (u.roles))
           and s.confirmed_at > statement_timestamp() - interval '5 minutes') then
        raise insufficient_privilege using message = 'two people lower the sensitivity of a case';
    end if;
    return new;
end $$;
create trigger two_people_lower before update of sensitivity on cre_case
    for each row when (current_user = 'portal_app' and new.sensitivity < old.sensitivity)
    execute function ctx.two_people_lower();

-- To hold a case more closely takes others off it: a coordinator or the lead professional does.
create function ctx.raised_by_right() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if not (ctx.is_coordinator() or old.lead_professional_id = ctx.user_id()) then
        raise insufficient_privilege using message = 'a coordinator or the lead professional raises sensitivity';
    end if;
    if new.sensitivity = 2 and not exists (
        select 1 from access_grant g join app_user u on u.id = g.user_id join agency a on a.id = u.agency_id
         where g.case_id = new.id and g.kind = 'named' and g.ends_at is null
           and u.active and a.sector = 'hub' and 'coordinator' = any (u.roles)) then
        raise check_violation using message = 'a sealed case keeps a coordinator who is named on it';
    end if;
    return new;
end $$;
create trigger raised_by_right before update of sensitivity on cre_case
    for each row when (current_user = 'portal_app' and new.sensitivity > old.sensitivity)
    execute function ctx.raised_by_right();

-- What the worker reads to remind and to tell.
create policy worker on cre_case for select to portal_worker using (true);
create policy worker on access_grant for select to portal_worker using (true);

-- Who leads a case answers for it: the lead goes over by a coordinator or a manager of the agency that leads.
create function ctx.lead_is_given() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if not (ctx.is_coordinator() or (ctx.has_role('manager') and old.lead_agency_id = ctx.agency_id())) then
        raise insufficient_privilege using message = 'a coordinator or a manager of the lead agency changes who leads';
    end if;
    return new;
end $$;
create trigger lead_is_given before update of lead_agency_id, lead_professional_id on cre_case for each row
    when (current_user = 'portal_app'
          and (old.lead_agency_id, old.lead_professional_id)
              is distinct from (new.lead_agency_id, new.lead_professional_id))
    execute function ctx.lead_is_given();

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
    for each row when (current_user = 'portal_app') execute function ctx.involvement_is_ended();

-- Reach by name is taken away by whoever may give it, by whoever directs the meeting that gave it, by a manager whose
-- person it is, and by whoever has just ended the case. Anybody may let go of their own.
create function ctx.grant_is_ended() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
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
    for each row when (current_user = 'portal_app' and old.ends_at is distinct from new.ends_at)
    execute function ctx.grant_is_ended();

-- The records of a child on which an alert on another, which is linked, holds something back: of those that whoever asks reaches, and
-- are linked with them. And who works with the child there. `ctx.tell_unseen` tells them, and nothing comes back.
create function ctx.unseen_each_held_by_link(p jsonb) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select distinct l.id
      from jsonb_array_elements_text(p -> 'asks' -> 'children') k (id)
     cross join lateral ctx.linked_records(k.id::uuid) l (id)
      join cre_case c on c.child_id = any (ctx.same_child(l.id, false)) and c.child_id <> l.id
      join alert a on a.case_id = c.id and a.ended_at is null and a.holds_back <> '{}'
                  and (p -> 'asks' ->> 'alert' is null or a.id = (p -> 'asks' ->> 'alert')::uuid)
     where ctx.reaches_child((select ctx.readers())::uuid[], k.id::uuid)
       and exists (select 1 from child_statement s
                    where s.child_id = l.id and s.do_not_disclose and s.kind = any (a.holds_back));
end $$;
create function ctx.unseen_of_held_by_link(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if (p ->> 'subject')::uuid in (select ctx.unseen_each_held_by_link(p)) then
        return query
        with theirs as (select c.id from cre_case c
                         where c.child_id = (p ->> 'subject')::uuid and c.state not in ('closed', 'transferred'))
        select 'lead_unseen', l.user_id, l.team_id from theirs c cross join lateral ctx.hears_for_lead(c.id) l
        union
        select a.ground, a.user_id, a.team_id from theirs c cross join lateral ctx.around_case(c.id) a
         where a.ground in ('worker', 'team') and coalesce(a.user_id, a.team_id) is not null;
    end if;
end $$;

-- An alert is reviewed and ended by its owner, the lead professional or a coordinator.
create function ctx.alert_is_owned() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.owner_id is distinct from ctx.user_id() and not ctx.answers_for_case(old.case_id) then
        raise insufficient_privilege using message = 'an alert is changed by its owner or whoever answers for the case';
    end if;
    if old.ended_at is not null then
        raise check_violation using message = 'an alert that ended stays so';
    end if;
    return new;
end $$;
create trigger alert_is_owned before update on alert
    for each row when (current_user = 'portal_app') execute function ctx.alert_is_owned();

-- When one's own access by name to a case ended of which one sees the notice alone, and who ended it, by the message
-- that said so.
create function ctx.access_ended(p_case uuid) returns table (ended_at timestamptz, ended_by text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select g.ends_at,
           (select u.name from outbox_message m join app_user u on u.id = m.caused_by
              join outbox_subject s on s.message_id = m.id and s.subject_kind = 'cre_case' and s.subject_id = g.case_id
             where m.recipient_id = g.user_id and m.event = 'person_unnamed' and m.ground = 'leaving'
               and m.created_at between g.ends_at - interval '1 minute' and g.ends_at + interval '1 minute'
             order by m.created_at desc limit 1)
      from access_grant g
     where g.case_id = p_case and g.user_id = ctx.user_id() and g.kind = 'named' and g.ends_at <= statement_timestamp()
       and exists (select 1 from case_scope s
                    where s.case_id = p_case and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp())
       and not ctx.reaches_case((select ctx.readers())::uuid[], p_case)
     order by g.ends_at desc limit 1
$$;

-- Whom to ask about a case of which one sees the notice alone: of its lead agency, somebody who reads it. Who is named on a
-- sealed case nobody learns, unless the agency's lead is. Whoever is here before whoever is away, and whoever covers the case
-- before the others; where all of them are away, until when.
create function ctx.contact_of_notice(p_case uuid) returns table (name text, phone text, away_until date)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select u.name, u.phone, away.until
      from cre_case c
      join agency a on a.id = c.lead_agency_id
      join app_user u on u.agency_id = a.id and u.active
     cross join (select (statement_timestamp() at time zone 'Europe/London')::date as today) d
     cross join lateral (select max(b.last_day) as until from absence b
                          where b.user_id = u.id and b.ended_at is null and d.today between b.first_day and b.last_day) away
     cross join lateral (select exists (select 1 from absence_cover v join absence b on b.id = v.absence_id
                                         where v.case_id = c.id and v.deputy_id = u.id and b.ended_at is null
                                           and d.today between b.first_day and b.last_day) as now) covers
     where c.id = p_case
       and (ctx.has_role('governance')
            or exists (select 1 from case_scope s
                        where s.case_id = p_case and s.reader = any ((select ctx.readers())::uuid[])
                          and s.until > statement_timestamp()))
       and (u.id = a.lead_id
            or (c.sensitivity < 2
                and (u.id = c.lead_professional_id or covers.now
                     or exists (select 1 from access_grant g where g.case_id = c.id and g.user_id = u.id))))
       and ctx.reaches_case(ctx.readers_of(u.id), c.id)
     order by away.until is not null, u.id is not distinct from c.lead_professional_id desc, covers.now desc,
            u.id is not distinct from a.lead_id desc, u.name, u.id
     limit 1
$$;

-- Open cases that are sealed and name no coordinator: nobody at the hub reads what comes in on them. From before one had to be
-- named, or the last has left or coordinates no more. For governance, which sees the notice of each, and for whoever keeps the
-- portal running, as a number.
create function ctx.sealed_without_hub() returns setof uuid
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select c.id from cre_case c
     where c.sensitivity = 2 and c.state not in ('closed', 'transferred')
       and not exists (
            select 1 from access_grant g
              join app_user u on u.id = g.user_id and u.active and 'coordinator' = any (u.roles)
              join agency a on a.id = u.agency_id and a.active and a.sector = 'hub'
             where g.case_id = c.id and g.kind = 'named' and g.ends_at is null)
$$;
create function ctx.sealed_to_mend() returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s from ctx.sealed_without_hub() s where ctx.has_role('governance')
$$;

-- What waits on the child of a sealed case and nobody at the hub may look at is theirs who is named on the case now and
-- coordinates; of which colour the most pressing is, for whoever names them, who was told that a form waits.
create function ctx.take_waiting_forms(p_case uuid, p_person uuid) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_colour text;
begin
    if not ctx.reaches_case((select ctx.readers())::uuid[], p_case)
       or not exists (select 1 from access_grant g
                       where g.case_id = p_case and g.user_id = p_person and g.granted_by = ctx.user_id()
                         and g.kind = 'named' and g.ends_at is null)
       or not exists (select 1 from app_user u join agency a on a.id = u.agency_id and a.active and a.sector = 'hub'
                       where u.id = p_person and u.active and 'coordinator' = any (u.roles)) then
        return null;
    end if;
    with waits as (
        select d.id, r.colour
          from referral_seal l join referral r on r.id = l.referral_id
          join deadline d on d.referral_id = r.id and d.kind in ('triage', 'sender_wrote') and d.state = 'open'
         where l.case_id = p_case and d.owner_id is distinct from p_person
           and not exists (select 1 from app_user h join agency a on a.id = h.agency_id and a.active and a.sector = 'hub'
                            where h.active and h.id <> p_person and ctx.hub_triages(ctx.readers_of(h.id), r.id))),
    taken as (
        update deadline d set owner_id = p_person, owner_team_id = null, owner_agency_id = null
          from waits w where d.id = w.id returning w.colour)
    select colour into v_colour from taken order by colour = 'red' desc limit 1;
    return v_colour;
end $$;

-- Whether somebody who answers for something on a case reads the case, for whoever reads it.
create function ctx.reads_too(p_case uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.reaches_case((select ctx.readers())::uuid[], p_case) and ctx.reaches_case(ctx.readers_of(p_user), p_case)
$$;

-- Whom a case gives something without their reading it: an action of theirs on it, or the minutes of a meeting on it that they
-- were asked to; for whoever reads the case. Once it is sealed they know nothing of it, and hear so.
create function ctx.asked_on(p_case uuid) returns table (user_id uuid, team_id uuid)
language sql stable security definer rows 5 set search_path = pg_catalog, public, pg_temp as $$
    select given.user_id, case when given.user_id is null then given.team_id end
      from (select a.owner_id, a.owner_team_id from action a
             where a.case_id = p_case and coalesce(a.reach_until, ctx.forever()) > statement_timestamp()
            union
            select coalesce(i.comes_id, i.user_id), i.team_id
              from meeting_case c join meeting m on m.id = c.meeting_id and m.state = 'distributed'
               and coalesce(m.reach_until, ctx.forever()) > statement_timestamp()
              join invitation i on i.meeting_id = m.id and i.withdrawn_at is null
             where c.case_id = p_case) given (user_id, team_id)
     where coalesce(given.user_id, given.team_id) is not null
       and ctx.reaches_case((select ctx.readers())::uuid[], p_case)
$$;

-- Who may touch which columns, and call what.
grant execute on function ctx.asked_on, ctx.reads_too, ctx.take_waiting_forms to portal_app;
grant select, insert, update (ends_at) on access_grant to portal_app;
grant select, insert, update (owner_id, review_on, ended_at, ended_by, end_reason, version) on alert to portal_app;
grant select on case_notice, case_scope to portal_app;
grant select, insert, update (state, sensitivity, sensitivity_reason, level, level_since, types, lead_agency_id,
    lead_professional_id, closed_at, version) on cre_case to portal_app;
grant select, insert, update (worker_id, ended_at, ended_by, end_reason) on involvement to portal_app;
grant select, insert, update (confirmed_by, confirmed_at, withdrawn_at) on sensitivity_change to portal_app;
grant select (case_id, user_id, starts_at, ends_at) on access_grant to portal_worker;
grant select (id, reference, state, lead_agency_id, lead_professional_id) on cre_case to portal_worker;
grant select, update (ends_at) on access_grant to portal_scope;
grant select on alert, involvement, sensitivity_change to portal_scope;
grant select, insert, update, delete on case_notice, case_scope to portal_scope;
grant select, update (next_due_at) on cre_case to portal_scope;
grant execute on function ctx.contact_of_notice, ctx.access_ended, ctx.ended_case, ctx.sealed_to_mend to portal_app;
