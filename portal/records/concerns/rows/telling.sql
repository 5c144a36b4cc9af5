-- Who hears of what is of concern, and whom to ring about it.

-- Whom an agency has told of what it is shown: its lead, and where nobody leads it its teams. For the functions below
-- alone: the application reads agencies and teams itself.
create function ctx.told_for(p_agency uuid) returns table (user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.lead_id, null::uuid from agency a where a.id = p_agency and a.lead_id is not null
    union all
    select null, t.id from agency a join team t on t.agency_id = a.id and t.active
     where a.id = p_agency and a.lead_id is null
$$;

-- Who works with some children, by ground; of a case that is closely held only those who read it. Whoever does not read a
-- case learns of nobody by name who works on it. Who leads or works on one is among them also where they are not let in to
-- what is of concern: they learn of which child it is and whom to ring, and nothing else (`ctx.who_answers_for_concern`).
-- Asked by what follows, which says for whom: not granted to anybody.
create function ctx.around_children(p_concern uuid, p_children uuid[])
returns table (child_id uuid, ground text, user_id uuid, team_id uuid, instead_of uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select c.child_id,
           case when ctx.reaches_case((select ctx.readers())::uuid[], c.id) then w.ground
                when w.ground = 'lead_professional' then 'lead_unseen' else 'worker_unseen' end,
           w.user_id, w.team_id, w.instead_of
      from cre_case c cross join lateral ctx.around_case(c.id) w
     where c.child_id = any (p_children) and c.state not in ('closed', 'transferred')
       and (w.ground in ('lead_professional', 'worker')
            or (w.ground = 'lead_manager' and ctx.reaches_case((select ctx.readers())::uuid[], c.id)
                and ctx.reaches_concern(ctx.readers_of(w.user_id), p_concern)))
    union
    -- A team of which nobody is named for the case.
    select c.child_id,
           case when ctx.reaches_case((select ctx.readers())::uuid[], c.id) then 'worker' else 'worker_unseen' end,
           null, i.team_id, null
      from cre_case c join involvement i on i.case_id = c.id
     where c.child_id = any (p_children) and c.state not in ('closed', 'transferred') and c.sensitivity = 0
       and i.worker_id is null and coalesce(i.ended_at, 'infinity') > statement_timestamp()
    union
    -- The hub, where nobody of the agency that leads a case reads it and whoever tells is not to learn that.
    select c.child_id, 'lead_unseen', null, w.team_id, null
      from cre_case c cross join lateral ctx.hears_for_lead(c.id) w
     where c.child_id = any (p_children) and c.state not in ('closed', 'transferred')
       and w.team_id is not null and not ctx.reaches_case((select ctx.readers())::uuid[], c.id);
end $$;

-- What a person of concern and a child whom they may be have in the key of a message, so that nobody is told of it twice, and
-- is answered by what they were told. It is no identifier of the child: who watches over messages reads the key.
create function ctx.match_of(p_concern uuid, p_child uuid) returns uuid
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select md5(p_concern::text || p_child::text)::uuid
$$;

-- Who answers for something of concern, and their number, for whoever was told of it because of a child and is not let in,
-- while they read a case of that child and the link is for them: `cases` says which. Of what it is it tells nothing. `fits` says
-- of whom they heard that a person of concern may be the child whether what is recorded fits that child still; null of a link.
create function ctx.who_answers_for_concern(p_message uuid)
returns table (team text, team_phone text, agency text, cases text[], linked_by text[], fits boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with told as (
        -- A message on a link has it in its key, after its kind and what it is about.
        select k.id, k.owner_team_id, k.owner_agency_id, split_part(m.key, ':', 4) as once,
               string_to_array(concat_ws(':', m.key, o.key), ':') as keys
          from outbox_message m left join outbox_message o on o.id = m.passes_on_id
          join outbox_subject s on s.message_id = m.id and s.subject_kind = 'concern'
          join concern k on k.id = s.subject_id and k.sensitivity = 0
         where m.id = p_message and m.last_word and m.state <> 'cancelled'
           and ((m.recipient_id = ctx.user_id() and m.agency_id = ctx.agency_id())
                or m.recipient_team_id = any ((select ctx.teams())::uuid[]))),
    mine as (
        select told.id, array_agg(distinct c.reference order by c.reference) as cases,
               array_agg(distinct o.linked_by order by o.linked_by) filter (where o.linked_by is not null) as linked_by,
               bool_or(o.fits) as fits
          from told
         cross join lateral (
               select l.child_id, case when told.once = l.id::text then b.name end, null
                 from concern_link l join agency b on b.id = l.agency_id
                where l.concern_id = told.id and (told.once = l.id::text or told.once not like '%-%')
                  and ((l.handling = 'network' and not l.do_not_disclose) or l.agency_id = ctx.agency_id()
                       or ((l.handling = 'agencies' or l.do_not_disclose)
                           and ctx.agency_id() = any (l.listed_agencies)))
               union all
               -- Who may be the child is linked to nobody, and may have been put right since.
               select h.child_id, null, h.child_id in (select ctx.children_like_concern(told.id))
                 from cre_case h where ctx.match_of(told.id, h.child_id)::text = any (told.keys)
               ) o (child_id, linked_by, fits)
          join cre_case c on c.child_id = o.child_id and c.state not in ('closed', 'transferred')
         where ctx.reaches_case((select ctx.readers())::uuid[], c.id)
         group by told.id)
    select t.name, t.duty_phone, a.name, mine.cases, mine.linked_by, mine.fits
      from told join mine on mine.id = told.id
      join agency a on a.id = told.owner_agency_id
      left join team t on t.id = told.owner_team_id and t.active
$$;

-- Who is around something of concern, by ground, for whoever is let in to it. With a link, of its child alone. Of what is
-- held closely nobody hears who is not let in.
create function ctx.around_concern(p_concern uuid, p_link uuid)
returns table (ground text, user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (
        select k.* from concern k
         where k.id = p_concern and ctx.reaches_concern((select ctx.readers())::uuid[], k.id))
    select w.ground, w.user_id, w.team_id, w.instead_of
      from about k join concern_link l on l.concern_id = k.id
     cross join lateral ctx.around_children(k.id, array[l.child_id]) w
      left join app_user u on u.id = w.user_id
      left join team t on t.id = w.team_id
     cross join lateral (select coalesce(u.agency_id, t.agency_id)) a (id)
     where (l.id = p_link or (p_link is null and l.ended_at is null))
       and (k.sensitivity = 0 or (w.user_id is not null and ctx.reaches_concern(ctx.readers_of(w.user_id), k.id)))
       and ((l.handling = 'network' and not l.do_not_disclose) or a.id = l.agency_id
            or ((l.handling = 'agencies' or l.do_not_disclose) and a.id = any (l.listed_agencies)))
    union
    select 'keeper', null, k.owner_team_id, null from about k where k.owner_team_id is not null
    union
    select 'keeper', t.user_id, t.team_id, null from about k cross join lateral ctx.told_for(k.owner_agency_id) t
     where k.owner_team_id is null
    union
    select 'shown', t.user_id, t.team_id, null
      from about k join concern_release r on r.concern_id = k.id and r.withdrawn_at is null
     cross join lateral (select d.user_id, d.team_id from ctx.told_for(r.agency_id) d
                         union select null, m.id from team m where m.agency_id = r.agency_id and m.active) t
    union
    -- The hub hears of a link that it reads.
    select 'hub', null, t.id, null
      from about k join concern_link l on l.id = p_link and l.concern_id = k.id
      join agency g on g.sector = 'hub' join team t on t.agency_id = g.id and t.active
     where l.handling = 'network' and not l.do_not_disclose and ctx.reaches_child(array[ctx.hub()], l.child_id)
    union
    -- Whoever recorded it or added to it, and would not see it if it were held closely.
    select 'leaving', w.id, null, null
      from about k
     cross join lateral (select k.created_by
                         union select n.author_id from concern_note n where n.concern_id = k.id) w (id)
     where not ctx.readers_of(w.id) && (
               array_remove(array[ctx.hub(), k.owner_agency_id, k.owner_team_id], null)
               || array(select ctx.audience_key('agency', r.agency_id::text) from concern_release r
                         where r.concern_id = k.id and r.withdrawn_at is null))
$$;

-- Those whom the page names; who works on a case that whoever tells does not read is told by `ctx.tell_unseen`.
create function ctx.hear_of_concern(p_concern uuid, p_link uuid)
returns table (ground text, user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.* from ctx.around_concern(p_concern, p_link) a where a.ground not in ('lead_unseen', 'worker_unseen')
$$;
create function ctx.unseen_of_concern(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.ground, a.user_id, a.team_id from ctx.around_concern((p ->> 'subject')::uuid, (p -> 'asks' ->> 'link')::uuid) a
     where a.ground in ('lead_unseen', 'worker_unseen')
$$;

-- Somebody of concern may be a known child, for whoever is let in to the record and tells: told of each child once. Of one who
-- is linked so that all who work with them have heard of it, nobody has to be told that they may be meant.
create function ctx.unseen_each_concern_known(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.match_of(c.id, k) from concern c cross join lateral ctx.children_like_concern(c.id) k
     where c.id = (p ->> 'subject')::uuid and ctx.reaches_concern((select ctx.readers())::uuid[], c.id)
       and not exists (select 1 from concern_link l
                        where l.concern_id = c.id and l.child_id = k and l.ended_at is null
                          and l.handling = 'network' and not l.do_not_disclose)
$$;

-- Who hears of it: who works with the child, of a sealed case all who read it, and the hub where it reads the child and has
-- not been told of the record for its own sake. Of what is held closely nobody hears who is not let in. `ctx.tell_unseen` tells
-- them, and nothing comes back.
create function ctx.unseen_of_concern_known(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (
        select c.* from concern c
         where c.id = (p ->> 'subject')::uuid and ctx.reaches_concern((select ctx.readers())::uuid[], c.id)),
    alike as (select a.id, a.sensitivity, k as child_id from about a cross join lateral ctx.children_like_concern(a.id) k
               where ctx.match_of(a.id, k) = (p ->> 'once')::uuid),
    around (ground, user_id, team_id, id, sensitivity) as (
        select case when w.ground in ('lead_professional', 'lead_unseen') then 'lead_unseen' else 'worker_unseen' end,
               w.user_id, w.team_id, a.id, a.sensitivity
          from alike a cross join lateral ctx.around_children(a.id, array[a.child_id]) w
         where w.ground <> 'lead_manager'
        union
        select 'reader', u.id, null, a.id, a.sensitivity
          from alike a cross join lateral ctx.cases_holding(a.child_id) c
          join case_scope s on c.sensitivity = 2 and c.state not in ('closed', 'transferred')
           and s.case_id = c.id and s.sees = 2 and s.until > statement_timestamp()
          join app_user u on u.id = s.reader and u.active)
    select r.ground, r.user_id, r.team_id from around r
     where r.sensitivity = 0 or (r.user_id is not null and ctx.reaches_concern(ctx.readers_of(r.user_id), r.id))
    union
    select 'hub', null, t.id
      from alike a join agency g on g.sector = 'hub' join team t on t.agency_id = g.id and t.active
     where (p -> 'asks' ->> 'hub')::boolean and ctx.reaches_child(array[ctx.hub()], a.child_id)
$$;

grant execute on function ctx.hear_of_concern, ctx.who_answers_for_concern to portal_app;
