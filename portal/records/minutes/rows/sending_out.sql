-- How minutes go out: drafts by chair or note-taker, the approved text once and by the chair, copies of it once, and
-- the family's version by the chair alone. What follows narrows what minutes.sql allows.

create policy by_whom on minutes_issue as restrictive for insert to portal_app with check (
    exists (select 1 from meeting m
             where m.id = minutes_issue.meeting_id
               and case minutes_issue.kind
                       when 'draft' then (select ctx.user_id()) in (m.chair_id, m.note_taker_id)
                       when 'professional' then MINE(m.chair_id) and m.state = 'approved'
                                                and minutes_issue.number = 1
                       when 'family_safe' then MINE(m.chair_id) and minutes_issue.case_id is not null
                                               and ctx.runs_meeting(m.id)
                                               and not ctx.alert_stands(m.id, 'no_family_contact')
                       else false end offset 0));

-- A copy of a draft while it is one, of the approved text until it is distributed; never of the family's version,
-- which is handed over. A team is one that works on the child's case now.
create policy by_whom on minutes_copy as restrictive for insert to portal_app with check (
    exists (select 1 from minutes_issue n join meeting m on m.id = n.meeting_id
             where n.id = minutes_copy.issue_id
               and case n.kind
                       when 'draft' then (select ctx.user_id()) in (m.chair_id, m.note_taker_id)
                                         and m.state = 'minutes_in_draft' and minutes_copy.team_id is null
                       when 'professional' then MINE(m.chair_id) and m.state = 'approved'
                       else false end
               and (minutes_copy.team_id is null
                    or exists (select 1 from involvement v join meeting_case mc on mc.case_id = v.case_id
                                where mc.meeting_id = n.meeting_id and v.team_id = minutes_copy.team_id
                                  and v.ended_at is null and (n.case_id is null or v.case_id = n.case_id))) offset 0));

-- The first opening stands.
create trigger opening_stands before update on minutes_copy for each row
    when (current_user = 'portal_app' and (old.opened_at is not null or new.opened_at is null))
    execute function ctx.refuse('when a copy was first opened stands');

-- A correction is answered once, by chair or note-taker, while the minutes are in draft. From approval on it is a
-- note beside them. Where one was taken and is not made, the chair who approves says why, once.
create function ctx.correction_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.taken and old.unmade_reason is null and new.unmade_reason is not null
       and (new.taken, new.answer, new.settled_by, new.settled_at)
           = (old.taken, old.answer, old.settled_by, old.settled_at)
       and ctx.is_recorded(new.meeting_id) then
        if not exists (select 1 from meeting m where m.id = new.meeting_id and ctx.user_id() = m.chair_id) then
            raise insufficient_privilege using message = 'the chair says why a correction is not made';
        end if;
        return new;
    end if;
    if old.settled_at is not null or new.unmade_reason is not null or not ctx.is_recorded(new.meeting_id) then
        raise check_violation using message = 'what became of a correction stands, and from approval on it is a note';
    end if;
    if not exists (select 1 from meeting m
                    where m.id = new.meeting_id and ctx.user_id() in (m.chair_id, m.note_taker_id)) then
        raise insufficient_privilege using message = 'the chair or the note-taker answers a correction';
    end if;
    return new;
end $$;
create trigger correction_stands before update on minutes_correction
    for each row when (current_user = 'portal_app') execute function ctx.correction_stands();

-- A passage is chosen by chair or note-taker, of what was recorded on this child and open to the network. What was said
-- on the whole meeting belongs to a child only where the meeting is on nobody else. A closed part is no source.
create policy by_whom on family_passage as restrictive for insert to portal_app with check (
    exists (select 1 from meeting m
             where m.id = family_passage.meeting_id and (select ctx.user_id()) in (m.chair_id, m.note_taker_id) offset 0)
    and case source_kind
            when 'minute' then exists (
                select 1 from minute s
                 where s.id = family_passage.source_id and s.meeting_id = family_passage.meeting_id
                   and ctx.is_on_child(s.meeting_id, s.case_id, family_passage.case_id) offset 0)
            when 'decision' then exists (
                select 1 from decision s
                 where s.id = family_passage.source_id and s.meeting_id = family_passage.meeting_id
                   and s.withdrawn_at is null
                   and ctx.is_on_child(s.meeting_id, s.case_id, family_passage.case_id) offset 0)
            when 'action' then exists (
                select 1 from action s
                 where s.id = family_passage.source_id and s.meeting_id = family_passage.meeting_id
                   and s.case_id = family_passage.case_id offset 0)
            else false end);

-- What is handed over of the minutes is on the child that the record is on, never a draft, and the family's version only
-- while nothing is said against contact with the family.
create policy of_its_minutes on meeting_handout as restrictive for insert to portal_app with check (
    issue_id is null
    or exists (select 1 from minutes_issue n
                where n.id = meeting_handout.issue_id and n.meeting_id = meeting_handout.meeting_id
                  and n.case_id is not distinct from meeting_handout.case_id and n.kind <> 'draft'
                  and (n.kind <> 'family_safe' or not ctx.alert_stands(n.meeting_id, 'no_family_contact')) offset 0));

-- Which kinds of alert stand on the children of an issue, and whether whoever asks reads the case: also for somebody who
-- was given the minutes alone, and no word of what an alert says. Of the minutes on a whole meeting a sealed child counts
-- for whoever reads it.
create function ctx.alerts_beside_minutes(p_issue uuid) returns table (kind text, reads boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.kind, bool_or(r.reads)
      from minutes_issue n
      join meeting_case mc on mc.meeting_id = n.meeting_id and (n.case_id is null or mc.case_id = n.case_id)
      join cre_case c on c.id = mc.case_id
     cross join lateral (select ctx.reaches_case(ctx.readers(), c.id)) r (reads)
      join alert a on a.case_id = c.id and a.ended_at is null
     where n.id = p_issue and ctx.reaches_minutes(ctx.readers(), n.id)
       and (n.case_id is not null or c.sensitivity < 2 or r.reads)
     group by a.kind, r.reads order by a.kind
$$;
grant execute on function ctx.alerts_beside_minutes to portal_app;

-- What became of a lower level that waited for a second person when minutes were frozen, for whoever may read those:
-- they say for good that it waits. What it was, by whom and why is for whoever reads the case.
create function ctx.level_beside_minutes(p_issue uuid)
returns table (level text, accepted boolean, at timestamptz, by_whom text)
language sql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
    select case when r.reads then p.level end, case when r.reads then p.accepted end, p.settled_at,
           case when r.reads then u.name end
      from minutes_issue n
     cross join lateral (select ctx.reaches_case(ctx.readers(), n.case_id)) r (reads)
      join level_proposal p on p.meeting_id = n.meeting_id and p.case_id = n.case_id
                           and p.proposed_at <= n.made_at and p.settled_at > n.made_at
      join app_user u on u.id = p.settled_by
     where n.id = p_issue and ctx.reaches_minutes(ctx.readers(), n.id)
     order by p.settled_at desc limit 1
$$;
grant execute on function ctx.level_beside_minutes to portal_app;
grant select (meeting_id, case_id, level, accepted, proposed_at, settled_at, settled_by) on level_proposal to portal_scope;
