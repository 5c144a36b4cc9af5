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

-- Who is asked and who is told: the person, where one is named, for as long as they belong to that agency;
-- otherwise the team, and for what was told also the agency's managers.
create function ctx.asked(p_agency uuid, p_team uuid, p_user uuid) returns setof uuid
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select u.id from app_user u where u.id = p_user and u.agency_id = p_agency
    union all
    select p_team where p_user is null and p_team is not null
$$;

-- Who is invited: the person, where one is named, else the team; and whoever comes for it, while of that agency.
create function ctx.invited(p_agency uuid, p_team uuid, p_user uuid, p_comes uuid) returns setof uuid
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select * from ctx.asked(p_agency, p_team, p_user)
    union
    select u.id from app_user u where u.id = p_comes and u.agency_id = p_agency
$$;

create function ctx.told(p_agency uuid, p_team uuid, p_user uuid) returns setof uuid
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select * from ctx.asked(p_agency, p_team, p_user)
    union all
    select p_agency where p_user is null
$$;

-- Who hears of a missing episode as such: the police, the social care of both authorities, and whoever recorded it.
create function ctx.hears_of_missing(p_agency uuid, p_team uuid, p_responsible text, p_host text) returns setof uuid
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(p_team, ctx.practice('agency', p_agency::text)) where p_agency is not null
    union select ctx.practice('sector', 'police')
    union select ctx.practice('social_care', p_responsible) where p_responsible is not null
    union select ctx.practice('social_care', p_host) where p_host is not null
$$;

-- Who reads the episodes and return interviews of a child: full reach on an open case, and all who hear of missing
-- children; while a case of the child is held closely, that case's full reach and the team that recorded it. So with
-- the question that repeated episodes ask, which nobody records.
create function ctx.rescope_missing(p_child uuid, p_held smallint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if not exists (select 1 from missing_episode where child_id = p_child)
       and not exists (select 1 from return_interview where child_id = p_child) then
        return;
    end if;
    with record (id, agency_id, team_id, responsible, host) as (
        select id, recorded_agency_id, recorded_team_id, responsible_authority, host_authority
          from missing_episode where child_id = p_child
        union all
        select i.id, i.agency_id, i.team_id, e.responsible_authority, e.host_authority
          from return_interview i
          left join return_interview_episode c on c.interview_id = i.id
          left join missing_episode e on e.id = c.episode_id
         where i.child_id = p_child
        union all
        select p.id, null, null, e.responsible_authority, e.host_authority
          from missing_prompt p left join missing_episode e on e.id = any (p.episode_ids)
         where p.child_id = p_child
    ), source (record_id, reader, until) as (
        select r.id, coalesce(r.team_id, ctx.practice('agency', r.agency_id::text)), ctx.forever()
          from record r where r.agency_id is not null
        union all  -- a team of the hub is its coordinators
        select r.id, ctx.hub(), ctx.forever() from record r join agency a on a.id = r.agency_id and a.sector = 'hub'
        union all
        select r.id, m.reader, ctx.forever()
          from record r cross join lateral ctx.hears_of_missing(r.agency_id, r.team_id, r.responsible, r.host) m (reader)
         where p_held = 0
        union all
        select r.id, ctx.hub(), ctx.forever() from record r where p_held = 0
        union all
        select r.id, s.reader, s.until
          from record r
          join cre_case c on c.child_id = p_child and c.sensitivity = p_held
               and (p_held > 0 or c.state not in ('closed', 'transferred'))
          join case_scope s on s.case_id = c.id and s.sees = 2
    ), owed as (
        select record_id, reader, max(until) as until from source where until > statement_timestamp()
         group by record_id, reader
    ), gone as (
        delete from missing_scope s where s.child_id = p_child
           and not exists (select 1 from owed o where o.record_id = s.record_id and o.reader = s.reader)
    )
    insert into missing_scope as s (record_id, reader, child_id, until)
    select record_id, reader, p_child, until from owed
    on conflict (record_id, reader) do update set until = excluded.until, child_id = excluded.child_id
     where (s.until, s.child_id) is distinct from (excluded.until, excluded.child_id);
    perform ctx.rehome_missing(p_child);
end $$;

-- A duty on an episode, or on the question that repeated ones ask, whose owner does not read it any more goes to
-- whoever owes it now: the case is held more closely, or another authority answers for the child.
create function ctx.rehome_missing(p_child uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare d record; o record;
begin
    for d in
        select l.id, coalesce(p.episode_ids[cardinality(p.episode_ids)], l.subject_id) as episode_id
          from deadline l
          left join missing_prompt p on p.id = l.subject_id
          left join team t on t.id = l.owner_team_id
          left join agency a on a.id = coalesce(t.agency_id, l.owner_agency_id)
         where l.child_id = p_child and l.state = 'open' and l.subject_kind in ('missing_episode', 'missing_prompt')
           and not ctx.reaches_missing(
               case when l.owner_id is not null then ctx.readers_of(l.owner_id)
                    else array_remove(array[t.id, a.id], null) || coalesce(ctx.practices(a.id), '{}')
                         || case when a.sector = 'hub' then array[ctx.hub()] else '{}'::uuid[] end end,
               l.subject_id)
         order by l.id
    loop
        select * into o from ctx.interview_owner(d.episode_id);
        update deadline set owner_id = o.user_id, owner_team_id = o.team_id, owner_agency_id = o.agency_id
         where id = d.id
           and coalesce(o.user_id, o.team_id, o.agency_id) is not null
           and (owner_id, owner_team_id, owner_agency_id) is distinct from (o.user_id, o.team_id, o.agency_id);
    end loop;
end $$;

create function ctx.rescope_child(p_child uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_held smallint;
begin
    perform 1 from child where id = p_child for no key update;
    if not found then return; end if;
    v_held := coalesce((select max(sensitivity) from cre_case where child_id = p_child), 0);
    with source (reader, sees, until) as (
        select ctx.hub(), 2, ctx.forever() where v_held < 2
        union all
        -- the record goes with the case that is held most closely; full reach on another gives identity
        select s.reader, case when c.sensitivity = v_held then 2 else 1 end, s.until
          from case_scope s join cre_case c on c.id = s.case_id
         where c.child_id = p_child and s.sees = 2
        union all
        select asked.reader, 1, coalesce(r.reach_until, ctx.forever())
          from information_request r
         cross join lateral ctx.asked(r.asked_agency_id, r.asked_team_id, r.asked_user_id) asked (reader)
         where r.child_id = p_child and r.withdrawn_at is null
           and (r.asked_user_id is not null or v_held < 2)
        union all
        select invited.reader, 1, coalesce(m.reach_until, ctx.forever())
          from meeting_case mc
          join meeting m on m.id = mc.meeting_id and m.state <> 'cancelled'
          join invitation i on i.meeting_id = m.id and i.withdrawn_at is null
         cross join lateral ctx.invited(i.agency_id, i.team_id, i.user_id, i.comes_id) invited (reader)
         where mc.child_id = p_child
           and (v_held < 2 or (i.user_id is not null and i.user_id = invited.reader))
        union all
        -- on a sealed case whoever owns an action is named, and reaches the child by that
        select owner.reader, 1, coalesce(a.reach_until, ctx.forever())
          from action a
         cross join lateral ctx.asked(a.owner_agency_id, a.owner_team_id, a.owner_id) owner (reader)
         where a.child_id = p_child and v_held < 2
        union all
        select told.reader, 1, ctx.forever()
          from disclosure_child dc join disclosure d on d.id = dc.disclosure_id
         cross join lateral ctx.told(d.receiver_agency_id, d.receiver_team_id, d.receiver_id) told (reader)
         where dc.child_id = p_child and d.decision <> 'refuse' and d.withdrawn_at is null
        union all
        -- Who looks for a child knows who it is. Whoever recorded an episode has what they said themselves and no
        -- more, as of a child whom nobody knew: a guessed name reported as missing tells nothing. So with a child
        -- who is held closely, for everybody.
        select m.reader, 1, ctx.forever()
          from missing_episode e cross join lateral ctx.hears_of_missing(
               null, null, e.responsible_authority, e.host_authority) m (reader)
         where e.child_id = p_child and e.withdrawn_at is null and v_held = 0
    ), longest as (
        select reader, sees, max(until) as until from source where until > statement_timestamp()
         group by reader, sees
    ), owed as (
        -- two rows where identity outlasts the record: time passes between this write and a read
        select reader, sees, until from longest l
         where sees = 2
            or not exists (select 1 from longest m where m.reader = l.reader and m.sees = 2 and m.until >= l.until)
    ), gone as (
        delete from child_scope s where s.child_id = p_child
           and not exists (select 1 from owed o where o.reader = s.reader and o.sees = s.sees)
    )
    insert into child_scope as s (child_id, reader, sees, until)
    select p_child, reader, sees, until from owed
    on conflict (child_id, reader, sees) do update set until = excluded.until
     where s.until is distinct from excluded.until;
    perform ctx.rescope_missing(p_child, v_held);
end $$;

create function ctx.rescope_case(p_case uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare c cre_case;
begin
    -- The lock first: what follows then sees every grant and involvement that is committed.
    select * into c from cre_case where id = p_case for no key update;
    if not found then return; end if;

    insert into case_notice as n (case_id, reference, sensitivity, lead_agency_id)
    values (c.id, c.reference, c.sensitivity, c.lead_agency_id)
    on conflict (case_id) do update set sensitivity = excluded.sensitivity,
        lead_agency_id = excluded.lead_agency_id
     where (n.sensitivity, n.lead_agency_id) is distinct from (excluded.sensitivity, excluded.lead_agency_id);

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
    -- the place in the queue tells the level and the next date: whoever sees a notice alone gets neither,
    -- only whether the case is still open (8) or not (9), by which it is on their list
    insert into case_scope as s (case_id, reader, sees, until, rank, due)
    select p_case, reader, sees, until,
           case when sees = 2 then ctx.queue_rank(c.state, c.level)
                when c.state in ('closed', 'transferred') then 9 else 8 end,
           case when sees = 2 then coalesce(c.next_due_at, ctx.forever()) else ctx.forever() end
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
    if tg_op = 'UPDATE' and old.child_id <> new.child_id then
        perform ctx.rescope_child(least(old.child_id, new.child_id));
        perform ctx.rescope_child(greatest(old.child_id, new.child_id));
    else
        perform ctx.rescope_child(case when tg_op = 'DELETE' then old.child_id else new.child_id end);
    end if;
    return null;
end $$;
create trigger on_information_request after insert or update or delete on information_request
    for each row execute function ctx.on_child_part();
create trigger on_action after insert or delete or update of child_id, owner_id, owner_team_id, owner_agency_id, reach_until
    on action for each row execute function ctx.on_child_part();
create trigger on_missing_episode
    after insert or delete or update of child_id, recorded_agency_id, recorded_team_id, responsible_authority,
    host_authority, withdrawn_at on missing_episode for each row execute function ctx.on_child_part();
create trigger on_missing_prompt after insert or delete or update of episode_ids on missing_prompt
    for each row execute function ctx.on_child_part();
create trigger on_return_interview after insert or delete or update of child_id, agency_id, team_id
    on return_interview for each row execute function ctx.on_child_part();
create trigger on_return_interview_episode after insert or delete on return_interview_episode
    for each row execute function ctx.on_child_part();
create trigger on_disclosure_child after insert or delete on disclosure_child
    for each row execute function ctx.on_child_part();

create trigger on_meeting_case after insert or delete on meeting_case
    for each row execute function ctx.on_child_part();

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
-- meant (p_dobs), is near (a born key) or is not known on one side. A brother, sister or twin shares one
-- sound with a date, not a pair. A doubt hands over: whoever is named on the case then looks.
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
                                 where l.referral_id = v_referral.id and s.reader = any (ctx.readers())
                                   and s.sees = 2 and s.until > statement_timestamp())))
    then
        raise insufficient_privilege;
    end if;
    insert into referral_child (subject_id, referral_id, child_id, matched_by, matched_at)
    select p_subject, v_referral.id, k.id, null, statement_timestamp()
      from cre_case c join child k on k.id = c.child_id
     where c.sensitivity = 2
       and (k.nhs_number = p_nhs_number
            or ((k.dob is null or k.dob = any (p_dobs) or cardinality(p_dobs) = 0
                 or exists (select 1 from name_key n
                             where n.child_id = k.id and n.key = any (p_keys) and n.key like 'born:%'))
                and exists (select 1 from name_key n
                             where n.child_id = k.id and n.key = any (p_keys) and n.key like 'pair:%')))
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
