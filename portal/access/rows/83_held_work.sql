-- What somebody leads, owns and is invited to, counted: so that nobody is switched off or moved away from it without
-- a word. A number is all that an administrator learns, who sees no case; it says nothing of any of them.

-- The cases that a person reads through teams that they leave, and through nothing else.
create function ctx.cases_lost(p_user uuid, p_leaves uuid[], p_keeps uuid[]) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct i.case_id
      from involvement i join app_user u on u.id = p_user
     where i.ended_at is null and i.team_id = any (p_leaves)
       and not u.roles && array['manager', 'coordinator']
       and not exists (select 1 from involvement o
                        where o.case_id = i.case_id and o.ended_at is null and o.team_id = any (p_keeps))
       and not exists (select 1 from access_grant g
                        where g.case_id = i.case_id and g.user_id = p_user and g.starts_at <= statement_timestamp()
                          and (g.ends_at is null or g.ends_at > statement_timestamp()))
$$;

-- By kind, for whoever looks after the person and for coordinators. With teams that they leave: only what hangs on
-- the cases that they lose with them. Nothing is said to anybody else.
create function ctx.held_work(p_user uuid, p_leaves uuid[], p_keeps uuid[]) returns table (kind text, held bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with lost as materialized (select ctx.cases_lost(p_user, p_leaves, p_keeps) as case_id),
    counted as (
        select 'leads' as kind, count(*) as held from cre_case c
         where c.lead_professional_id = p_user and c.state not in ('closed', 'transferred')
           and (p_leaves is null or c.id in (select case_id from lost))
        union all
        select 'works', count(*) from involvement i join cre_case c on c.id = i.case_id
         where i.worker_id = p_user and i.ended_at is null and c.state not in ('closed', 'transferred')
           and c.lead_professional_id is distinct from p_user
           and (p_leaves is null or c.id in (select case_id from lost))
        union all
        select 'actions', count(*) from action a
         where a.owner_id = p_user and a.state in ('not_started', 'under_way', 'blocked')
           and (p_leaves is null or a.case_id in (select case_id from lost))
        union all
        select 'alerts', count(*) from alert a
         where a.owner_id = p_user and a.ended_at is null
           and (p_leaves is null or a.case_id in (select case_id from lost))
        union all
        select 'processes', count(*) from linked_process p
         where p.owner_id = p_user and p.state = 'running'
           and (p_leaves is null or p.case_id in (select case_id from lost))
        union all
        select 'duties', count(*) from deadline d left join cre_case c on c.id = d.case_id
         where d.owner_id = p_user and d.state = 'open'
           and d.subject_kind not in ('action', 'alert', 'linked_process', 'meeting', 'referral', 'information_request')
           and not (d.subject_kind in ('cre_case', 'chronology_entry')
                    and c.lead_professional_id is not distinct from p_user)
           and (p_leaves is null or d.case_id in (select case_id from lost))
        union all
        select 'chairs', count(*) from meeting m
         where p_leaves is null and m.chair_id = p_user and m.state not in ('distributed', 'cancelled')
        union all
        select 'notes', count(*) from meeting m
         where p_leaves is null and m.note_taker_id = p_user and m.state not in ('distributed', 'cancelled')
        union all
        select 'invitations', count(*) from invitation i join meeting m on m.id = i.meeting_id
         where p_leaves is null and p_user in (i.user_id, i.comes_id) and i.withdrawn_at is null
           and p_user not in (m.chair_id, m.note_taker_id) and m.state in ('due', 'booked')
        union all
        select 'questions', count(*) from information_request r
         where p_leaves is null and r.asked_user_id = p_user and r.answered_at is null and r.withdrawn_at is null
        union all
        select 'forms', count(*) from referral r
         where p_leaves is null and r.claimed_by = p_user and r.state in ('sent', 'in_triage', 'waiting_for_sender')
        union all
        select 'drafts', count(*) from referral r
         where p_leaves is null and r.author_id = p_user and r.state = 'draft'
        union all
        select 'assessments', count(*) from risk_assessment r
         where p_leaves is null and r.assessor_id = p_user and r.state in ('draft', 'waiting')
        union all
        select 'safety_plans', count(*) from safety_plan s
         where p_leaves is null and s.author_id = p_user and s.state = 'draft'
        union all
        select 'teams', count(*) from team t where p_leaves is null and t.manager_id = p_user and t.active
        union all
        select 'agencies', count(*) from agency a where p_leaves is null and a.lead_id = p_user and a.active)
    select c.kind, c.held from counted c
     where c.held > 0 and (ctx.is_coordinator() or ctx.looks_after(p_user))
$$;
