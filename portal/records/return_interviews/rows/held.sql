-- Words in return interviews that give away what must not be disclosed of the child (ADR 34).

-- Who merely looks for the child is not asked whether what they write looks like what must not be disclosed of it (ADR 34). Whoever
-- may not know that does not read it then: the interview while the words stand in it, else the change or the attempt alone.
create function ctx.is_said_in_interview(p_key text) returns boolean
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select p_key like 'answers.%' or p_key in ('offered_by', 'declined_reason', 'interviewer', 'independent_words', 'place',
                                               'carer_information', 'corrected_because')
$$;
create function ctx.interview_is_held_back(p_interview uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare i return_interview;
begin
    select r.* into i from return_interview r where r.id = p_interview;
    return ctx.may_be_held_back(i.child_id) and exists (
        select 1 from return_change c cross join lateral jsonb_each_text(c.after) said
         where c.interview_id = i.id and not c.asked and ctx.is_said_in_interview(said.key)
           and ctx.interview_facts(i) ->> said.key = said.value
           and ctx.are_held_back(i.child_id, c.changed_agency_id, said.value));
end $$;
create function ctx.attempt_is_held_back(p_attempt uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare a return_attempt;
begin
    select r.* into a from return_attempt r where r.id = p_attempt and not r.asked;
    return a.id is not null and ctx.may_be_held_back(a.child_id) and ctx.are_held_back(a.child_id, a.agency_id, a.words);
end $$;
create function ctx.interview_change_is_held_back(p_change uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare c return_change;
begin
    select r.* into c from return_change r where r.id = p_change;
    return c.id is not null and ctx.may_be_held_back(c.child_id) and exists (
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

grant execute on function ctx.interview_is_held_back, ctx.attempt_is_held_back, ctx.interview_change_is_held_back
    to portal_app;
