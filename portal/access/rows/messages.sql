-- What people are told. A message shows that somebody was told something, and what became of it; what it is
-- about is a row of its own. The recipient sees both. Coordinators watch over every message, managers over
-- those of their own people; what one is about they see only where they see that record anyway.

-- who: whoever it was written to, while of that agency, or as one of the team
-- who: coordinators of the hub, but for what they have caused themselves on a ground that they may not know of
-- who: managers, of what was written to the people of their agency, but for the same
create policy seen on outbox_message for select to portal_app using (
    (MINE(recipient_id) and OURS(agency_id))
    or READER(recipient_team_id)
    or ((HUB or (ROLE(manager) and OURS(agency_id)))
        and (key not like 'unseen.%' or caused_by is distinct from (select ctx.user_id()))));
-- What is told once has one key. A key that a person writes says its kind, the table of its subject and, last, who is
-- told. No key of the worker's looks so: they name a duty, a day or another message, or are of a kind of its own. Nor does
-- that of a message which the database writes to somebody of whom whoever tells may not know (`ctx.tell_unseen`): nobody
-- finds out by a key of theirs whether it is there.
create policy added on outbox_message for insert to portal_app with check (
    MINE(caused_by) and state in ('owed', 'shown') and read_at is null and attempts = 0
    and lease is null and handed_from_id is null and unopened_at is null and passes_on_id is null
    and split_part(key, ':', 1) = kind and split_part(key, ':', 2) ~ '^[a-z_]+$'
    and kind not in ('shown', 'unsent_draft', 'unsent_draft_of_team', 'not_opened', 'not_opened_urgent',
                     'minutes_unopened', 'not_told')
    and kind not like 'unseen.%'
    and split_part(key, ':', -1) = coalesce(recipient_id, recipient_team_id)::text
    and key !~ ':again');
create policy changed on outbox_message for update to portal_app using (
    (MINE(recipient_id) and OURS(agency_id))
    or READER(recipient_team_id)
    or (HUB and (key not like 'unseen.%' or caused_by is distinct from (select ctx.user_id()))));

-- The recipient marks it as read, one to a team whoever of it opens it; a coordinator has one that could not be sent tried again. Nothing else.
create function ctx.message_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if new.read_at is distinct from old.read_at and old.recipient_id is distinct from ctx.user_id()
       and (old.read_at is not null or old.recipient_team_id is null
            or not (old.recipient_team_id = any (ctx.teams())
                    and (ctx.is_coordinator() or old.recipient_team_id = any ((select ctx.readers())::uuid[])))) then
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
    for each row when (current_user = 'portal_app') execute function ctx.message_stands();

-- Whether the person who asks sees a record that may hang on no case, or be seen without its case. It asks as
-- them, so the record's own policy answers. Whether somebody else sees it, whom a message is for, no policy can
-- answer: `ctx.reaches` below asks the noun, which puts together the grounds that its policies ask (`ctx.…_as`, of any
-- readers). The tests compare the two for everybody, and know by name each difference that is meant.
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
    elsif p_kind in ('missing_episode', 'missing_prompt') then
        return exists (select 1 from missing_scope where record_id = p_id);
    elsif p_kind = 'return_interview' then
        return exists (select 1 from return_interview where id = p_id);
    elsif p_kind = 'missing_match' then
        return exists (select 1 from missing_match where id = p_id);
    elsif p_kind = 'concern' then
        return exists (select 1 from concern where id = p_id);
    elsif p_kind = 'panel_item' then
        return exists (select 1 from panel_item where id = p_id);
    elsif p_kind = 'concern_order' then
        return exists (select 1 from concern_order where id = p_id);
    elsif p_kind = 'child' then
        return exists (select 1 from child_record where child_id = p_id);
    elsif p_kind = 'directory_entry' then
        return exists (select 1 from directory_entry where id = p_id);
    elsif p_kind = 'told_by_hand' then
        return exists (select 1 from told_by_hand where id = p_id);
    end if;
    return false;
end $$;

-- A team of the hub is its coordinators, who are readers as the hub and not by their team.
-- who: whoever the message was written to; of a team of the hub, its coordinators
-- who: whoever has full reach on its case
-- who: coordinators of the hub and managers who see the message, and read the record itself
create policy seen on outbox_subject for select to portal_app using (
    exists (select 1 from outbox_message m
             where m.id = outbox_subject.message_id
               and ((MINE(m.recipient_id) and OURS(m.agency_id))
                    or READER(m.recipient_team_id)
                    or (HUB and TEAMS(m.recipient_team_id))))
    or (case_id is not null
        and FULL(outbox_subject.case_id))
    or ((HUB or ROLE(manager))
        and exists (select 1 from outbox_message m where m.id = outbox_subject.message_id offset 0)
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

-- who: the person whose address it is
-- who: coordinators of the hub
-- who: administrators
-- who: managers, of the people of their agency
create policy seen on address_suspension for select to portal_app using (
    MINE(user_id)
    or HUB or ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)));
create policy lifted on address_suspension for update to portal_app using (
    lifted_at is null
    and (HUB or ROLE(administrator)
         or (ROLE(manager) and OURS(agency_id))))
    with check (MINE(lifted_by) and lifted_at is not null);

-- What the worker reads and writes, to remind and to tell.
create policy worker on reminder_plan to portal_worker using (true) with check (true);
create policy worker on outbox_message to portal_worker using (true) with check (true);
create policy worker on outbox_subject to portal_worker using (true) with check (true);
create policy worker on message_preference for select to portal_worker using (true);
create policy worker on address_suspension to portal_worker using (true) with check (true);

-- Whether a set of readers has reach on what a message is about, by the rules of its record; kinds without one of
-- their own hang on a case. Time passes between queueing and sending, so the worker asks at both. A manager is
-- a reader of their agency, so a manager of a team is both its manager and its agency's reader.
create function ctx.reaches(p_readers uuid[], p_kind text, p_subject uuid, p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(case p_kind
        when 'app_user' then true  -- somebody's own account, or their address
        when 'team' then true
        when 'agency' then true
        when 'identity_provider' then true
        when 'child' then ctx.reaches_child(p_readers, p_subject)
        when 'referral' then ctx.reaches_referral(p_readers, p_subject)
        when 'social_care_referral' then
            ctx.hub_triages(p_readers, (select referral_id from social_care_referral where id = p_subject))
            or ctx.is_front_door_as(p_readers, p_subject)
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
            and ctx.interview_lets_in(p_readers, p_subject)
        when 'missing_match' then exists (
            select 1 from missing_match m
             where m.id = p_subject and ctx.reaches_child(p_readers, m.child_id)
               and ctx.reaches_child(p_readers, m.other_id))
        when 'concern' then ctx.reaches_concern(p_readers, p_subject)
        when 'concern_order' then
            ctx.reaches_concern(p_readers, (select concern_id from concern_order where id = p_subject))
        when 'directory_entry' then cardinality(p_readers) > 0  -- contacts of work, for whoever is here
        when 'panel_item' then ctx.reaches_item(p_readers, p_subject)
        when 'told_by_hand' then ctx.reaches_by_hand(p_readers, p_subject)
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

-- What stands in the way of telling persons and teams of something today; nothing where they can be told. The worker asks
-- before it sends, and whoever tells asks while the page is made, so that the two cannot say different things. What does
-- `otherwise` is the same for a message that is read without seeing the record.
create function ctx.obstacles(
    p_kind text, p_subject uuid, p_case uuid, p_people uuid[], p_teams uuid[], p_today date)
returns table (id uuid, obstacle text, otherwise text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with asked (id, gone, readers, otherwise) as (
        select u.id, case when not (u.active and a.active) then 'left' end, ctx.readers_of(u.id),
               case when exists (select 1 from absence b where b.user_id = u.id and b.ended_at is null
                                    and p_today between b.first_day and b.last_day) then 'away'
                    when u.email = ''
                         or exists (select 1 from address_suspension s where s.user_id = u.id and s.lifted_at is null
                                       and s.address = u.email) then 'address' end
          from app_user u join agency a on a.id = u.agency_id
         where u.id = any (p_people)
        union all
        -- A team of the hub is answered by coordinators, who are the hub as a reader.
        select t.id, case when not (t.active and a.active) then 'team_closed' end,
               array[t.id] || ctx.audience_keys(a.id) || ctx.front_door_keys(array[t.id])
               || case when a.sector = 'hub' then array[ctx.hub()] else '{}'::uuid[] end,
               case when t.duty_email = ''
                         or exists (select 1 from address_suspension s where s.team_id = t.id and s.lifted_at is null
                                       and s.address = t.duty_email) then 'address' end
          from team t join agency a on a.id = t.agency_id
         where t.id = any (p_teams))
    select w.id,
           coalesce(w.gone, case when not ctx.reaches(w.readers, p_kind, p_subject, p_case) then 'no_reach' end, w.otherwise),
           coalesce(w.gone, w.otherwise)
      from asked w
$$;

-- The same for whoever tells, of what they see themselves: of anything else it would say who works with a child. Of a missing
-- child it would say that even so: whoever reports sees the episode, and not who else does. So it says nothing of reach there,
-- nor to whoever sees the record and not its case, such as the owner of an action.
create function ctx.my_obstacles(
    p_kind text, p_subject uuid, p_case uuid, p_people uuid[], p_teams uuid[], p_today date)
returns table (id uuid, obstacle text, otherwise text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select o.id, case when p_kind in ('missing_episode', 'missing_prompt', 'missing_match') or not w.reads_case then o.otherwise
                      else o.obstacle end, o.otherwise
      from ctx.obstacles(p_kind, p_subject, p_case, p_people, p_teams, p_today) o
     cross join (select p_case is null or ctx.reaches_case((select ctx.readers())::uuid[], p_case) as reads_case offset 0) w
     where ctx.reaches((select ctx.readers())::uuid[], p_kind, p_subject, p_case)
$$;

-- Of some persons and kinds of message, which they want to see in the portal only: the page says how they are told.
create function ctx.only_in_portal(p_people uuid[], p_kinds text[]) returns table (user_id uuid, kind text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select p.user_id, p.kind from message_preference p
     where p.user_id = any (p_people) and p.kind = any (p_kinds) and not p.by_mail
$$;

-- The open cases of the child of an episode, of what repeated ones ask, of an order or of something of concern, and of records
-- that are linked with it: whoever covers one of them for somebody who is away is told in their place. For the worker
-- alone; a message about such a record does not say which case it is.
create function ctx.cases_behind(p_kind text, p_subject uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about (child_id) as (
        select e.child_id from missing_episode e where p_kind = 'missing_episode' and e.id = p_subject
        union select p.child_id from missing_prompt p where p_kind = 'missing_prompt' and p.id = p_subject
        union select w.id from missing_match m cross join lateral (values (m.child_id), (m.other_id)) w (id)
                where p_kind = 'missing_match' and m.id = p_subject
        union select o.child_id from order_child o where p_kind = 'concern_order' and o.order_id = p_subject
        union select l.child_id from concern_link l where p_kind = 'concern' and l.concern_id = p_subject),
    same (child_id) as (
        select child_id from about
        union select ctx.linked_records(child_id) from about)
    select c.id from cre_case c
     where c.child_id in (select child_id from same) and c.state not in ('closed', 'transferred')
$$;

-- The sealed case that a message is of, or of the child of which it is: nobody who may not know of that hears it in the place of
-- a person. So of any other child behind something of concern or an order, where that person leads the sealed case or is or was
-- named on it: whoever never was is told because of another child. For the worker alone.
create function ctx.sealed_behind(p_kind text, p_subject uuid, p_case uuid, p_recipient uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.id from cre_case c
     where c.sensitivity = 2
       and (c.id = p_case
            or (p_kind = 'cre_case' and c.id = p_subject)
            or (c.id in (select ctx.cases_behind(p_kind, p_subject))
                and (c.lead_professional_id = p_recipient
                     or exists (select 1 from access_grant g where g.case_id = c.id and g.user_id = p_recipient)
                     or exists (select 1 from involvement i where i.case_id = c.id and i.worker_id = p_recipient)))
            or c.id in (
                select h.id
                  from (select p_subject where p_kind = 'child'
                        union all select e.child_id from missing_episode e where p_kind = 'missing_episode' and e.id = p_subject
                        union all select q.child_id from missing_prompt q where p_kind = 'missing_prompt' and q.id = p_subject
                        union all select i.child_id from return_interview i
                                   where p_kind = 'return_interview' and i.id = p_subject) k (id)
                 cross join lateral ctx.cases_holding(k.id) h))
     order by (c.id = p_case) desc nulls last, c.opened_at desc, c.id limit 1
$$;

-- Who covers an open case of the child today for some who are away, where what happens hangs on no one case, such as a
-- missing episode: for whoever sees that record, of the people whom they tell. So of an action or a question on a case that
-- whoever owns or answers it may not read, of those who follow it: they tell them, and have to know whom to ring instead.
create function ctx.covered_behind(p_kind text, p_subject uuid, p_away uuid[], p_today date)
returns table (away_id uuid, deputy_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct a.user_id, v.deputy_id
      from absence a join absence_cover v on v.absence_id = a.id
     where a.user_id = any (p_away) and a.ended_at is null and p_today between a.first_day and a.last_day
       and (v.case_id in (select ctx.cases_behind(p_kind, p_subject))
            or (p_kind = 'action' and a.user_id = any (ctx.hear_of_action(p_subject))
                and v.case_id = (select n.case_id from action n where n.id = p_subject))
            or (p_kind = 'information_request' and a.user_id in (select h.user_id from ctx.hear_of_answer(p_subject) h)
                and v.case_id = (select r.case_id from information_request r where r.id = p_subject)))
       and ctx.reaches((select ctx.readers())::uuid[], p_kind, p_subject, null)
$$;

-- On which of these somebody stands who was told on a ground that is hidden from whoever caused it: they, too, are named to
-- nobody who may not know of that case. One that they read before others, and of these the one that is held most closely.
create function ctx.case_behind(p_kind text, p_subject uuid, p_user uuid, p_team uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.id from ctx.cases_behind(p_kind, p_subject) b join cre_case c on c.id = b
     order by ctx.reaches_case(case when p_team is null then ctx.readers_of(p_user) else array[p_team] end, c.id) desc,
              c.sensitivity desc, c.opened_at desc, c.id limit 1
$$;

-- Who may touch which columns, and call what.
grant execute on function ctx.my_obstacles, ctx.only_in_portal, ctx.covered_behind to portal_app;
grant select on address_suspension, message_preference to portal_scope;
grant select, insert on outbox_subject to portal_scope;
grant execute on function ctx.obstacles, ctx.cases_behind, ctx.case_behind, ctx.sealed_behind to portal_worker;
grant select, update (lifted_at, lifted_by) on address_suspension to portal_app;
grant select, insert, update (by_mail) on message_preference to portal_app;
grant select, insert, update (read_at, state, attempts, next_try_at) on outbox_message to portal_app;
grant select, insert on outbox_subject to portal_app;
grant select, insert on address_suspension, outbox_subject to portal_worker;
grant select on message_preference to portal_worker;
grant select, insert, update on outbox_message to portal_worker;
grant select, update on reminder_plan to portal_worker;
grant select, insert, update (not_before, next_try_at, held_until, state, settled_at, outcome, read_at) on outbox_message
    to portal_scope;
grant select, insert, update, delete on reminder_plan to portal_scope;
grant execute on function ctx.sees_record, ctx.causes_message, ctx.oldest_waiting_message to portal_app;
grant execute on function ctx.reaches, ctx.oldest_waiting_message to portal_worker;
