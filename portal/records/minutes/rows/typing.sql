-- What is typed at the same time by several who record a meeting: every version of a minute, what each open page sent
-- last, and who is there.

-- who: whoever has full reach on the case that it is on
-- who: where it is on the whole meeting: whoever knows of that as a whole
create policy seen on minute_version for select to portal_app using (
    case when case_id is null then ctx.runs_meeting(meeting_id)
         else FULL(minute_version.case_id) end);

-- The versions under one heading, for whoever may read them by the policy above. A policy asks anew for each row whether
-- somebody runs the meeting; here that is asked once, however often the heading was saved.
create function ctx.minute_versions(p_meeting uuid, p_item uuid)
returns table (number integer, text text, both_changed boolean, saved_by uuid, saved_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select v.number, v.text, v.both_changed, v.saved_by, v.saved_at
      from minute_version v
     where v.meeting_id = p_meeting and v.item_id = p_item
       and case when v.case_id is null then (select ctx.runs_meeting(p_meeting))
                else v.case_id = any (array(
                    select s.case_id from meeting_case mc join case_scope s on s.case_id = mc.case_id
                     where mc.meeting_id = p_meeting and s.reader = any ((select ctx.readers())::uuid[])
                       and s.sees = 2 and s.until > statement_timestamp())) end
$$;

-- Every version is kept as it was written, by whatever writes it.
create function ctx.keep_minute_version() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into minute_version (item_id, number, meeting_id, case_id, text, both_changed, saved_by, saved_at)
    values (new.item_id, new.version, new.meeting_id, new.case_id, new.text, new.both_changed, new.saved_by,
            new.saved_at)
    on conflict (item_id, number) do nothing;
    return null;
end $$;
create trigger keep_minute_version after insert or update of text, version on minute
    for each row execute function ctx.keep_minute_version();

-- A page is of whoever opened it, and goes on only while they record the meeting.
create policy seen on minute_page for select to portal_app using (
    MINE(user_id) and ctx.runs_meeting(meeting_id));
create policy added on minute_page for insert to portal_app with check (
    MINE(user_id) and ctx.keeps_record(meeting_id)
    and exists (select 1 from agenda_item i
                 where i.id = minute_page.item_id and i.meeting_id = minute_page.meeting_id
                   and ctx.records_meeting(i.meeting_id, i.case_id) offset 0));
create policy changed on minute_page for update to portal_app using (MINE(user_id) and ctx.runs_meeting(meeting_id))
    with check (MINE(user_id) and ctx.keeps_record(meeting_id));
create trigger record_stands before insert on minute_page
    for each row when (current_user = 'portal_app') execute function ctx.record_stands();
create policy expiring on minute_page to portal_worker using (true) with check (false);

-- who: whoever records the meeting, where they read the child that it is on, or know of the meeting as a whole
create policy seen on meeting_draft for select to portal_app using (
    ctx.records_meeting(meeting_id, case_id) and ctx.keeps_record(meeting_id));
create policy added on meeting_draft for insert to portal_app with check (
    MINE(saved_by) and added_at is null and ctx.records_meeting(meeting_id, case_id)
    and ctx.keeps_record(meeting_id)
    and exists (select 1 from agenda_item i
                 where i.id = meeting_draft.item_id and i.meeting_id = meeting_draft.meeting_id
                   and (i.case_id is null or i.case_id = meeting_draft.case_id)));
create policy changed on meeting_draft for update to portal_app using (
    ctx.records_meeting(meeting_id, case_id) and ctx.keeps_record(meeting_id))
    with check (MINE(saved_by));
create trigger record_stands before insert or update on meeting_draft
    for each row when (current_user = 'portal_app') execute function ctx.record_stands();
create policy expiring on meeting_draft to portal_worker using (true) with check (false);

-- What a meeting heard of an action of last time is for whoever has full reach on its case, as what was said is.
create policy seen on action_review for select to portal_app using (FULL(action_review.case_id));
create policy added on action_review for insert to portal_app with check (
    MINE(saved_by) and ctx.records_meeting(meeting_id, case_id) and ctx.keeps_record(meeting_id)
    and exists (select 1 from action a
                 where a.id = action_review.action_id and a.case_id = action_review.case_id
                   and a.meeting_id is distinct from action_review.meeting_id offset 0));
create policy changed on action_review for update to portal_app using (FULL(action_review.case_id))
    with check (ctx.records_meeting(meeting_id, case_id) and ctx.keeps_record(meeting_id));
create trigger record_stands before insert or update on action_review
    for each row when (current_user = 'portal_app') execute function ctx.record_stands();

-- Whoever says something else of it has said it: that the action follows is no word of theirs.
create function ctx.heard_by_me() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user = 'portal_app'
       and (old.outcome, old.effect, old.words, old.saved_by)
           is distinct from (new.outcome, new.effect, new.words, new.saved_by) then
        new.saved_by := ctx.user_id();
    end if;
    return new;
end $$;
create trigger heard_by_me before update on action_review for each row
    execute function ctx.heard_by_me();

-- Whether whoever asks records a meeting that was told that an action is done.
create function ctx.heard_as_done(p_action uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from action_review r
                    where r.action_id = p_action and r.outcome = 'done' and ctx.is_recorded(r.meeting_id)
                      and ctx.records_meeting(r.meeting_id, r.case_id) and ctx.keeps_record(r.meeting_id))
$$;

create policy seen on meeting_presence for select to portal_app using (ctx.runs_meeting(meeting_id));
create policy added on meeting_presence for insert to portal_app with check (
    MINE(user_id) and ctx.runs_meeting(meeting_id));
create policy changed on meeting_presence for update to portal_app using (MINE(user_id))
    with check (MINE(user_id) and ctx.runs_meeting(meeting_id));
create policy expiring on meeting_presence to portal_worker using (true) with check (false);

grant select on minute_version to portal_app;
grant execute on function ctx.minute_versions to portal_app;
grant select, insert, update (seen, seq, typed, sent_at) on minute_page to portal_app;
grant select, insert, update (fields, added_at, record_id, dropped_at, saved_by, saved_at)
    on meeting_draft to portal_app;
grant select, insert, update (outcome, effect, words, followed_at, saved_by, saved_at, version)
    on action_review to portal_app;
grant select, insert, update (item_id, seen_at) on meeting_presence to portal_app;
grant select (page, item_id, meeting_id, sent_at), delete on minute_page to portal_worker;
grant select (id, meeting_id), delete on meeting_draft to portal_worker;
grant select (page, seen_at), delete on meeting_presence to portal_worker;
grant select, insert on minute_version to portal_scope;
grant select on action_review to portal_scope;
grant execute on function ctx.heard_as_done to portal_app;
