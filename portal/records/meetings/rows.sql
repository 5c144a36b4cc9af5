-- A meeting is seen by whoever has full reach on one of its cases, and by the invited, until their reach ends.
-- Siblings share it: what stands on one child follows that child. One on a district is seen by coordinators, by
-- whoever called it, and by the invited.

-- Every child of a meeting belongs to a sealed case: only persons can be invited. Without `offset 0` all sealed cases
-- were gathered for each meeting that is looked at.
create function ctx.is_sealed_meeting(p_meeting uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from meeting_case where meeting_id = p_meeting)
       and not exists (
        select 1 from meeting_case mc
         where mc.meeting_id = p_meeting
           and not exists (select 1 from cre_case c where c.child_id = mc.child_id and c.sensitivity = 2 offset 0))
$$;

-- The invitations that stand for a set of readers. A cancelled meeting still shows whom it does not take place for.
create function ctx.invitations_of(p_readers uuid[])
returns table (id uuid, meeting_id uuid, by_name boolean, cancelled boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select i.id, i.meeting_id, coalesce(i.user_id = any (p_readers), false), m.state = 'cancelled'
      from invitation i join meeting m on m.id = i.meeting_id
     where (i.user_id = any (p_readers) or i.comes_id = any (p_readers) or i.team_id = any (p_readers))
       and i.withdrawn_at is null
       and coalesce(m.reach_until, 'infinity') > statement_timestamp()
       and exists (select 1 from ctx.invited(i.agency_id, i.team_id, i.user_id, i.comes_id) who (reader)
                    where who.reader = any (p_readers))
       and (coalesce(i.user_id = any (p_readers), false) or not ctx.is_sealed_meeting(m.id))
$$;

create function ctx.my_invitations() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select array(select id from ctx.invitations_of(ctx.readers()))
$$;

create function ctx.invited_to() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select array(select meeting_id from ctx.invitations_of(ctx.readers()))
$$;

-- The children whom the invited come to talk about; a sealed one only to whoever is invited by name.
create function ctx.children_invited_for() returns table (meeting_id uuid, child_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct mc.meeting_id, mc.child_id
      from ctx.invitations_of(ctx.readers()) i join meeting_case mc on mc.meeting_id = i.meeting_id
     where not i.cancelled
       and (i.by_name or not exists (
            select 1 from cre_case c where c.child_id = mc.child_id and c.sensitivity = 2 offset 0))
$$;

-- Who may know of a meeting as a whole (who comes, what changed and why): full reach on one of its cases, and on
-- a sealed one where it covers any. A district's: coordinators, whoever called it, chair and note-taker.
create function ctx.runs_meeting_as(p_readers uuid[], p_meeting uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting_case mc join cre_case c on c.id = mc.case_id join case_scope s on s.case_id = c.id
         where mc.meeting_id = p_meeting and s.reader = any (p_readers) and s.sees = 2
           and s.until > statement_timestamp()
           and (c.sensitivity = 2 or not exists (
                select 1 from meeting_case o
                 where o.meeting_id = p_meeting
                   and exists (select 1 from cre_case k where k.id = o.case_id and k.sensitivity = 2 offset 0))))
        or exists (
        select 1 from meeting m
         where m.id = p_meeting and not exists (select 1 from meeting_case mc where mc.meeting_id = m.id)
           and ((m.district is not null and ctx.hub() = any (p_readers))
                or exists (select 1 from app_user u
                            where u.id = m.called_by and u.id = any (p_readers) and u.agency_id = m.called_agency_id)
                or exists (select 1 from invitation i join app_user u on u.id = i.user_id
                            where i.meeting_id = m.id and i.withdrawn_at is null and u.id = any (p_readers)
                              and u.agency_id = i.agency_id and u.id in (m.chair_id, m.note_taker_id)
                              and coalesce(m.reach_until, 'infinity') > statement_timestamp())))
$$;

create function ctx.runs_meeting(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.runs_meeting_as(ctx.readers(), p_meeting)
$$;

-- Whoever appoints, replaces or ends the reach of a chair does so on every case of the meeting, seen or not.
create function ctx.reaches_all_of_meeting(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select not exists (
        select 1 from meeting_case mc
         where mc.meeting_id = p_meeting
           and not exists (select 1 from case_scope s
                            where s.case_id = mc.case_id and s.reader = any ((select ctx.readers())::uuid[]) and s.sees = 2
                              and s.until > statement_timestamp()))
$$;

-- who: whoever is invited, until some days after it; on sealed children only by name
-- who: whoever reads one of its cases on the meeting
-- who: of a district, or called by themselves: whoever knows of the meeting as a whole
create policy seen on meeting for select to portal_app using (
    id = any ((select ctx.invited_to())::uuid[])
    or exists (select 1 from meeting_case mc where mc.meeting_id = meeting.id offset 0)
    or ((district is not null or MINE(called_by)) and ctx.runs_meeting(id)));
create policy added on meeting for insert to portal_app with check (
    MINE(called_by) and OURS(called_agency_id) and state in ('due', 'booked'));
-- Whoever runs a meeting may hold its row while they write beside it; it is changed by whoever directs it.
create policy changed on meeting for update to portal_app using (ctx.runs_meeting(id))
    with check (ctx.runs_meeting(id) and ctx.directs_meeting(id));

-- That a meeting was held, or does not take place, is for whoever keeps its record to say.
create function ctx.record_is_kept() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if not ctx.keeps_record(old.id) then
        raise insufficient_privilege using message = 'whoever keeps the record of a meeting says that it was held';
    end if;
    return new;
end $$;
create trigger record_is_kept before update of state, held_at on meeting for each row
    when (current_user = 'portal_app' and (old.state, old.held_at) is distinct from (new.state, new.held_at))
    execute function ctx.record_is_kept();

-- The invited know the children for some time after the meeting, which begins once and is never made longer.
create trigger meeting_reach_stands before update of reach_until on meeting for each row
    when (current_user = 'portal_app' and coalesce(new.reach_until, 'infinity') > old.reach_until)
    execute function ctx.refuse('the reach of a meeting is never lengthened');

-- A case is put on a meeting by somebody who reaches both: being invited is not enough, for it would open the rest.
-- who: whoever has full reach on its case
-- who: whoever is invited to talk about the child; of a sealed child only by name
create policy seen on meeting_case for select to portal_app using (
    FULL(meeting_case.case_id)
    or (meeting_id, child_id) in (select i.meeting_id, i.child_id from ctx.children_invited_for() i));
create policy added on meeting_case for insert to portal_app with check (
    ctx.runs_meeting(meeting_id)
    and (ctx.answers_for_case(case_id) or ROLE(chair))
    and exists (select 1 from cre_case c where c.id = meeting_case.case_id and c.child_id = meeting_case.child_id));

create policy seen on meeting_change for select to portal_app using (ctx.runs_meeting(meeting_id));
create policy added on meeting_change for insert to portal_app
    with check (MINE(changed_by) and ctx.runs_meeting(meeting_id));

-- Who else is invited is for those with full reach; the invited see their own invitation. Whoever is invited comes
-- to know every child of the meeting, so whoever invites reads every case of it: else they could invite themselves.
-- Somebody without an account comes to know nothing from the portal.
-- who: whoever it invites, until some days after the meeting; to one on sealed children only by name
-- who: whoever knows of the meeting as a whole
create policy seen on invitation for select to portal_app using (
    id = any ((select ctx.my_invitations())::uuid[]) or ctx.runs_meeting(meeting_id));
create policy added on invitation for insert to portal_app
    with check (MINE(invited_by) and ctx.runs_meeting(meeting_id)
                and ctx.directs_meeting(meeting_id)
                and (external_name is not null or ctx.reaches_all_of_meeting(meeting_id)));
create policy changed on invitation for update to portal_app using (
    id = any ((select ctx.my_invitations())::uuid[]) or ctx.runs_meeting(meeting_id));

-- Whoever is only invited answers the invitation and changes nothing else of it. Whom an invitation is for stands,
-- and one that was withdrawn stays so. Who comes for it is theirs to say: whoever comes knows the children too.
create function ctx.invitation_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_reply text[] := array['reply', 'reply_reason', 'replied_at', 'replied_by', 'comes_id', 'version'];
    v_record text[] := array['required', 'role', 'attendance', 'attendance_note', 'withdrawn_at', 'withdrawn_reason'];
begin
    if (to_jsonb(new) - v_reply - v_record) is distinct from (to_jsonb(old) - v_reply - v_record) then
        raise check_violation using message = 'an invitation stands as it was given: withdraw it and invite again';
    end if;
    if old.withdrawn_at is not null and new.withdrawn_at is distinct from old.withdrawn_at then
        raise check_violation using message = 'an invitation that was withdrawn stays so: invite again';
    end if;
    if new.comes_id is distinct from old.comes_id and not new.id = any ((select ctx.my_invitations())::uuid[]) then
        raise insufficient_privilege using message = 'whoever is invited says who comes';
    end if;
    if new.replied_by is distinct from old.replied_by and new.replied_by is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'nobody answers in the name of another';
    end if;
    if not (ctx.runs_meeting(new.meeting_id) and ctx.directs_meeting(new.meeting_id)) and (to_jsonb(new) - v_reply) is distinct from (to_jsonb(old) - v_reply) then
        raise insufficient_privilege using message = 'whoever is invited answers, and changes nothing else';
    end if;
    return new;
end $$;
create trigger invitation_stands before update on invitation
    for each row when (current_user = 'portal_app') execute function ctx.invitation_stands();

-- Headings are for the invited too; one on a single child follows that child. Those of a cancelled meeting are
-- for whoever knows of the whole.
-- who: whoever reads the meeting and, where it is on a child, that the meeting is on that child
-- who: of a cancelled meeting: of those, whoever knows of the meeting as a whole
create policy seen on agenda_item for select to portal_app using (
    (case_id is null or exists (select 1 from meeting_case mc
                                 where mc.meeting_id = agenda_item.meeting_id and mc.case_id = agenda_item.case_id))
    and exists (select 1 from meeting m
                 where m.id = agenda_item.meeting_id
                   and (m.state <> 'cancelled' or ctx.runs_meeting(m.id))));
create policy added on agenda_item for insert to portal_app with check (
    ctx.runs_meeting(meeting_id) and ctx.directs_meeting(meeting_id)
    and (case_id is null
         or FULL(agenda_item.case_id)));
create policy changed on agenda_item for update to portal_app using (
    ctx.runs_meeting(meeting_id) and ctx.directs_meeting(meeting_id)
    and (case_id is null
         or FULL(agenda_item.case_id)));
create policy removed on agenda_item for delete to portal_app using (
    ctx.runs_meeting(meeting_id) and ctx.directs_meeting(meeting_id)
    and (case_id is null
         or FULL(agenda_item.case_id)));

-- who: whoever has full reach on the case that it is on
-- who: where it is on the whole meeting: whoever knows of that as a whole
create policy seen on meeting_paper for select to portal_app using (
    case when case_id is null then ctx.runs_meeting(meeting_id)
         else FULL(meeting_paper.case_id) end);
create policy added on meeting_paper for insert to portal_app with check (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or FULL(meeting_paper.case_id)));
create policy changed on meeting_paper for update to portal_app using (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or FULL(meeting_paper.case_id)));

-- What was handed over about one child follows that child, also to those who come for a sibling.
-- who: whoever knows of the meeting as a whole and, where it is on a child, has full reach on the case
create policy seen on meeting_handout for select to portal_app using (
    ctx.runs_meeting(meeting_id)
    and (case_id is null
         or FULL(meeting_handout.case_id)));
create policy added on meeting_handout for insert to portal_app with check (
    MINE(handed_by) and ctx.runs_meeting(meeting_id)
    and (case_id is null
         or FULL(meeting_handout.case_id)));

-- Whether an alert of a kind stands on any of a meeting's cases, also on one that whoever runs it does not read.
create function ctx.alert_stands(p_meeting uuid, p_kind text) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.runs_meeting(p_meeting) and exists (
        select 1 from meeting_case mc join alert a on a.case_id = mc.case_id
         where mc.meeting_id = p_meeting and a.kind = p_kind and a.ended_at is null)
$$;

-- Whether somebody comes already by another invitation: in their own name, or as whoever comes for it. For whoever runs the
-- meeting; and for whoever answers an invitation, of colleagues, whose invitations they do not see.
create function ctx.comes_already(p_meeting uuid, p_person uuid, p_but uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from invitation i
                    where i.meeting_id = p_meeting and i.withdrawn_at is null and i.id is distinct from p_but
                      and i.reply <> 'apologies'
                      and p_person = case when i.reply = 'deputy' then i.comes_id
                                          else coalesce(i.comes_id, i.user_id) end)
       and (ctx.runs_meeting(p_meeting)
            or (p_but = any ((select ctx.my_invitations())::uuid[])
                and exists (select 1 from app_user u where u.id = p_person and u.agency_id = ctx.agency_id())))
$$;

-- What the worker reads to remind and to tell.
create policy worker on meeting for select to portal_worker using (true);
create policy worker on meeting_case for select to portal_worker using (true);
create policy worker on invitation for select to portal_worker using (true);

-- Whom a message about it may still go to: the grounds above, of readers who do not ask themselves.
create function ctx.reaches_meeting(p_readers uuid[], p_meeting uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.runs_meeting_as(p_readers, p_meeting)
        or exists (select 1 from ctx.invitations_of(p_readers) i where i.meeting_id = p_meeting)
        or exists (select 1 from meeting_case mc
                    where mc.meeting_id = p_meeting and ctx.reaches_case(p_readers, mc.case_id))
$$;

-- One that was withdrawn too: that is what they are told.
create function ctx.reaches_invitation(p_readers uuid[], p_invitation uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from invitation i join meeting m on m.id = i.meeting_id
         where i.id = p_invitation
           and (ctx.runs_meeting_as(p_readers, m.id)
                or (coalesce(m.reach_until, 'infinity') > statement_timestamp()
                    and exists (
                        select 1 from ctx.invited(i.agency_id, i.team_id, i.user_id, i.comes_id) who (reader)
                         where who.reader = any (p_readers))
                    and (i.user_id = any (p_readers) or not ctx.is_sealed_meeting(m.id)))))
$$;

-- Chair and note-taker read every case of their meeting: whoever directs it says who they are.
create function ctx.chair_is_given() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if not ctx.directs_meeting(old.id) then
        raise insufficient_privilege using message = 'whoever directs a meeting says who chairs it';
    end if;
    return new;
end $$;
create trigger chair_is_given before update of chair_id, note_taker_id on meeting for each row
    when (current_user = 'portal_app'
          and (old.chair_id, old.note_taker_id) is distinct from (new.chair_id, new.note_taker_id))
    execute function ctx.chair_is_given();

-- For whoever runs a meeting or is invited to it, who sees neither its other invitations nor its cases: the application
-- writes the message, and the page names nobody. Who leads its cases, or hears for them; of which sector who is invited, with their reply.
create function ctx.leads_of_meeting(p_meeting uuid)
returns table (case_id uuid, user_id uuid, team_id uuid, instead_of uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select mc.case_id, l.* from meeting_case mc cross join lateral ctx.hears_as_lead(mc.case_id) l
     where mc.meeting_id = p_meeting and ctx.reaches_meeting(ctx.readers(), p_meeting)
$$;

create function ctx.sectors_invited(p_meeting uuid) returns table (sector text, reply text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select a.sector, i.reply from invitation i join agency a on a.id = i.agency_id
     where i.meeting_id = p_meeting and i.withdrawn_at is null
       and ctx.reaches_meeting(ctx.readers(), p_meeting)
$$;

-- Whether the hub was told that nobody of a sector that a meeting needs is invited: for whoever sees the meeting, when
-- it does not take place.
create function ctx.hub_looks_for_sector(p_meeting uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from outbox_subject s join outbox_message m on m.id = s.message_id
         where s.subject_kind = 'meeting' and s.subject_id = p_meeting and m.event = 'meeting_sector_not_invited'
           and m.state <> 'cancelled' and ctx.reaches_meeting(ctx.readers(), p_meeting))
$$;

-- Where else somebody is at a time, for whoever is about to have them chair: the reference of a meeting that the asker may
-- know, else null, which says that there is another and nothing of it. A meeting is on one day.
create function ctx.elsewhere(p_person uuid, p_from timestamptz, p_until timestamptz, p_but uuid)
returns table (reference text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct case when ctx.reaches_meeting(ctx.readers(), m.id) then m.reference end as reference
      from meeting m
     where m.starts_at < p_until and m.starts_at > p_from - interval '1 day' and m.ends_at > p_from
       and m.state in ('due', 'booked') and m.id is distinct from p_but
       and (p_person in (m.chair_id, m.note_taker_id)
            or exists (select 1 from invitation i
                        where i.meeting_id = m.id and i.withdrawn_at is null and i.reply <> 'apologies'
                          and coalesce(i.comes_id, i.user_id) = p_person))
     order by 1
$$;

-- Whether another meeting is in a place at a time, for whoever calls one: that there is one, and never which.
create function ctx.place_is_taken(p_place text, p_from timestamptz, p_until timestamptz, p_but uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.user_id() is not null and exists (
        select 1 from meeting m
         where m.starts_at < p_until and m.starts_at > p_from - interval '1 day' and m.ends_at > p_from
           and m.state in ('due', 'booked') and m.id is distinct from p_but
           and ctx.plain_words(m.place) = ctx.plain_words(p_place) and ctx.plain_words(p_place) <> '')
$$;

-- What the worker asks before it reminds of a meeting: whether a paper on one of its children is neither there, nor said
-- to be not needed, nor in the portal anyway (as the page of its papers says it); and which agencies have not answered
-- that it needs. Nobody of whom anybody else comes has to be asked for.
create function ctx.lacks_paper(p_meeting uuid, p_kinds text[]) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting_case c cross join unnest(p_kinds) k (kind)
         where c.meeting_id = p_meeting and c.case_id is not null
           and not exists (select 1 from meeting_paper p
                            where p.meeting_id = p_meeting and p.case_id = c.case_id and p.kind = k.kind
                              and (p.received_at is not null or p.not_needed_reason is not null))
           and not case k.kind
               when 'assessment' then exists (select 1 from risk_assessment a
                                               where a.case_id = c.case_id and a.state = 'finalised')
               when 'plan' then exists (select 1 from plan o where o.case_id = c.case_id and o.state = 'running')
               when 'chronology' then exists (select 1 from chronology_entry e where e.case_id = c.case_id)
                   or exists (select 1 from information_request r where r.case_id = c.case_id and r.answered_at is not null)
               else false end)
$$;
create function ctx.unanswered(p_meeting uuid) returns table (agency_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct i.agency_id
      from invitation i join agency a on a.id = i.agency_id join meeting m on m.id = i.meeting_id
     where i.meeting_id = p_meeting and i.withdrawn_at is null and i.reply = 'waiting' and i.user_id is null
       and (i.required or a.sector = any (m.required_sectors))
       and not exists (select 1 from invitation o join agency b on b.id = o.agency_id
                        where o.meeting_id = i.meeting_id and o.withdrawn_at is null and o.reply in ('coming', 'deputy')
                          and (o.agency_id = i.agency_id or (not i.required and b.sector = a.sector)))
     order by i.agency_id
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (position, heading, version), delete on agenda_item to portal_app;
grant select, insert, update (comes_id, role, required, reply, reply_reason, replied_by, replied_at, attendance,
    attendance_note, withdrawn_at, withdrawn_reason, version) on invitation to portal_app;
grant select, insert, update (kind, state, starts_at, ends_at, place, link, chair_id, note_taker_id, sequence,
    required_sectors, quorum_reason, held_at, over_at, reach_until, version) on meeting to portal_app;
grant select, insert, update (next_on) on meeting_case to portal_app;
grant select, insert on meeting_change, meeting_handout to portal_app;
grant select, insert, update (received_at, received_by, not_needed_reason, version) on meeting_paper to portal_app;
grant select (id, reference, meeting_id, agency_id, team_id, user_id, comes_id, role, reply, attendance, withdrawn_at)
    on invitation to portal_worker;
grant select (id, reference, kind, state, starts_at, ends_at, chair_id, note_taker_id, sequence, reach_until) on
    meeting to portal_worker;
grant select (meeting_id, case_id) on meeting_case to portal_worker;
grant select on invitation, meeting, meeting_case, meeting_paper to portal_scope;
grant execute on function ctx.lacks_paper, ctx.unanswered to portal_worker;
grant execute on function ctx.my_invitations, ctx.invited_to, ctx.children_invited_for, ctx.runs_meeting,
    ctx.reaches_all_of_meeting, ctx.alert_stands, ctx.leads_of_meeting, ctx.sectors_invited, ctx.elsewhere,
    ctx.place_is_taken, ctx.comes_already, ctx.hub_looks_for_sector
    to portal_app;
