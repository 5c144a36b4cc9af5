-- Who may give somebody else reach: the rows that do (an involvement, a grant, a question, a meeting, an action, a
-- disclosure) ask for the right of whoever writes them, not only for their name. The same facts as the permissions in
-- portal/access/permissions, kept by the database too.

-- A coordinator, or the lead professional, who has full reach on the case.
create function ctx.answers_for_case(p_case uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from cre_case c join case_scope s on s.case_id = c.id
         where c.id = p_case and s.reader = any (ctx.readers()) and s.sees = 2 and s.until > statement_timestamp()
           and (ctx.is_coordinator() or c.lead_professional_id = ctx.user_id()))
$$;

-- The chair of a meeting on the case that is not over.
create function ctx.chairs_on_case(p_case uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
         where mc.case_id = p_case and m.chair_id = ctx.user_id() and m.state not in ('distributed', 'cancelled'))
$$;

-- A manager of the agency that leads the case, who hands the lead over.
create function ctx.manages_lead(p_case uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.has_role('manager')
       and exists (select 1 from cre_case c where c.id = p_case and c.lead_agency_id = ctx.agency_id())
$$;

-- Who directs a meeting: chair, note-taker, whoever called it while nobody had held it yet, coordinators, and the
-- lead professional of one of its cases.
create function ctx.directs_meeting(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting m
         where m.id = p_meeting
           and (ctx.is_coordinator() or ctx.user_id() in (m.chair_id, m.note_taker_id)
                or (m.called_by = ctx.user_id() and m.state in ('due', 'booked'))
                or exists (select 1 from meeting_case mc join cre_case c on c.id = mc.case_id
                            where mc.meeting_id = m.id and c.lead_professional_id = ctx.user_id())))
$$;

-- Who keeps the record of a meeting, from that it was held to what it decided: chair, note-taker, coordinators, and the
-- lead professional of one of its cases. To have called it is not enough.
create function ctx.keeps_record(p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting m
         where m.id = p_meeting
           and (ctx.is_coordinator() or ctx.user_id() in (m.chair_id, m.note_taker_id)
                or exists (select 1 from meeting_case mc join cre_case c on c.id = mc.case_id
                            where mc.meeting_id = m.id and c.lead_professional_id = ctx.user_id())))
$$;

-- Who may be named because of a meeting: its chair and its note-taker, on the cases that it is about.
create function ctx.runs_as_named(p_meeting uuid, p_case uuid, p_user uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from meeting m join meeting_case mc on mc.meeting_id = m.id
         where m.id = p_meeting and mc.case_id = p_case and p_user in (m.chair_id, m.note_taker_id)
           and m.state not in ('distributed', 'cancelled'))
$$;

-- A coordinator of a form that was sent and is not for somebody else: `ctx.triages`, for functions that read past
-- the rules.
create function ctx.triages_form(p_referral uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_coordinator() and exists (
        select 1 from referral r where r.id = p_referral and r.state <> 'draft'
           and (exists (select 1 from referral_notice n where n.referral_id = r.id and not n.passed_on)
                or exists (select 1 from referral_seal l join case_scope s on s.case_id = l.case_id
                            where l.referral_id = r.id and s.reader = any (ctx.readers())
                              and s.sees = 2 and s.until > statement_timestamp())))
$$;

-- Who puts a line on the sharing ledger: of a form whoever triages it; of a case whoever answers for it, chairs an
-- open meeting on it, or runs a meeting or a panel at which it is talked about; of neither whoever runs a meeting.
-- The receiver belongs to the agency that the line names, and is there.
create function ctx.may_disclose(
    p_case uuid, p_referral uuid, p_agency uuid, p_team uuid, p_person uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select case
               when p_referral is not null then p_case is null and ctx.triages_form(p_referral)
               when p_case is not null then
                   ctx.answers_for_case(p_case) or ctx.chairs_on_case(p_case)
                   or exists (select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
                               where mc.case_id = p_case and m.state <> 'cancelled'
                                 and ctx.user_id() in (m.chair_id, m.note_taker_id))
                   or exists (select 1 from panel_item i join meeting m on m.id = i.meeting_id
                               where i.case_id = p_case and m.state <> 'cancelled'
                                 and ctx.user_id() in (m.chair_id, m.note_taker_id))
               else ctx.is_coordinator()
                    or exists (select 1 from meeting m
                                where m.state <> 'cancelled' and ctx.user_id() in (m.chair_id, m.note_taker_id))
           end
       and (p_team is null or exists (select 1 from team t where t.id = p_team and t.agency_id = p_agency))
       and (p_person is null or exists (select 1 from app_user u where u.id = p_person and u.active))
$$;

-- The child of a line on the ledger: one whom the form was found to be about, or the child of the case that the
-- receiver has come to work on. Who a child is goes to nobody by a line alone.
create function ctx.may_tell_of(p_disclosure uuid, p_child uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from disclosure d
         where d.id = p_disclosure and d.giver_id = ctx.user_id() and d.withdrawn_at is null
           and case
                   when d.referral_id is not null then
                       ctx.triages_form(d.referral_id)
                       and exists (select 1 from referral_child r
                                    where r.referral_id = d.referral_id and r.child_id = p_child)
                   else (ctx.answers_for_case(d.case_id) or ctx.chairs_on_case(d.case_id))
                        and exists (select 1 from cre_case c where c.id = d.case_id and c.child_id = p_child)
                        and (exists (select 1 from involvement i
                                      where i.case_id = d.case_id and i.team_id = d.receiver_team_id
                                        and i.ended_at is null)
                             or exists (select 1 from access_grant g
                                         where g.case_id = d.case_id and g.user_id = d.receiver_id
                                           and coalesce(g.ends_at, 'infinity') > statement_timestamp()))
               end)
$$;

-- Who gives an action to another agency: whoever answers for what it is on, or runs a meeting on it.
create function ctx.directs_action(p_case uuid, p_concern uuid, p_meeting uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.is_coordinator()
        or (p_case is not null
            and (ctx.answers_for_case(p_case)
                 or exists (select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
                             where mc.case_id = p_case and m.state not in ('distributed', 'cancelled')
                               and ctx.user_id() in (m.chair_id, m.note_taker_id))))
        or (p_concern is not null
            and exists (select 1 from concern k where k.id = p_concern and k.owner_agency_id = ctx.agency_id()))
        or exists (select 1 from meeting m
                    where m.id = p_meeting and m.state not in ('distributed', 'cancelled')
                      and ctx.user_id() in (m.chair_id, m.note_taker_id))
$$;

-- Whoever is asked, invited or given something to do knows who the child is for some working days after it is done
-- (policy `clocks.limits.request_reach`, at most 40). What was written ends within 90 days, whatever was asked for.
create function ctx.reach_ends_in_time() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user = 'portal_app' and new.reach_until > statement_timestamp() + interval '90 days'
       and (tg_op = 'INSERT' or new.reach_until is distinct from old.reach_until) then
        raise check_violation using message = 'reach after something is done ends within 90 days';
    end if;
    return new;
end $$;
create trigger reach_ends_in_time before insert or update of reach_until on information_request
    for each row execute function ctx.reach_ends_in_time();
create trigger reach_ends_in_time before insert or update of reach_until on action
    for each row execute function ctx.reach_ends_in_time();
create trigger reach_ends_in_time before insert or update of reach_until on meeting
    for each row execute function ctx.reach_ends_in_time();
create trigger reach_ends_in_time before insert on minutes_copy
    for each row execute function ctx.reach_ends_in_time();

-- What ended stays ended, and an end is only brought forward: of a team's work, and of a person's own reach.
create function ctx.ended_reach_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_column text := case tg_table_name when 'involvement' then 'ended_at' else 'ends_at' end;
    v_old timestamptz := (to_jsonb(old) ->> v_column)::timestamptz;
    v_new timestamptz := (to_jsonb(new) ->> v_column)::timestamptz;
begin
    if current_user = 'portal_app' and v_new is distinct from v_old
       and (v_old <= statement_timestamp() or v_new is null
            or v_new > least(v_old, statement_timestamp() + interval '90 days')) then
        raise check_violation using message = 'reach ends within 90 days, and what ended is given anew';
    end if;
    return new;
end $$;
create trigger ended_reach_stands before update on involvement
    for each row execute function ctx.ended_reach_stands();
create trigger ended_reach_stands before update on access_grant
    for each row execute function ctx.ended_reach_stands();

-- Who leads a case answers for it: the lead goes over by a coordinator or a manager of the agency that leads.
create function ctx.lead_is_given() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if not (ctx.is_coordinator() or (ctx.has_role('manager') and old.lead_agency_id = ctx.agency_id())) then
        raise insufficient_privilege using message = 'a coordinator or a manager of the lead agency changes who leads';
    end if;
    return new;
end $$;
create trigger lead_is_given before update of lead_agency_id, lead_professional_id on cre_case for each row
    when ((old.lead_agency_id, old.lead_professional_id) is distinct from (new.lead_agency_id, new.lead_professional_id))
    execute function ctx.lead_is_given();

-- Chair and note-taker read every case of their meeting: whoever directs it says who they are.
create function ctx.chair_is_given() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if not ctx.directs_meeting(old.id) then
        raise insufficient_privilege using message = 'whoever directs a meeting says who chairs it';
    end if;
    return new;
end $$;
create trigger chair_is_given before update of chair_id, note_taker_id on meeting for each row
    when ((old.chair_id, old.note_taker_id) is distinct from (new.chair_id, new.note_taker_id))
    execute function ctx.chair_is_given();
