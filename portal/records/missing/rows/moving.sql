-- Whether two records are of one child, and putting an episode on the right one.

-- A question whose an episode is stands open until it is answered, as long as the episode is where it was when that
-- was asked.
create function ctx.open_matches(p_episode uuid) returns setof missing_match
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select m.* from missing_match m join missing_episode e on e.id = m.episode_id and e.child_id = m.child_id
     where m.episode_id = p_episode and m.answered_at is null and e.withdrawn_at is null
$$;

-- Whether whoever recorded an episode knows the child of a record: the people of the team, of the agency where it is of none.
create function ctx.recorder_knows(p_child uuid, p_team uuid, p_agency uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from child_scope s
         where s.child_id = p_child and s.until > statement_timestamp()
           and (s.reader = p_team or s.reader = any (ctx.audience_keys(p_agency))
                or (s.reader = ctx.hub()
                    and exists (select 1 from agency a where a.id = p_agency and a.sector = 'hub'))))
$$;

-- Of the two authorities of an episode those that it leaves open and the record of the child names.
create function ctx.left_to_record(p_responsible text, p_host text, p_by_record text, p_host_by_record text) returns text[]
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select array_remove(array[
        case when p_responsible is null and p_by_record is not null then 'responsible_authority' end,
        case when p_host is null and p_host_by_record is not null then 'host_authority' end], null)
$$;

-- An episode is another child's: it goes over with the interviews that cover it and the other episodes that those
-- cover, and what is owed on them goes to whoever owes it for that child. By whoever sees the records of both.
create function ctx.move_episode(p_episode uuid, p_child uuid, p_words text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_episode missing_episode; v_interviews uuid[]; v_episodes uuid[];
begin
    select e.* into v_episode from missing_episode e where e.id = p_episode for update;
    if not ctx.reads_episode(p_episode) or v_episode.withdrawn_at is not null or v_episode.child_id = p_child
       or (select count(distinct s.child_id) from child_scope s
            where s.child_id in (v_episode.child_id, p_child) and s.sees = 2
              and s.reader = any ((select ctx.readers())::uuid[]) and s.until > statement_timestamp()) < 2 then
        raise insufficient_privilege using message = 'whoever moves an episode sees the records of both children';
    end if;
    perform 1 from child where id in (v_episode.child_id, p_child) order by id for no key update;
    update missing_match set same = true, words = p_words, answered_by = ctx.user_id(),
           answered_agency_id = ctx.agency_id(), answered_at = statement_timestamp()
     where id in (select m.id from ctx.open_matches(p_episode) m where m.other_id = p_child);
    if not found then
        insert into missing_match (id, episode_id, child_id, other_id, asked_at, same, words, answered_by,
                                   answered_agency_id, answered_at)
        values (gen_random_uuid(), p_episode, v_episode.child_id, p_child, statement_timestamp(), true, p_words,
                ctx.user_id(), ctx.agency_id(), statement_timestamp());
    end if;
    v_interviews := array(select c.interview_id from return_interview_episode c where c.episode_id = p_episode);
    v_episodes := array(select c.episode_id from return_interview_episode c where c.interview_id = any (v_interviews)
                        union select p_episode);
    -- What goes over with it was on the first record too, and says so as well.
    insert into missing_match (id, episode_id, child_id, other_id, asked_at, same, words, answered_by,
                               answered_agency_id, answered_at)
    select gen_random_uuid(), e.id, v_episode.child_id, p_child, statement_timestamp(), true, p_words,
           ctx.user_id(), ctx.agency_id(), statement_timestamp()
      from unnest(v_episodes) e (id) where e.id <> p_episode;
    -- Whoever wrote of the child as of another was not asked about what must not be disclosed of this one (ADR 34).
    -- Whose the other child is by its record is not said of this one.
    update missing_episode
       set child_id = p_child, version = version + 1, asked = false, by_record = '{}',
           responsible_authority = case when 'responsible_authority' <> all (by_record) then responsible_authority end,
           host_authority = case when 'host_authority' <> all (by_record) then host_authority end
     where id = any (v_episodes);
    update missing_enquiry set asked = false where episode_id = any (v_episodes) and asked;
    update missing_change set asked = false where episode_id = any (v_episodes) and asked;
    update prevention_talk set asked = false where episode_id = any (v_episodes) and asked;
    -- Whose the child is, where nobody said it, is on the record of the right one; of one that is held closely it stays there.
    -- So it does where whoever recorded the episode does not know the child: by it they would read that the portal does.
    if coalesce((ctx.closest_case(p_child)).sensitivity, 0) = 0 then
        update missing_episode e
           set responsible_authority = coalesce(e.responsible_authority, r.responsible_authority),
               host_authority = coalesce(e.host_authority, r.host_authority),
               by_record = ctx.left_to_record(
                   e.responsible_authority, e.host_authority, r.responsible_authority, r.host_authority)
          from child_record r
         where r.child_id = p_child and e.id = any (v_episodes)
           and ctx.recorder_knows(p_child, e.recorded_team_id, e.recorded_agency_id)
           and ctx.left_to_record(e.responsible_authority, e.host_authority, r.responsible_authority, r.host_authority) <> '{}';
    end if;
    update missing_change set child_id = p_child where episode_id = any (v_episodes);
    update return_interview set child_id = p_child, version = version + 1 where id = any (v_interviews);
    update return_interview_episode set child_id = p_child where interview_id = any (v_interviews);
    update return_attempt set child_id = p_child, asked = false where interview_id = any (v_interviews);
    update return_change set child_id = p_child, asked = false where interview_id = any (v_interviews);
    -- A duty stays with its subject: another takes its place, with the same time.
    with gone as (
        update deadline set state = 'superseded', ended_at = statement_timestamp(),
               move_reason = 'The episode was put on another child'
         where subject_kind = 'missing_episode' and subject_id = any (v_episodes) and state = 'open'
        returning *)
    insert into deadline (id, kind, subject_kind, subject_id, case_id, child_id, owner_id, owner_team_id, owner_agency_id,
                          started_at, due_at, original_due_at, state, source, confirmed, policy_version)
    select gen_random_uuid(), d.kind, d.subject_kind, d.subject_id, o.case_id, case when o.case_id is null then p_child end,
           o.user_id, o.team_id, o.agency_id, d.started_at, d.due_at, d.original_due_at, 'open', d.source, d.confirmed,
           d.policy_version
      from gone d cross join lateral ctx.interview_owner(d.subject_id) o;
    perform ctx.drop_prompt(p.id, 'An episode was put on another child') from missing_prompt p
      where p.child_id = v_episode.child_id and p.answered_at is null and p.fell_away_at is null
        and p.episode_ids && v_episodes;
end $$;

-- Whether whoever asks may know who a child is, on whatever ground: also because they look for it.
create function ctx.may_know_child(p_child uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from child_scope s
                    where s.child_id = p_child and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp())
$$;

-- On whose record an episode was when it was reported.
create function ctx.first_of(p_episode missing_episode) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((select m.child_id from missing_match m where m.episode_id = p_episode.id and m.same
                      order by m.answered_at, m.id limit 1),
                    p_episode.child_id)
$$;
-- Whether it is on the very child who was reported, also where it was on another meanwhile: on that record, one that is said to be
-- of the same child, or one that is called and was born as it was reported.
create function ctx.is_of_reported(p_episode uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.first_of(e) = any (ctx.same_child(e.child_id, false))
           or exists (select 1 from child k where k.id = e.child_id and k.dob = e.reported_dob and not k.dob_is_estimate
                         and ctx.same_name(k.given_name || ' ' || k.family_name, e.reported_name))
      from missing_episode e where e.id = p_episode and ctx.reads_episode(e.id)
$$;
-- Whether the name and the date of birth that were reported are for whoever reads the episode and knows whose it is now: of a child
-- on another record they may be somebody else's. They are for whoever may know that one, recorded it, or looks for it; and where the
-- two are said to be of the same child.
create function ctx.reads_as_reported(p_episode uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.reads_episode(e.id)
           and (f.id = any (ctx.same_child(e.child_id, false))
                or e.recorded_by = ctx.user_id() or e.recorded_team_id = any ((select ctx.teams())::uuid[])
                or (ctx.is_police() and ctx.held(f.id) = 0)
                or ctx.may_know_child(f.id))
      from missing_episode e cross join lateral ctx.first_of(e) f (id)
     where e.id = p_episode
$$;

-- Whether two records are of one child is for whoever sees both.
create policy seen on missing_match for select to portal_app
    using (CHILD(missing_match.child_id) and CHILD(missing_match.other_id));
create policy answered on missing_match for update to portal_app
    using (answered_at is null and CHILD(missing_match.child_id) and CHILD(missing_match.other_id))
    with check (MINE(answered_by) and OURS(answered_agency_id) and same is false);

-- Who may touch which columns, and call what.
grant select, update (same, words, answered_by, answered_agency_id, answered_at) on missing_match to portal_app;
grant select, insert, update on missing_match to portal_scope;
grant execute on function ctx.move_episode, ctx.is_of_reported, ctx.reads_as_reported to portal_app;
