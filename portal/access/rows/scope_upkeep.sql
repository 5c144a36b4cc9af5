-- What keeps the rows of reach as scope.sql says, in the transaction of whatever they follow from.

-- After a change: the function that is named does its work for what the row says in a column, before and after. Where a row
-- moves that is both, in the order of their identifiers, so that two writers cannot deadlock.
create function ctx.do_for() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_id uuid;
begin
    for v_id in select distinct (r ->> tg_argv[1])::uuid from unnest(array[to_jsonb(old), to_jsonb(new)]) r
                 where r ->> tg_argv[1] is not null order by 1 loop
        execute format('select ctx.%I($1)', tg_argv[0]) using v_id;
    end loop;
    return null;
end $$;

create function ctx.on_seal() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_referral uuid := coalesce(new.referral_id, old.referral_id);
begin
    update referral_notice set passed_on = exists (select 1 from referral_seal where referral_id = v_referral)
     where referral_id = v_referral;
    return null;
end $$;
create trigger on_seal after insert or delete on referral_seal for each row execute function ctx.on_seal();

-- Of a match, a link and a seal that come at once the second sees the first: each takes the rows of the records, in one order.
create function ctx.lock_records(p_children uuid[]) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    select from child k
     where k.id = any (p_children
                       || array(select l from unnest(p_children) c (id) cross join lateral ctx.linked_records(c.id) l))
     order by k.id for no key update
$$;

create function ctx.on_referral_child() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_children uuid[] := array_remove(array[old.child_id, new.child_id], null);
begin
    perform ctx.lock_records(v_children);
    perform ctx.reseal_form(coalesce(new.referral_id, old.referral_id));
    return null;
end $$;
create trigger on_referral_child after insert or update or delete on referral_child
    for each row execute function ctx.on_referral_child();

create trigger on_case after insert or update of sensitivity, state, level, next_due_at, lead_agency_id, child_id
    on cre_case for each row execute function ctx.do_for('rescope_case', 'id');
create trigger on_involvement after insert or update or delete on involvement
    for each row execute function ctx.do_for('rescope_case', 'case_id');
create trigger on_access_grant after insert or update or delete on access_grant
    for each row execute function ctx.do_for('rescope_case', 'case_id');

create trigger on_child after insert on child
    for each row execute function ctx.do_for('rescope_child', 'id');

-- Two records are said to be of one child, or not any more: who reads either may follow from the other. Of two who link at
-- once the second sees what the first did: links change one at a time, and all records that it concerns are locked in one
-- order before anything else is, so that no two writers wait for each other.
create function ctx.link_takes_its_turn() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.take_turn('linked records');
    perform ctx.lock_records(array[coalesce(new.child_a, old.child_a), coalesce(new.child_b, old.child_b)]);
    return coalesce(new, old);
end $$;
create trigger link_takes_its_turn before insert or delete or update of unlinked_at on child_link
    for each row execute function ctx.link_takes_its_turn();

create function ctx.on_link() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_a uuid := coalesce(new.child_a, old.child_a); v_b uuid := coalesce(new.child_b, old.child_b);
        v_id uuid; v_records uuid[];
begin
    v_records := array(select v_a union select v_b union select ctx.linked_records(v_a) union select ctx.linked_records(v_b)
                        order by 1);
    foreach v_id in array v_records loop
        perform ctx.rescope_child(v_id);
    end loop;
    for v_id in select distinct r.referral_id from referral_child r where r.child_id = any (v_records) order by 1 loop
        perform ctx.reseal_form(v_id);
    end loop;
    return null;
end $$;
create trigger on_link after insert or delete or update of unlinked_at on child_link
    for each row execute function ctx.on_link();

create trigger on_information_request after insert or update or delete on information_request
    for each row execute function ctx.do_for('rescope_child', 'child_id');
create trigger on_action after insert or delete or update of child_id, owner_id, owner_team_id, owner_agency_id, reach_until
    on action for each row execute function ctx.do_for('rescope_child', 'child_id');
create trigger on_missing_episode
    after insert or delete or update of child_id, recorded_agency_id, recorded_team_id, responsible_authority,
    host_authority, withdrawn_at on missing_episode for each row execute function ctx.do_for('rescope_child', 'child_id');
create trigger on_missing_prompt after insert or delete or update of episode_ids on missing_prompt
    for each row execute function ctx.do_for('rescope_child', 'child_id');
create trigger on_return_interview after insert or delete or update of child_id, agency_id, team_id
    on return_interview for each row execute function ctx.do_for('rescope_child', 'child_id');
create trigger on_return_interview_episode after insert or delete on return_interview_episode
    for each row execute function ctx.do_for('rescope_child', 'child_id');
create trigger on_disclosure_child after insert or delete on disclosure_child
    for each row execute function ctx.do_for('rescope_child', 'child_id');
create trigger on_meeting_case after insert or delete on meeting_case
    for each row execute function ctx.do_for('rescope_child', 'child_id');

-- Whoever is invited to a meeting on a child knows who the child is, until the invitation, the meeting or its
-- reach ends.
create function ctx.on_meeting() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_child uuid; v_meeting uuid := case when tg_table_name = 'meeting' then (to_jsonb(new) ->> 'id')::uuid
                                             when tg_op = 'DELETE' then (to_jsonb(old) ->> 'meeting_id')::uuid
                                             else (to_jsonb(new) ->> 'meeting_id')::uuid end;
begin
    for v_child in select child_id from meeting_case where meeting_id = v_meeting order by child_id loop
        perform ctx.rescope_child(v_child);
    end loop;
    return null;
end $$;
create trigger on_meeting after update of state, reach_until on meeting
    for each row execute function ctx.on_meeting();
create trigger on_invitation after insert or update or delete on invitation
    for each row execute function ctx.on_meeting();

create function ctx.on_disclosure() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_child uuid;
begin
    for v_child in select child_id from disclosure_child where disclosure_id = new.id order by child_id loop
        perform ctx.rescope_child(v_child);
    end loop;
    return null;
end $$;
create trigger on_disclosure after update of withdrawn_at on disclosure
    for each row execute function ctx.on_disclosure();

-- What somebody was given as a member of one agency does not follow them to another.
create function ctx.on_move() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_id uuid;
begin
    for v_id in select id from access_grant where user_id = new.id
                   and (ends_at is null or ends_at > statement_timestamp()) order by case_id loop
        update access_grant set ends_at = statement_timestamp() where id = v_id;
    end loop;
    for v_id in select child_id from information_request where asked_user_id = new.id
                 union select child_id from action where owner_id = new.id
                 union select c.child_id from disclosure d join disclosure_child c on c.disclosure_id = d.id
                        where d.receiver_id = new.id
                 union select c.child_id from invitation i join meeting_case c on c.meeting_id = i.meeting_id
                        where new.id in (i.user_id, i.comes_id) order by 1 loop
        perform ctx.rescope_child(v_id);
    end loop;
    return null;
end $$;
create trigger on_move after update of agency_id on app_user
    for each row when (old.agency_id <> new.agency_id) execute function ctx.on_move();

-- The date that a queue is sorted by: the earliest thing still owed on the case.
create function ctx.on_deadline() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_case uuid;
begin
    for v_case in
        select distinct c from unnest(array[case when tg_op <> 'INSERT' then old.case_id end,
                                            case when tg_op <> 'DELETE' then new.case_id end]) c
         where c is not null order by c
    loop
        update cre_case set next_due_at = d.due
          from (select min(due_at) as due from deadline where case_id = v_case and state = 'open') d
         where id = v_case and next_due_at is distinct from d.due;
    end loop;
    return null;
end $$;
create trigger on_deadline after insert or update or delete on deadline
    for each row execute function ctx.on_deadline();

create function ctx.on_referral() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into referral_notice as n (referral_id, reference, state, author_id, author_team_id, saved_at, passed_on)
    values (new.id, new.reference, new.state, new.author_id, new.author_team_id, new.saved_at, false)
    on conflict (referral_id) do update set state = excluded.state, saved_at = excluded.saved_at,
        author_team_id = excluded.author_team_id
     where (n.state, n.saved_at, n.author_team_id)
           is distinct from (excluded.state, excluded.saved_at, excluded.author_team_id);
    return null;
end $$;
create trigger on_referral after insert or update on referral for each row execute function ctx.on_referral();

-- The sender's answer brings the referral back to the coordinator.
create function ctx.on_referral_message() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if not new.from_hub then
        update referral set state = 'in_triage' where id = new.referral_id and state = 'waiting_for_sender';
    end if;
    return null;
end $$;
create trigger on_referral_message after insert on referral_message
    for each row execute function ctx.on_referral_message();

-- Matching against sealed children happens where nobody can watch it. A match hands the referral to
-- the people named on the sealed case; the caller learns nothing from the answer, because there is none.
-- The same child: the NHS number, or two sounds of one name (a pair key) and a date of birth that may be
-- meant (p_dobs), is near (a born key), is an estimate that may be three years wrong, or is not known on one side. A
-- brother, sister or twin shares one sound with a date, not a pair. With a date also what triage would call probably the
-- same child: two words of which one has one letter wrong (both), an initial (half), and a first name alone (t), which is no
-- part of the surname; and with or without it two words that are written apart on one side (two). A doubt hands over:
-- whoever is named on the case then looks.
create function ctx.pass_if_sealed(
    p_subject uuid, p_keys text[], p_dobs date[], p_nhs_number text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_referral referral;
begin
    select r.* into v_referral from referral r join referral_subject s on s.referral_id = r.id
     where s.id = p_subject;
    if v_referral.author_id is distinct from ctx.user_id()
       and not (ctx.is_coordinator() and v_referral.state <> 'draft'
                and (exists (select 1 from referral_notice n
                              where n.referral_id = v_referral.id and not n.passed_on)
                     or exists (select 1 from referral_seal l join case_scope s on s.case_id = l.case_id
                                 where l.referral_id = v_referral.id and s.reader = any ((select ctx.readers())::uuid[])
                                   and s.sees = 2 and s.until > statement_timestamp())))
    then
        raise insufficient_privilege;
    end if;
    insert into referral_child (subject_id, referral_id, child_id, matched_by, matched_at)
    select p_subject, v_referral.id, c.child_id, null, statement_timestamp()
      from cre_case c
     cross join lateral (  -- by the name on its record, or on one that is as closed
           select c.child_id union all
           select l from ctx.linked_records(c.child_id) l where not exists (select 1 from cre_case o where o.child_id = l)) w (id)
      join child k on k.id = w.id
     where c.sensitivity = 2
       and (k.nhs_number = p_nhs_number
            or ((k.dob is null or k.dob = any (p_dobs) or cardinality(p_dobs) = 0
                 or (k.dob_is_estimate and exists (select 1 from unnest(p_dobs) d (dob) where abs(k.dob - d.dob) <= 1096))
                 or exists (select 1 from name_key n
                             where n.child_id = k.id and n.key = any (p_keys) and n.key like 'born:%'))
                and (exists (select 1 from name_key n
                              where n.child_id = k.id and n.key = any (p_keys) and n.key like any (array['pair:%', 'both:%']))
                     or exists (select 1 from unnest(p_keys) w (key)
                                 cross join lateral string_to_array(substr(w.key, 5), '|') sounds
                                where w.key like 'two:%'
                                  and exists (select 1 from name_key n
                                               where n.child_id = k.id and n.key = 'p:' || sounds[1])
                                  and exists (select 1 from name_key n
                                               where n.child_id = k.id and n.key = 'p:' || sounds[2]))))
            or (k.dob = any (p_dobs)
                and exists (select 1 from name_key n
                             where n.child_id = k.id and n.key = any (p_keys)
                               and (n.key like 'half:%'
                                    or (n.key like 't:%'
                                        and strpos(regexp_replace(lower(k.family_name), '[[:space:][:punct:]]', '', 'g'),
                                                   substr(n.key, 3)) = 0)))))
     order by (k.nhs_number = p_nhs_number) desc nulls last
     limit 1
    on conflict (subject_id) do nothing;
end $$;

-- Every case and child whose derived rows are not what they should be; none, ever. It mends what it finds.
create function ctx.derived_of_case(p_case uuid) returns text
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select concat_ws('|',
        (select string_agg(s::text, ';' order by reader) from case_scope s
          where case_id = p_case and until > statement_timestamp()),
        (select n::text from case_notice n where case_id = p_case),
        (select string_agg(s.referral_id::text, ';' order by s.referral_id) from referral_seal s
          where case_id = p_case),
        (select next_due_at from cre_case where id = p_case))
$$;

create function ctx.derived_of_child(p_child uuid) returns text
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select concat_ws('|',
        (select string_agg(s::text, ';' order by reader, sees) from child_scope s
          where child_id = p_child and until > statement_timestamp()),
        (select string_agg(s::text, ';' order by record_id, reader) from missing_scope s
          where child_id = p_child and until > statement_timestamp()))
$$;

create function ctx.derived_of_concern(p_concern uuid) returns text
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select string_agg(s.reader::text, ';' order by s.reader) from concern_scope s where s.concern_id = p_concern
$$;

create function ctx.scope_drift() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_before text; v_id uuid; v_drift bigint := 0;
begin
    for v_id in select id from child order by id loop
        v_before := ctx.derived_of_child(v_id);
        perform ctx.rescope_child(v_id);
        v_drift := v_drift + (v_before is distinct from ctx.derived_of_child(v_id))::int;
    end loop;
    for v_id in select id from cre_case order by id loop
        v_before := ctx.derived_of_case(v_id);
        update cre_case set next_due_at = d.due
          from (select min(due_at) as due from deadline where case_id = v_id and state = 'open') d
         where id = v_id and next_due_at is distinct from d.due;
        perform ctx.rescope_case(v_id);
        v_drift := v_drift + (v_before is distinct from ctx.derived_of_case(v_id))::int;
    end loop;
    for v_id in select id from concern order by id loop
        v_before := ctx.derived_of_concern(v_id);
        perform ctx.rescope_concern(v_id);
        v_drift := v_drift + (v_before is distinct from ctx.derived_of_concern(v_id))::int;
    end loop;
    return v_drift + (select count(*) from referral_notice n join referral r on r.id = n.referral_id
                       where (n.state, n.reference, n.author_id, n.author_team_id, n.saved_at, n.passed_on)
                             is distinct from
                             (r.state, r.reference, r.author_id, r.author_team_id, r.saved_at,
                              exists (select 1 from referral_seal s where s.referral_id = r.id)));
end $$;

-- Who may touch which columns, and call what.
grant execute on function ctx.pass_if_sealed to portal_app;
