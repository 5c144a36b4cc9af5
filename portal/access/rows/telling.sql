-- Who is told: around a case, of how something went on, and on grounds of which whoever tells learns nothing.

-- For whoever reads the case themselves.
create function ctx.hear_of_case(p_case uuid, p_soon timestamptz default null)
returns table (ground text, user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.ground, a.user_id, a.team_id, a.instead_of from ctx.around_case(p_case, p_soon) a
     where ctx.reaches_case((select ctx.readers())::uuid[], p_case)
$$;

-- Who hears in the place of somebody who leads a case and does not read it, for whoever reads it: nothing where the lead does, and
-- one row of nobody where nobody of that agency does either.
create function ctx.hears_instead_of_lead(p_case uuid) returns table (name text, phone text, is_team boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(t.name, u.name), coalesce(t.duty_phone, u.phone), t.id is not null
      from ctx.hears_as_lead(p_case) l left join app_user u on u.id = l.user_id left join team t on t.id = l.team_id
     where l.instead_of is not null and ctx.reaches_case((select ctx.readers())::uuid[], p_case)
$$;

-- Who was told of some events about a record, for news of how it ended. With `p_once`, of what has that in its key alone, such as
-- one of several links.
create function ctx.was_told(p_events text[], p_kind text, p_subject uuid, p_once text default null)
returns table (user_id uuid, team_id uuid, case_id uuid, unseen boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct case when m.recipient_team_id is null then coalesce(m.handed_from_id, m.recipient_id) end,
           m.recipient_team_id, s.case_id, m.key like 'unseen.%' or coalesce(o.key, '') like 'unseen.%'
      from outbox_subject s join outbox_message m on m.id = s.message_id
      left join outbox_message o on o.id = m.passes_on_id
     where s.subject_kind = p_kind and s.subject_id = p_subject and m.event = any (p_events)
       and m.state <> 'cancelled' and m.channel <> 'portal'
       and (p_once is null or split_part(m.key, ':', 4) = p_once)
$$;

-- The same for whoever sees the record: of those who were told on a ground that one may not know of, nobody.
create function ctx.heard_of(p_events text[], p_kind text, p_subject uuid, p_once text default null)
returns table (user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct w.user_id, w.team_id from ctx.was_told(p_events, p_kind, p_subject, p_once) w
     where not w.unseen and ctx.reaches((select ctx.readers())::uuid[], p_kind, p_subject, w.case_id)
$$;

-- Who was told of what on a case, the newest first, for whoever reads the case: to whom, on which ground, by which way
-- what became of it, and when it was opened: of one to a team, when somebody of it did. Of an entry only to those who
-- read that entry.
create function ctx.told_of_case(p_case uuid, p_before timestamptz, p_before_id uuid, p_most integer)
returns table (id uuid, event text, ground text, channel text, state text, created_at timestamptz, settled_at timestamptz,
               person text, team text, agency text, opened_at timestamptz, handed_from text, handed_reason text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    -- In their order first, so that reach is asked for no more of them than are shown.
    select x.id, x.event, x.ground, x.channel,
           case when x.held_until > statement_timestamp() and x.state = 'shown' then 'owed' else x.state end,
           x.created_at, x.settled_at, u.name, t.name, a.name,
           coalesce(case when x.outcome is distinct from 'answered' then x.read_at end, (
               select min(r.read_at)
                 from outbox_subject o join outbox_message r on r.id = o.message_id
                 join team_member w on w.user_id = r.recipient_id
                where w.team_id = x.recipient_team_id and o.subject_kind = x.subject_kind
                  and o.subject_id = x.subject_id and r.event = x.event and r.created_at >= x.created_at
                  and r.outcome is distinct from 'answered')),
           f.name, x.handed_reason
      from (select m.*, s.subject_kind, s.subject_id
              from outbox_subject s join outbox_message m on m.id = s.message_id
             -- Whoever lost sight of a sealed case was told without its reference.
             where (s.case_id = p_case or (s.case_id is null and s.subject_kind = 'cre_case' and s.subject_id = p_case))
               and m.event is not null and (m.created_at, m.id) < (p_before, p_before_id)
             order by m.created_at desc, m.id desc offset 0) x
      join agency a on a.id = x.agency_id
      left join app_user u on u.id = x.recipient_id
      left join team t on t.id = x.recipient_team_id
      left join app_user f on f.id = x.handed_from_id
     where ctx.reaches_case((select ctx.readers())::uuid[], p_case)
       and ctx.reaches((select ctx.readers())::uuid[], x.subject_kind, x.subject_id, p_case)
       -- A duty on an entry is told by its case (`ctx.reaches`); that there was something to tell of it is for its readers.
       and (x.subject_kind <> 'chronology_entry' or ctx.entry_lets_in((select ctx.readers())::uuid[], x.subject_id))
     order by x.created_at desc, x.id desc limit p_most
$$;

-- Who could not be told. Whoever caused it and the hub see it; of a case that is hidden from them the hub does not.
-- who: whoever told
-- who: coordinators of the hub, of what hangs on no case
-- who: coordinators of the hub who know that its case exists
create policy seen on untold for select to portal_app using (
    MINE(caused_by)
    or (HUB and (case_id is null or NOTICE(untold.case_id))));
create policy added on untold for insert to portal_app with check (
    MINE(caused_by) and seen_to_by is null and seen_to_at is null and seen_to_words = '');
create policy changed on untold for update to portal_app using (
    seen_to_at is null and HUB and (case_id is null or NOTICE(untold.case_id)))
    with check (MINE(seen_to_by) and seen_to_at is not null);
create policy worker on untold to portal_worker using (true) with check (true);

-- What the health page says of it: whether somebody could not be told and nobody at the hub was told so either. The keys
-- are those of `portal.reminders.untold`; one whose address failed is told once more by another.
create function ctx.hub_not_told() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select from untold u
         where u.seen_to_at is null
           and not exists (
                select from agency a join team t on t.agency_id = a.id
                       cross join lateral (
                           select t.id as who union all select p.id from app_user p where p.agency_id = a.id) r
                       cross join (values (''), (':again')) e (more)
                       join outbox_message m
                         on m.key = 'nobody_told' || case when u.urgent then '_urgent' else '' end
                                    || ':team:' || t.id || ':' || u.id || ':' || r.who || e.more
                 where a.sector = 'hub' and m.state in ('owed', 'queued', 'accepted', 'shown')))
$$;

-- Telling on grounds of which whoever tells may not know whether they have anybody: whoever works with a child whom they
-- merely reported, or leads a case that they do not read. The message is written here, whole, and nothing comes back: the
-- connection of whoever tells learns neither who nor how many. `p` says what is told (portal/messages/unseen.py): event, kind,
-- subject, reference, once; `rows`, how policy tells each ground, the strongest way first; `given`, whom the step knows on
-- them; `asks`, the function that finds the others, and what it needs; `seen`, the people whom whoever tells has told
-- themselves, and `teams`, the teams, whose people are told here; `but`, who is told nothing.
--
-- Who that is says the noun, for whoever sees the record: `ctx.unseen_of_` and what `asks` calls it.
create function ctx.on_unseen_grounds(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select g ->> 'ground', (g ->> 'person')::uuid, (g ->> 'team')::uuid from jsonb_array_elements(p -> 'given') g;
    return query execute format('select * from ctx.%I($1)', 'unseen_of_' || (p -> 'asks' ->> 'of')) using p;
end $$;

-- Where the function that has them told has found them, they are given, and nobody is looked for beside them.
create function ctx.unseen_of_given(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select null::text, null::uuid, null::uuid where false
$$;

-- What is told of: as often as there is something that the noun finds (`ctx.unseen_each_` and what `asks` calls it), such as a
-- question; else the subject. With `as`, it is not what is told of, but for example what tells this time from another (`once`).
create function ctx.unseen_subjects(p jsonb) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if p -> 'asks' ->> 'each' is null then
        return next (p ->> 'subject')::uuid;
    else
        return query execute format('select * from ctx.%I($1)', 'unseen_each_' || (p -> 'asks' ->> 'each')) using p;
    end if;
end $$;

create function ctx.tell_unseen(p jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_subject uuid;
begin
    if ctx.user_id() is null then
        raise insufficient_privilege using message = 'whoever tells is signed in';
    end if;
    for v_subject in select ctx.unseen_subjects(p) loop
        perform ctx.tell_unseen_of(p || jsonb_build_object(coalesce(p -> 'asks' ->> 'as', 'subject'), v_subject));
    end loop;
end $$;

-- Each once, by the strongest way and the first ground, as `portal.messages.choices` has it: the people of a team hear in the
-- portal what it is told; what is only in the morning or weekly message comes after that. Who is gone looks into no portal,
-- so that it is an e-mail, which the worker hands on.
create function ctx.tell_unseen_of(p jsonb) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    with way as (
        select r.place, r.said ->> 'ground' as ground, r.said ->> 'kind' as kind, r.said ->> 'channel' as channel,
               (r.said ->> 'urgent')::boolean as urgent, (r.said ->> 'at')::timestamptz as at,
               (r.said ->> 'no_sight')::boolean as no_sight, (r.said ->> 'statutory')::boolean as statutory
          from jsonb_array_elements(p -> 'rows') with ordinality r (said, place)),
    told_here as (select (value #>> '{}')::uuid as id from jsonb_array_elements(p -> 'seen')),
    nothing as (select (value #>> '{}')::uuid as id from jsonb_array_elements(p -> 'but')),
    theirs as (select (t ->> 'team')::uuid as id, t ->> 'ground' as ground from jsonb_array_elements(p -> 'teams') t),
    found as (select distinct * from ctx.on_unseen_grounds(p)),
    team_way as (
        select distinct on (w.id) w.id, w.place, w.hidden
          from (select f.team_id as id, y.place, true as hidden from found f join way y on y.ground = f.ground
                 where f.team_id is not null and f.team_id not in (select id from theirs)
                union all
                select t.id, y.place, false from theirs t join way y on y.ground = t.ground) w
         order by w.id, w.place),
    person_way as (
        select distinct on (w.id) w.id, w.place, w.of_team
          from (select f.user_id as id, y.place, false as of_team,
                       case when y.channel in ('digest', 'weekly') then 2 else 0 end as turn
                  from found f join way y on y.ground = f.ground where f.user_id is not null
                union all
                select m.user_id, t.place, true, 1
                  from team_way t join team g on g.id = t.id join team_member m on m.team_id = t.id
                  join app_user u on u.id = m.user_id and u.active and u.agency_id = g.agency_id
                 where u.roles && array(select jsonb_array_elements_text(p -> 'roles'))) w
         where w.id not in (select id from nothing) and w.id not in (select id from told_here)
         order by w.id, w.turn, w.place),
    obstacle as (
        select * from ctx.obstacles(p ->> 'kind', (p ->> 'subject')::uuid, null, array(select id from person_way),
                                    array(select id from team_way where hidden), (p ->> 'today')::date)),
    chosen as (
        select w.id as person, null::uuid as team, u.agency_id, y.*,
               case when w.of_team and y.channel = 'mail' then 'portal' else y.channel end as by_way
          from person_way w join app_user u on u.id = w.id join way y on y.place = w.place
        union all
        select null, w.id, t.agency_id, y.*, y.channel
          from team_way w join team t on t.id = w.id join way y on y.place = w.place
         where w.hidden),
    as_it_will_be as (
        select c.*, case when c.no_sight then o.otherwise else o.obstacle end as in_the_way,
               case when coalesce(o.obstacle, '') in ('left', 'team_closed') then 'mail'
                    when c.by_way = 'mail' and not c.statutory
                         and coalesce(case when c.no_sight then o.otherwise else o.obstacle end, '') <> 'no_reach'
                         and exists (select 1 from message_preference q
                                      where q.user_id = c.person and q.kind = c.kind and not q.by_mail) then 'portal'
                    else c.by_way end as goes_by
          from chosen c left join obstacle o on o.id = coalesce(c.person, c.team)),
    written as (
        insert into outbox_message (id, key, kind, event, ground, last_word, channel, urgent, recipient_id,
                                    recipient_team_id, agency_id, caused_by, created_at, state, attempts, not_before,
                                    next_try_at, held_until)
        select gen_random_uuid(), 'unseen.' || k.key, a.kind, p ->> 'event', a.ground, a.no_sight, a.goes_by, a.urgent,
               a.person, a.team, a.agency_id, ctx.user_id(), (p ->> 'now')::timestamptz,
               case when a.goes_by = 'mail' then 'owed' else 'shown' end, 0, a.at, a.at, (p ->> 'held_until')::timestamptz
          from as_it_will_be a
         cross join lateral (select concat_ws(':', a.kind, p ->> 'kind', p ->> 'subject', p ->> 'once',
                                              coalesce(a.person, a.team))) k (key)
         where (a.goes_by = 'mail' or (a.team is null and a.in_the_way is distinct from 'no_reach'))
           and not exists (select 1 from outbox_message m where m.key = k.key)
        on conflict do nothing
        returning id)
    insert into outbox_subject (message_id, subject_kind, subject_id, reference)
    select w.id, p ->> 'kind', (p ->> 'subject')::uuid, p ->> 'reference' from written w
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (seen_to_by, seen_to_at, seen_to_words) on untold to portal_app;
grant insert on untold to portal_worker;
grant select, update (seen_to_by, seen_to_at, seen_to_words) on untold to portal_scope;
grant execute on function ctx.hear_of_case, ctx.hears_instead_of_lead, ctx.heard_of, ctx.told_of_case, ctx.hub_not_told, ctx.tell_unseen to portal_app;
grant execute on function ctx.around_case to portal_worker;
