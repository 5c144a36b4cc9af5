-- Missing episodes hang on the child: missing_scope says who reads each (portal/access/rows/scope.sql).

-- who: whoever reads as the reader that it names, until its time is over
create policy seen on missing_scope for select to portal_app
    using (READER(reader) and until > statement_timestamp());

create policy seen on missing_episode for select to portal_app
    using (EPISODE(missing_episode.id));
-- What was changed of the talk of the police is for whoever reads that now.
-- who: whoever hears of the episode, and reads the talk with the police where it was that which changed
create policy seen on missing_change for select to portal_app
    using (EPISODE(missing_change.episode_id)
           and (not of_talk or exists (select 1 from prevention_talk t
                                        where t.episode_id = missing_change.episode_id offset 0)));

-- Who reads what came of the talk of the police stands in held.sql.
create policy added on prevention_talk for insert to portal_app with check (
    MINE(recorded_by) and OURS(agency_id)
    and ((select ctx.is_police()) or HUB)
    and exists (select 1 from missing_episode e
                 where e.id = prevention_talk.episode_id and e.prevention_agency_id = prevention_talk.agency_id
                   and e.returned_at is not null and e.withdrawn_at is null offset 0));
create policy changed on prevention_talk for update to portal_app using (
    OURS(agency_id) and ((select ctx.is_police()) or HUB) and EPISODE(prevention_talk.episode_id));

-- Enquiries are added by whoever reads the episode, in their own name, and never changed.
create policy seen on missing_enquiry for select to portal_app
    using (EPISODE(missing_enquiry.episode_id));
create policy added on missing_enquiry for insert to portal_app with check (
    MINE(recorded_by) and OURS(recorded_agency_id)
    and exists (select 1 from missing_episode e
                 where e.id = missing_enquiry.episode_id and e.withdrawn_at is null offset 0));

-- Who may report, change and decide.
--
-- Whoever reports need not know who is known to the portal. The child is looked for where nobody can watch it, so
-- the answer is the same for a child whom nobody knew, one that the reporter knows, and one of a sealed case.

-- The same time of day so many days before by the clock on the wall; see portal.records.missing.rules.days_before.
create function ctx.days_before(p_moment timestamptz, p_days integer) returns timestamptz
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select ((p_moment at time zone 'Europe/London') - make_interval(days => p_days)) at time zone 'Europe/London'
$$;

-- A name as it is compared: in small letters, without accents, hyphens and what else stands between words. Letters that no
-- accent makes (Ø, Ł, ß) are written as the search writes them (portal.pathway.characters.latin); other scripts stay.
create function ctx.plain_name(p_name text) returns text
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select btrim(regexp_replace(regexp_replace(
               replace(replace(replace(replace(replace(
                   lower(translate(normalize(p_name, nfkd), 'ØøŁłĐđÐðĦħıŦŧĸŊ', 'OoLlDdDdHhiTtqŋ')),
                   'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), 'ŋ', 'ng'),
               '[\u0300-\u036f''’‘ʼ`´·]', '', 'g'),
               '[\s!-/:-@\[-_{-~\u00ad\u2010-\u2015]+', ' ', 'g'))
$$;

-- Whether two names are one: their words in any order, or written together (Anne-Marie, Annemarie).
create function ctx.same_name(p_one text, p_other text) returns boolean
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select ctx.plain_name(p_one) <> ''
       and (replace(ctx.plain_name(p_one), ' ', '') = replace(ctx.plain_name(p_other), ' ', '')
            or array(select w from unnest(string_to_array(ctx.plain_name(p_one), ' ')) w order by w collate "C")
             = array(select w from unnest(string_to_array(ctx.plain_name(p_other), ' ')) w order by w collate "C"))
$$;

-- Of a record and those that are said to be of the same child, also by way of another, the one that people work with: with an
-- open case, else the oldest. Whoever reports and reads the record sees where the report went: for them it is another one
-- only where they reach that too, or are of the police, who look for every child who is not held closely.
create function ctx.record_worked_on(p_child uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with same (id) as (select p_child union select ctx.linked_records(p_child)),
    reached (id) as (
        select s.child_id from child_scope s join same on same.id = s.child_id
         where s.reader = any ((select ctx.readers())::uuid[]) and s.until > statement_timestamp()),
    found (id, created_at, works) as (
        select k.id, k.created_at, exists (select 1 from cre_case c
                                            where c.child_id = k.id and c.state not in ('closed', 'transferred'))
          from child k join same on same.id = k.id
         where k.id = p_child or k.id in (select r.id from reached r) or p_child not in (select r.id from reached r)
            or (ctx.is_police() and ctx.held(k.id) = 0))
    select f.id from found f order by f.works desc, f.works and f.id = p_child desc, f.created_at, f.id limit 1
$$;

-- The child that is meant for certain: by NHS number, else by the whole name with the date of birth; of several by the name
-- as it is written, so that of two who are called by the same words (Ann Lee, Lee Ann) it is the right one.
create function ctx.child_meant(p_name text, p_dob date, p_nhs_number text) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select k.id from child k
     where k.nhs_number = p_nhs_number
        or (k.dob = p_dob and not k.dob_is_estimate and (p_nhs_number is null or k.nhs_number is null)
            and ctx.same_name(k.given_name || ' ' || k.family_name, p_name))
     order by (k.nhs_number = p_nhs_number) desc nulls last,
              ctx.plain_name(k.given_name || ' ' || k.family_name) = ctx.plain_name(p_name) desc,
              exists (select 1 from cre_case c
                       where c.child_id = k.id and c.state not in ('closed', 'transferred')) desc,
              k.created_at, k.id
     limit 1
$$;

-- Records that are linked, also by way of another, are of one child, and their episodes count together; but for a record that
-- is held more closely, of whose episodes nobody else learns. `p_alike`: only those that are held as closely, where others ask.
create function ctx.same_child(p_child uuid, p_alike boolean) returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with held (child_id, sensitivity) as (
        select k.id, ctx.held(k.id)
          from (select p_child union select ctx.linked_records(p_child)) k (id))
    select array_agg(h.child_id order by h.child_id)
      from held h join held o on o.child_id = p_child
     where h.sensitivity = o.sensitivity or (h.sensitivity < o.sensitivity and not p_alike)
$$;

-- The identifier of a child whom nobody knew tells nothing, not even when it was made: whoever reported the child
-- reads it in their episode. It has a time between the first child's and now, as any other (UUID, version 7).
create function ctx.id_like_others() returns uuid
language sql volatile set search_path = pg_catalog, public, pg_temp as $$
    with now (ms) as (select (extract(epoch from clock_timestamp()) * 1000)::bigint),
         first (ms) as (select ('x0000' || substr(replace(k.id::text, '-', ''), 1, 12))::bit(64)::bigint
                          from child k order by k.id limit 1),
         drawn (ms) as (select now.ms - floor(random() * greatest(now.ms - coalesce(first.ms, now.ms), 0))::bigint
                          from now left join first on true)
    select (lpad(to_hex(drawn.ms), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
      from drawn
$$;

create function ctx.may_report_missing() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_coordinator() or ctx.has_role('practitioner') or ctx.has_role('chair') or ctx.has_role('manager')
$$;

-- A record was begun for a child who may have been known, in another spelling or with another date of birth: whoever
-- may see both is asked; of records that are linked about the one that people work with. Looked for among all children, and
-- nothing comes back. `p_sounds` are of the whole name;
-- `p_parts`, of one name and how another begins, mean the same child only with the date of birth. `p_spelled` are the
-- name as it is written: with it a date of birth means the same child that is wrong in one part or swapped (`p_born`), or
-- that was an estimate; and any date, where one child alone is known by that name. Of a name that many have neither asks
-- about more than those whose date is near.
create function ctx.ask_match(p_episode uuid, p_child uuid, p_sounds text[], p_parts text[], p_spelled text[], p_born text[],
                              p_dobs date[], p_nhs_number text) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    with namesake (id) as (
        select n.child_id from (select child_id from name_key where key = p_spelled[1] limit 1000) n
         where n.child_id <> p_child
           and not exists (select 1 from unnest(p_spelled) s (key)
                            where not exists (select 1 from name_key o where o.child_id = n.child_id and o.key = s.key))),
    only_one (id) as (select max(id::text)::uuid from namesake having count(distinct id) = 1)
    insert into missing_match (id, episode_id, child_id, other_id, asked_at, words)
    select gen_random_uuid(), p_episode, p_child, f.id, statement_timestamp(), ''
      from (select ctx.record_worked_on(k.id) as id,
                   row_number() over (order by (k.nhs_number = p_nhs_number) desc nulls last,
                                               (k.dob = any (p_dobs)) desc nulls last,
                                               k.id in (select id from namesake) desc, k.created_at, k.id) as place
              from child k
             where k.id <> p_child
               and (k.nhs_number = p_nhs_number
                    or (k.id in (select n.child_id from name_key n where n.key = any (p_sounds) limit 1000)
                        and (k.dob is null or k.dob = any (p_dobs) or cardinality(p_dobs) = 0))
                    or (k.id in (select id from namesake)
                        and ((k.dob_is_estimate and exists (select 1 from unnest(p_dobs) d (dob)
                                                             where abs(k.dob - d.dob) <= 1096))
                             or exists (select 1 from name_key b where b.child_id = k.id and b.key = any (p_born))))
                    or k.id in (select id from only_one)
                    or (k.id in (select n.child_id from name_key n where n.key = any (p_parts) limit 1000)
                        and k.dob = any (p_dobs)))
             order by place limit 12) f
     group by f.id order by min(f.place) limit 3
$$;

-- Report an episode. Nothing comes back. `p_who` says whom it is about: `child_id` of one that the reporter sees,
-- or name, date of birth and NHS number; and what a record of a child whom nobody knew begins with. Its name keys
-- belong to the record, as those of an alias do: whoever merely sees the episode does not find the child by name,
-- and so cannot tell by looking for it whether the child was known.
create function ctx.report_missing(p_episode jsonb, p_who jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_begun boolean := false; v_by_record text[] := array(select jsonb_array_elements_text(p_who -> 'by_record'));
    v_said missing_episode := jsonb_populate_record(null::missing_episode, p_episode);
    v_child uuid := (p_who ->> 'child_id')::uuid;
    v_team uuid := (select t.id from team t where t.id = any ((select ctx.teams())::uuid[]) and t.active order by t.id limit 1);
begin
    if not ctx.may_report_missing()
       or (v_said.grade is not null and not ctx.is_police()) then
        raise insufficient_privilege using message = 'this person does not report this';
    end if;
    if exists (select 1 from missing_episode where id = v_said.id) then
        return;  -- the same page, sent twice
    end if;
    if v_child is not null then
        if not ctx.may_know_child(v_child) then
            raise insufficient_privilege using message = 'there is no such child';
        end if;
    else
        perform ctx.take_turn(concat_ws('|', case when v_said.reported_dob is null then lower(v_said.reported_name) end,
                                        v_said.reported_dob, p_who ->> 'nhs_number'));
        v_child := ctx.child_meant(v_said.reported_name, v_said.reported_dob, p_who ->> 'nhs_number');
    end if;
    v_child := ctx.record_worked_on(v_child);
    -- The police look for a child whom they chose or named for certain: whose that is, where they left it open, is on its record.
    -- So for whoever reads that. It goes again where the episode turns out to be another child's (`by_record`).
    if (ctx.is_police() and coalesce((ctx.closest_case(v_child)).sensitivity, 0) = 0)
       or ctx.reaches_child((select ctx.readers())::uuid[], v_child) then
        select coalesce(v_said.responsible_authority, r.responsible_authority), coalesce(v_said.host_authority, r.host_authority),
               v_by_record || ctx.left_to_record(
                   v_said.responsible_authority, v_said.host_authority, r.responsible_authority, r.host_authority)
          into v_said.responsible_authority, v_said.host_authority, v_by_record
          from (select 1) one left join child_record r on r.child_id = v_child;
    end if;
    if v_child is null then
        v_child := ctx.id_like_others();
        insert into child (id, reference, given_name, family_name, dob, dob_is_estimate, nhs_number, created_by,
                           created_at, version)
        values (v_child, p_who ->> 'new_reference', p_who ->> 'given_name', p_who ->> 'family_name',
                v_said.reported_dob, false, p_who ->> 'nhs_number', ctx.user_id(), statement_timestamp(), 1);
        insert into child_record (child_id, version, disabilities, eligibility_basis, eligibility_reason,
                                  responsible_authority, host_authority)
        values (v_child, 1, '{}', p_who ->> 'eligibility_basis', p_who ->> 'eligibility_reason',
                v_said.responsible_authority, v_said.host_authority);
        insert into name_key (child_id, key, from_alias)
        select v_child, key, true from jsonb_array_elements_text(p_who -> 'keys') key;
        v_begun := true;
    end if;
    insert into missing_episode (
        id, reference, child_id, reported_name, reported_dob, status, missing_since, reported_at, reported_by,
        recorded_by, recorded_agency_id, recorded_team_id, recorded_at, police_reference, grade, circumstances, missing_from,
        responsible_authority, host_authority, left_at, last_seen_at, last_seen_by, last_seen_role, last_seen, description,
        wearing, believed_with, trigger_plan_used, found_where, found_with, injuries, prevention_by, prevention_words,
        policy_version, version, asked, by_record)
    values (
        v_said.id, v_said.reference, v_child, v_said.reported_name, v_said.reported_dob, v_said.status,
        v_said.missing_since, v_said.reported_at, v_said.reported_by, ctx.user_id(), ctx.agency_id(), v_team,
        statement_timestamp(), v_said.police_reference, v_said.grade, v_said.circumstances, v_said.missing_from,
        v_said.responsible_authority, v_said.host_authority, v_said.left_at, v_said.last_seen_at,
        coalesce(v_said.last_seen_by, ''), v_said.last_seen_role, v_said.last_seen, coalesce(v_said.description, ''), v_said.wearing,
        v_said.believed_with, v_said.trigger_plan_used, '', '', '', '', '', v_said.policy_version, 1,
        -- whoever chose a child whom they know is asked about words that give it away
        (p_who ->> 'child_id') is not null and ctx.is_asked_of_child(v_child), v_by_record);
    if v_begun then
        perform ctx.ask_match(v_said.id, v_child, array(select jsonb_array_elements_text(p_who -> 'sounds')),
                              array(select jsonb_array_elements_text(p_who -> 'parts')),
                              array(select jsonb_array_elements_text(p_who -> 'spelled')),
                              array(select jsonb_array_elements_text(p_who -> 'born')),
                              array(select jsonb_array_elements_text(p_who -> 'dobs')::date), p_who ->> 'nhs_number');
    end if;
end $$;

-- What an episode is changed by: the grade is the police's, their talk with the child theirs or the hub's, and what
-- is withdrawn stands.
create function ctx.missing_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.withdrawn_at is not null then
        raise check_violation using message = 'an episode that was withdrawn stands as it is';
    end if;
    if new.grade is distinct from old.grade and not ctx.is_police() then
        raise insufficient_privilege using message = 'the police grade an episode';
    end if;
    if (new.prevention_by, new.prevention_at, new.prevention_agency_id)
       is distinct from (old.prevention_by, old.prevention_at, old.prevention_agency_id) then
        if not (ctx.is_police() or ctx.is_coordinator()) then
            raise insufficient_privilege using message = 'the police record their prevention interview';
        end if;
        if new.prevention_agency_id is distinct from ctx.agency_id()
           or coalesce(old.prevention_agency_id, ctx.agency_id()) <> ctx.agency_id() then
            raise insufficient_privilege using message = 'the agency that held a prevention interview corrects it';
        end if;
    end if;
    if new.withdrawn_at is not null
       and (new.withdrawn_by is distinct from ctx.user_id()
            or not (ctx.is_police() or ctx.is_coordinator() or old.recorded_agency_id = ctx.agency_id())) then
        raise insufficient_privilege using message = 'whoever recorded an episode, the police or the hub withdraws it';
    end if;
    if new.double_of is not null and (new.double_of = new.id or not exists (
            select 1 from missing_episode o where o.id = new.double_of and o.withdrawn_at is null)) then
        raise insufficient_privilege using message = 'a report is a double of one that stands, and that its writer reads';
    end if;
    new.by_record := array(select f from unnest(new.by_record) f where to_jsonb(new) -> f = to_jsonb(old) -> f);  -- else it is said
    return new;
end $$;
create trigger missing_stands before update on missing_episode
    for each row when (current_user = 'portal_app') execute function ctx.missing_stands();

-- What an episode said before it was changed stays to be read.
create function ctx.keep_missing_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_before jsonb; v_after jsonb;
begin
    select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, n.value) into v_before, v_after
      from jsonb_each(to_jsonb(old)) o join jsonb_each(to_jsonb(new)) n on n.key = o.key
     where o.value is distinct from n.value
       and o.key <> all ('{version, child_id, prevention_agency_id, double_of, asked, by_record}' || new.by_record)
       and not (old.child_id <> new.child_id and o.key = any (old.by_record));  -- it goes with the record: nobody said it
    if v_before is not null and ctx.user_id() is not null then
        insert into missing_change (id, episode_id, child_id, before, after, changed_by, changed_agency_id, changed_at)
        values (gen_random_uuid(), new.id, new.child_id, v_before, v_after, ctx.user_id(), ctx.agency_id(),
                statement_timestamp());
    end if;
    return null;
end $$;
create trigger keep_missing_change after update on missing_episode
    for each row execute function ctx.keep_missing_change();

-- What the talk of the police said, and for whom it was, stays to be read by whoever reads it.
create function ctx.keep_talk_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into missing_change (id, episode_id, child_id, before, after, changed_by, changed_agency_id, changed_at, of_talk)
    select gen_random_uuid(), e.id, e.child_id, said.before, said.after, ctx.user_id(), ctx.agency_id(),
           statement_timestamp(), true
      from missing_episode e
     cross join lateral (
          select jsonb_object_agg(v.name, v.was) as before, jsonb_object_agg(v.name, v.is_now) as after
            from (values ('prevention_words', to_jsonb(old.words), to_jsonb(new.words)),
                         ('handling', to_jsonb(old.handling), to_jsonb(new.handling)),
                         ('listed_agencies', to_jsonb(old.listed_agencies), to_jsonb(new.listed_agencies)))
                 v (name, was, is_now)
           where v.was is distinct from v.is_now) said
     where e.id = new.episode_id and said.after is not null and ctx.user_id() is not null;
    return null;
end $$;
create trigger keep_talk_change after insert or update on prevention_talk
    for each row execute function ctx.keep_talk_change();

-- While a child is missing, whoever would owe the return interview has the search in hand: after a time of the policy those
-- above them hear of it. Whoever reports may not learn whose it is. Once for an episode.
create function ctx.owe_search(p_id uuid, p_episode uuid, p_due timestamptz, p_source text, p_confirmed boolean,
                               p_policy text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare e missing_episode; o record;
begin
    if not ctx.reads_episode(p_episode) then
        raise insufficient_privilege using message = 'whoever reports an episode reads it';
    end if;
    select m.* into e from missing_episode m where m.id = p_episode for no key update;  -- two at once take their turn
    if e.returned_at is not null or e.withdrawn_at is not null or exists (
        select 1 from deadline d where d.subject_kind = 'missing_episode' and d.subject_id = p_episode
           and d.kind = 'missing_running') then
        return;
    end if;
    select * into o from ctx.interview_owner(p_episode);
    insert into deadline (id, kind, subject_kind, subject_id, case_id, child_id, owner_id, owner_team_id,
                          owner_agency_id, started_at, due_at, original_due_at, state, source, confirmed, policy_version)
    values (p_id, 'missing_running', 'missing_episode', p_episode, o.case_id,
            case when o.case_id is null then e.child_id end, o.user_id, o.team_id, o.agency_id, e.missing_since, p_due,
            p_due, 'open', p_source, p_confirmed, p_policy);
end $$;

-- The search is over: the child is back, or was not missing.
create function ctx.search_over(p_episode uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare e missing_episode;
begin
    if not ctx.reads_episode(p_episode) then
        raise insufficient_privilege using message = 'whoever changes an episode reads it';
    end if;
    select m.* into e from missing_episode m where m.id = p_episode;
    if e.returned_at is null and e.withdrawn_at is null then
        return;
    end if;
    update deadline set state = case when e.withdrawn_at is null then 'done' else 'cancelled' end,
                        ended_at = statement_timestamp(),
                        move_reason = case when e.withdrawn_at is null then move_reason
                                           when e.double_of is not null then 'Reported twice'
                                           else 'There was no such episode' end
     where subject_kind = 'missing_episode' and subject_id = p_episode and kind = 'missing_running' and state = 'open';
end $$;

create policy changed on missing_episode for update to portal_app
    using (EPISODE(missing_episode.id));

-- The episodes with a reference of the police, however it is written, of which whoever asks hears. By an index that a policy
-- would keep the planner from.
create function ctx.episodes_of_police(p_typed text) returns setof uuid language sql stable security definer rows 3
set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
    select e.id from missing_episode e
     where regexp_replace(upper(e.police_reference), '[^A-Z0-9]', '', 'g')
           = nullif(regexp_replace(upper(p_typed), '[^A-Z0-9]', '', 'g'), '')
       and ctx.reaches_missing((select ctx.readers())::uuid[], e.id)
$$;

-- What the worker reads to remind and to tell.
create policy worker on missing_episode for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select (episode_id, words, handling, listed_agencies, agency_id, recorded_by, recorded_at),
    insert (episode_id, words, handling, listed_agencies, agency_id, recorded_by, recorded_at),
    update (words, handling, listed_agencies) on prevention_talk to portal_app;
grant update (status, missing_since, reported_by, police_reference, grade, circumstances, missing_from,
    responsible_authority, host_authority, left_at, last_seen_at, last_seen_by, last_seen_role, last_seen, description,
    wearing, believed_with, trigger_plan_used, found_at, returned_at, how_found, found_where, found_with, injuries,
    prevention_by, prevention_at, prevention_agency_id, withdrawn_at, withdrawn_by, withdrawn_reason, double_of,
    version)
    on missing_episode to portal_app;
grant select (id, reference, returned_at, prevention_at, withdrawn_at) on missing_episode to portal_worker;
grant select, insert, update (child_id, asked) on missing_change to portal_scope;
grant select, insert, update (child_id, responsible_authority, host_authority, version, asked, by_record) on missing_episode to portal_scope;
grant execute on function ctx.report_missing, ctx.owe_search, ctx.search_over, ctx.episodes_of_police to portal_app;
