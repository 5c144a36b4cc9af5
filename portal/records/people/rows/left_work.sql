-- Who hears that somebody has left, or is in some teams no longer, of those who lead the cases or run the meetings on which they
-- still have something to do. In plpgsql, because this is installed before what it asks.

-- The open cases on which they do, but for sealed ones (`ctx.unseen_each_sealed_work`) and those that they lead themselves; and
-- who leads each. Whoever looks after them learns nothing (`ctx.tell_unseen`).
create function ctx.unseen_each_left_work(p jsonb) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_asks jsonb := p -> 'asks'; v_person uuid := (p -> 'asks' ->> 'person')::uuid; v_leaves uuid[];
begin
    if v_asks ->> 'leaves' is not null then
        v_leaves := array(select jsonb_array_elements_text(v_asks -> 'leaves')::uuid);
    end if;
    return query
        select distinct c.id
          from ctx.held_by(v_person, v_leaves, array(select jsonb_array_elements_text(v_asks -> 'keeps')::uuid)) h
          join cre_case c on c.id = any (h.cases)
         where (ctx.is_coordinator() or ctx.looks_after(v_person))
           and c.sensitivity < 2 and c.state not in ('closed', 'transferred') and c.lead_professional_id <> v_person;
end $$;
create function ctx.unseen_of_left_work(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select 'lead_unseen', l.user_id, l.team_id from ctx.hears_for_lead((p ->> 'subject')::uuid) l
$$;

-- The meetings in which they had a part, but for those on a sealed case; and who runs each: the chair, and where it is the chair who
-- left, whoever called it and takes its notes.
create function ctx.unseen_each_meeting_parts(p jsonb) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_person uuid := (p -> 'asks' ->> 'person')::uuid;
begin
    return query
        select distinct h.subject_id
          from ctx.held_by(v_person, null, '{}') h
         where (ctx.is_coordinator() or ctx.looks_after(v_person)) and h.kind in ('chairs', 'notes', 'invitations')
           and not exists (select 1 from cre_case c where c.id = any (h.cases) and c.sensitivity = 2);
end $$;
create function ctx.unseen_of_meeting_parts(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select r.ground, r.who, null::uuid
      from meeting m
     cross join lateral (values ('chair', m.chair_id), ('caller', m.note_taker_id), ('caller', m.called_by)) r (ground, who)
     where m.id = (p ->> 'subject')::uuid and r.who <> (p -> 'asks' ->> 'person')::uuid
       and (r.ground = 'chair' or m.chair_id = (p -> 'asks' ->> 'person')::uuid)
$$;
