-- Who hears that a child is missing, and what whoever was told may read of it.

-- How closely the case of a child is held, and which case that is, an open one first.
create function ctx.closest_case(p_child uuid) returns cre_case
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.* from ctx.cases_holding(p_child) c
     order by c.sensitivity desc, (c.state in ('closed', 'transferred')), c.opened_at desc limit 1
$$;

-- Who works with the child of a record, by ground. Of a case that is closely held whoever reads it; else lead professional,
-- workers and teams of the open case, and of one at high risk the managers of who leads it.
create function ctx.works_with(p_child uuid, p_soon timestamptz)
returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_case cre_case;
begin
    v_case := ctx.closest_case(p_child);
    if v_case.sensitivity > 0 then
        return query
            select 'reader', u.id, null::uuid from case_scope s join app_user u on u.id = s.reader and u.active
             where s.case_id = v_case.id and s.sees = 2 and s.until > statement_timestamp();
        return;
    end if;
    return query
        select a.ground, a.user_id, a.team_id
          from cre_case c cross join lateral ctx.around_case(c.id, p_soon) a
         where c.child_id = p_child and c.state not in ('closed', 'transferred')
           and coalesce(a.user_id, a.team_id) is not null  -- where nobody leads who reads the case, the hub hears of it anyway
           and (a.ground in ('lead_professional', 'worker', 'team', 'reader', 'chair_soon')
                or (a.ground = 'lead_manager' and c.level = 'high'));
end $$;

-- The linked records of a child whose people hear that it is missing: those that are held as closely as its own, or more.
create function ctx.records_that_hear(p_child uuid) returns setof uuid
language sql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
    select l.id
      from ctx.linked_records(p_child) l (id)
     where p_child = any (ctx.same_child(l.id, false))
$$;

-- That a child is missing by another record of it, for whoever works with it on this one and does not see the other: they hear
-- of it by a message (`linked`), and so does the head of their pages say it, with whom to ring. Not the episode, and no grade,
-- but for whoever reads that.
create function ctx.missing_on_linked(p_child uuid) returns json
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select json_build_object(
               'reference', case when r.reads then e.reference end, 'since', e.missing_since, 'status', e.status,
               'grade', case when r.reads then e.grade end, 'found_at', e.found_at,
               'police_reference', case when r.reads then e.police_reference end, 'team', t.name, 'phone', t.duty_phone,
               'at_night', t.answers_at_night, 'authority', e.responsible_authority, 'linked', true)
      from ctx.linked_records(p_child) o (id)
      join missing_episode e on e.child_id = o.id and e.returned_at is null and e.withdrawn_at is null
     cross join lateral (select ctx.reads_episode(e.id) as reads) r
      left join team t on t.id = e.recorded_team_id
     where p_child in (select ctx.records_that_hear(e.child_id))
       and exists (select 1 from cre_case c
                    where c.child_id = p_child and c.state not in ('closed', 'transferred')
                      and ctx.reaches_case((select ctx.readers())::uuid[], c.id))
     order by r.reads desc, e.missing_since limit 1
$$;

-- The children of whom that is so, for lists of many: found from the few episodes that run, and of these from the fewer of a
-- child who has a linked record. Every list asks it.
create function ctx.missing_by_link() returns setof uuid
language sql stable security definer rows 10
set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
    select distinct c.child_id
      from missing_episode e cross join lateral ctx.records_that_hear(e.child_id) k join cre_case c on c.child_id = k
     where e.returned_at is null and e.withdrawn_at is null and c.state not in ('closed', 'transferred')
       and exists (select 1 from child_link l where l.child_a = e.child_id and l.unlinked_at is null
                   union all
                   select 1 from child_link l where l.child_b = e.child_id and l.unlinked_at is null)
       and ctx.reaches_case((select ctx.readers())::uuid[], c.id)
$$;

-- The records that are said to be of the same child, and are held as closely, for whoever reads the one or the other in full:
-- of the other they see by that no more than its own rules give.
create function ctx.read_as_same(p_child uuid) returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with found (id) as (select unnest(ctx.same_child(p_child, true)))
    select coalesce(array_agg(f.id), '{}') from found f
     where exists (select 1 from child_scope s
                    where s.child_id in (p_child, f.id) and s.sees = 2 and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp())
$$;

-- Whether a child was missing by such a record at times that whoever works with it does not read: not when, nor how often.
create function ctx.missing_unshown(p_child uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from missing_episode e
                    where e.child_id = any (ctx.read_as_same(p_child)) and e.child_id <> p_child and e.withdrawn_at is null
                      and not ctx.reads_episode(e.id))
       and exists (select 1 from cre_case c
                    where c.child_id = p_child and c.state not in ('closed', 'transferred')
                      and ctx.reaches_case((select ctx.readers())::uuid[], c.id))
$$;

-- Whose the child of an episode is by its record, for whoever reads the episode and knows by the portal who the child is: the
-- police and the front door of the authority look for it, and read no more of the record. Of one that is closely held only whoever
-- reads the record has it.
create function ctx.authority_known(p_episode uuid) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select r.responsible_authority
      from missing_episode e join child_record r on r.child_id = e.child_id
     where e.id = p_episode and ctx.reads_episode(e.id) and ctx.held(e.child_id) = 0
       and exists (select 1 from child_scope s
                    where s.child_id = e.child_id and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp())
$$;

-- Who works with a child who is missing, by ground. Who works with it on a record that is linked reads the episode only where
-- they read it otherwise. So with the front doors of the authorities that the record names, of a child who is not held
-- closely: whoever reported may have named others.
create function ctx.around_missing(p_child uuid, p_soon timestamptz)
returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query select w.ground, w.user_id, w.team_id from ctx.works_with(p_child, p_soon) w;
    return query
        select 'linked', w.user_id, w.team_id
          from ctx.records_that_hear(p_child) k cross join lateral ctx.works_with(k, p_soon) w
         where w.ground <> 'chair_soon';
    if coalesce((ctx.closest_case(p_child)).sensitivity, 0) = 0 then
        return query
            select 'social_care_record', null::uuid, t.id
              from child_record r
              join agency a on a.authority in (r.responsible_authority, r.host_authority)
                   and a.sector = 'social_care' and a.active
              join team t on t.agency_id = a.id and t.active and ctx.front_door_keys(array[t.id]) <> '{}'
             where r.child_id = any (ctx.same_child(p_child, true));
    end if;
end $$;

-- Whom an episode is told on grounds that depend on who the child is, for whoever reads the episode and tells of it, who may
-- read no case: `ctx.tell_unseen` writes to them, and whoever tells learns nothing. Of what repeated episodes ask, who works
-- with the child on whose record it hangs, which may be a linked one. Nobody is told twice of the same report, and who was told
-- since that it is another child, or not their authority's, hears no more of it. Who lost sight of it otherwise, as of a case that
-- was sealed since, hears that it ended, and that they need not look any more (`leaving`).
create function ctx.unseen_of_missing(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
    e missing_episode; v_child uuid; v_event text := p ->> 'event'; v_soon timestamptz := (p -> 'asks' ->> 'soon')::timestamptz;
    v_heard uuid[]; v_moved uuid[]; v_away uuid[]; v_around uuid[];
begin
    select m.* into e from missing_episode m where m.id = (p -> 'asks' ->> 'episode')::uuid;
    if not ctx.reads_episode(e.id) then
        return;
    end if;
    select coalesce(m.child_id, e.child_id) into v_child
      from (select 1) one
      left join missing_prompt m on p ->> 'kind' = 'missing_prompt' and m.id = (p ->> 'subject')::uuid
           and m.child_id = any (ctx.same_child(e.child_id, true));
    v_around := array(select coalesce(a.user_id, a.team_id) from ctx.around_missing(v_child, v_soon) a);
    v_moved := ctx.told_of_episode(e.id, array['missing_moved_now']);
    v_heard := ctx.told_of_episode(e.id, array['missing_reported', 'missing_moved']) || v_moved;
    if v_event = 'missing_still' then  -- that there is another report
        return query select l.ground, null::uuid, l.team_id from ctx.looks_and_reads(e.id, p -> 'asks' -> 'looking') l;
    end if;
    if v_event = 'missing_not_theirs' then
        return query  -- of those front doors that are named no more, the ones that were told
            select 'leaving', null::uuid, (t.value #>> '{}')::uuid from jsonb_array_elements(p -> 'asks' -> 'left') t
             where (t.value #>> '{}')::uuid = any (v_heard) and (t.value #>> '{}')::uuid <> all (v_around);
    elsif v_event = 'missing_moved_away' then
        return query  -- who was told of it because they work with the child on whose record it was, which they put right at this moment
            select case when ctx.missing_otherwise(m.child_id, e.id, coalesce(a.user_id, a.team_id), v_soon)
                        then 'heard_before' else 'leaving' end,
                   a.user_id, a.team_id
              from missing_match m cross join lateral ctx.around_missing(m.child_id, v_soon) a
             where m.episode_id = e.id and m.other_id = e.child_id and m.same and m.answered_by = ctx.user_id()
               and m.child_id = (p -> 'asks' ->> 'before')::uuid
               and coalesce(a.user_id, a.team_id) = any (v_heard || e.recorded_by || e.recorded_team_id)
               and coalesce(a.user_id, a.team_id) <> all (v_around);
    elsif v_event in ('missing_moved', 'missing_moved_now') then
        v_away := ctx.told_of_episode(e.id, array['missing_moved_away']);
        v_heard := array(select h from unnest(ctx.told_of_episode(e.id, array['missing_reported']) || v_moved) h
                          where h <> all (v_away)) || e.recorded_by;
        return query
            select case when v_event = 'missing_moved_now' and coalesce(a.user_id, a.team_id) = any (v_heard)
                        then 'heard_before' else a.ground end,
                   a.user_id, a.team_id
              from ctx.around_missing(v_child, v_soon) a;
        v_away := v_away || ctx.told_of_episode(e.id, array['missing_not_theirs']);
        v_heard := ctx.told_of_episode(e.id, array['missing_reported', 'missing_moved', 'missing_moved_now']);
        return query  -- and the front doors that were told of it, or recorded it
            select d.said ->> 'ground', null::uuid, t.id
              from jsonb_array_elements(p -> 'asks' -> 'doors') d (said) join team t on t.id = (d.said ->> 'team')::uuid
             where t.id = e.recorded_team_id
                or (t.id = any (v_heard) and (t.id <> all (v_away) or t.id = any (v_around)));
    else
        if v_event = 'missing_repeated' then  -- whoever manages the lead, at any level, and whoever is to decide
            return query
                select a.ground, a.user_id, a.team_id from cre_case c cross join lateral ctx.around_case(c.id, v_soon) a
                 where c.child_id = v_child and c.state not in ('closed', 'transferred') and a.ground = 'lead_manager'
                   and coalesce(a.user_id, a.team_id) is not null and ctx.held(v_child) = 0;
            return query
                select 'owner', d.owner_id, coalesce(d.owner_team_id, t.id)
                  from deadline d
                  left join agency a on a.id = d.owner_agency_id
                  left join team t on t.agency_id = a.id and t.active and (a.sector = 'hub' or 'front_door' = any (t.desks))
                 where d.subject_kind = 'missing_prompt' and d.subject_id = (p ->> 'subject')::uuid and d.state = 'open'
                   and coalesce(d.owner_id, d.owner_team_id, t.id) is not null;
        end if;
        return query
            select a.ground, a.user_id, a.team_id from ctx.around_missing(v_child, v_soon) a
             where (a.ground not in ('team', 'linked', 'social_care_record') or a.team_id is distinct from e.recorded_team_id)
               and (v_event <> 'missing_reported' or coalesce(a.user_id, a.team_id) <> all (v_moved));
        v_away := ctx.told_of_episode(e.id, array['missing_moved_away', 'missing_not_theirs']);
        v_heard := array(select h.id from (select unnest(v_heard) union select e.recorded_by) h (id)
                          where h.id <> all (v_away) or h.id = any (v_around) or h.id = e.recorded_by);
        -- Of what has a last word for them whoever reads the episode no more hears that; of all else the worker finds it out.
        return query
            select case when o.obstacle = 'no_reach' and p -> 'rows' @> '[{"ground": "leaving"}]' then 'leaving' else 'heard_before' end,
                   u.id, t.id
              from ctx.obstacles('missing_episode', e.id, null, v_heard, v_heard, (p ->> 'today')::date) o
              left join app_user u on u.id = o.id left join team t on t.id = o.id;
    end if;
end $$;

-- Whether a child is missing by another report too that some person or team hears of: on its record, or on one that is linked.
create function ctx.missing_otherwise(p_child uuid, p_but uuid, p_who uuid, p_soon timestamptz) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1
                     from missing_episode o cross join lateral ctx.around_missing(o.child_id, p_soon) a
                    where o.child_id = any (array(select p_child union all select ctx.linked_records(p_child)))
                      and o.id <> p_but and o.returned_at is null and o.withdrawn_at is null
                      and coalesce(a.user_id, a.team_id) = p_who)
$$;

-- Who was told of an episode by some events: persons and teams.
create function ctx.told_of_episode(p_episode uuid, p_events text[]) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return array(select coalesce(w.user_id, w.team_id) from ctx.was_told(p_events, 'missing_episode', p_episode) w);
end $$;

-- Who reported a child, and their numbers: for whoever was told of it as a desk of the police, the hub or a front door,
-- whom an episode of a child who is held closely does not open for. Of the child it says nothing. So for the front door of
-- the authority on the record, and for whoever read it because they worked on a case that ended, while the child is not held
-- closely; and for whoever works with the child on a linked record, while they read a case of that: `cases` says which.
create function ctx.who_reported(p_message uuid)
returns table (name text, phone text, team text, team_phone text, agency text, cases text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with told as (
        select m.ground, m.event, e.*
          from outbox_message m
          join outbox_subject s on s.message_id = m.id
          left join missing_prompt p on p.id = s.subject_id and s.subject_kind = 'missing_prompt'
          join missing_episode e on (s.subject_kind = 'missing_episode' and e.id = s.subject_id) or e.reference = p.reference
         where m.id = p_message and m.last_word and m.state <> 'cancelled'
           and (m.held_until is null or m.held_until <= statement_timestamp())
           and ((m.recipient_id = ctx.user_id() and m.agency_id = ctx.agency_id())
                or m.recipient_team_id = any ((select ctx.teams())::uuid[]))),
    mine (cases) as (
        select array_agg(c.reference order by c.reference)
          from told cross join lateral ctx.records_that_hear(told.child_id) k join cre_case c on c.child_id = k
         where told.ground = 'linked' and c.state not in ('closed', 'transferred')
           and ctx.reaches_case((select ctx.readers())::uuid[], c.id))
    select case when u.active and u.agency_id = a.id then u.name end, case when u.active and u.agency_id = a.id then u.phone end,
           t.name, t.duty_phone, a.name, mine.cases
      from told cross join mine
      join agency a on a.id = told.recorded_agency_id
      join app_user u on u.id = told.recorded_by
      left join team t on t.id = told.recorded_team_id and t.active
     where told.ground in ('police_desk', 'hub', 'social_care', 'social_care_host')
        or ((told.ground = 'social_care_record' or (told.ground = 'leaving' and told.event = 'missing_closed_off'))
            and coalesce((ctx.closest_case(told.child_id)).sensitivity, 0) = 0)
        or (told.ground = 'linked' and mine.cases is not null)
$$;

-- Whether the same child is reported missing by another report that has not ended, also on a linked record that is held as
-- closely: for the hub and the police to settle.
-- Whoever reports is not told, who may not know the child.
create function ctx.unseen_each_twice(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select e.id from missing_episode e
     where e.id = (p ->> 'subject')::uuid and ctx.reads_episode(e.id) and e.returned_at is null
       and exists (select 1 from missing_episode o where o.child_id = any (ctx.same_child(e.child_id, true)) and o.id <> e.id
                      and o.returned_at is null and o.withdrawn_at is null)
$$;

-- Of the teams that look for a child, and the hub, those who may read the report or another of the same child that has not ended.
-- To anybody else that there are two would say that the child was reported before.
create function ctx.looks_and_reads(p_episode uuid, p_looking jsonb) returns table (ground text, team_id uuid)
language sql stable security definer rows 10 set search_path = pg_catalog, public, pg_temp as $$
    select w.ground, t.id
      from (select l.said ->> 'ground', (l.said ->> 'team')::uuid from jsonb_array_elements(p_looking) l (said)
            union all
            select 'hub', h.id from team h join agency b on b.id = h.agency_id and b.sector = 'hub' and b.active
             where h.active) w (ground, id)
      join team t on t.id = w.id join agency a on a.id = t.agency_id
     cross join lateral (select array[t.id] || ctx.audience_keys(a.id) || ctx.front_door_keys(array[t.id])
                                || case when w.ground = 'hub' then array[ctx.hub()] else '{}'::uuid[] end) r (readers)
     where exists (select 1 from missing_episode e join missing_episode o on o.child_id = any (ctx.same_child(e.child_id, true))
                    where e.id = p_episode and (o.id = e.id or (o.returned_at is null and o.withdrawn_at is null))
                      and ctx.reaches_missing(r.readers, o.id))
$$;

-- And who settles it: of the desks and the hub those who may read one of the two, since to anybody else it would say that the child
-- was reported before; of a sealed child whoever is named on the case too, who read both.
create function ctx.unseen_of_twice(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare e missing_episode;
begin
    select m.* into e from missing_episode m where m.id = (p ->> 'subject')::uuid and ctx.reads_episode(m.id);
    return query
        select l.ground, null::uuid, l.team_id
          from ctx.looks_and_reads(e.id, (
               select jsonb_agg(jsonb_build_object('ground', 'police_desk', 'team', d.said))
                 from jsonb_array_elements(p -> 'asks' -> 'desks') d (said))) l;
    if (ctx.closest_case(e.child_id)).sensitivity = 2 then
        return query select w.ground, w.user_id, w.team_id from ctx.works_with(e.child_id, null) w where w.ground = 'reader';
    end if;
end $$;

-- Whether the child of a report that has ended is missing by another one. Whoever ended it may not know of that.
create function ctx.unseen_each_still(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select e.id from missing_episode e
     where e.id = (p ->> 'subject')::uuid and ctx.reads_episode(e.id) and (e.withdrawn_at is not null or e.returned_at is not null)
       and exists (select 1 from missing_episode o where o.child_id = any (ctx.same_child(e.child_id, true)) and o.id <> e.id
                      and o.returned_at is null and o.withdrawn_at is null)
$$;

-- Whom a question is for: coordinators who see the records of both children; and the hub itself, where every coordinator
-- does. Nobody else is told of it.
create function ctx.unseen_each_match(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select m.id from ctx.open_matches((p -> 'asks' ->> 'episode')::uuid) m
$$;
create function ctx.unseen_of_match(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_match uuid := (p ->> 'subject')::uuid;
begin
    if not exists (select 1 from missing_match m where m.id = v_match and ctx.reads_episode(m.episode_id)) then
        return;
    elsif ctx.reaches(array[ctx.hub()], 'missing_match', v_match, null) then
        return query
            select 'hub', null::uuid, t.id
              from team t join agency a on a.id = t.agency_id and a.sector = 'hub' and a.active where t.active;
    else
        return query
            select 'asked', u.id, null::uuid
              from app_user u join agency a on a.id = u.agency_id and a.active and a.sector = 'hub'
             where u.active and 'coordinator' = any (u.roles)
               and ctx.reaches(ctx.readers_of(u.id), 'missing_match', v_match, null);
    end if;
end $$;

-- Who may touch which columns, and call what.
grant select on missing_scope to portal_app;
grant select, insert, update, delete on missing_scope to portal_scope;
grant execute on function ctx.missing_on_linked, ctx.missing_by_link, ctx.missing_unshown, ctx.read_as_same, ctx.authority_known,
    ctx.who_reported to portal_app;
