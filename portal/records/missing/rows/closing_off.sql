-- A child is missing, and its record comes to be held more closely: who looks for the child reads the report no more. So of each
-- record that is as closed as the case that closes it, also by way of another, and whether or not whoever closes it sees that
-- record: of what they do not see they are told nothing, and who loses sight hears of it all the same.

-- How closely the record of a child is held (`ctx.held`) without a link, and where a case is held so. With `p_seen`, as far as
-- whoever asks sees records and cases.
create function ctx.held_if(p_child uuid, p_without uuid, p_case uuid, p_so integer, p_seen boolean) returns integer
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with recursive same (id) as (
        select p_child
        union
        select l.id
          from same s
         cross join lateral (
               select child_b from child_link
                where child_a = s.id and unlinked_at is null and id is distinct from p_without
               union all
               select child_a from child_link
                where child_b = s.id and unlinked_at is null and id is distinct from p_without) l (id)
         where not p_seen or ctx.reaches_child((select ctx.readers())::uuid[], l.id))
    select coalesce(max(case when c.id = p_case then p_so else c.sensitivity end), 0)
      from same s join cre_case c on c.child_id = s.id
     where (c.child_id = p_child or not exists (select from cre_case o where o.child_id = p_child))
       and (not p_seen or c.id = p_case or ctx.reaches_case((select ctx.readers())::uuid[], c.id))
$$;

-- Of each time that the child is missing now, who loses sight of the report, by ground: the missing persons desks and the front
-- doors once it is held closely, and the hub once it is sealed; not who recorded it. `p` says what happens: a `case` is held as
-- `to` says, which was held as `before` says; two records (`link`) are linked at this moment, by whoever asks; or an episode
-- (`move`) goes over to the record of the child `to`, at this moment or, with `p_seen`, if it did. With `p_seen`, of what whoever
-- asks sees.
create function ctx.lose_sight(p jsonb, p_seen boolean)
returns table (episode_id uuid, reference text, missing_since timestamptz, before integer, after integer, lost jsonb, reads_on uuid[])
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_case cre_case; v_link uuid; v_records uuid[]; v_from uuid; v_to uuid;
        v_before integer; v_after integer;
begin
    if p ? 'case' then
        select c.* into v_case from cre_case c
         where c.id = (p ->> 'case')::uuid and ctx.reaches_case((select ctx.readers())::uuid[], c.id);
        v_records := array[v_case.child_id];
        v_before := (p ->> 'before')::integer;
        v_after := (p ->> 'to')::integer;
    elsif p ? 'move' then
        select m.child_id, m.other_id into v_from, v_to from missing_match m
         where m.episode_id = (p ->> 'move')::uuid and m.other_id = (p ->> 'to')::uuid and m.same
           and m.answered_by = ctx.user_id() and ctx.is_written_now(m.xmin);
        if v_to is null and p_seen then
            select e.child_id, c.id into v_from, v_to from missing_episode e join child c on c.id = (p ->> 'to')::uuid
             where e.id = (p ->> 'move')::uuid and ctx.reads_episode(e.id) and ctx.reaches_child((select ctx.readers())::uuid[], c.id);
        end if;
        v_records := array[v_to];
    else
        select k.id, array[k.child_a, k.child_b] into v_link, v_records from child_link k
         where k.child_a = (p -> 'link' ->> 0)::uuid and k.child_b = (p -> 'link' ->> 1)::uuid and k.unlinked_at is null
           and ctx.is_coordinator() and k.linked_by = ctx.user_id() and ctx.is_written_now(k.xmin);
    end if;
    if v_case.id is null and v_link is null and v_to is null then
        return;
    end if;
    v_records := v_records || array(select l from unnest(v_records) r (id) cross join lateral ctx.linked_records(r.id) l);
    return query
    with running as (
        select e.*,
               ctx.held_if(coalesce(v_from, e.child_id), v_link, v_case.id, v_before, p_seen) as held_before,
               ctx.held_if(coalesce(v_to, e.child_id), null, v_case.id, v_after, p_seen) as held_after
          from missing_episode e
         where e.returned_at is null and e.withdrawn_at is null
           and case when v_to is not null then e.id = (p ->> 'move')::uuid
                    else e.child_id = any (v_records)
                         and (e.child_id = v_case.child_id or not exists (select from cre_case o where o.child_id = e.child_id)) end
           and (not p_seen
                or (ctx.reads_episode(e.id)
                    and (e.child_id = v_case.child_id or ctx.reaches_child((select ctx.readers())::uuid[], e.child_id)))))
    select r.id, r.reference::text, r.missing_since, r.held_before, r.held_after,
           (select coalesce(jsonb_agg(jsonb_build_object('ground', w.ground, 'team', w.team_id)), '[]')
              from (select 'police_desk' as ground, t.id as team_id, t.agency_id
                      from team t join agency a on a.id = t.agency_id and a.active and a.sector = 'police'
                     where r.held_before = 0 and r.held_after > 0 and t.active and 'missing' = any (t.desks)
                    union all  -- those of the authorities that the report names; all, while it leaves one of the two open
                    select d.ground, t.id, t.agency_id
                      from (values ('social_care', r.responsible_authority), ('social_care_host', r.host_authority)) d (ground, named)
                      join agency a on a.sector = 'social_care' and a.active
                           and (a.authority = d.named
                                or (d.named is null and (d.ground = 'social_care' or r.responsible_authority is not null)))
                      join team t on t.agency_id = a.id and t.active and ctx.front_door_keys(array[t.id]) <> '{}'
                     where r.held_before = 0 and r.held_after > 0
                    union all
                    select 'hub', t.id, t.agency_id
                      from team t join agency a on a.id = t.agency_id and a.active and a.sector = 'hub'
                     where r.held_before < 2 and r.held_after = 2 and t.active) w
             where w.agency_id <> r.recorded_agency_id
                or (w.team_id <> r.recorded_team_id and w.ground <> 'hub')),  -- whose teams are its coordinators
           array(select g.user_id
                   from cre_case c join access_grant g on g.case_id = c.id
                    and coalesce(g.ends_at, 'infinity') > statement_timestamp()
                  where (c.id = v_case.id
                         or (c.child_id = any (v_records) and c.sensitivity = r.held_after))
                    and (not p_seen or ctx.reaches_case((select ctx.readers())::uuid[], c.id)))
      from running r
     order by r.missing_since, r.id;
end $$;

-- For the page of whoever closes it, and for what they tell themselves.
create function ctx.closing_off(p jsonb)
returns table (episode_id uuid, reference text, before integer, after integer, lost jsonb, reads_on uuid[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select l.episode_id, l.reference, l.before, l.after, l.lost, l.reads_on from ctx.lose_sight(p, true) l
$$;

-- And whoever loses sight of what they do not see, or more than they see by it, hears of it here: nothing comes back. `p` is
-- what `ctx.tell_unseen` takes.
create function ctx.tell_closed_off(p jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare l record;
begin
    for l in
        select w.episode_id, w.reference, w.reads_on,
               array(select g.said from jsonb_array_elements(w.lost) g (said)
                      where not exists (select from ctx.lose_sight(p -> 'asks', true) s
                                         where s.episode_id = w.episode_id and s.lost @> jsonb_build_array(g.said))) as lost
          from ctx.lose_sight(p -> 'asks', false) w
    loop
        if l.lost <> '{}' then
            perform ctx.tell_unseen_of(p || jsonb_build_object(
                'subject', l.episode_id, 'reference', l.reference, 'given', to_jsonb(l.lost),
                'but', coalesce(p -> 'but', '[]') || to_jsonb(l.reads_on)));
        end if;
    end loop;
end $$;
-- Who may call what.
grant execute on function ctx.closing_off, ctx.tell_closed_off to portal_app;
