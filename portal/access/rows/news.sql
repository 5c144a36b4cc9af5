-- What changed on a case, for whoever reads it. An entry is news for those who may read that entry.
-- who: whoever has full reach on its case; of an entry or a question, those who read that
create policy seen on case_news for select to portal_app using (
    FULL(case_news.case_id)
    and (subject_kind <> 'chronology_entry' or exists (select 1 from chronology_entry e where e.id = case_news.subject_id offset 0))
    and (subject_kind <> 'information_request'
         or exists (select 1 from information_request r where r.id = case_news.subject_id offset 0)));
create policy added on case_news for insert to portal_app with check (
    MINE(by_id) and OURS(by_agency_id)
    and FULL(case_news.case_id));

-- Whoever is asked or invited may not read the case: that they answered is news on it all the same. So is what is said of
-- an episode, or decided on what came before a panel, by whoever may read no case of the child: that hangs on the child,
-- of whom it is news on the open case, unless another one is closely held.
create function ctx.news_case(p_kind text, p_subject uuid) returns uuid
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_child uuid; v_case cre_case;
begin
    if p_kind = 'missing_episode' then
        select e.child_id into v_child from missing_episode e where e.id = p_subject and ctx.reads_episode(e.id);
    elsif p_kind = 'panel_item' then
        select p.child_id into v_child from panel_item p
         where p.id = p_subject
           and (ctx.records_item(p.id) or ctx.reaches_item((select ctx.readers())::uuid[], p.id));
    end if;
    v_case := ctx.closest_case(v_child);
    return case when v_case.state not in ('closed', 'transferred') then v_case.id end;
end $$;
create function ctx.leave_news(p_case uuid, p_event text, p_kind text, p_subject uuid, p_at timestamptz) returns void
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    insert into case_news (id, case_id, event, subject_kind, subject_id, by_id, by_agency_id, at)
    select gen_random_uuid(), p_case, p_event, p_kind, p_subject, u.id, u.agency_id, p_at
      from app_user u
     where u.id = (select ctx.user_id())
       and ((p_event = 'question_answered' and p_kind = 'information_request'
             and exists (select 1 from information_request r where r.id = p_subject and r.case_id = p_case))
            or (p_event = 'meeting_coming' and p_kind = 'meeting'
                and exists (select 1 from meeting_case k where k.meeting_id = p_subject and k.case_id = p_case)))
       and ctx.reaches((select ctx.readers())::uuid[], p_kind, p_subject, p_case)
    union all
    select gen_random_uuid(), c.id, p_event, p_kind, p_subject, ctx.user_id(), ctx.agency_id(), p_at
      from ctx.news_case(p_kind, p_subject) c (id)
     where p_case is null and c.id is not null
       and (p_event, p_kind) in (('missing_report_changed', 'missing_episode'), ('file_added', 'missing_episode'),
                                 ('panel_decided', 'panel_item'), ('panel_decision_taken_back', 'panel_item'))
$$;

create policy seen on case_looked for select to portal_app using (MINE(user_id));
create policy added on case_looked for insert to portal_app
    with check (MINE(user_id) and FULL(case_looked.case_id));
create policy changed on case_looked for update to portal_app using (MINE(user_id));

-- Who may touch which columns, and call what.
grant select, insert on case_news to portal_app;
grant select, insert, update (at) on case_looked to portal_app;
grant insert on case_news to portal_scope;
grant execute on function ctx.leave_news to portal_app;
