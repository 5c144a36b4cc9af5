-- What repeated episodes ask: somebody decides whether a strategy meeting is called.

-- Repeatedly missing: where so many episodes lie within so many rolling days, somebody decides on a strategy
-- meeting; once for the same episodes. While nobody has decided, a further episode joins those in question; where
-- one was withdrawn and too few are left, nothing is asked any more. Of records that are linked it is asked on the one
-- with an open case, and never on one that is held less closely. Whoever is asked is told here (`p_tell`, `ctx.tell_unseen`):
-- the actor may not read what is asked, nor learn that anything is.
create function ctx.weigh_repeated(
    p_episode uuid, p_prompt uuid, p_deadline uuid, p_episodes integer, p_days integer, p_counted text[],
    p_due timestamptz, p_source text, p_confirmed boolean, p_policy text, p_tell jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_episode missing_episode; v_open missing_prompt; v_set uuid[]; v_found uuid[]; v_same uuid[]; v_alike uuid[];
begin
    select e.* into v_episode from missing_episode e where e.id = p_episode;
    if not ctx.reads_episode(p_episode) then
        return;
    end if;
    v_same := ctx.same_child(v_episode.child_id, false);
    v_alike := ctx.same_child(v_episode.child_id, true);
    perform 1 from child where id = any (v_same) order by id for no key update;
    select p.* into v_open from missing_prompt p
     where p.child_id = any (v_alike) and p.answered_at is null and p.fell_away_at is null
     order by p.child_id = v_episode.child_id desc limit 1
       for update;  -- whoever answers at this moment has answered: then there is none that is open
    for v_set in
        select array(select f.id from missing_episode f
                      where f.child_id = any (v_same) and f.withdrawn_at is null and f.status = any (p_counted)
                        and f.missing_since <= e.missing_since
                        and f.missing_since >= ctx.days_before(e.missing_since, p_days)
                      order by f.missing_since, f.id)
          from missing_episode e
         where e.child_id = any (v_same) and e.withdrawn_at is null and e.status = any (p_counted)
           and e.missing_since >= ctx.days_before(statement_timestamp(), p_days)
         order by e.missing_since desc, e.id desc
    loop
        if cardinality(v_set) >= p_episodes
           and not exists (select 1 from missing_prompt p
                            where p.child_id = any (v_same) and p.answered_at is not null
                              and p.episode_ids @> v_set) then
            v_found := v_set;
            exit;
        end if;
    end loop;
    if v_open.id is not null and v_found is null then
        perform ctx.drop_prompt(v_open.id, 'There are too few episodes now');
    elsif v_open.id is not null then
        update missing_prompt set episode_ids = v_found where id = v_open.id and episode_ids <> v_found;
    elsif v_found is not null then
        select e.* into v_episode from missing_episode e
         where (e.id = any (v_found) or e.id = p_episode) and e.child_id = any (v_alike)
         order by exists (select 1 from cre_case c
                           where c.child_id = e.child_id and c.state not in ('closed', 'transferred')) desc,
                  e.id = p_episode desc, e.missing_since desc limit 1;
        insert into missing_prompt (id, child_id, episode_ids, reference, prompted_at, words, policy_version)
        values (p_prompt, v_episode.child_id, v_found, v_episode.reference, statement_timestamp(), '', p_policy);
        insert into deadline (id, kind, subject_kind, subject_id, child_id, owner_id, owner_team_id, owner_agency_id,
                              started_at, due_at, original_due_at, state, source, confirmed, policy_version)
        select p_deadline, 'strategy_prompt', 'missing_prompt', p_prompt, v_episode.child_id, o.user_id, o.team_id,
               o.agency_id, statement_timestamp(), p_due, p_due, 'open', p_source, p_confirmed, p_policy
          from ctx.interview_owner(v_episode.id) o;  -- whoever owes the return interview owes this too
        perform ctx.tell_unseen(p_tell || jsonb_build_object('reference', v_episode.reference));
    end if;
end $$;

-- A decision that was asked for is not asked for any more; one that somebody made at this moment stands.
create function ctx.drop_prompt(p_prompt uuid, p_reason text) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    with gone as (
        update missing_prompt set fell_away_at = statement_timestamp()
         where id = p_prompt and answered_at is null and fell_away_at is null returning id)
    update deadline d set state = 'cancelled', ended_at = statement_timestamp(), move_reason = p_reason
      from gone where d.subject_kind = 'missing_prompt' and d.subject_id = gone.id and d.state = 'open';
$$;

-- A prompt is a record of the child like an episode; of a child who is held closely it is the case's alone.
create policy seen on missing_prompt for select to portal_app
    using (EPISODE(missing_prompt.id));
create policy answered on missing_prompt for update to portal_app
    using (answered_at is null and fell_away_at is null
           and EPISODE(missing_prompt.id))
    with check (MINE(answered_by) and OURS(answered_agency_id));

-- What the worker reads to remind and to tell.
create policy worker on missing_prompt for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, update (answer, words, answered_by, answered_agency_id, answered_at) on missing_prompt to portal_app;
grant select (id, reference) on missing_prompt to portal_worker;
grant select, insert, update (episode_ids, fell_away_at) on missing_prompt to portal_scope;
grant execute on function ctx.weigh_repeated to portal_app;
