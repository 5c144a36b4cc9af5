-- A file is seen as the record that it hangs on. Its content is a row of its own, for whoever sees the file,
-- and for nobody while it waits to be checked for viruses, once it was refused or withdrawn.

-- who: on a form: whoever reads the form; where it shows the source, only the author and coordinators who triage the
--      form
-- who: on an answer: whoever reads the answer
-- who: on an entry: whoever reads the entry
-- who: on a meeting: whoever has full reach on its case; on no case, whoever knows of the meeting as a whole
-- who: on a missing episode: whoever hears of the episode
create policy seen on attachment for select to portal_app using (
    case holder
        when 'referral' then exists (
            select 1 from referral r
             where r.id = attachment.referral_id
               and (not attachment.shows_source
                    or (MINE(r.author_id) and OURS(r.author_agency_id))
                    or TRIAGES(r.id)) offset 0)
        when 'answer' then exists (select 1 from information_answer a where a.id = attachment.answer_id offset 0)
        when 'entry' then exists (select 1 from chronology_entry e where e.id = attachment.entry_id offset 0)
        when 'meeting' then
            case when case_id is null then ctx.runs_meeting(meeting_id)
                 else FULL(attachment.case_id) end
        when 'episode' then EPISODE(attachment.episode_id)
        else false
    end);
create policy added on attachment for insert to portal_app with check (
    MINE(added_by) and OURS(added_agency_id) and removed_at is null
    and case holder
        when 'referral' then case_id is null and exists (
            select 1 from referral r
             where r.id = attachment.referral_id and r.state = 'draft'
               and MINE(r.author_id) and OURS(r.author_agency_id))
        when 'answer' then exists (
            select 1 from information_answer a
             where a.id = attachment.answer_id and OURS(a.agency_id)
               and a.case_id is not distinct from attachment.case_id)
        when 'entry' then exists (
            select 1 from chronology_entry e
             where e.id = attachment.entry_id and OURS(e.agency_id)
               and e.case_id = attachment.case_id)
        when 'meeting' then ctx.runs_meeting(meeting_id)
            and (case_id is null
                 or (exists (select 1 from meeting_case mc
                              where mc.meeting_id = attachment.meeting_id and mc.case_id = attachment.case_id)
                     and FULL(attachment.case_id)))
        when 'episode' then case_id is null and exists (
            select 1 from missing_episode e
             where e.id = attachment.episode_id and e.withdrawn_at is null offset 0)
        else false
    end);
-- As the person who asks: the policy above answers, which a policy of the same table cannot ask by itself.
create function ctx.sees_attachment(p_attachment uuid) returns boolean
language plpgsql stable cost 1000 set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (select 1 from attachment where id = p_attachment);
end $$;
-- Everybody who sees a file may come to have it checked: it is when they open it. The agency that added it
-- withdraws it, and so does whoever runs the meeting that it hangs on.
create policy checked on attachment for update to portal_app
    using (removed_at is null and ctx.sees_attachment(id))
    with check (
    removed_by is null
    or (MINE(removed_by)
        and (OURS(added_agency_id)
             or (holder = 'meeting' and ctx.runs_meeting(meeting_id)))));
-- What was not sent yet may be taken out again.
create policy taken_out on attachment for delete to portal_app using (
    holder = 'referral' and exists (
        select 1 from referral r
         where r.id = attachment.referral_id and r.state = 'draft' and MINE(r.author_id)));

-- To have a file checked, a service names the one that it hands to the scanner; no page reads it. Against whoever runs
-- statements of their own this is no wall (docs/security.md, Known limits).
-- who: whoever reads the file, once it was checked and while it is not withdrawn
-- who: for as long as it is handed to the scanner: the same
create policy seen on attachment_content for select to portal_app using (
    exists (select 1 from attachment a
             where a.id = attachment_content.attachment_id and a.removed_at is null
               and (a.state in ('clean', 'not_scanned')
                    or (a.state = 'quarantined' and a.id::text = current_setting('portal.checking', true)))
            offset 0));
create policy added on attachment_content for insert to portal_app with check (
    exists (select 1 from attachment a
             where a.id = attachment_content.attachment_id and MINE(a.added_by)
               and a.state <> 'refused'));

-- Of what was refused nothing is kept.
create function ctx.refused_keeps_nothing() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from attachment_content where attachment_id = new.id;
    return new;
end $$;
create trigger refused_keeps_nothing after update of state on attachment
    for each row when (new.state = 'refused') execute function ctx.refused_keeps_nothing();

-- Who took a file, or what came with it, out of the portal, for whoever has just withdrawn it: they are told, and the
-- ledger itself is for few (`taken_copy`).
create function ctx.copied_file(p_attachment uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct t.taken_by from attachment a join taken_copy t on t.subject_id = a.id
     where (a.id = p_attachment or a.part_of_id = p_attachment) and a.removed_by = ctx.user_id()
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (state, checked_at, removed_at, removed_by, removed_reason), delete on attachment to
    portal_app;
grant select, insert on attachment_content to portal_app;
grant select, delete on attachment_content to portal_scope;
grant select (id, part_of_id, removed_by) on attachment to portal_scope;
grant execute on function ctx.copied_file, ctx.sees_attachment to portal_app;
