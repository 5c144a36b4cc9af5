-- Words in return interviews that give away what must not be disclosed of the child (ADR 34).

-- Who merely looks for the child is not asked whether what they write looks like what must not be disclosed of it (ADR 34). Whoever
-- may not know that does not read it then: the interview while the words stand in it, else the change or the attempt alone.
create function ctx.is_said_in_interview(p_key text) returns boolean
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select p_key like 'answers.%' or p_key in ('offered_by', 'declined_reason', 'interviewer', 'independent_words', 'place',
                                               'carer_information', 'corrected_because')
$$;
-- Whose words hold an interview back from whoever asks, the last first.
create function ctx.held_in_interview(p_interview uuid) returns table (user_id uuid, agency_id uuid)
language plpgsql stable security definer rows 2 set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select c.changed_by, c.changed_agency_id
      from return_interview i join return_change c on c.interview_id = i.id and not c.asked
     cross join lateral jsonb_each_text(c.after) said
     where i.id = p_interview and ctx.is_said_in_interview(said.key)
       and ctx.interview_facts(i) ->> said.key = said.value
       and ctx.are_held_back(i.child_id, c.changed_agency_id, said.value)
     order by c.number desc, c.id;
end $$;
create function ctx.interview_is_held_back(p_interview uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return ctx.reaches_missing((select ctx.readers())::uuid[], p_interview)
       and ctx.may_be_held_back((select i.child_id from return_interview i where i.id = p_interview))
       and exists (select 1 from ctx.held_in_interview(p_interview));
end $$;
-- Whoever hears of an interview and is let in by its handling, but from whom its words are held back so, reads that there is one,
-- whose, when it was completed, who wrote what is held back, and whether its handling lets the police in. Of what it says nothing;
-- and to others nothing.
create function ctx.interview_withheld(p_interview uuid, p_reference text default null)
returns table (id uuid, reference text, child_id uuid, agency text, completed_at timestamptz, writer text, police boolean)
language plpgsql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select i.id, i.reference::text, i.child_id, a.name::text, i.completed_at, concat_ws(', ', u.name, b.name),
           i.handling = 'network' or a.sector = 'police'
           or (i.handling = 'agencies'
               and exists (select 1 from agency p where p.id = any (i.listed_agencies) and p.active and p.sector = 'police'))
      from return_interview i join agency a on a.id = i.agency_id
     cross join lateral (select h.user_id, h.agency_id from ctx.held_in_interview(i.id) h limit 1) w
      join app_user u on u.id = w.user_id
      join agency b on b.id = w.agency_id
     where (i.id = p_interview or i.reference = p_reference)
       and (i.handling = 'network' or i.agency_id = ctx.agency_id()
            or (i.handling = 'agencies' and ctx.agency_id() = any (i.listed_agencies)))
       and ctx.reaches_missing((select ctx.readers())::uuid[], i.id)
       and ctx.may_be_held_back(i.child_id);
end $$;
create function ctx.attempt_is_held_back(p_attempt uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare a return_attempt;
begin
    select r.* into a from return_attempt r where r.id = p_attempt and not r.asked;
    return a.id is not null and ctx.reaches_missing((select ctx.readers())::uuid[], a.interview_id) and ctx.may_be_held_back(a.child_id) and ctx.are_held_back(a.child_id, a.agency_id, a.words);
end $$;
create function ctx.interview_change_is_held_back(p_change uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare c return_change;
begin
    select r.* into c from return_change r where r.id = p_change;
    return c.id is not null and ctx.reaches_missing((select ctx.readers())::uuid[], c.interview_id)
       and ctx.may_be_held_back(c.child_id) and exists (
        select 1 from return_change w cross join lateral jsonb_each_text(w.after) said
         where w.interview_id = c.interview_id and not w.asked and ctx.is_said_in_interview(said.key)
           and said.value in (c.before ->> said.key, c.after ->> said.key)
           and ctx.are_held_back(c.child_id, w.changed_agency_id, said.value));
end $$;

-- Whether whoever writes of an attempt was asked is kept with it; of a change `ctx.keep_interview_change` keeps it.
create function ctx.keep_whether_attempt_asked() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    new.asked := ctx.user_id() is null or ctx.was_asked(new.child_id, ctx.is_asked_of_child(new.child_id), new.words);
    return new;
end $$;

grant execute on function ctx.interview_is_held_back, ctx.attempt_is_held_back, ctx.interview_change_is_held_back,
    ctx.interview_withheld to portal_app;
