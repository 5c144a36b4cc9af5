-- Who reaches which case and which child, as rows: kept here, in the transaction that changes it,
-- and read by the policies. One definition of the table "Reach of a person on a case".

create function ctx.forever() returns timestamptz language sql immutable as $$ select '9999-01-01 00:00+00'::timestamptz $$;
create function ctx.hub() returns uuid language sql immutable as $$ select '00000000-0000-0000-0000-000000000000'::uuid $$;

create function ctx.queue_rank(p_state text, p_level text) returns smallint language sql immutable as $$
    select case when p_state in ('closed', 'transferred') then 9
                when p_level = 'high' then 1
                when p_level is null then 2
                when p_level = 'medium' then 3
                when p_level = 'low' then 4
                else 5 end::smallint
$$;

create function ctx.rescope_child(p_child uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_sealed boolean;
begin
    perform 1 from child where id = p_child for no key update;
    if not found then return; end if;
    v_sealed := exists (select 1 from cre_case where child_id = p_child and sensitivity = 2);
    with source (reader, sees, until) as (
        select ctx.hub(), 2, ctx.forever() where not v_sealed
        union all
        select s.reader, 2, s.until from case_scope s join cre_case c on c.id = s.case_id
         where c.child_id = p_child and s.sees = 2
        union all
        select asked.reader, 1, coalesce(r.reach_until, ctx.forever())
          from information_request r
         cross join lateral (values (case when r.asked_user_id is null and not v_sealed then r.asked_team_id end),
                                    (r.asked_user_id)) asked (reader)
         where r.child_id = p_child and r.withdrawn_at is null and asked.reader is not null
        union all
        select told.reader, 1, ctx.forever()
          from disclosure_child dc join disclosure d on d.id = dc.disclosure_id
         cross join lateral (values (d.receiver_team_id), (d.receiver_agency_id), (d.receiver_id)) told (reader)
         where dc.child_id = p_child and d.decision <> 'refuse' and d.withdrawn_at is null
           and told.reader is not null
    ), owed as (
        -- identity for as long as anything gives it; the record only for as long as full reach lasts
        select reader, max(sees) as sees,
               coalesce(max(until) filter (where sees = 2), max(until)) as until
          from source where until > statement_timestamp() group by reader
    ), gone as (
        delete from child_scope s where s.child_id = p_child
           and not exists (select 1 from owed o where o.reader = s.reader)
    )
    insert into child_scope as s (child_id, reader, sees, until)
    select p_child, reader, sees, until from owed
    on conflict (child_id, reader) do update set sees = excluded.sees, until = excluded.until
     where (s.sees, s.until) is distinct from (excluded.sees, excluded.until);
end $$;

create function ctx.rescope_case(p_case uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare c cre_case;
begin
    -- The lock first: what follows then sees every grant and involvement that is committed.
    select * into c from cre_case where id = p_case for no key update;
    if not found then return; end if;

    insert into case_notice as n (case_id, reference, sensitivity, state, lead_agency_id)
    values (c.id, c.reference, c.sensitivity, c.state, c.lead_agency_id)
    on conflict (case_id) do update set sensitivity = excluded.sensitivity, state = excluded.state,
        lead_agency_id = excluded.lead_agency_id
     where (n.sensitivity, n.state, n.lead_agency_id)
           is distinct from (excluded.sensitivity, excluded.state, excluded.lead_agency_id);

    with source (reader, sees, until) as (
        select ctx.hub(), 2, ctx.forever() where c.sensitivity < 2
        union all
        select who.reader, case c.sensitivity when 0 then 2 else 1 end, coalesce(i.ended_at, ctx.forever())
          from involvement i cross join lateral (values (i.team_id), (i.agency_id)) who (reader)
         where i.case_id = p_case and c.sensitivity < 2
        union all
        select g.user_id, 2, coalesce(g.ends_at, ctx.forever()) from access_grant g where g.case_id = p_case
    ), owed as (
        select reader, max(sees) as sees, max(until) as until
          from source where until > statement_timestamp() group by reader
    ), gone as (
        delete from case_scope s where s.case_id = p_case
           and not exists (select 1 from owed o where o.reader = s.reader)
    )
    insert into case_scope as s (case_id, reader, sees, until, rank, due)
    -- A notice says nothing of level or time, so its row sorts last and holds neither.
    select p_case, reader, sees, until,
           case sees when 2 then ctx.queue_rank(c.state, c.level) else 9 end,
           case sees when 2 then coalesce(c.next_due_at, ctx.forever()) else ctx.forever() end
      from owed
    on conflict (case_id, reader) do update
       set sees = excluded.sees, until = excluded.until, rank = excluded.rank, due = excluded.due
     where (s.sees, s.until, s.rank, s.due)
           is distinct from (excluded.sees, excluded.until, excluded.rank, excluded.due);

    perform ctx.rescope_child(c.child_id);
    perform ctx.reseal(c.id, c.child_id, c.sensitivity);
end $$;

-- A referral that names the child of a sealed case belongs to the people named on that case.
create function ctx.reseal(p_case uuid, p_child uuid, p_sensitivity smallint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if p_sensitivity = 2 then
        insert into referral_seal (referral_id, case_id)
        select distinct referral_id, p_case from referral_child where child_id = p_child
        on conflict do nothing;
    else
        delete from referral_seal where case_id = p_case;
    end if;
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

create function ctx.on_referral_child() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        delete from referral_seal s using cre_case c
         where s.referral_id = old.referral_id and c.id = s.case_id and c.child_id = old.child_id
           and not exists (select 1 from referral_child r
                            where r.referral_id = old.referral_id and r.child_id = old.child_id);
    end if;
    if tg_op <> 'DELETE' then
        insert into referral_seal (referral_id, case_id)
        select new.referral_id, c.id from cre_case c where c.child_id = new.child_id and c.sensitivity = 2
        on conflict do nothing;
    end if;
    return null;
end $$;
create trigger on_referral_child after insert or update or delete on referral_child
    for each row execute function ctx.on_referral_child();

create function ctx.on_case() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.rescope_case(new.id);
    return null;
end $$;
create trigger on_case after insert or update of sensitivity, state, level, next_due_at, lead_agency_id, child_id
    on cre_case for each row execute function ctx.on_case();

create function ctx.on_case_part() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    -- Both cases when a row moves, in the order of their identifiers, so that two writers cannot deadlock.
    if tg_op = 'UPDATE' and old.case_id <> new.case_id then
        perform ctx.rescope_case(least(old.case_id, new.case_id));
        perform ctx.rescope_case(greatest(old.case_id, new.case_id));
    else
        perform ctx.rescope_case(case when tg_op = 'DELETE' then old.case_id else new.case_id end);
    end if;
    return null;
end $$;
create trigger on_involvement after insert or update or delete on involvement
    for each row execute function ctx.on_case_part();
create trigger on_access_grant after insert or update or delete on access_grant
    for each row execute function ctx.on_case_part();

create function ctx.on_child() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.rescope_child(new.id);
    return null;
end $$;
create trigger on_child after insert on child for each row execute function ctx.on_child();

create function ctx.on_child_part() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.rescope_child(case when tg_op = 'DELETE' then old.child_id else new.child_id end);
    return null;
end $$;
create trigger on_information_request after insert or update or delete on information_request
    for each row execute function ctx.on_child_part();
create trigger on_disclosure_child after insert or delete on disclosure_child
    for each row execute function ctx.on_child_part();

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

-- The date that a queue is sorted by: the earliest thing still owed on the case.
create function ctx.on_deadline() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_case uuid := case when tg_op = 'DELETE' then old.case_id else new.case_id end;
begin
    if v_case is not null then
        update cre_case set next_due_at = d.due
          from (select min(due_at) as due from deadline where case_id = v_case and state = 'open') d
         where id = v_case and next_due_at is distinct from d.due;
    end if;
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
create function ctx.pass_if_sealed(
    p_subject uuid, p_keys text[], p_dobs date[], p_nhs_number text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_referral referral;
begin
    select r.* into v_referral from referral r join referral_subject s on s.referral_id = r.id
     where s.id = p_subject;
    if v_referral.author_id is distinct from ctx.user_id() and not ctx.is_coordinator() then
        raise insufficient_privilege;
    end if;
    insert into referral_child (subject_id, referral_id, child_id, matched_by, matched_at)
    select p_subject, v_referral.id, k.id, null, statement_timestamp()
      from cre_case c join child k on k.id = c.child_id
     where c.sensitivity = 2
       and (k.nhs_number = p_nhs_number
            or (k.dob = any (p_dobs)
                and (select count(distinct n.key) from name_key n
                      where n.child_id = k.id and n.key = any (p_keys)) >= 2))
     order by (k.nhs_number = p_nhs_number) desc nulls last
     limit 1
    on conflict (subject_id) do nothing;
end $$;

-- Every difference between the scope tables and what they should hold; none, ever.
create function ctx.scope_drift() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_before text; v_after text; v_case uuid; v_drift bigint := 0;
begin
    for v_case in select id from cre_case order by id loop
        select string_agg(s::text, ';' order by reader) into v_before from case_scope s
         where case_id = v_case and until > statement_timestamp();
        perform ctx.rescope_case(v_case);
        select string_agg(s::text, ';' order by reader) into v_after from case_scope s
         where case_id = v_case and until > statement_timestamp();
        if v_before is distinct from v_after then v_drift := v_drift + 1; end if;
    end loop;
    return v_drift;
end $$;
