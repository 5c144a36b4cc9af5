-- Who hears of what becomes of an item, and when the panel is.

-- The cases whose lead hears of an item: that which it is on, and those that are open for its child, which whoever
-- proposes a child by its record or an episode may not know of. Not granted to anybody.
create function ctx.cases_of_item(p_item uuid) returns setof cre_case
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.* from panel_item p
      join cre_case c on c.id = p.case_id or (c.child_id = p.child_id and c.state not in ('closed', 'transferred'))
     where p.id = p_item
$$;

-- Whom to tell what becomes of an item: whoever proposed it, the lead professional of a case that whoever tells reads,
-- whoever recorded the concern, and who owes the reading of its summary.
create function ctx.hear_of_item(p_item uuid) returns table (ground text, user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select who.ground, who.id, who.team_id, who.instead_of
      from panel_item p left join concern n on n.id = p.concern_id
     cross join lateral (select 'lead_professional', l.user_id, l.team_id, l.instead_of
                           from ctx.cases_of_item(p.id) c cross join lateral ctx.hears_as_lead(c.id) l
                          where ctx.reaches_case((select ctx.readers())::uuid[], c.id)
                         union all
                         values ('asker', p.proposed_by, null::uuid, null::uuid), ('giver', n.created_by, null, null),
                                ('owner', (select d.owner_id from deadline d
                                            where d.subject_kind = 'panel_item' and d.subject_id = p.id
                                              and d.kind = 'panel_summary' and d.state = 'open' limit 1), null, null)
                        ) who (ground, id, team_id, instead_of)
     where p.id = p_item and coalesce(who.id, who.team_id, who.instead_of) is not null
       and (ctx.records_item(p.id) or ctx.reaches_item(ctx.readers(), p.id))
$$;

-- The lead professional of a case that whoever tells does not read, such as the chair of the panel: `ctx.tell_unseen` tells
-- them, of a closely held case only who reads it. They are asked for their word where theirs is the case that takes it; where
-- nobody leads it, the managers of the agency that leads who read it are asked to see to it, else whoever is named.
create function ctx.unseen_of_panel_item(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select 'lead_unseen', w.user_id, w.team_id
      from panel_item i cross join lateral ctx.cases_of_item(i.id) c
     cross join lateral (
           select l.user_id, l.team_id from ctx.hears_for_lead(c.id) l
           union all
           (select a.user_id, null from ctx.around_case(c.id) a
             where c.lead_professional_id is null and p ->> 'event' = 'panel_word_asked'
               and a.ground in ('lead_manager', 'reader')
             order by a.ground fetch first row with ties)) w
     where i.id = (p ->> 'subject')::uuid
       and (ctx.records_item(i.id) or ctx.reaches_item(ctx.readers(), i.id))
       and not ctx.reaches_case((select ctx.readers())::uuid[], c.id)
       and (p ->> 'event' <> 'panel_word_asked' or c.sensitivity = 1)
$$;

-- Who prepares the next panel of the district of an item, for whoever reaches the item.
create function ctx.prepares_panel_for(p_item uuid, p_kind text)
returns table (meeting_id uuid, reference text, starts_at timestamptz, user_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select m.id, m.reference, m.starts_at, who.id
      from (select m.* from panel_item p join meeting m on m.district = p.district
             where p.id = p_item and m.kind = p_kind and m.state = 'booked' and m.starts_at > statement_timestamp()
               and ctx.reaches_item(ctx.readers(), p_item)
             order by m.starts_at, m.id limit 1) m
     cross join lateral (values (m.chair_id), (m.note_taker_id)) who (id)
     where who.id is not null
$$;

-- Likewise of the district of a case, for whoever reads the case; of one that is closely held nobody is told.
create function ctx.prepares_panel_of(p_case uuid, p_kind text) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct who.id
      from (select m.* from cre_case c join meeting m on m.district = c.district
             where c.id = p_case and c.sensitivity = 0 and m.kind = p_kind and m.state = 'booked'
               and m.starts_at > statement_timestamp() and ctx.reaches_case((select ctx.readers())::uuid[], p_case)
             order by m.starts_at, m.id limit 1) m
     cross join lateral (values (m.chair_id), (m.note_taker_id)) who (id)
     where who.id is not null
$$;

-- Who prepares the coming panels on whose agenda a case is, for whoever reads the case; of one that is closely held nobody is told.
create function ctx.prepares_items_of(p_case uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct who.id
      from panel_item p join meeting m on m.id = p.meeting_id and m.state = 'booked'
      join cre_case c on c.id = p.case_id and c.sensitivity = 0
     cross join lateral (values (m.chair_id), (m.note_taker_id)) who (id)
     where p.case_id = p_case and p.state = 'on' and who.id is not null
       and ctx.reaches_case((select ctx.readers())::uuid[], p_case)
$$;

-- When the panel is that an item is before, for whoever reaches the item; when the next one of a district is, for all.
create function ctx.panel_of(p_item uuid) returns table (reference text, starts_at timestamptz, state text)
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select m.reference, m.starts_at, m.state from panel_item p join meeting m on m.id = p.meeting_id
     where p.id = p_item and ctx.reaches_item(ctx.readers(), p_item)
$$;
create function ctx.next_panel(p_district text, p_kind text) returns timestamptz
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select min(starts_at) from meeting
     where district = p_district and kind = p_kind and state = 'booked' and starts_at > statement_timestamp()
       and ctx.user_id() is not null
$$;

grant execute on function ctx.hear_of_item, ctx.prepares_panel_for, ctx.prepares_panel_of, ctx.prepares_items_of, ctx.panel_of,
    ctx.next_panel to portal_app;
