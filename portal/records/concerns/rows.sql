-- Places, people and other concerns: police, coordinators, the agencies that made and own them, and those to which the
-- owner released them. A council sees places in its districts, unless the place is a home or placement. A restricted
-- one: coordinators, the team that holds it, its agency's managers, and whom it was released to.

create function ctx.rescope_concern(p_concern uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare c concern;
begin
    select * into c from concern where id = p_concern for no key update;
    if not found then return; end if;
    with source (reader) as (
        select ctx.hub()
        union select c.owner_agency_id
        union select c.owner_team_id where c.owner_team_id is not null
        union select ctx.audience_key('agency', r.agency_id::text)
                from concern_release r where r.concern_id = p_concern and r.withdrawn_at is null
        union select ctx.audience_key('agency', a::text)
                from unnest(array[c.owner_agency_id, c.created_agency_id]) a where c.sensitivity = 0
        union select ctx.audience_key('sector', 'police') where c.sensitivity = 0
        union select ctx.audience_key('council', c.district)
               where c.sensitivity = 0 and c.kind = 'place' and not c.dwelling and c.district is not null
    ), gone as (
        delete from concern_scope s where s.concern_id = p_concern
           and not exists (select 1 from source o where o.reader = s.reader)
    )
    insert into concern_scope (concern_id, reader) select p_concern, reader from source on conflict do nothing;
end $$;

create function ctx.on_concern() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.rescope_concern(new.id);
    return null;
end $$;
create trigger on_concern
    after insert or update of owner_agency_id, owner_team_id, created_agency_id, sensitivity, kind, dwelling, district
    on concern for each row execute function ctx.on_concern();

create function ctx.on_concern_release() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.rescope_concern(case when tg_op = 'DELETE' then old.concern_id else new.concern_id end);
    return null;
end $$;
create trigger on_concern_release after insert or update or delete on concern_release
    for each row execute function ctx.on_concern_release();

-- who: whoever reads as the reader that it names
create policy seen on concern_scope for select to portal_app
    using (READER(reader));

create policy seen on concern for select to portal_app
    using (CONCERN(concern.id));
create policy seen on concern_key for select to portal_app
    using (CONCERN(concern_key.concern_id));
create policy seen on concern_release for select to portal_app
    using (CONCERN(concern_release.concern_id));

-- A link shows its two ends, so whoever reads it reads both: of a child, the record. No role widens handling.
-- who: whoever is let in to its concern, and to the other or reaches the record of its child, and works for the
--      agency that wrote it
-- who: the same, where it is for the network
-- who: the same, where it is for named agencies and theirs is one
create policy seen on concern_link for select to portal_app using (
    ((handling = 'network' and not do_not_disclose)
     or OURS(agency_id)
     or ((handling = 'agencies' or do_not_disclose) and (select ctx.agency_id()) = any (listed_agencies)))
    and CONCERN(concern_link.concern_id)
    and (child_id is null
         or CHILD(concern_link.child_id))
    and (other_id is null
         or CONCERN(concern_link.other_id)));

-- who: whoever is let in to its concern and works for the agency that wrote it
-- who: whoever is let in to its concern, where it is for the network
-- who: whoever is let in to its concern, where it is for named agencies and theirs is one
create policy seen on concern_note for select to portal_app using (
    (handling = 'network'
     or OURS(agency_id)
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and CONCERN(concern_note.concern_id));

-- Who writes what on a concern. Whoever practises records one for their own agency; what it says is changed by that
-- agency, the one that owns it and coordinators; how closely it is held, who owns it and that it ends by the last two.
-- Only police say how they know a person. Only the owner lets others see it.

create policy added on concern for insert to portal_app with check (
    MINE(created_by) and OURS(created_agency_id)
    and OURS(owner_agency_id)
    and (owner_team_id is null or TEAMS(owner_team_id))
    and police_status is null and ended_at is null
    and source_grade is null and information_grade is null and handling_code is null
    and (select ctx.practises()));
create policy changed on concern for update to portal_app
    using (CONCERN(concern.id))
    with check (true);  -- what may change, and by whom: below

create function ctx.concern_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_answers boolean;
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    v_answers := ctx.is_coordinator() or old.owner_agency_id = ctx.agency_id();
    if (new.police_status, new.police_status_by, new.police_status_at)
       is distinct from (old.police_status, old.police_status_by, old.police_status_at)
       and (not ctx.audience_key('sector', 'police') = any ((select ctx.readers())::uuid[])
            or new.police_status_by is distinct from ctx.user_id()) then
        raise insufficient_privilege using message = 'only police say how they know a person';
    end if;
    if (new.source_grade, new.information_grade, new.handling_code)
       is distinct from (old.source_grade, old.information_grade, old.handling_code)
       and not (ctx.is_coordinator() or ctx.audience_key('sector', 'police') = any ((select ctx.readers())::uuid[])) then
        raise insufficient_privilege using message = 'only police and coordinators grade information';
    end if;
    if not v_answers
       and (new.owner_agency_id, new.owner_team_id, new.sensitivity, new.review_on, new.ended_at, new.ended_by,
            new.ended_reason)
           is distinct from
           (old.owner_agency_id, old.owner_team_id, old.sensitivity, old.review_on, old.ended_at, old.ended_by,
            old.ended_reason) then
        raise insufficient_privilege using message = 'whoever owns a concern says who holds it and whether it stands';
    end if;
    if new.ended_by is distinct from old.ended_by and new.ended_by is not null
       and new.ended_by is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'whoever ends a concern says so themselves';
    end if;
    if new.owner_team_id is not null
       and not exists (select 1 from team t where t.id = new.owner_team_id and t.agency_id = new.owner_agency_id) then
        raise check_violation using message = 'the team that holds a concern belongs to the agency that owns it';
    end if;
    if not (v_answers or old.created_agency_id = ctx.agency_id())
       and (new.name, new.description, new.details, new.risk, new.dwelling, new.district, new.authority, new.first_on,
            new.last_on, new.also_child, new.do_not_approach)
           is distinct from
           (old.name, old.description, old.details, old.risk, old.dwelling, old.district, old.authority, old.first_on,
            old.last_on, old.also_child, old.do_not_approach) then
        raise insufficient_privilege using message = 'the agencies that recorded and own a concern say what it is';
    end if;
    return new;
end $$;
create trigger concern_stands before update on concern for each row execute function ctx.concern_stands();

create policy added on concern_key for insert to portal_app with check (
    exists (select 1 from concern c
             where c.id = concern_key.concern_id
               and (HUB
                    or (select ctx.agency_id()) in (c.owner_agency_id, c.created_agency_id)) offset 0));
create policy removed on concern_key for delete to portal_app using (
    exists (select 1 from concern c
             where c.id = concern_key.concern_id
               and (HUB
                    or (select ctx.agency_id()) in (c.owner_agency_id, c.created_agency_id)) offset 0));

create policy added on concern_release for insert to portal_app with check (
    MINE(released_by) and withdrawn_at is null
    and exists (select 1 from concern c
                 where c.id = concern_release.concern_id and c.ended_at is null
                   and OURS(c.owner_agency_id) offset 0));
create policy changed on concern_release for update to portal_app
    using (withdrawn_at is null
           and exists (select 1 from concern c
                        where c.id = concern_release.concern_id
                          and OURS(c.owner_agency_id) offset 0))
    with check (MINE(withdrawn_by));

create policy added on concern_link for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id) and ended_at is null
    and exists (select 1 from concern c where c.id = concern_link.concern_id and c.ended_at is null offset 0)
    and (child_id is null
         or CHILD(concern_link.child_id))
    and (other_id is null or exists (select 1 from concern c where c.id = concern_link.other_id offset 0)));
create policy changed on concern_link for update to portal_app
    using (ended_at is null
           and ((handling = 'network' and not do_not_disclose)
                or OURS(agency_id)
                or ((handling = 'agencies' or do_not_disclose)
                    and (select ctx.agency_id()) = any (listed_agencies)))
           and (child_id is null
                or CHILD(concern_link.child_id))
           and exists (select 1 from concern c
                        where c.id in (concern_link.concern_id, concern_link.other_id)
                          and (OURS(concern_link.agency_id)
                               or OURS(c.owner_agency_id)
                               or HUB) offset 0)
           and exists (select 1 from concern c where c.id = concern_link.concern_id offset 0)
           and (other_id is null or exists (select 1 from concern c where c.id = concern_link.other_id offset 0)))
    with check (MINE(ended_by));

-- An alert “do not disclose” is a rule on a link too: one that says or may say where the child lives or is reached is
-- held back, or the agency that made it says why it may be seen (ADR 34). Only that agency lets it be seen.
create policy let_go on concern_link for update to portal_app
    using (OURS(agency_id) and ended_at is null and CHILD(concern_link.child_id) and other_id is null
           and exists (select 1 from concern c where c.id = concern_link.concern_id offset 0))
    with check (OURS(agency_id) and ended_at is null);
create policy seen on link_release for select to portal_app
    using (exists (select 1 from concern_link l where l.id = link_release.link_id offset 0));
create policy added on link_release for insert to portal_app with check (
    MINE(released_by) and OURS(agency_id) and reason <> ''
    and exists (select 1 from concern_link l
                 where l.id = link_release.link_id and OURS(l.agency_id) and l.child_id is not null offset 0));

-- What a link to a place or a phone number may tell of a child, as kinds of statement: what its role says (`p_tells`); the
-- address, of a home or placement, unless it is one to which the child is taken (`nothing`); and whatever an agency has entered that looks like the thing itself.
create function ctx.link_may_tell(p_concern uuid, p_child uuid, p_tells text) returns text[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare k concern; v_bare text; v_digits text;
begin
    select * into k from concern where id = p_concern;
    v_bare := regexp_replace(lower(coalesce(nullif(k.details ->> 'address', ''), k.name)), '[^a-z0-9]', '', 'g');
    v_digits := right(regexp_replace(coalesce(nullif(k.details ->> 'number', ''), k.name), '[^0-9]', '', 'g'), 9);
    return array_remove(array[nullif(p_tells, 'nothing')]
                        || case when k.dwelling and p_tells is distinct from 'nothing' then array['address'] end || array(
        select distinct s.kind from child_statement s
         where s.child_id = any (ctx.same_child(p_child, false)) and s.kind in ('address', 'school', 'phone')
           and ((k.kind = 'place' and s.kind in ('address', 'school')
                 and (upper(replace(s.postcode, ' ', '')) = upper(replace(k.details ->> 'postcode', ' ', ''))
                      or (length(v_bare) >= 6
                          and (position(v_bare in regexp_replace(lower(s.value), '[^a-z0-9]', '', 'g')) > 0
                               or (length(regexp_replace(lower(s.value), '[^a-z0-9]', '', 'g')) >= 6
                                   and position(regexp_replace(lower(s.value), '[^a-z0-9]', '', 'g') in v_bare) > 0)))))
                or (k.kind = 'phone' and s.kind = 'phone' and length(v_digits) = 9
                    and position(v_digits in regexp_replace(s.value, '[^0-9]', '', 'g')) > 0))), null);
end $$;

-- Whether an alert that stands on a case of the child, in this record or one linked to it, binds such a link; with
-- `p_link`, unless its agency has said since the alert was set why it may be seen.
create function ctx.link_is_bound(p_concern uuid, p_child uuid, p_tells text, p_link uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from cre_case c join alert a on a.case_id = c.id
         where c.child_id = any (ctx.same_child(p_child, false)) and a.ended_at is null
           and a.holds_back && ctx.link_may_tell(p_concern, p_child, p_tells)
           and not exists (select 1 from link_release r where r.link_id = p_link and r.released_at >= a.created_at));
end $$;

-- The same for whoever reaches the record of the child: what the page of a link asks.
create function ctx.must_hold_link(p_concern uuid, p_child uuid, p_tells text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (select 1 from child_scope s
                    where s.child_id = p_child and s.sees = 2 and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp())
       and ctx.link_is_bound(p_concern, p_child, p_tells, null);
end $$;

create function ctx.link_is_held() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform 1 from child k where k.id = any (ctx.same_child(new.child_id, false)) order by k.id for no key update;
    if ctx.link_is_bound(new.concern_id, new.child_id, new.tells, new.id) then
        raise check_violation using message = 'an alert says that this is not disclosed, and nobody has said why it may be';
    end if;
    return new;
end $$;
create trigger link_is_held before insert or update on concern_link
    for each row when (new.child_id is not null and not new.do_not_disclose and new.ended_at is null)
    execute function ctx.link_is_held();

-- What stands already is held back with the alert, as statements are (`ctx.hold_back_standing`).
create function ctx.hold_back_links(p_child uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update concern_link l
       set do_not_disclose = true,
           listed_agencies = case when ctx.agency_id() is null or l.agency_id = ctx.agency_id()
                                       or ctx.agency_id() = any (l.listed_agencies) or l.handling <> 'network'
                                  then l.listed_agencies else l.listed_agencies || ctx.agency_id() end
     where l.child_id in (select p_child
                          union select b.child_b from child_link b where b.child_a = p_child and b.unlinked_at is null
                          union select b.child_a from child_link b where b.child_b = p_child and b.unlinked_at is null)
       and l.ended_at is null and not l.do_not_disclose
       and ctx.link_is_bound(l.concern_id, l.child_id, l.tells, l.id);
end $$;
create function ctx.alert_holds_links() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_links((select c.child_id from cre_case c where c.id = new.case_id));
    return null;
end $$;
create trigger alert_holds_links after insert on alert
    for each row when (new.holds_back <> '{}') execute function ctx.alert_holds_links();
create function ctx.link_holds_links() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_links(new.child_a);
    return null;
end $$;
create trigger link_holds_links after insert or update of unlinked_at on child_link
    for each row when (new.unlinked_at is null) execute function ctx.link_holds_links();
create function ctx.opened_holds_links() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_links(new.child_id);
    return null;
end $$;
create trigger opened_holds_links after update of sensitivity on cre_case
    for each row when (new.sensitivity <> old.sensitivity) execute function ctx.opened_holds_links();
-- An address that is entered later may be that of a place which is linked already.
create function ctx.stated_holds_links() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_links(new.child_id);
    return null;
end $$;
create trigger stated_holds_links after insert on child_statement
    for each row when (new.kind in ('address', 'school', 'phone')) execute function ctx.stated_holds_links();

create policy added on concern_note for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and exists (select 1 from concern c where c.id = concern_note.concern_id and c.ended_at is null offset 0));

create policy seen on concern_change for select to portal_app
    using (CONCERN(concern_change.concern_id));
create policy added on concern_change for insert to portal_app with check (
    MINE(changed_by) and OURS(changed_agency_id)
    and CONCERN(concern_change.concern_id));

-- That two which look alike are not the same is for whoever sees both.
create policy seen on concern_difference for select to portal_app using (
    CONCERN(concern_difference.concern_id)
    and CONCERN(concern_difference.other_id));
create policy added on concern_difference for insert to portal_app with check (
    MINE(said_by) and OURS(agency_id) and undone_at is null
    and CONCERN(concern_difference.concern_id)
    and CONCERN(concern_difference.other_id));
create policy changed on concern_difference for update to portal_app
    using (undone_at is null
           and CONCERN(concern_difference.concern_id)
           and CONCERN(concern_difference.other_id))
    with check (MINE(undone_by));

-- Whom an agency has told of what it is shown: its lead, and where nobody leads it its teams. For the functions below
-- alone: the application reads agencies and teams itself.
create function ctx.told_for(p_agency uuid) returns table (user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.lead_id, null::uuid from agency a where a.id = p_agency and a.lead_id is not null
    union all
    select null, t.id from agency a join team t on t.agency_id = a.id and t.active
     where a.id = p_agency and a.lead_id is null
$$;

-- Who works with some children, by ground; of a case that is closely held only those who read it. Whoever does not read a
-- case learns of nobody by name who works on it. Who leads or works on one is among them also where they are not let in to
-- what is of concern: they learn of which child it is and whom to ring, and nothing else (`ctx.who_answers_for_concern`).
-- Asked by what follows, which says for whom: not granted to anybody.
create function ctx.around_children(p_concern uuid, p_children uuid[])
returns table (child_id uuid, ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return query
    select c.child_id,
           case when ctx.reaches_case((select ctx.readers())::uuid[], c.id) then w.ground
                when w.ground = 'lead_professional' then 'lead_unseen' else 'worker_unseen' end,
           w.user_id, null::uuid
      from cre_case c cross join lateral ctx.around_case(c.id) w
     where c.child_id = any (p_children) and c.state not in ('closed', 'transferred') and w.user_id is not null
       and (w.ground in ('lead_professional', 'worker')
            or (w.ground = 'lead_manager' and ctx.reaches_case((select ctx.readers())::uuid[], c.id)
                and ctx.reaches_concern(ctx.readers_of(w.user_id), p_concern)))
    union
    -- A team of which nobody is named for the case.
    select c.child_id,
           case when ctx.reaches_case((select ctx.readers())::uuid[], c.id) then 'worker' else 'worker_unseen' end,
           null, i.team_id
      from cre_case c join involvement i on i.case_id = c.id
     where c.child_id = any (p_children) and c.state not in ('closed', 'transferred') and c.sensitivity = 0
       and i.worker_id is null and coalesce(i.ended_at, 'infinity') > statement_timestamp();
end $$;

-- Who answers for something of concern, and their number, for whoever was told of it because of a child and is not let in,
-- while they read a case of that child and the link is for them: `cases` says which. Of what it is it tells nothing.
create function ctx.who_answers_for_concern(p_message uuid)
returns table (team text, team_phone text, agency text, cases text[], linked_by text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with told as (
        -- A message on a link has it in its key, after its kind and what it is about.
        select k.id, k.owner_team_id, k.owner_agency_id, split_part(m.key, ':', 4) as once
          from outbox_message m
          join outbox_subject s on s.message_id = m.id and s.subject_kind = 'concern'
          join concern k on k.id = s.subject_id and k.sensitivity = 0
         where m.id = p_message and m.last_word and m.state <> 'cancelled'
           and ((m.recipient_id = ctx.user_id() and m.agency_id = ctx.agency_id())
                or m.recipient_team_id = any ((select ctx.teams())::uuid[]))),
    mine as (
        select told.id, array_agg(distinct c.reference order by c.reference) as cases,
               array_agg(distinct b.name order by b.name) filter (where told.once = l.id::text) as linked_by
          from told
          join concern_link l on l.concern_id = told.id and (told.once = l.id::text or told.once not like '%-%')
          join agency b on b.id = l.agency_id
               and ((l.handling = 'network' and not l.do_not_disclose) or l.agency_id = ctx.agency_id()
                    or ((l.handling = 'agencies' or l.do_not_disclose) and ctx.agency_id() = any (l.listed_agencies)))
          join cre_case c on c.child_id = l.child_id and c.state not in ('closed', 'transferred')
         where ctx.reaches_case((select ctx.readers())::uuid[], c.id)
         group by told.id)
    select t.name, t.duty_phone, a.name, mine.cases, mine.linked_by
      from told join mine on mine.id = told.id
      join agency a on a.id = told.owner_agency_id
      left join team t on t.id = told.owner_team_id and t.active
$$;

-- Who is around something of concern, by ground, for whoever is let in to it. With a link, of its child alone. Of what is
-- held closely nobody hears who is not let in.
create function ctx.around_concern(p_concern uuid, p_link uuid)
returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (
        select k.* from concern k
         where k.id = p_concern and ctx.reaches_concern((select ctx.readers())::uuid[], k.id))
    select w.ground, w.user_id, w.team_id
      from about k join concern_link l on l.concern_id = k.id
     cross join lateral ctx.around_children(k.id, array[l.child_id]) w
      left join app_user u on u.id = w.user_id
      left join team t on t.id = w.team_id
     cross join lateral (select coalesce(u.agency_id, t.agency_id)) a (id)
     where (l.id = p_link or (p_link is null and l.ended_at is null))
       and (k.sensitivity = 0 or (w.user_id is not null and ctx.reaches_concern(ctx.readers_of(w.user_id), k.id)))
       and ((l.handling = 'network' and not l.do_not_disclose) or a.id = l.agency_id
            or ((l.handling = 'agencies' or l.do_not_disclose) and a.id = any (l.listed_agencies)))
    union
    select 'keeper', null, k.owner_team_id from about k where k.owner_team_id is not null
    union
    select 'keeper', t.user_id, t.team_id from about k cross join lateral ctx.told_for(k.owner_agency_id) t
     where k.owner_team_id is null
    union
    select 'shown', t.user_id, t.team_id
      from about k join concern_release r on r.concern_id = k.id and r.withdrawn_at is null
     cross join lateral (select d.user_id, d.team_id from ctx.told_for(r.agency_id) d
                         union select null, m.id from team m where m.agency_id = r.agency_id and m.active) t
    union
    -- The hub hears of a link that it reads.
    select 'hub', null, t.id
      from about k join concern_link l on l.id = p_link and l.concern_id = k.id
      join agency g on g.sector = 'hub' join team t on t.agency_id = g.id and t.active
     where l.handling = 'network' and not l.do_not_disclose and ctx.reaches_child(array[ctx.hub()], l.child_id)
    union
    -- Whoever recorded it or added to it, and would not see it if it were held closely.
    select 'leaving', w.id, null
      from about k
     cross join lateral (select k.created_by
                         union select n.author_id from concern_note n where n.concern_id = k.id) w (id)
     where not ctx.readers_of(w.id) && (
               array_remove(array[ctx.hub(), k.owner_agency_id, k.owner_team_id], null)
               || array(select ctx.audience_key('agency', r.agency_id::text) from concern_release r
                         where r.concern_id = k.id and r.withdrawn_at is null))
$$;

-- Those whom the page names; who works on a case that whoever tells does not read is told by `ctx.tell_unseen`.
create function ctx.hear_of_concern(p_concern uuid, p_link uuid)
returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.* from ctx.around_concern(p_concern, p_link) a where a.ground not in ('lead_unseen', 'worker_unseen')
$$;
create function ctx.unseen_of_concern(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.* from ctx.around_concern((p ->> 'subject')::uuid, (p -> 'asks' ->> 'link')::uuid) a
     where a.ground in ('lead_unseen', 'worker_unseen')
$$;

-- What the worker reads to remind and to tell.
create policy worker on concern for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert, update (name, description, details, source_grade, information_grade, handling_code, risk,
    owner_agency_id, owner_team_id, sensitivity, dwelling, district, authority, first_on, last_on, review_on,
    police_status, police_status_by, police_status_at, also_child, do_not_approach, ended_at, ended_by, ended_reason,
    version) on concern to portal_app;
grant select, insert on concern_change, concern_note to portal_app;
grant select, insert, update (undone_at, undone_by) on concern_difference to portal_app;
grant select, insert, delete on concern_key to portal_app;
grant select, insert, update (ended_at, ended_by, ended_reason, do_not_disclose) on concern_link to portal_app;
grant select, insert on link_release to portal_app;
grant select, insert, update (withdrawn_at, withdrawn_by) on concern_release to portal_app;
grant select on concern_scope to portal_app;
grant execute on function ctx.hear_of_concern, ctx.who_answers_for_concern, ctx.must_hold_link to portal_app;
grant select (id, reference, owner_agency_id, owner_team_id) on concern to portal_worker;
grant select, update (version) on concern to portal_scope;
grant select (concern_id, kind, changed_by) on concern_change to portal_scope;
grant select on concern_link, concern_release to portal_scope;
grant update (do_not_disclose, listed_agencies) on concern_link to portal_scope;
grant select (link_id, released_at) on link_release to portal_scope;
grant select (concern_id, author_id) on concern_note to portal_scope;
grant select, insert, update, delete on concern_scope to portal_scope;
