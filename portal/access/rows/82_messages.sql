-- What people are told. A message shows that somebody was told something, and what became of it; what it is
-- about is a row of its own. The recipient sees both. Coordinators watch over every message, managers over
-- those of their own people; what one is about they see only where they see that record anyway.

create policy seen on outbox_message for select to portal_app using (
    (MINE(recipient_id) and OURS(agency_id))
    or READER(recipient_team_id)
    or HUB
    or (ROLE(manager) and OURS(agency_id)));
-- What is told once has one key. A key that a person writes says its kind, the table of its subject and, last, who is
-- told. No key of the worker's looks so: they name a duty, a day or another message, or are of a kind of its own.
create policy added on outbox_message for insert to portal_app with check (
    MINE(caused_by) and state in ('owed', 'shown') and read_at is null and attempts = 0
    and lease is null and handed_from_id is null
    and split_part(key, ':', 1) = kind and split_part(key, ':', 2) ~ '^[a-z_]+$'
    and kind not in ('shown', 'unsent_draft', 'unsent_draft_of_team')
    and split_part(key, ':', -1) = coalesce(recipient_id, recipient_team_id)::text
    and key !~ ':again');
create policy changed on outbox_message for update to portal_app using (
    (MINE(recipient_id) and OURS(agency_id))
    or HUB);

-- The recipient marks it as read; a coordinator has one that could not be sent tried again. Nothing else.
create function ctx.message_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if new.read_at is distinct from old.read_at and old.recipient_id is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'only the recipient has read a message';
    end if;
    if new.state <> old.state
       and not (ctx.is_coordinator() and old.state = 'dead' and new.state = 'owed') then
        raise insufficient_privilege using message = 'the worker says what became of a message';
    end if;
    if new.state = old.state and (new.attempts, new.next_try_at) is distinct from (old.attempts, old.next_try_at) then
        raise insufficient_privilege using message = 'the worker says when a message is tried again';
    end if;
    return new;
end $$;
create trigger message_stands before update on outbox_message
    for each row execute function ctx.message_stands();

-- Whether the person who asks sees a record that may hang on no case, or be seen without its case. It asks as
-- them, so the record's own policy answers. Whether somebody else sees it, whom a message is for, no policy can
-- answer: the functions `ctx.reaches…` below say that anew, and the tests compare them with the policies.
-- Its statements are planned once for a connection.
create function ctx.sees_record(p_kind text, p_id uuid) returns boolean
language plpgsql stable cost 1000 set search_path = pg_catalog, public, pg_temp as $$
begin
    if p_kind = 'referral' then
        return exists (select 1 from referral where id = p_id);
    elsif p_kind = 'social_care_referral' then
        return exists (select 1 from social_care_referral where id = p_id);
    elsif p_kind = 'disclosure' then
        return exists (select 1 from disclosure where id = p_id);
    elsif p_kind = 'information_request' then
        return exists (select 1 from information_request where id = p_id);
    elsif p_kind = 'meeting' then
        return exists (select 1 from meeting where id = p_id);
    elsif p_kind = 'invitation' then
        return exists (select 1 from invitation where id = p_id);
    elsif p_kind = 'action' then
        return exists (select 1 from action where id = p_id);
    elsif p_kind = 'minutes_issue' then
        return exists (select 1 from minutes_issue where id = p_id);
    elsif p_kind in ('missing_episode', 'missing_prompt', 'return_interview') then
        return exists (select 1 from missing_scope where record_id = p_id);
    elsif p_kind = 'concern' then
        return exists (select 1 from concern where id = p_id);
    elsif p_kind = 'panel_item' then
        return exists (select 1 from panel_item where id = p_id);
    elsif p_kind = 'concern_order' then
        return exists (select 1 from concern_order where id = p_id);
    elsif p_kind = 'directory_entry' then
        return exists (select 1 from directory_entry where id = p_id);
    end if;
    return false;
end $$;

-- A team of the hub is its coordinators, who are readers as the hub and not by their team.
create policy seen on outbox_subject for select to portal_app using (
    exists (select 1 from outbox_message m
             where m.id = outbox_subject.message_id
               and ((MINE(m.recipient_id) and OURS(m.agency_id))
                    or READER(m.recipient_team_id)
                    or (HUB and TEAMS(m.recipient_team_id))))
    or (case_id is not null
        and FULL(outbox_subject.case_id))
    or ((HUB or ROLE(manager))
        and ctx.sees_record(subject_kind, subject_id)));
-- What a message is about is said by whoever caused it, with the message and once.
create function ctx.causes_message(p_message uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from outbox_message where id = p_message and caused_by = ctx.user_id())
$$;
create policy added on outbox_subject for insert to portal_app with check (
    deadline_id is null and rung is null and ctx.causes_message(message_id));

create policy own on message_preference to portal_app using (MINE(user_id))
    with check (MINE(user_id));

-- Absences are one's own to enter, and a manager's for the people of their agency; colleagues see them.
create policy seen on absence for select to portal_app using (
    exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id)));
create policy added on absence for insert to portal_app with check (
    MINE(entered_by)
    and (MINE(user_id)
         or (ROLE(manager)
             and exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id)))));
create policy changed on absence for update to portal_app using (
    MINE(user_id)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = absence.user_id and OURS(u.agency_id))));
-- A deputy covers a case that both they and whoever enters it read already: being one gives no reach.
create function ctx.may_cover(p_case uuid, p_deputy uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from case_scope s where s.case_id = p_case and s.reader = any (ctx.readers())
                      and s.sees = 2 and s.until > statement_timestamp())
       and exists (select 1 from case_scope s where s.case_id = p_case and s.reader = any (ctx.readers_of(p_deputy))
                      and s.sees = 2 and s.until > statement_timestamp())
$$;

-- Whose absence it is, and the managers of their agency.
create function ctx.enters_absence(p_absence uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from absence a join app_user u on u.id = a.user_id
                    where a.id = p_absence
                      and (a.user_id = ctx.user_id()
                           or (ctx.has_role('manager') and u.agency_id = ctx.agency_id())))
$$;

create policy seen on absence_cover for select to portal_app using (
    MINE(deputy_id)
    or FULL(absence_cover.case_id));
create policy added on absence_cover for insert to portal_app
    with check (ctx.enters_absence(absence_id) and ctx.may_cover(case_id, deputy_id));
create policy removed on absence_cover for delete to portal_app using (
    (MINE(deputy_id)
     or FULL(absence_cover.case_id))
    and ctx.enters_absence(absence_id));

create policy seen on address_suspension for select to portal_app using (
    MINE(user_id)
    or HUB or ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)));
create policy lifted on address_suspension for update to portal_app using (
    lifted_at is null
    and (HUB or ROLE(administrator)
         or (ROLE(manager) and OURS(agency_id))))
    with check (MINE(lifted_by) and lifted_at is not null);

-- The worker reads what is owed and to whom, in columns that hold no narrative (portal.access.install), and
-- writes messages. It is no person: it holds no session.
create policy worker on deadline for select to portal_worker using (true);
create policy worker on reminder_plan to portal_worker using (true) with check (true);
create policy worker on outbox_message to portal_worker using (true) with check (true);
create policy worker on outbox_subject to portal_worker using (true) with check (true);
create policy worker on message_preference for select to portal_worker using (true);
create policy worker on absence for select to portal_worker using (true);
create policy worker on absence_cover for select to portal_worker using (true);
create policy worker on address_suspension to portal_worker using (true) with check (true);
create policy worker on app_user for select to portal_worker using (true);
create policy worker on team_member for select to portal_worker using (true);
create policy worker on cre_case for select to portal_worker using (true);
create policy worker on access_grant for select to portal_worker using (true);
create policy worker on referral_notice for select to portal_worker using (true);
create policy worker on action for select to portal_worker using (true);
create policy worker on disclosure for select to portal_worker using (true);
create policy worker on information_request for select to portal_worker using (true);
create policy worker on meeting for select to portal_worker using (true);
create policy worker on meeting_case for select to portal_worker using (true);
create policy worker on invitation for select to portal_worker using (true);
create policy worker on missing_episode for select to portal_worker using (true);
create policy worker on missing_prompt for select to portal_worker using (true);
create policy worker on return_interview for select to portal_worker using (true);
create policy worker on concern for select to portal_worker using (true);
create policy worker on panel_item for select to portal_worker using (true);
create policy worker on concern_order for select to portal_worker using (true);
create policy worker on directory_entry for select to portal_worker using (true);

-- Whether a set of readers has reach on what a message is about, by the rules of its record; kinds without one of
-- their own hang on a case. Time passes between queueing and sending, so the worker asks at both. A manager is
-- a reader of their agency, so a manager of a team is both its manager and its agency's reader.
create function ctx.reaches_case(p_readers uuid[], p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from case_scope s
                    where s.case_id = p_case and s.reader = any (p_readers) and s.sees = 2
                      and s.until > statement_timestamp())
$$;

create function ctx.is_person_of(p_readers uuid[], p_user uuid, p_agency uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select p_user = any (p_readers)
       and exists (select 1 from app_user u where u.id = p_user and u.agency_id = p_agency)
$$;

create function ctx.hub_triages(p_readers uuid[], p_referral uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.hub() = any (p_readers)
       and exists (select 1 from referral r where r.id = p_referral and r.state <> 'draft')
       and (not exists (select 1 from referral_seal l where l.referral_id = p_referral)
            or exists (select 1 from referral_seal l
                        where l.referral_id = p_referral and ctx.reaches_case(p_readers, l.case_id)))
$$;

create function ctx.reaches_referral(p_readers uuid[], p_referral uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.hub_triages(p_readers, p_referral) or exists (
        select 1 from referral r left join team t on t.id = r.author_team_id
         where r.id = p_referral
           and (ctx.is_person_of(p_readers, r.author_id, r.author_agency_id)
                or (not r.concerns_colleague
                    and t.manager_id = any (p_readers) and t.agency_id = any (p_readers))))
$$;

create function ctx.reaches_disclosure(p_readers uuid[], p_disclosure uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from disclosure d
         where d.id = p_disclosure
           and (ctx.is_person_of(p_readers, d.giver_id, d.giver_agency_id)
                or (d.decision <> 'refuse' and d.withdrawn_at is null and exists (
                    select 1 from ctx.told(d.receiver_agency_id, d.receiver_team_id, d.receiver_id) told (reader)
                     where told.reader = any (p_readers)))
                or (ctx.hub() = any (p_readers)
                    and (d.case_id is null or ctx.reaches_case(p_readers, d.case_id))
                    and not exists (
                        select 1 from disclosure_child dc
                         where dc.disclosure_id = d.id and not exists (
                            select 1 from child_scope s
                             where s.child_id = dc.child_id and s.reader = any (p_readers) and s.sees = 2
                               and s.until > statement_timestamp())))))
$$;

create function ctx.reaches_request(p_readers uuid[], p_request uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from information_request r
         where r.id = p_request
           and (ctx.reaches_case(p_readers, r.case_id)
                or (r.case_id is null and ctx.hub_triages(p_readers, r.referral_id))
                or (r.withdrawn_at is null and coalesce(r.reach_until, 'infinity') > statement_timestamp()
                    and exists (
                        select 1 from ctx.asked(r.asked_agency_id, r.asked_team_id, r.asked_user_id) asked (reader)
                         where asked.reader = any (p_readers))
                    and (r.asked_user_id is not null or not exists (
                        select 1 from cre_case c where c.child_id = r.child_id and c.sensitivity = 2)))))
$$;

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

create function ctx.reaches_action(p_readers uuid[], p_action uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from action a
         where a.id = p_action
           and (ctx.reaches_case(p_readers, a.case_id)
                or ctx.reaches_concern(p_readers, a.concern_id)
                or (coalesce(a.reach_until, 'infinity') > statement_timestamp()
                    and exists (
                        select 1 from ctx.asked(a.owner_agency_id, a.owner_team_id, a.owner_id) owner (reader)
                         where owner.reader = any (p_readers))
                    and not exists (
                        select 1 from cre_case c where c.child_id = a.child_id and c.sensitivity = 2)
                    and not exists (
                        select 1 from concern k where k.id = a.concern_id and k.sensitivity > 0))))
$$;

-- Minutes: full reach on what they are on, or a copy whose time is not over.
create function ctx.reaches_minutes(p_readers uuid[], p_issue uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from ctx.copies_of(p_readers) c where c.issue_id = p_issue)
        or exists (select 1 from minutes_issue n
                    where n.id = p_issue
                      and case when n.case_id is null then ctx.runs_meeting_as(p_readers, n.meeting_id)
                               else ctx.reaches_case(p_readers, n.case_id) end)
$$;

create function ctx.reaches_missing(p_readers uuid[], p_record uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from missing_scope s
                    where s.record_id = p_record and s.reader = any (p_readers) and s.until > statement_timestamp())
$$;

create function ctx.reaches(p_readers uuid[], p_kind text, p_subject uuid, p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(case p_kind
        when 'app_user' then true  -- somebody's own account, or their address
        when 'team' then true
        when 'referral' then ctx.reaches_referral(p_readers, p_subject)
        when 'social_care_referral' then
            ctx.hub_triages(p_readers, (select referral_id from social_care_referral where id = p_subject))
        when 'disclosure' then ctx.reaches_disclosure(p_readers, p_subject)
        when 'information_request' then ctx.reaches_request(p_readers, p_subject)
        when 'meeting' then ctx.reaches_meeting(p_readers, p_subject)
        when 'invitation' then ctx.reaches_invitation(p_readers, p_subject)
        when 'action' then ctx.reaches_action(p_readers, p_subject)
        when 'minutes_issue' then ctx.reaches_minutes(p_readers, p_subject)
        when 'access_request' then exists (
            select 1 from access_request r
             where r.id = p_subject
               and (ctx.is_person_of(p_readers, r.asked_by, r.asked_agency_id)
                    or ctx.reaches_case(p_readers, r.case_id)))
        when 'cre_case' then ctx.reaches_case(p_readers, p_subject)
        when 'missing_episode' then ctx.reaches_missing(p_readers, p_subject)
        when 'missing_prompt' then ctx.reaches_missing(p_readers, p_subject)
        when 'return_interview' then ctx.reaches_missing(p_readers, p_subject)
        when 'concern' then ctx.reaches_concern(p_readers, p_subject)
        when 'concern_order' then
            ctx.reaches_concern(p_readers, (select concern_id from concern_order where id = p_subject))
        when 'directory_entry' then cardinality(p_readers) > 0  -- contacts of work, for whoever is here
        when 'panel_item' then ctx.reaches_item(p_readers, p_subject)
        else ctx.reaches_case(p_readers, p_case)
    end, false)
$$;

-- What the health page says about messages: since when the oldest has waited, never what it is. One that nobody
-- has tried to send, and that was put off until the hours open, waits from then on.
create function ctx.oldest_waiting_message(p_moment timestamptz) returns timestamptz
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select min(since) from (
        select case when attempts = 0 then greatest(not_before, next_try_at) else not_before end as since
          from outbox_message where state in ('owed', 'queued')) waiting
     where since <= p_moment
$$;
