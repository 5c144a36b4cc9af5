-- Who reaches which case and which child, as rows: kept here, in the transaction that changes it,
-- and read by the policies (scope_upkeep.sql has the triggers). One definition of the table "Reach of a person on a case".

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
    select coalesce(p_team, ctx.audience_key('agency', p_agency::text)) where p_agency is not null
    union select ctx.audience_key('sector', 'police')
    union select ctx.audience_key('social_care', p_responsible) where p_responsible is not null
    union select ctx.audience_key('social_care', p_host) where p_host is not null
$$;

-- The other records that are said to be of the same child, also by way of another.
create function ctx.linked_records(p_child uuid) returns setof uuid
language sql stable security definer rows 2 set search_path = pg_catalog, public, pg_temp as $$
    with recursive same (id) as (
        select p_child
        union
        select l.id
          from same s
         cross join lateral (
               select child_b from child_link where child_a = s.id and unlinked_at is null
               union all select child_a from child_link where child_b = s.id and unlinked_at is null) l (id))
    select id from same where id <> p_child
$$;

-- The cases by which the record of a child is held: its own. One that never had any is as closed as the records that it is
-- linked with: those of their cases that are held closely.
create function ctx.cases_holding(p_child uuid) returns setof cre_case
language sql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
    select c.* from cre_case c where c.child_id = p_child
    union all
    select c.* from cre_case c
     where c.child_id = any (array(select l from ctx.linked_records(p_child) l)) and c.sensitivity > 0
       and not exists (select 1 from cre_case o where o.child_id = p_child)
$$;

-- How closely that is.
create function ctx.held(p_child uuid) returns smallint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(max(c.sensitivity), 0::smallint) from ctx.cases_holding(p_child) c
$$;

-- Who reads the episodes and return interviews of a child: full reach on an open case, and all who hear of missing
-- children; an episode also the front doors that are told in case the child is theirs, as it was reported and without
-- who the child is known to be. While a case of the child is held closely, that case's full reach and the team that
-- recorded it. So with the question that repeated episodes ask, which nobody records.
create function ctx.rescope_missing(p_child uuid, p_held smallint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    -- Where the last of them was put on another child, whoever read it as of this one has rows left to go.
    if not exists (select 1 from missing_episode where child_id = p_child)
       and not exists (select 1 from return_interview where child_id = p_child)
       and not exists (select 1 from missing_scope where child_id = p_child) then
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
        select r.id, coalesce(r.team_id, ctx.audience_key('agency', r.agency_id::text)), ctx.forever()
          from record r where r.agency_id is not null
        union all  -- a team of the hub is its coordinators
        select r.id, ctx.hub(), ctx.forever() from record r join agency a on a.id = r.agency_id and a.sector = 'hub'
        union all
        select r.id, m.reader, ctx.forever()
          from record r cross join lateral ctx.hears_of_missing(r.agency_id, r.team_id, r.responsible, r.host) m (reader)
         where p_held = 0
        union all
        select r.id, ctx.hub(), ctx.forever() from record r where p_held = 0
        union all  -- and every front door, which is told while nobody said whose the child is, or where it lives
        select e.id, ctx.audience_key('desk', 'front_door'), ctx.forever()
          from missing_episode e
         where e.child_id = p_child and p_held = 0
           and (e.responsible_authority is null or e.host_authority is null)
        union all
        select r.id, s.reader, s.until
          from record r
          join ctx.cases_holding(p_child) c on c.sensitivity = p_held
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
                    else array_remove(array[t.id, a.id], null) || coalesce(ctx.audience_keys(a.id), '{}')
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
    -- With those that are linked, in one order: who reads one may follow from the case of another.
    perform 1 from child where id = any (array(select l from ctx.linked_records(p_child) l) || p_child)
      order by id for no key update;
    if not found then return; end if;
    v_held := ctx.held(p_child);
    with source (reader, sees, until) as (
        select ctx.hub(), 2, ctx.forever() where v_held < 2
        union all
        -- the record goes with the case that is held most closely; full reach on another gives identity
        select s.reader, case when c.sensitivity = v_held then 2 else 1 end, s.until
          from ctx.cases_holding(p_child) c join case_scope s on s.case_id = c.id
         where s.sees = 2
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
        union all  -- that a team joined a case gives nothing beside the reach that it has on the case
        select told.reader, 1, ctx.forever()
          from disclosure_child dc join disclosure d on d.id = dc.disclosure_id
         cross join lateral ctx.told(d.receiver_agency_id, d.receiver_team_id, d.receiver_id) told (reader)
         where dc.child_id = p_child and d.decision <> 'refuse' and d.withdrawn_at is null and not d.of_joining
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
    perform ctx.rescope_child(l) from ctx.linked_records(c.child_id) l
      where not exists (select 1 from cre_case o where o.child_id = l);
    perform ctx.reseal(c.id, c.child_id, c.sensitivity);
    perform ctx.forget_joining(c.id);
end $$;

-- Whoever no longer knows of a case owes no receipt of having come to work on it.
create function ctx.forget_joining(p_case uuid) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    update deadline l
       set state = 'cancelled', ended_at = statement_timestamp(), move_reason = 'No longer on the case'
      from disclosure d
     where d.case_id = p_case and d.of_joining and l.disclosure_id = d.id and l.state = 'open' and l.kind = 'receipt'
       and not exists (select 1 from case_scope s
                        where s.case_id = p_case and s.reader in (l.owner_id, l.owner_team_id, l.owner_agency_id)
                          and s.until > statement_timestamp())
$$;

-- A referral that names the child of a sealed case belongs to the people named on that case, also where it was matched to a
-- record that is as closed as that (`ctx.cases_holding`).
create function ctx.reseal_form(p_referral uuid) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    with owed as (
        select distinct c.id
          from referral_child r cross join lateral ctx.cases_holding(r.child_id) c
         where r.referral_id = p_referral and c.sensitivity = 2
    ), gone as (
        delete from referral_seal s where s.referral_id = p_referral and s.case_id not in (select o.id from owed o)
    )
    insert into referral_seal (referral_id, case_id) select p_referral, o.id from owed o on conflict do nothing
$$;

-- After a change to a case: those that it sealed, those of its child that another sealed, which had no case of its own before,
-- and while it is sealed those of its child and of each record that is linked.
create function ctx.reseal(p_case uuid, p_child uuid, p_sensitivity smallint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_referral uuid;
begin
    for v_referral in
        select s.referral_id from referral_seal s where s.case_id = p_case
        union select s.referral_id from referral_child r join referral_seal s on s.referral_id = r.referral_id
               where r.child_id = p_child
        union select r.referral_id from referral_child r
               where p_sensitivity = 2
                 and r.child_id in (select p_child union select ctx.linked_records(p_child)) order by 1
    loop
        perform ctx.reseal_form(v_referral);
    end loop;
end $$;

-- Whether a set of readers sees a concern.
create function ctx.reaches_concern(p_readers uuid[], p_concern uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from concern_scope s where s.concern_id = p_concern and s.reader = any (p_readers))
$$;

-- And a case, in full.
create function ctx.reaches_case(p_readers uuid[], p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from case_scope s
                    where s.case_id = p_case and s.reader = any (p_readers) and s.sees = 2
                      and s.until > statement_timestamp())
$$;

-- And the record of a child.
create function ctx.reaches_child(p_readers uuid[], p_child uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from child_scope s
                    where s.child_id = p_child and s.reader = any (p_readers) and s.sees = 2
                      and s.until > statement_timestamp())
$$;

-- Whether a set of readers is a person, as one of an agency.
create function ctx.is_person_of(p_readers uuid[], p_user uuid, p_agency uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select p_user = any (p_readers)
       and exists (select 1 from app_user u where u.id = p_user and u.agency_id = p_agency)
$$;

-- Whether it reads an episode, an interview or a prompt.
create function ctx.reaches_missing(p_readers uuid[], p_record uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from missing_scope s
                    where s.record_id = p_record and s.reader = any (p_readers) and s.until > statement_timestamp())
$$;

-- Who may touch which columns, and call what.
grant execute on function ctx.forever, ctx.hub to portal_app;
grant execute on function ctx.hub to portal_worker;
