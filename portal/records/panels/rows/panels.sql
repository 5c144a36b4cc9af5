-- The panel of a district. An item follows its child or concern, and so does what the panel says and decides on it;
-- its chair and note-taker write that, and read it until the minutes are distributed. Whoever is invited reads one
-- summary that a coordinator has read: from when the papers went out until the minutes are approved, by a line on
-- the sharing ledger, and no other row about the child.

-- Nothing holds it back: no case of the child is sealed, and where one is restricted, or a concern is closely held or
-- a person, whoever leads it has given their word.
create function ctx.is_clear(p_child uuid, p_concern uuid, p_word timestamptz) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select (p_child is null or ctx.held(p_child) < case when p_word is null then 1 else 2 end)
       and not exists (select 1 from concern n
                        where n.id = p_concern and p_word is null and (n.sensitivity = 1 or n.kind = 'person'))
$$;

-- Of a child held closely, whoever recorded an episode reads that episode and nothing else.
create function ctx.is_held(p_child uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.held(p_child) > 0
$$;

-- The same for whoever asks, who learns it of nobody but the children that they know of: false of any other.
create function ctx.is_open_as(p_readers uuid[], p_child uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from child_scope s
                    where s.child_id = p_child and s.reader = any (p_readers) and s.until > statement_timestamp())
       and not ctx.is_held(p_child)
$$;

create function ctx.is_open_to_me(p_child uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_open_as(ctx.readers(), p_child)
$$;

-- Whom a message about it may still go to: the grounds below, of readers who do not ask themselves.
create function ctx.reaches_item(p_readers uuid[], p_item uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from panel_item p
         where p.id = p_item
           and case when p.case_id is not null then ctx.reaches_case(p_readers, p.case_id)
                    when p.child_id is not null then ctx.reaches_child(p_readers, p.child_id)
                        or (ctx.is_open_as(p_readers, p.child_id)
                            and exists (select 1 from missing_scope s
                                         where s.child_id = p.child_id and s.reader = any (p_readers)
                                           and s.until > statement_timestamp()))
                    else ctx.reaches_concern(p_readers, p.concern_id) end)
$$;

-- What keeps a child or a concern from a panel, for somebody who may propose them: “sealed”, or “word”. To whoever
-- only knows who a child is, it answers nothing, sealed or not; nor to whoever reads no more than an episode of a child who is
-- held closely, who would learn by it that they are.
create function ctx.held_back(p_child uuid, p_concern uuid) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select case when not ctx.is_clear(p_child, p_concern, statement_timestamp()) then 'sealed'
                when not ctx.is_clear(p_child, p_concern, null) then 'word'
                else '' end
     where exists (select 1 from child_scope s where s.child_id = p_child and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp()
                      and (s.sees = 2
                           or (exists (select 1 from missing_scope k
                                       where k.child_id = p_child and k.reader = any ((select ctx.readers())::uuid[])
                                         and k.until > statement_timestamp())
                               and not ctx.is_held(p_child))))
        or exists (select 1 from cre_case c join case_scope s on s.case_id = c.id
                    where c.child_id = p_child and s.reader = any ((select ctx.readers())::uuid[]) and s.sees = 2
                      and s.until > statement_timestamp())
        or exists (select 1 from concern_scope s where s.concern_id = p_concern and s.reader = any ((select ctx.readers())::uuid[]))
$$;

-- Whose word it takes: the lead professional of a restricted case of the child, the agency that owns the concern.
create function ctx.gives_word(p_child uuid, p_concern uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from cre_case c
                    where c.child_id = p_child and c.sensitivity = 1 and c.lead_professional_id = ctx.user_id())
        or exists (select 1 from concern n join concern_scope s on s.concern_id = n.id
                    where n.id = p_concern and n.owner_agency_id = ctx.agency_id() and s.reader = any ((select ctx.readers())::uuid[]))
$$;
create function ctx.asked_for_word(p_item uuid) returns table (user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.lead_professional_id, null::uuid from panel_item p join cre_case c on c.child_id = p.child_id
     where p.id = p_item and c.sensitivity = 1 and c.lead_professional_id is not null
       and ctx.reaches_item(ctx.readers(), p_item) and ctx.reaches_case(ctx.readers(), c.id)
    union
    select null, n.owner_team_id from panel_item p join concern n on n.id = p.concern_id
     where p.id = p_item and (n.sensitivity = 1 or n.kind = 'person') and n.owner_team_id is not null
       and ctx.reaches_item(ctx.readers(), p_item)
$$;

-- How many items on the agenda of a panel wait for the word of whoever leads them, for whoever runs it, who may not read them
-- until it is given. What is sealed is not counted: nobody learns of it.
create function ctx.waits_for_word(p_meeting uuid) returns integer
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select count(*)::integer from panel_item p
     where p.meeting_id = p_meeting and p.state = 'on' and p.word_at is null and ctx.runs_meeting(p_meeting)
       and not ctx.is_clear(p.child_id, p.concern_id, null)
       and ctx.is_clear(p.child_id, p.concern_id, statement_timestamp())
$$;

-- Chair and note-taker, as long as they are invited and of the agency that they were invited from.
create function ctx.records_item(p_item uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from panel_item p join meeting m on m.id = p.meeting_id
          join invitation i on i.meeting_id = m.id and i.withdrawn_at is null and i.user_id = ctx.user_id()
         where p.id = p_item and p.state in ('on', 'discussed')
           and m.state in ('booked', 'held', 'minutes_in_draft', 'approved')
           and ctx.user_id() in (m.chair_id, m.note_taker_id)
           and i.agency_id = ctx.agency_id() and ctx.user_id() = any ((select ctx.readers())::uuid[])
           and ctx.is_clear(p.child_id, p.concern_id, p.word_at))
$$;

-- The latest summary of an item that a coordinator has read.
create function ctx.released_summary(p_item uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select id from panel_summary where item_id = p_item and read_at is not null order by number desc limit 1
$$;
-- What whoever asks reads of panels, with where it stands. The child is for the trail, which says who looked.
create function ctx.my_panel_papers() returns table (
    summary_id uuid, item_id uuid, meeting_id uuid, place integer, case_id uuid, child_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.released_summary(p.id), p.id, p.meeting_id, p.place, p.case_id, p.child_id
      from panel_share h
      join panel_item p on p.id = h.item_id and p.state in ('on', 'discussed')
      join meeting m on m.id = p.meeting_id and m.state in ('booked', 'held', 'minutes_in_draft')
      join panel_papers o on o.meeting_id = m.id
      join invitation i on i.id = h.invitation_id and i.meeting_id = m.id  -- not of a panel that it was before
     where h.invitation_id = any ((select ctx.my_invitations())::uuid[]) and ctx.is_clear(p.child_id, p.concern_id, p.word_at)
    union
    select ctx.released_summary(p.id), p.id, p.meeting_id, p.place, p.case_id, p.child_id
      from invitation i join meeting m on m.id = i.meeting_id and m.district is not null
      join panel_item p on p.meeting_id = m.id
     where i.user_id = ctx.user_id() and i.withdrawn_at is null and ctx.records_item(p.id)
$$;
create function ctx.my_panel_summaries() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select array(select summary_id from ctx.my_panel_papers() where summary_id is not null)
$$;

-- The number of the next item: also after those that whoever runs the panel does not reach.
create function ctx.next_place(p_meeting uuid) returns integer
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(max(place), 0) + 1 from panel_item
     where meeting_id = p_meeting and ctx.runs_meeting_as(ctx.readers(), p_meeting)
$$;

-- who: on a case: whoever has full reach on it
-- who: on a child without one: whoever reaches the record of the child, or reads one of the child’s episodes and
--      knows who the child is, while no case of the child is held closely
-- who: on a concern: whoever reads the concern
create policy seen on panel_item for select to portal_app using (
    case when case_id is not null
              then FULL(panel_item.case_id)
         when child_id is not null
              then CHILD(panel_item.child_id)
                   or (ctx.is_open_to_me(child_id)
                       and exists (select 1 from missing_scope s where s.child_id = panel_item.child_id offset 0)
                       and exists (select 1 from child_scope s where s.child_id = panel_item.child_id offset 0))
         else exists (select 1 from concern n where n.id = panel_item.concern_id offset 0) end);
create policy added on panel_item for insert to portal_app with check (
    MINE(proposed_by) and OURS(proposed_agency_id)
    and state = 'proposed' and meeting_id is null and decided_by is null and word_by is null
    and case when case_id is not null
                  then exists (select 1 from cre_case c where c.id = panel_item.case_id
                                  and c.child_id = panel_item.child_id offset 0)
             when child_id is not null
                  then CHILD(panel_item.child_id)
                       or (ctx.is_open_to_me(child_id)
                       and exists (select 1 from missing_scope s where s.child_id = panel_item.child_id offset 0)
                       and exists (select 1 from child_scope s where s.child_id = panel_item.child_id offset 0))
             else exists (select 1 from concern n where n.id = panel_item.concern_id offset 0) end);
create policy changed on panel_item for update to portal_app using (
    case when case_id is not null
              then FULL(panel_item.case_id)
         when child_id is not null
              then CHILD(panel_item.child_id)
                   or (ctx.is_open_to_me(child_id)
                       and exists (select 1 from missing_scope s where s.child_id = panel_item.child_id offset 0)
                       and exists (select 1 from child_scope s where s.child_id = panel_item.child_id offset 0))
         else exists (select 1 from concern n where n.id = panel_item.concern_id offset 0) end);

-- Whoever runs the panel puts an item on it or does not take it; whoever leads gives their word, and nobody for them.
create function ctx.panel_item_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_held text;
begin
    if (new.word, new.word_by, new.word_at) is distinct from (old.word, old.word_by, old.word_at)
       and (old.word_at is not null or new.word_by is distinct from ctx.user_id()
            or not ctx.gives_word(new.child_id, new.concern_id)) then
        raise insufficient_privilege using message = 'whoever leads what is closely held gives their word, once';
    end if;
    if (new.state, new.meeting_id, new.place, new.decided_by, new.decided_at, new.decided_reason)
       is not distinct from
       (old.state, old.meeting_id, old.place, old.decided_by, old.decided_at, old.decided_reason) then
        return new;
    end if;
    if new.decided_by is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'nobody decides on an item in the name of another';
    end if;
    if new.state = 'on' then
        if not exists (select 1 from meeting m
                        where m.id = new.meeting_id and m.district = new.district
                          and m.state in ('booked', 'held', 'minutes_in_draft'))
           or not ctx.runs_meeting(new.meeting_id) then
            raise insufficient_privilege using message = 'whoever runs the panel of the district puts an item on it';
        end if;
        v_held := coalesce(ctx.held_back(new.child_id, new.concern_id), 'sealed');
        if v_held = 'sealed' or (v_held = 'word' and new.word_at is null) then
            raise check_violation using message = 'what is closely held comes before a panel by the word of its lead';
        end if;
    elsif not (ctx.is_coordinator() or coalesce(ctx.runs_meeting(old.meeting_id), false)
               or exists (select 1 from meeting m where m.district = new.district and ctx.runs_meeting(m.id))) then
        raise insufficient_privilege using message = 'whoever runs the panel of the district decides on an item';
    end if;
    return new;
end $$;
create trigger panel_item_stands before update on panel_item
    for each row when (current_user = 'portal_app') execute function ctx.panel_item_stands();

-- who: whoever reads the panel item
-- who: members of the panel whom it was shared with, chair and note-taker, of the last one that a coordinator has
--      read; from the papers until the minutes are approved
create policy seen on panel_summary for select to portal_app using (
    id = any ((select ctx.my_panel_summaries())::uuid[])
    or exists (select 1 from panel_item p where p.id = panel_summary.item_id offset 0));
create policy added on panel_summary for insert to portal_app with check (
    MINE(written_by) and OURS(written_agency_id)
    and read_at is null and read_by is null and returned_at is null
    and exists (select 1 from panel_item p where p.id = panel_summary.item_id
                   and p.reference = panel_summary.reference and p.state in ('proposed', 'on', 'discussed') offset 0));
create policy changed on panel_summary for update to portal_app using (
    exists (select 1 from panel_item p where p.id = panel_summary.item_id offset 0));

create function ctx.summary_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.read_at is not null or old.returned_at is not null then
        raise check_violation using message = 'a summary that was read or given back stands: write another';
    end if;
    if not ctx.is_coordinator() or coalesce(new.read_by, new.returned_by) is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'a coordinator reads the summary before the panel does';
    end if;
    return new;
end $$;
create trigger summary_stands before update on panel_summary
    for each row when (current_user = 'portal_app') execute function ctx.summary_stands();

create policy seen on panel_papers for select to portal_app using (
    exists (select 1 from meeting m where m.id = panel_papers.meeting_id offset 0));
create policy added on panel_papers for insert to portal_app with check (
    MINE(sent_by) and HUB
    and exists (select 1 from meeting m where m.id = panel_papers.meeting_id and m.district is not null
                   and m.state in ('booked', 'held', 'minutes_in_draft') offset 0));

-- who: whoever it invited
-- who: whoever reads the panel item
create policy seen on panel_share for select to portal_app using (
    invitation_id = any ((select ctx.my_invitations())::uuid[])
    or exists (select 1 from panel_item p where p.id = panel_share.item_id offset 0));
create policy added on panel_share for insert to portal_app with check (
    MINE(shared_by) and HUB and opened_at is null
    and exists (select 1 from panel_item p
                  join panel_papers o on o.meeting_id = p.meeting_id
                  join invitation i on i.meeting_id = p.meeting_id
                 where p.id = panel_share.item_id and p.state in ('on', 'discussed')
                   and i.id = panel_share.invitation_id and i.external_name is null offset 0)
    and (disclosure_id is null or exists (select 1 from disclosure d where d.id = panel_share.disclosure_id
                                             and MINE(d.giver_id) offset 0)));
create policy opened on panel_share for update to portal_app using (
    invitation_id = any ((select ctx.my_invitations())::uuid[])) with check (MINE(opened_by));
create trigger opening_stands before update on panel_share for each row
    when (current_user = 'portal_app' and (old.opened_at is not null or new.opened_at is null))
    execute function ctx.refuse('when a summary was first opened stands');

-- who: whoever reads the panel item
-- who: chair and note-taker of the panel, until its minutes are distributed
create policy seen on panel_minute for select to portal_app using (
    exists (select 1 from panel_item p where p.id = panel_minute.item_id offset 0) or ctx.records_item(item_id));
create policy added on panel_minute for insert to portal_app with check (
    MINE(saved_by) and ctx.records_item(item_id)
    and exists (select 1 from meeting m where m.id = panel_minute.meeting_id offset 0));
create policy changed on panel_minute for update to portal_app using (ctx.records_item(item_id))
    with check (MINE(saved_by));

-- who: whoever reads the panel item
-- who: chair and note-taker of the panel, until its minutes are distributed
create policy seen on panel_decision for select to portal_app using (
    exists (select 1 from panel_item p where p.id = panel_decision.item_id offset 0) or ctx.records_item(item_id));
create policy added on panel_decision for insert to portal_app with check (
    MINE(recorded_by) and withdrawn_at is null
    and (ctx.records_item(item_id)
         or (HUB
             and exists (select 1 from panel_item p where p.id = panel_decision.item_id
                            and p.meeting_id = panel_decision.meeting_id offset 0))));
create policy changed on panel_decision for update to portal_app using (
    ctx.records_item(item_id)
    or (HUB
        and exists (select 1 from panel_item p where p.id = panel_decision.item_id offset 0)))
    with check (MINE(withdrawn_by));

-- From approval on it stands; and it is on the panel that the item was before.
create function ctx.panel_record_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if not ctx.is_recorded_of_item(new.item_id, new.meeting_id) then
        raise check_violation using message = 'the record of a panel stands from approval on';
    end if;
    return new;
end $$;
create function ctx.is_recorded_of_item(p_item uuid, p_meeting uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from panel_item p join meeting m on m.id = p.meeting_id
                    where p.id = p_item and m.id = p_meeting and p.state in ('on', 'discussed')
                      and m.state in ('booked', 'held', 'minutes_in_draft'))
$$;
create trigger panel_record_stands before insert or update on panel_minute
    for each row when (current_user = 'portal_app') execute function ctx.panel_record_stands();
create trigger panel_record_stands before insert or update on panel_decision
    for each row when (current_user = 'portal_app') execute function ctx.panel_record_stands();

-- What was written under an item was discussed: its writer may not reach the item.
create function ctx.item_was_discussed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update panel_item set state = 'discussed' where id = new.item_id and state = 'on';
    return null;
end $$;
create trigger item_was_discussed after insert on panel_minute for each row execute function ctx.item_was_discussed();
create trigger item_was_discussed after insert on panel_decision for each row execute function ctx.item_was_discussed();

-- What a panel that was cancelled, or whose minutes are approved, did not come to waits for the next one.
create function ctx.on_panel_over() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update deadline set state = 'cancelled', ended_at = statement_timestamp(), move_reason = 'The panel is over'
     where meeting_id = new.id and subject_kind = 'panel_item' and state = 'open';
    update panel_item set state = 'proposed', meeting_id = null, place = null
     where meeting_id = new.id and state = 'on';
    return null;
end $$;
create trigger on_panel_over after update of state on meeting
    for each row when (new.district is not null and new.state in ('cancelled', 'approved') and old.state <> new.state)
    execute function ctx.on_panel_over();

create policy seen on panel_action for select to portal_app using (
    exists (select 1 from panel_item p where p.id = panel_action.item_id offset 0));
create policy added on panel_action for insert to portal_app with check (
    exists (select 1 from panel_item p where p.id = panel_action.item_id offset 0)
    and exists (select 1 from action a where a.id = panel_action.action_id
                   and MINE(a.given_by) offset 0)
    and (decision_id is null or exists (select 1 from panel_decision d
                                         where d.id = panel_action.decision_id
                                           and d.item_id = panel_action.item_id offset 0)));

-- What the worker reads to remind and to tell.
create policy worker on panel_item for select to portal_worker using (true);

-- Who may touch which columns, and call what.
grant select, insert on panel_action, panel_papers to portal_app;
grant select, insert, update (withdrawn_by, withdrawn_at, withdrawn_reason) on panel_decision to portal_app;
grant select, insert, update (meeting_id, place, state, decided_by, decided_at, decided_reason, word, word_by,
    word_at, version) on panel_item to portal_app;
grant select, insert, update (text, saved_by, saved_at, version) on panel_minute to portal_app;
grant select, insert, update (opened_at, opened_by) on panel_share to portal_app;
grant select, insert, update (returned_by, returned_at, returned_words, read_by, read_at) on panel_summary to
    portal_app;
grant select (id, reference) on panel_item to portal_worker;
grant select, update (meeting_id, place, state) on panel_item to portal_scope;
grant select on panel_papers, panel_share, panel_summary to portal_scope;
grant execute on function ctx.is_open_to_me, ctx.held_back, ctx.gives_word, ctx.asked_for_word, ctx.waits_for_word, ctx.records_item,
    ctx.my_panel_papers, ctx.my_panel_summaries, ctx.next_place, ctx.is_recorded_of_item to portal_app;
