-- Whom somebody has to tell themselves. Who sees the duty sees whom it is about, and whoever made it happen does.

-- who: whoever made it happen, while of that agency
-- who: whoever sees the duty to tell them
create policy seen on told_by_hand for select to portal_app using (
    (MINE(asked_by) and OURS(agency_id))
    or exists (select 1 from deadline d
                where d.subject_kind = 'told_by_hand' and d.subject_id = told_by_hand.id));
create policy added on told_by_hand for insert to portal_app with check (
    MINE(asked_by) and OURS(agency_id) and told_on is null and dropped_at is null
    and (case_id is null or FULL(told_by_hand.case_id))
    and (referral_id is null or exists (select 1 from referral r where r.id = told_by_hand.referral_id))
    and (meeting_id is null or exists (select 1 from meeting m where m.id = told_by_hand.meeting_id)));
-- Colleagues of whoever owes it tell them too, the hub, and whoever runs the meeting; of one child of it, whoever
-- reads that child besides. Other agencies of the case read it.
-- Of an action that goes on, ends or goes to somebody else, whoever says so for the case takes the telling with it.
create policy changed on told_by_hand for update to portal_app using (
    (MINE(asked_by) and OURS(agency_id))
    or ((OURS(agency_id) or HUB)
        and exists (select 1 from deadline d
                     where d.subject_kind = 'told_by_hand' and d.subject_id = told_by_hand.id))
    or (meeting_id is not null and (case_id is null or FULL(told_by_hand.case_id)) and ctx.runs_meeting(meeting_id))
    or (subject_kind = 'action' and FULL(told_by_hand.case_id))
    or exists (select 1 from deadline d
                where d.subject_kind = 'told_by_hand' and d.subject_id = told_by_hand.id and OWNS(d)));

-- Whoever records it says so in their own name. What was dropped, or told, does not become untold.
create function ctx.told_by_hand_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.dropped_at is not null then
        raise check_violation using message = 'somebody who need not be told stays so';
    end if;
    if old.told_on is not null and new.told_on is null then
        raise check_violation using message = 'what was told is corrected, never untold';
    end if;
    if new.told_on is not null and new.recorded_by is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'nobody records it in the name of another';
    end if;
    if new.dropped_at is not null and new.dropped_by is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'nobody drops it in the name of another';
    end if;
    return new;
end $$;
create trigger told_by_hand_stands before update on told_by_hand
    for each row when (current_user = 'portal_app') execute function ctx.told_by_hand_stands();

create policy seen on by_hand_change for select to portal_app
    using (exists (select 1 from told_by_hand t where t.id = by_hand_change.told_id offset 0));
create function ctx.keep_by_hand() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if (old.told_on, old.way, old.told_by) is not distinct from (new.told_on, new.way, new.told_by) then
        return null;
    end if;
    insert into by_hand_change (id, told_id, told_on, way, told_by, recorded_by, recorded_at, corrected_by, corrected_at)
    values (gen_random_uuid(), old.id, old.told_on, old.way, old.told_by, old.recorded_by, old.recorded_at,
            ctx.user_id(), new.recorded_at);
    return null;
end $$;
create trigger keep_by_hand after update of told_on, way, told_by on told_by_hand
    for each row when (old.told_on is not null) execute function ctx.keep_by_hand();

-- What the worker reads to remind: references and what it hangs on, no names.
create policy worker on told_by_hand for select to portal_worker using (true);

-- Whom a reminder of it may go to: the grounds of its duty, of readers who do not ask themselves.
create function ctx.reaches_by_hand(p_readers uuid[], p_told uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from told_by_hand t join deadline d on d.subject_kind = 'told_by_hand' and d.subject_id = t.id
         where t.id = p_told
           and (ctx.is_person_of(p_readers, t.asked_by, t.agency_id)
                or (d.owner_id = any (p_readers)
                    and (d.owned_for_id is null or ctx.is_person_of(p_readers, d.owner_id, d.owned_for_id)))
                or d.owner_team_id = any (p_readers)
                or d.owner_agency_id = any (p_readers)
                or (t.case_id is not null and ctx.reaches_case(p_readers, t.case_id))
                or (t.referral_id is not null and ctx.hub_triages(p_readers, t.referral_id))
                or (t.case_id is null and t.meeting_id is not null and ctx.runs_meeting_as(p_readers, t.meeting_id))))
$$;

-- Ends what is owed of meetings that were cancelled, and whose time is past: who came in vain knows it. Whoever says at
-- that moment that they told somebody takes their turn, or is not disturbed.
create function ctx.end_cancelled_tellings(p_before timestamptz, p_at timestamptz, p_reason text, p_most int)
returns setof uuid
language sql volatile security definer rows 10 set search_path = pg_catalog, public, pg_temp as $$
    with past as (
        select t.id, d.id as deadline_id
          from deadline d join told_by_hand t on t.id = d.subject_id join meeting m on m.id = t.meeting_id
         where d.kind = 'by_hand' and d.state = 'open' and d.subject_kind = 'told_by_hand'
           and t.event = 'meeting_cancelled' and t.told_on is null and t.dropped_at is null
           and m.state = 'cancelled' and m.ends_at < p_before
         order by t.id limit p_most for update of t skip locked),
    dropped as (
        update told_by_hand t set dropped_at = p_at, dropped_reason = p_reason, version = t.version + 1
          from past where t.id = past.id and t.told_on is null and t.dropped_at is null
        returning past.deadline_id),
    ended as (
        update deadline d set state = 'cancelled', ended_at = p_at, move_reason = p_reason
          from dropped where d.id = dropped.deadline_id and d.state = 'open'
        returning d.id)
    select id from ended
$$;
-- How many that were: what a worker of the release before asks.
create function ctx.end_past_cancellations(p_before timestamptz, p_at timestamptz, p_reason text, p_most int)
returns integer
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    select count(*)::integer from ctx.end_cancelled_tellings(p_before, p_at, p_reason, p_most)
$$;

-- Since when an alert of a kind has stood on a case of the meeting of which somebody of the family is to be given what came of
-- it, for whoever sees that telling, also where they read the case no more: they are to ask before they ring. Of the alert
-- nothing else is said.
create function ctx.alert_behind_telling(p_told uuid, p_kind text, p_roles text[]) returns timestamptz
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select min(a.created_at)
      from told_by_hand t join meeting_case mc on mc.meeting_id = t.meeting_id
      join alert a on a.case_id = mc.case_id and a.kind = p_kind and a.ended_at is null
     where t.id = p_told and ctx.reaches_by_hand((select ctx.readers())::uuid[], t.id)
       and (t.event = 'minutes_family_version'
            or exists (select 1 from invitation i where i.meeting_id = t.meeting_id and i.external_name = t.name
                                                    and i.role = any (p_roles)))
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (told_on, way, told_by, recorded_by, recorded_at, dropped_by, dropped_at, dropped_reason,
    version) on told_by_hand to portal_app;
grant select on by_hand_change to portal_app;
grant select (id, reference) on told_by_hand to portal_worker;
grant select, update (dropped_at, dropped_reason, version) on told_by_hand to portal_scope;
grant execute on function ctx.end_cancelled_tellings, ctx.end_past_cancellations to portal_worker;
grant execute on function ctx.alert_behind_telling to portal_app;
grant insert on by_hand_change to portal_scope;
