-- Words that look like an address, a phone number or a school that must not be disclosed. Free text cannot be held back by
-- rule: whoever writes it is stopped once, and says why it may stand (ADR 34). What is held is compared in here, so that
-- nobody learns more than they typed.

-- The children whom the record of an address is about, of those whose record the person who asks reaches.
create function ctx.children_of(p_references text[]) returns uuid[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return array(
        select distinct found.child_id from (
            select k.id as child_id from child k where k.reference = any (p_references)
            union all select c.child_id from cre_case c where c.reference = any (p_references)
            union all select m.child_id from missing_episode m where m.reference = any (p_references)
            union all select i.child_id from return_interview i where i.reference = any (p_references)
            union all select q.child_id from information_request q where q.reference = any (p_references)
            union all select b.child_id from meeting m join meeting_case b on b.meeting_id = m.id
                       where m.reference = any (p_references)
            union all select b.child_id from referral r join referral_child b on b.referral_id = r.id
                       where r.reference = any (p_references)
            union all select c.child_id from action a join cre_case c on c.id = a.case_id where a.reference = any (p_references)
            union all select c.child_id from linked_process l join cre_case c on c.id = l.case_id
                       where l.reference = any (p_references)
            union all select c.child_id from risk_assessment a join cre_case c on c.id = a.case_id
                       where a.reference = any (p_references)
            union all select c.child_id from safety_plan p join cre_case c on c.id = p.case_id
                       where p.reference = any (p_references)) found
          join child_scope s on s.child_id = found.child_id and s.reader = any ((select ctx.readers())::uuid[])
                            and s.until > statement_timestamp());
end $$;

-- Which kinds of what must not be disclosed of the children of some records some words look like. A house with its number
-- and street, a postcode, the last nine digits of a phone number, the name of a school or a house.
create function ctx.looks_held(p_references text[], p_words text)
returns table (child_id uuid, kind text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_children uuid[] := ctx.children_of(p_references); v_words text; v_bare text; v_digits text;
begin
    if v_children = '{}' then
        return;
    end if;
    v_words := ' ' || trim(regexp_replace(lower(p_words), '[^a-z0-9]+', ' ', 'g')) || ' ';
    v_bare := replace(v_words, ' ', '');
    v_digits := regexp_replace(p_words, '(?<=\d)[\s().-]+(?=\d)', '', 'g');
    return query
    select distinct k.id, s.kind
      from unnest(v_children) k (id)
      join child_statement s on s.child_id = any (ctx.same_child(k.id, false)) and s.do_not_disclose
     cross join lateral (
        select trim(regexp_replace(lower(s.value), '[^a-z0-9]+', ' ', 'g')) as said) w
     where (s.kind = 'address' and (
                (s.postcode is not null and position(lower(replace(s.postcode, ' ', '')) in v_bare) > 0)
                or position(' ' || substring(w.said from '\m\d+[a-z]? [a-z]{4,}') || ' ' in v_words) > 0
                or (w.said !~ '\d' and length(w.said) >= 6 and position(' ' || w.said || ' ' in v_words) > 0)))
        or (s.kind = 'school' and length(w.said) >= 6 and position(' ' || w.said || ' ' in v_words) > 0)
        or (s.kind = 'phone' and length(regexp_replace(s.value, '\D', '', 'g')) >= 9
            and position(right(regexp_replace(s.value, '\D', '', 'g'), 9) in v_digits) > 0);
end $$;

-- Why such words may stand, kept with whose they are; the words themselves are where they were written.
create function ctx.let_words_stand(p_references text[], p_words text, p_page text, p_reason text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if p_reason is null or trim(p_reason) = '' then
        raise check_violation using message = 'whoever lets such words stand says why';
    end if;
    insert into held_words (id, child_id, kinds, page, reason, said_by, agency_id, said_at)
    select gen_random_uuid(), f.child_id, array_agg(f.kind order by f.kind), p_page, trim(p_reason), ctx.user_id(),
           ctx.agency_id(), statement_timestamp()
      from ctx.looks_held(p_references, p_words) f
     where ctx.user_id() is not null
     group by f.child_id;
end $$;

create policy seen on held_words for select to portal_app
    using (ROLE(governance) or CHILD(held_words.child_id));

grant select on held_words to portal_app;
grant select, insert on held_words to portal_scope;
grant select (reference, case_id) on safety_plan to portal_scope;
grant execute on function ctx.looks_held, ctx.let_words_stand to portal_app;
