-- A child is reached through child_scope: 1 identity, 2 record. OFFSET 0 keeps the planner from
-- hashing a reader's whole scope for one row.

-- who: whoever reads as the reader that it names, until its time is over
create policy seen on child_scope for select to portal_app
    using (READER(reader) and until > statement_timestamp());

-- who: whoever reaches the child: the record, or only who the child is
create policy seen on child for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child.id offset 0));
create policy added on child for insert to portal_app with check (HUB and MINE(created_by));
create policy changed on child for update to portal_app
    using (CHILD(child.id));

create policy seen on child_record for select to portal_app
    using (CHILD(child_record.child_id));
create policy added on child_record for insert to portal_app
    with check (CHILD(child_record.child_id));
create policy changed on child_record for update to portal_app
    using (CHILD(child_record.child_id));

create policy seen on child_identifier for select to portal_app
    using (CHILD(child_identifier.child_id));
create policy added on child_identifier for insert to portal_app
    with check (OURS(agency_id) and CHILD(child_identifier.child_id));
create policy changed on child_identifier for update to portal_app
    using (OURS(agency_id) and CHILD(child_identifier.child_id));

create policy seen on child_alias for select to portal_app
    using (CHILD(child_alias.child_id));
create policy added on child_alias for insert to portal_app
    with check (OURS(agency_id) and CHILD(child_alias.child_id));

-- An alias is part of the record: its keys must not let identity reach find a child by it.
-- who: whoever reaches the record of its child
-- who: whoever reaches the child at all, where it is not an alias
create policy seen on name_key for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = name_key.child_id
                      and (s.sees = 2 or not name_key.from_alias) offset 0));
create policy added on name_key for insert to portal_app
    with check (CHILD(name_key.child_id));
create policy removed on name_key for delete to portal_app
    using (CHILD(name_key.child_id));

-- A do-not-disclose address or phone: the agency that entered it and those it names.
-- who: whoever reaches the record of its child, where it may be disclosed
-- who: where it must not: whoever reaches the record, of the agency that entered it and of those that it names
create policy seen on child_statement for select to portal_app using (
    (not do_not_disclose or OURS(agency_id) or (select ctx.agency_id()) = any (named_agencies))
    and CHILD(child_statement.child_id));
create policy added on child_statement for insert to portal_app with check (
    OURS(agency_id) and MINE(author_id)
    and CHILD(child_statement.child_id));
-- Anybody who works with the child may have an address held back; only the agency that entered it lets it go.
create policy held_back on child_statement for update to portal_app
    using ((not do_not_disclose or OURS(agency_id))
           and CHILD(child_statement.child_id))
    with check (OURS(agency_id)
                or (do_not_disclose and (select ctx.agency_id()) = any (named_agencies)));

-- Why an agency lets a statement of its own be seen: for whoever sees the statement. Only added to.
create policy seen on statement_release for select to portal_app
    using (exists (select 1 from child_statement s where s.id = statement_release.statement_id offset 0));
create policy added on statement_release for insert to portal_app with check (
    MINE(released_by) and OURS(agency_id) and reason <> ''
    and exists (select 1 from child_statement s
                 where s.id = statement_release.statement_id and OURS(s.agency_id) offset 0));

-- Whether an alert that stands on a case of the child, in this record or one linked to it, says that statements of a
-- kind are not disclosed. It answers whoever reaches the record of the child.
create function ctx.must_hold_back(p_child uuid, p_kind text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from cre_case c join alert a on a.case_id = c.id
         where c.child_id = any (ctx.same_child(p_child, false)) and a.ended_at is null and p_kind = any (a.holds_back))
       and exists (
        select 1 from child_scope s
         where s.child_id = p_child and s.sees = 2 and s.reader = any ((select ctx.readers())::uuid[])
           and s.until > statement_timestamp());
end $$;

-- Whether such an alert binds a statement: its agency has not said since the alert was set why it may be seen.
create function ctx.is_bound(p_statement uuid, p_child uuid, p_kind text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from cre_case c join alert a on a.case_id = c.id
         where c.child_id = any (ctx.same_child(p_child, false)) and a.ended_at is null and p_kind = any (a.holds_back)
           and not exists (select 1 from statement_release r
                            where r.statement_id = p_statement and r.released_at >= a.created_at));
end $$;

-- The alert is a rule: whoever writes, and however. Two who add a statement and set an alert take their turn.
create function ctx.statement_is_held() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform 1 from child k where k.id = any (ctx.same_child(new.child_id, false)) order by k.id for no key update;
    if ctx.is_bound(new.id, new.child_id, new.kind) then
        raise check_violation using message = 'an alert says that this is not disclosed, and nobody has said why it may be';
    end if;
    return new;
end $$;
create trigger statement_is_held before insert or update on child_statement
    for each row when (not new.do_not_disclose) execute function ctx.statement_is_held();

-- What stands already is held back with the alert, also in linked records. Whoever set it goes on seeing what they saw.
-- The keys by which the child is found at an address go with it.
create function ctx.hold_back_standing(p_child uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform 1 from child k where k.id = any (ctx.same_child(p_child, false)) order by k.id for no key update;
    with alike (child_id) as (select p_child union select ctx.linked_records(p_child)),
    held as (
        update child_statement s
           set do_not_disclose = true,
               named_agencies = case when ctx.agency_id() is null or s.agency_id = ctx.agency_id()
                                          or ctx.agency_id() = any (s.named_agencies) then s.named_agencies
                                     else s.named_agencies || ctx.agency_id() end
         where s.child_id in (select child_id from alike) and not s.do_not_disclose
           and ctx.is_bound(s.id, s.child_id, s.kind)
        returning s.child_id, s.kind)
    delete from name_key k
     where k.key like 'home:%' and k.child_id in (select h.child_id from held h where h.kind = 'address');
end $$;

create function ctx.alert_holds_back() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_standing((select c.child_id from cre_case c where c.id = new.case_id));
    return null;
end $$;
create trigger alert_holds_back after insert on alert
    for each row when (new.holds_back <> '{}') execute function ctx.alert_holds_back();

-- So it is where an alert comes to bind another record: the two are linked, or the case is held less closely.
create trigger link_holds_back after insert or update of unlinked_at on child_link
    for each row when (new.unlinked_at is null) execute function ctx.do_for('hold_back_standing', 'child_a');
create trigger opened_holds_back after update of sensitivity on cre_case
    for each row when (new.sensitivity <> old.sensitivity) execute function ctx.do_for('hold_back_standing', 'child_id');

create policy seen on child_status for select to portal_app
    using (CHILD(child_status.child_id));
create policy added on child_status for insert to portal_app with check (
    OURS(agency_id)
    and CHILD(child_status.child_id));
create policy changed on child_status for update to portal_app
    using (OURS(agency_id) and CHILD(child_status.child_id));

create policy seen on child_link for select to portal_app using (
    CHILD(child_link.child_a)
    and CHILD(child_link.child_b));
create policy added on child_link for insert to portal_app with check (
    MINE(linked_by) and HUB
    and CHILD(child_link.child_a)
    and CHILD(child_link.child_b));
create policy changed on child_link for update to portal_app using (
    HUB
    and CHILD(child_link.child_a)
    and CHILD(child_link.child_b));

-- Who a child was said to be, and who corrected it. Once decided, it stands.
create policy seen on child_correction for select to portal_app
    using (CHILD(child_correction.child_id));
create policy added on child_correction for insert to portal_app with check (
    MINE(proposed_by) and OURS(proposed_agency_id)
    and CHILD(child_correction.child_id));
create policy decided on child_correction for update to portal_app
    using (decided_at is null
           and CHILD(child_correction.child_id))
    with check (MINE(decided_by));

-- Who a child is changes only as a correction says that stands beside it, by a coordinator or the lead professional.
create function ctx.identity_is_corrected() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if not (ctx.is_coordinator()
            or exists (select 1 from cre_case c where c.child_id = new.id and c.lead_professional_id = ctx.user_id()))
       or not exists (
        select 1 from child_correction k
         where k.child_id = new.id and k.part = 'identity' and k.child_version = old.version
           and (k.decided_at is null or k.decided_by = ctx.user_id())
           and k.after ->> 'given_name' = new.given_name and k.after ->> 'family_name' = new.family_name
           and (k.after ->> 'dob') is not distinct from new.dob::text
           and (k.after ->> 'dob_is_estimate')::boolean is not distinct from new.dob_is_estimate
           and (k.after ->> 'nhs_number') is not distinct from new.nhs_number) then
        raise insufficient_privilege using message = 'who a child is changes only as a correction says';
    end if;
    return new;
end $$;
create trigger identity_is_corrected before update on child for each row
    when (current_user = 'portal_app'
          and (old.given_name is distinct from new.given_name
               or old.family_name is distinct from new.family_name or old.dob is distinct from new.dob
               or old.dob_is_estimate is distinct from new.dob_is_estimate
               or old.nhs_number is distinct from new.nhs_number))
    execute function ctx.identity_is_corrected();

-- Words that look like an address, a phone number or a school that must not be disclosed. Free text cannot be held back by
-- rule: whoever writes it is stopped once, and says why it may stand (ADR 34). What is held is compared in here, so that
-- nobody learns more than they typed.

-- The children whom the record of an address is about, of those whom the person who asks knows otherwise than because they look
-- for them: who merely does is not asked (ADR 34).
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
                       where p.reference = any (p_references)
            union all select i.child_id from panel_item i where i.reference = any (p_references)
            -- A place, a person or another concern: every child who is linked to it.
            union all select l.child_id from (
                    select k.id from concern k where k.reference = any (p_references)
                    union all select a.concern_id from action a where a.reference = any (p_references)
                    union all select i.concern_id from panel_item i where i.reference = any (p_references)) about
                  join concern_link l on l.concern_id = about.id) found
         where ctx.is_asked_of_child(found.child_id));
end $$;

-- Words without their dress: in small letters, without accents and apostrophes (Juggler’s, Jugglers), a space for the rest.
create function ctx.plain_words(p_words text) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select trim(regexp_replace(regexp_replace(lower(normalize(p_words, nfkd)), '[\u0300-\u036f''’‘ʼ`´]', '', 'g'),
                               '[^a-z0-9]+', ' ', 'g'))
$$;

-- The street of a house, as it is looked for without its number: of three words or more, where few houses stand. A main road, or one
-- whose name is a word and its kind, says too little: London Road. Not where another house of it is named.
create function ctx.street_alone(p_house text) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select '(?<!\m\d+[a-z]?) ' || w.street || ' '
      from (select substring(p_house from '\m\d+[a-z]? ([a-z]+(?: [a-z]+){2,})$') as street) w
     where w.street !~ ' (road|street|avenue|way|drive)$'
$$;

-- How the name of a school is looked for: as it stands before the comma, “St” as “Saint”; with another kind (school for academy) where
-- one of its words is not common, and without its kind where two are not. “Derby School” and “by the park” name no school.
create function ctx.school_name(p_school text) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select '\m(' || concat_ws('|', whole, w.short || 's? (school|academy|college|primary|infants?|juniors?|nursery|secondary|high|grammar|c of e)',
                              case when r.rare > 1 then w.short || 's?' end) || ')\M'
      from (select regexp_replace(regexp_replace(ctx.plain_words(one), '^the ', ''), '\mst\M', 'saint', 'g') as said, nth
              from unnest(array[substring(p_school from '[^,;\n]+'), p_school]) with ordinality s (one, nth)) n
     cross join lateral (select trim(regexp_replace(' ' || n.said, '( (school|academy|college|centre|unit|pru|primary|infants?|juniors?|nursery'
               '|secondary|high|grammar|sixth|form|special|sports|technology|community|catholic|roman|rc|church|of|england|c|e|ce|and|the'
               '|for|boys|girls))+$', '')) as alone) a
     cross join lateral (select count(*) as rare from regexp_split_to_table(a.alone, ' ') word where length(word) > 1 and word !~ (
               '^(of|and|the|for|saint|north|south|east|west|upper|lower|high|new|old|long|great|little|peak|park|lane|road|street|avenue|way|drive|close'
               '|green|hill|view|wood|moor|field|bank|bridge|(river|brook|hill|wood|park|lake|bank)(side)?|church|castle|mill|town|city'
               '|village|derby|derbyshire|chesterfield|buxton|glossop|matlock|ilkeston|ripley|belper|queen|king)s?$')) r
     cross join lateral (select n.said as whole, case when r.rare > 0 then regexp_replace(a.alone, 's$', '') end as short) w
     where length(n.said) >= 6 and a.alone <> '' and (r.rare > 0 or a.alone <> n.said or p_school !~ '[,;\n]')
     order by n.nth limit 1
$$;

-- Which statements that must not be disclosed of some children some words look like: a house with its number and street, a
-- street of few houses, a postcode, the last nine digits of a phone number, the name of a school or a house. Of the name of a file also where it is
-- written in one: “14lanternsteps”. In a longer text that would find what is none.
create function ctx.statements_in(p_children uuid[], p_words text, p_in_one boolean default false)
returns table (id uuid, child_id uuid, kind text, agency_id uuid, named_agencies uuid[])
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_words text; v_bare text; v_named text; v_digits text;
begin
    if not exists (select 1 from child_statement s where s.child_id = any (p_children) and s.do_not_disclose) then
        return;
    end if;
    v_words := ' ' || ctx.plain_words(p_words) || ' ';
    v_bare := replace(v_words, ' ', '');
    v_named := regexp_replace(v_words, '\mst\M', 'saint', 'g');
    v_digits := regexp_replace(p_words, '(?<=\d)[\s().-]+(?=\d)', '', 'g');
    return query
    select s.id, s.child_id, s.kind, s.agency_id, s.named_agencies
      from child_statement s
     cross join lateral (select ctx.plain_words(s.value) as said) w
     where s.child_id = any (p_children) and s.do_not_disclose
       and ((s.kind = 'address' and (
                (s.postcode is not null and position(lower(replace(s.postcode, ' ', '')) in v_bare) > 0)
                or position(' ' || substring(w.said from '\m\d+[a-z]? [a-z]{4,}') || ' ' in v_words) > 0
                or (w.said !~ '\d' and length(w.said) >= 6 and position(' ' || w.said || ' ' in v_words) > 0)
                or exists (select from regexp_split_to_table(s.value, '[,;\n]') part
                            where v_words ~ ctx.street_alone(ctx.plain_words(part)))
                or (p_in_one and length(w.said) >= 6
                    and position(replace(coalesce(substring(w.said from '\m\d+[a-z]? [a-z]{4,}'), w.said), ' ', '')
                                          in v_bare) > 0)))
            or (s.kind = 'school' and v_named ~ ctx.school_name(s.value))
            or (p_in_one and s.kind = 'school'
                and replace(v_named, ' ', '') ~ regexp_replace(ctx.school_name(s.value), ' |\\[mM]', '', 'g'))
            or (s.kind = 'phone' and length(regexp_replace(s.value, '\D', '', 'g')) >= 9
                and position(right(regexp_replace(s.value, '\D', '', 'g'), 9) in v_digits) > 0));
end $$;

-- Whether whoever asks may read such a statement: of their own agency, or for it by name, on a record that they read.
create function ctx.reads_held(p_child uuid, p_agency uuid, p_named uuid[]) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return (p_agency = ctx.agency_id() or ctx.agency_id() = any (p_named))
       and ctx.reaches_child((select ctx.readers())::uuid[], p_child);
end $$;

-- Which of some lines on a child look like what must not be disclosed of it, to find where it stands already: by their place in
-- the list. A line that looks like it would point it out, so it is found for whoever may read the statement; for others only
-- where `p_own`, what their own agency wrote of the line, looks like it, as whoever writes such words is asked about them.
create function ctx.lines_like_held(p_child uuid, p_kinds text[], p_words text[], p_own text[]) returns setof integer
language plpgsql stable security definer rows 10 set search_path = pg_catalog, public, pg_temp as $$
declare v_same uuid[]; v_reads boolean;
begin
    if not ctx.reaches_child((select ctx.readers())::uuid[], p_child) then
        return;
    end if;
    v_same := ctx.same_child(p_child, false);
    v_reads := exists (select from child_statement s
                        where s.child_id = any (v_same) and s.do_not_disclose and s.kind = any (p_kinds)
                          and ctx.reads_held(s.child_id, s.agency_id, s.named_agencies));
    return query
    select l.nth::integer
      from unnest(p_words, p_own) with ordinality l (words, own, nth)
     where (v_reads or l.own is not null)
       and exists (select from ctx.statements_in(v_same, l.words) s
                    where s.kind = any (p_kinds)
                      and (ctx.reads_held(s.child_id, s.agency_id, s.named_agencies)
                           or exists (select from ctx.statements_in(v_same, l.own) o where o.id = s.id)));
end $$;

-- Which kinds of them words look like, of the children of some records whom whoever asks knows of.
create function ctx.looks_held(p_references text[], p_words text, p_in_one boolean default false)
returns table (child_id uuid, kind text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select distinct k.id, s.kind
      from unnest(ctx.children_of(p_references)) k (id)
     cross join lateral ctx.statements_in(ctx.same_child(k.id, false), p_words, p_in_one) s;
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

-- Who may touch which columns, and call what.
grant select, insert, update (given_name, family_name, dob, dob_is_estimate, nhs_number, version) on child to
    portal_app;
grant select, insert on child_alias to portal_app;
grant select, insert, update (accepted, decided_by, decided_at, decision_reason) on child_correction to portal_app;
grant select, insert, update (ended_at) on child_identifier to portal_app;
grant select, insert, update (unlinked_at, unlinked_by, unlink_reason) on child_link to portal_app;
grant select, insert, update (sex, gender, pronouns, ethnicity, religion, first_language, interpreter_needed,
    nationality, immigration, disabilities, send, ehcp, eligibility_basis, eligibility_reason, responsible_authority,
    host_authority, district, communication_needs, preferred_contact, version) on child_record to portal_app;
grant select on child_scope to portal_app;
grant select, insert, update (do_not_disclose, named_agencies) on child_statement to portal_app;
grant select, insert, update (ends_on) on child_status to portal_app;
grant select, insert, delete on name_key to portal_app;
grant select, insert on statement_release to portal_app;
grant execute on function ctx.must_hold_back to portal_app;
grant select on child_scope to portal_ctx;
grant select, insert, update (version) on child to portal_scope;
grant select on child_link to portal_scope;
grant select (child_id, responsible_authority, host_authority), insert on child_record to portal_scope;
grant select, insert, update, delete on child_scope to portal_scope;
grant select (id, agency_id, child_id, kind, value, postcode, do_not_disclose, named_agencies),
    update (do_not_disclose, named_agencies) on child_statement to portal_scope;
grant select (statement_id, released_at) on statement_release to portal_scope;
grant select, insert, delete on name_key to portal_scope;
grant select on held_words to portal_app;
grant select, insert on held_words to portal_scope;
grant execute on function ctx.looks_held, ctx.lines_like_held, ctx.let_words_stand to portal_app;
