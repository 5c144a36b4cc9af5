-- A safety plan is for everyone with full reach on its case. What was written, each version that was in force and
-- each renewal are only ever added to, and only while the plan is not ended.

create policy seen on safety_plan for select to portal_app
    using (FULL(safety_plan.case_id));
create policy added on safety_plan for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id) and state = 'draft'
    and FULL(safety_plan.case_id));
create policy changed on safety_plan for update to portal_app
    using (FULL(safety_plan.case_id));

create policy seen on safety_plan_answer for select to portal_app
    using (exists (select 1 from safety_plan p where p.id = safety_plan_answer.plan_id offset 0));
create policy added on safety_plan_answer for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and exists (select 1 from safety_plan p
                 where p.id = safety_plan_answer.plan_id and p.state <> 'ended' offset 0));

create policy seen on safety_plan_version for select to portal_app
    using (exists (select 1 from safety_plan p where p.id = safety_plan_version.plan_id offset 0));
create policy added on safety_plan_version for insert to portal_app with check (
    MINE(put_by)
    and exists (select 1 from safety_plan p
                 where p.id = safety_plan_version.plan_id and p.state <> 'ended' offset 0));

-- A plan that a meeting ended may still be renewed after it.
create policy seen on safety_plan_renewal for select to portal_app
    using (exists (select 1 from safety_plan p where p.id = safety_plan_renewal.plan_id offset 0));
create policy added on safety_plan_renewal for insert to portal_app with check (
    MINE(renewed_by)
    and exists (select 1 from safety_plan p
                 where p.id = safety_plan_renewal.plan_id
                   and (p.state = 'in_force' or p.ended_meeting_id is not null) offset 0));

-- Nothing comes into force that no version says, nothing lasts longer that no renewal says, and nobody ends a plan
-- in the name of another.
create function ctx.safety_plan_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if new.number < old.number or new.in_force_at is distinct from coalesce(old.in_force_at, new.in_force_at)
       or new.valid_from is distinct from coalesce(old.valid_from, new.valid_from) then
        raise check_violation using message = 'what was said of a safety plan stands';
    end if;
    if new.state = 'in_force' and not exists (select 1 from safety_plan_version v where v.plan_id = new.id) then
        raise check_violation using message = 'a safety plan is in force as one of its versions';
    end if;
    if (new.valid_until > old.valid_until or (old.state = 'ended' and new.state = 'in_force'))
       and not exists (select 1 from safety_plan_renewal r
                        where r.plan_id = new.id and r.until = new.valid_until
                          and r.renewed_by = ctx.user_id()) then
        raise check_violation using message = 'a safety plan lasts longer only by a renewal with its reason';
    end if;
    if new.ended_by is distinct from old.ended_by and new.ended_by <> ctx.user_id() then
        raise insufficient_privilege using message = 'nobody ends a safety plan in the name of another';
    end if;
    return new;
end $$;
create trigger safety_plan_stands before update on safety_plan
    for each row when (current_user = 'portal_app') execute function ctx.safety_plan_stands();

-- Whether words give away an address or a phone number, however it is spaced or written. Shorter than six signs, what
-- is left of one would be found in any text.
create function ctx.mentions(p_words text, p_value text, p_postcode text) returns boolean
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1
          from (values (p_value), (regexp_replace(p_value, '[,\n].*', '')), (p_postcode)) as said (text)
         where length(lower(regexp_replace(said.text, '[^[:alnum:]]', '', 'g'))) >= 6
           and position(lower(regexp_replace(said.text, '[^[:alnum:]]', '', 'g'))
                        in lower(regexp_replace(p_words, '[^[:alnum:]]', '', 'g'))) > 0)
$$;

-- The same for every address and number of a child that may not be told, also those that whoever asks does not see:
-- before a page is handed out. It answers only on a case that one reads in full.
create function ctx.gives_away(p_case uuid, p_words text) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from cre_case c join child_statement s on s.child_id = c.child_id
         where c.id = p_case and s.do_not_disclose and s.kind in ('address', 'phone')
           and ctx.mentions(p_words, s.value, s.postcode)
           and exists (select 1 from case_scope r
                        where r.case_id = c.id and r.reader = any ((select ctx.readers())::uuid[]) and r.sees = 2
                          and r.until > statement_timestamp()))
$$;

-- How closely the case of a missing child is held, where a plan in force says what to do then, also on a linked record; nothing
-- where none does.
create function ctx.plan_if_missing(p_episode uuid, p_items text[]) returns smallint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((ctx.closest_case(e.child_id)).sensitivity, 0::smallint)
      from missing_episode e
     where e.id = p_episode and ctx.reads_episode(e.id)
       and exists (
            select 1 from cre_case c join safety_plan p on p.case_id = c.id and p.state = 'in_force'
             cross join lateral (
                 select distinct on (a.item) a.words from safety_plan_answer a
                  where a.plan_id = p.id and a.item = any (p_items)
                    and a.number <= (select max(v.number) from safety_plan_version v where v.plan_id = p.id)
                  order by a.item, a.number desc) said
             where c.child_id = any (ctx.same_child(e.child_id, false)) and said.words <> '')
$$;

-- The same of an alert by which whoever looks for the child asks before they act, and of either.
create function ctx.warning_if_missing(p_episode uuid, p_kinds text[]) returns smallint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce((ctx.closest_case(e.child_id)).sensitivity, 0::smallint)
      from missing_episode e
     where e.id = p_episode and ctx.reads_episode(e.id)
       and exists (select 1 from cre_case c join alert a on a.case_id = c.id and a.ended_at is null
                    where c.child_id = any (ctx.same_child(e.child_id, false)) and a.kind = any (p_kinds)
                      and c.state not in ('closed', 'transferred'))
$$;
create function ctx.ask_if_missing(p jsonb) returns smallint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(ctx.plan_if_missing((p ->> 'subject')::uuid,
                                        array(select jsonb_array_elements_text(p -> 'asks' -> 'items'))),
                    ctx.warning_if_missing((p ->> 'subject')::uuid,
                                           array(select jsonb_array_elements_text(p -> 'asks' -> 'alerts'))))
$$;

-- Whoever reports may read no case: `ctx.tell_unseen` tells whoever looks for the child, and of a restricted case the hub alone,
-- which reads it; of a sealed one nobody. Who heard of a plan hears it again of an episode that is another child's now, and
-- not because records are linked. And them once more, when neither a plan nor an alert says anything any more.
create function ctx.unseen_each_plan_there(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select (p ->> 'subject')::uuid
     where ctx.ask_if_missing(p) < 2
$$;
create function ctx.unseen_of_plan_there(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select found.ground, null::uuid, found.team_id
      from (select 'police_desk', t.id from team t
             where t.id in (select (d #>> '{}')::uuid from jsonb_array_elements(p -> 'asks' -> 'desks') d)
               and ctx.ask_if_missing(p) = 0
            union all
            select 'hub', t.id
              from team t join agency a on a.id = t.agency_id and a.sector = 'hub' and a.active where t.active)
           found (ground, team_id)
     where (p -> 'asks' ->> 'moved')::boolean
        or found.team_id <> all (ctx.told_of_episode((p ->> 'subject')::uuid, array['missing_plan_there', 'missing_planned']))
$$;
create function ctx.unseen_of_plan_over(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if ctx.reads_episode((p ->> 'subject')::uuid) and ctx.ask_if_missing(p) is null then
        return query
            select distinct 'heard_before', w.user_id, w.team_id
              from ctx.was_told(array['missing_planned', 'missing_plan_there'], 'missing_episode', (p ->> 'subject')::uuid) w;
    end if;
end $$;

-- Who was told that there is a plan for a child who is missing, also with the report itself: for whoever reads a case of the
-- child, and so the plan. To them the page names those who hear of its end; to nobody else.
create function ctx.told_of_plan(p_episode uuid) returns table (user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select 1 from missing_episode e join cre_case c on c.child_id = e.child_id
                where e.id = p_episode and ctx.reaches_case((select ctx.readers())::uuid[], c.id)) then
        return query
            select distinct w.user_id, w.team_id
              from ctx.was_told(array['missing_planned', 'missing_plan_there'], 'missing_episode', p_episode) w;
    end if;
end $$;

-- And whether a plan or an alert still says that they ask before they act, for the same.
create function ctx.asked_still(p_episode uuid, p_items text[], p_alerts text[]) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from missing_episode e join cre_case c on c.child_id = e.child_id
                    where e.id = p_episode and ctx.reaches_case((select ctx.readers())::uuid[], c.id))
       and coalesce(ctx.plan_if_missing(p_episode, p_items), ctx.warning_if_missing(p_episode, p_alerts)) is not null
$$;

-- When a plan ended that was in force as something was passed on to those who look for the child, also one on a linked record:
-- for whoever reads the episode, and with it those words. Of the plan they learn no more than that it holds no longer.
create function ctx.plan_ended_since(p_enquiry uuid) returns timestamptz
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select max(p.ended_at)
      from missing_enquiry q
      join missing_episode e on e.id = q.episode_id
      join cre_case c on c.child_id = any (ctx.same_child(e.child_id, false)) and c.sensitivity = 0
      join safety_plan p on p.case_id = c.id and p.in_force_at <= q.recorded_at and p.ended_at >= q.recorded_at
     where q.id = p_enquiry and ctx.reads_episode(e.id)
$$;

-- Nobody need see to it any more that somebody is told of a plan that has ended, or of which somebody on that ground was told
-- since: it leaves the hub's list in the name of whoever ended it or told them, who reads the plan.
create function ctx.close_untold_of_plan(p_plan uuid, p_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update untold u
       set seen_to_at = p_at, seen_to_by = ctx.user_id(),
           seen_to_words = case when p.ended_at is not null then 'The safety plan has ended' else 'They were told since' end
      from safety_plan p
     where p.id = p_plan and u.subject_kind = 'safety_plan' and u.subject_id = p.id and u.seen_to_at is null
       and ctx.reaches_case((select ctx.readers())::uuid[], p.case_id)
       and (p.ended_at is not null
            or u.reason = 'nobody'
               and exists (select 1 from outbox_subject s join outbox_message m on m.id = s.message_id
                            where s.subject_kind = 'safety_plan' and s.subject_id = p.id
                              and m.created_at >= u.created_at
                              and m.event = u.event and m.ground = u.ground and m.state <> 'cancelled'))
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (state, number, in_force_at, valid_from, valid_until, ended_at, ended_by, ended_reason,
    ended_meeting_id, version) on safety_plan to portal_app;
grant select, insert on safety_plan_answer, safety_plan_renewal, safety_plan_version to portal_app;
grant select (id, reference, case_id, state, author_id, in_force_at, ended_at) on safety_plan to portal_scope;
grant select (plan_id, item, number, words) on safety_plan_answer to portal_scope;
grant select (plan_id, number) on safety_plan_version to portal_scope;
grant execute on function ctx.mentions, ctx.gives_away, ctx.told_of_plan, ctx.asked_still, ctx.plan_ended_since, ctx.close_untold_of_plan
    to portal_app;
