-- What is typed at the same time by several who record a meeting: every version of a minute, what each open page sent
-- last, and who is there.

-- who: whoever has full reach on the case that it is on
-- who: where it is on the whole meeting: whoever knows of that as a whole
create policy seen on minute_version for select to portal_app using (
    case when case_id is null then ctx.runs_meeting(meeting_id)
         else FULL(minute_version.case_id) end);

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
create trigger record_stands before insert on minute_page for each row execute function ctx.record_stands();
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
    for each row execute function ctx.record_stands();
create policy expiring on meeting_draft to portal_worker using (true) with check (false);

create policy seen on meeting_presence for select to portal_app using (ctx.runs_meeting(meeting_id));
create policy added on meeting_presence for insert to portal_app with check (
    MINE(user_id) and ctx.runs_meeting(meeting_id));
create policy changed on meeting_presence for update to portal_app using (MINE(user_id))
    with check (MINE(user_id) and ctx.runs_meeting(meeting_id));
create policy expiring on meeting_presence to portal_worker using (true) with check (false);

grant select on minute_version to portal_app;
grant select, insert, update (seen, seq, typed, sent_at) on minute_page to portal_app;
grant select, insert, update (fields, added_at, record_id, dropped_at, saved_by, saved_at)
    on meeting_draft to portal_app;
grant select, insert, update (item_id, seen_at) on meeting_presence to portal_app;
grant select (page, item_id, meeting_id, sent_at), delete on minute_page to portal_worker;
grant select (id, meeting_id), delete on meeting_draft to portal_worker;
grant select (page, seen_at), delete on meeting_presence to portal_worker;
grant select, insert on minute_version to portal_scope;
