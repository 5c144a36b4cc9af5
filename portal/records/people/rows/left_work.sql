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

-- The forms on which the hub waits for an answer of somebody who sent them; nobody else writes it. One that a coordinator entered for
-- somebody without an account is not theirs to answer.
create function ctx.unanswered_forms(p_person uuid) returns table (id uuid, concerns_colleague boolean, cases uuid[])
language sql stable security definer rows 2 set search_path = pg_catalog, public, pg_temp as $$
    select r.id, r.concerns_colleague, array(select l.case_id from referral_seal l where l.referral_id = r.id)
      from referral r
     where r.author_id = p_person and r.state = 'waiting_for_sender' and r.sender_name is null and r.sender_agency_id is null
$$;

-- Whoever has one of these in triage, else the hub, hears that nobody will answer: which forms these are is not for whoever looks
-- after people to know.
create function ctx.unseen_each_unanswered_forms(p jsonb) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_person uuid := (p -> 'asks' ->> 'person')::uuid;
begin
    return query
        select f.id from ctx.unanswered_forms(v_person) f where ctx.is_coordinator() or ctx.looks_after(v_person);
end $$;
create function ctx.unseen_of_unanswered_forms(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_form uuid := (p ->> 'subject')::uuid;
begin
    return query
        select 'owner', d.owner_id, null::uuid
          from deadline d join app_user u on u.id = d.owner_id and u.active
         where d.referral_id = v_form and d.kind = 'triage' and d.state = 'open';
    if not found then
        return query
            select 'hub', null::uuid, t.id
              from team t join agency a on a.id = t.agency_id and a.active and a.sector = 'hub'
             where t.active and ctx.hub_triages(array[ctx.hub()], v_form);
    end if;
end $$;
