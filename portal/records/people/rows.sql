-- Agencies, teams and providers are read by everybody: whoever signs in picks theirs first. They say who is
-- who, so only administrators write them, and a manager what concerns the teams of their own agency.

create policy seen on agency for select using (true);
create policy added on agency for insert to portal_app with check (ROLE(administrator));
create policy changed on agency for update to portal_app using (ROLE(administrator));

create policy seen on identity_provider for select using (true);
create policy added on identity_provider for insert to portal_app
    with check (ROLE(administrator));
create policy changed on identity_provider for update to portal_app
    using (ROLE(administrator));

create policy seen on agency_provider for select using (true);
create policy added on agency_provider for insert to portal_app
    with check (ROLE(administrator));
create policy removed on agency_provider for delete to portal_app
    using (ROLE(administrator));

create policy seen on team for select using (true);
create policy added on team for insert to portal_app with check (
    ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)));
create policy changed on team for update to portal_app using (
    ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)));

-- People are colleagues to everyone who is signed in, and nobody to anyone else.

create policy seen on app_user for select to portal_app using ((select ctx.user_id()) is not null);
create policy added on app_user for insert to portal_app with check (
    ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)));
create policy changed on app_user for update to portal_app using (
    ROLE(administrator)
    or (ROLE(manager) and OURS(agency_id)
        and not roles && array['governance', 'administrator'])
    or MINE(id));

-- What somebody chose for themselves is theirs alone.
create policy own on person_setting to portal_app using (MINE(user_id))
    with check (MINE(user_id));

create function ctx.sensitive_roles(p_roles text[]) returns text[] language sql immutable as $$
    select array(select r from unnest(p_roles) r where r in ('coordinator', 'governance', 'administrator') order by r)
$$;

-- Roles, agency and being switched on are never one's own to change; a weighty role comes only with a change
-- that one administrator asked for and another confirmed, in the last minutes.
create function ctx.roles_are_given() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_before text[] := case when tg_op = 'INSERT' then '{}'::text[] else old.roles end;
begin
    if new.roles && array['governance', 'administrator']
       and new.roles && array['practitioner', 'chair', 'manager', 'coordinator'] then
        raise check_violation using message = 'governance and administrator stand apart from roles that see cases';
    end if;
    if current_user <> 'portal_app' then  -- the owner, who has no session: migrations, the first administrator
        return new;
    end if;
    if tg_op = 'UPDATE' and old.id = ctx.user_id()
       and (new.roles, new.agency_id, new.active) is distinct from (old.roles, old.agency_id, old.active) then
        raise insufficient_privilege using message = 'nobody changes their own access';
    end if;
    if not ctx.sensitive_roles(new.roles) <@ v_before
       and not exists (select 1 from role_change c
                        where c.user_id = new.id and c.roles_after @> new.roles and c.roles_after <@ new.roles
                          and c.confirmed_by = ctx.user_id() and c.confirmed_by <> c.asked_by
                          and c.confirmed_at > statement_timestamp() - interval '5 minutes') then
        raise insufficient_privilege using message = 'this role takes a second administrator';
    end if;
    return new;
end $$;
create trigger roles_are_given before insert or update on app_user
    for each row execute function ctx.roles_are_given();

create policy seen on team_member for select to portal_app using ((select ctx.user_id()) is not null);
create policy added on team_member for insert to portal_app with check (
    ROLE(administrator)
    or (ROLE(manager)
        and exists (select 1 from team t where t.id = team_id and OURS(t.agency_id))));
create policy removed on team_member for delete to portal_app using (
    ROLE(administrator)
    or (ROLE(manager)
        and exists (select 1 from team t where t.id = team_id and OURS(t.agency_id))));

-- who: the person whom it is about
-- who: administrators
-- who: managers, of the people of their agency
create policy seen on user_identity for select to portal_app using (
    MINE(user_id) or ROLE(administrator)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = user_id and OURS(u.agency_id))));

-- who: administrators
-- who: managers, of the people of their agency
create policy seen on staff_invite for select to portal_app using (
    ROLE(administrator)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = user_id and OURS(u.agency_id))));
-- An invitation is for somebody whom one looks after, for two weeks, and never for oneself.
create policy added on staff_invite for insert to portal_app with check (
    MINE(invited_by) and accepted_at is null and withdrawn_at is null
    and expires_at <= statement_timestamp() + interval '15 days'
    and ctx.looks_after(user_id));
create policy changed on staff_invite for update to portal_app using (ctx.looks_after(user_id));

-- who: administrators
-- who: the person whom it is about
-- who: managers, of the people of their agency
create policy seen on role_change for select to portal_app using (
    ROLE(administrator) or MINE(user_id)
    or (ROLE(manager)
        and exists (select 1 from app_user u where u.id = user_id and OURS(u.agency_id))));
create policy added on role_change for insert to portal_app with check (
    MINE(asked_by) and user_id <> (select ctx.user_id()) and confirmed_by is null
    and (ROLE(administrator)
         or (ROLE(manager)
             and exists (select 1 from app_user u where u.id = user_id and OURS(u.agency_id)))));
-- A change is confirmed by another administrator; the one who asked, or another, may withdraw it.
create policy changed on role_change for update to portal_app
    using (confirmed_at is null and refused_at is null and ROLE(administrator)
           and user_id <> (select ctx.user_id()))
    with check (user_id <> (select ctx.user_id())
                and ((confirmed_by is null and confirmed_at is null and refused_at is not null)
                     or (MINE(confirmed_by) and asked_by <> (select ctx.user_id())
                         and confirmed_at is not null and refused_at is null)));

-- Whoever controls a provider decides who its people are, and whoever takes the last provider away shuts everybody
-- out. So a provider is switched on by a second administrator, and no administrator alone leaves the portal without
-- another administrator, or the hub without another coordinator, who can sign in. Where there was none before,
-- nothing is lost: the first administrators begin so.

create function ctx.provider_takes_two() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if tg_op = 'INSERT' and (new.active or new.is_partnership_default or new.added_by is distinct from ctx.user_id()) then
        raise insufficient_privilege using message = 'a provider is switched on by another administrator';
    end if;
    if tg_op = 'UPDATE' and new.active and not old.active and old.added_by = ctx.user_id() then
        raise insufficient_privilege using message = 'whoever added a provider does not switch it on';
    end if;
    return new;
end $$;
create trigger provider_takes_two before insert or update on identity_provider
    for each row when (current_user = 'portal_app') execute function ctx.provider_takes_two();

-- Whether somebody of a role, other than whoever asks, can sign in; or could without a provider, the use that an
-- agency makes of one, a person, or an agency.
create function ctx.others_can_sign_in(
    p_role text, p_provider uuid, p_used_by uuid, p_person uuid, p_agency uuid) returns boolean
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from app_user u
          join agency a on a.id = u.agency_id and a.active
          join user_identity i on i.user_id = u.id
          join identity_provider p on p.issuer = i.issuer and p.active
         where u.active and p_role = any (u.roles) and u.id is distinct from ctx.user_id()
           and u.id is distinct from p_person and a.id is distinct from p_agency
           and (p_used_by is not null or p.id is distinct from p_provider)
           and (exists (select 1 from agency_provider l where l.agency_id = a.id and l.provider_id = p.id
                           and (l.agency_id, l.provider_id) is distinct from (p_used_by, p_provider))
                or (p.is_partnership_default
                    and not exists (select 1 from agency_provider l where l.agency_id = a.id
                                       and (l.agency_id, l.provider_id) is distinct from (p_used_by, p_provider)))))
$$;

create function ctx.keeps_a_way_in() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_role text;
    v_left boolean;
    v_before boolean;
begin
    if ctx.user_id() is null then  -- the owner: migrations and the commands on the server
        return coalesce(new, old);
    end if;
    foreach v_role in array array['administrator', 'coordinator'] loop
        case tg_table_name || tg_op
            when 'agency_providerINSERT' then
                v_before := ctx.others_can_sign_in(v_role, new.provider_id, new.agency_id, null, null);
                v_left := ctx.others_can_sign_in(v_role, null, null, null, null);
            when 'agency_providerDELETE' then
                v_before := ctx.others_can_sign_in(v_role, null, null, null, null);
                v_left := ctx.others_can_sign_in(v_role, old.provider_id, old.agency_id, null, null);
            when 'identity_providerUPDATE' then
                v_before := ctx.others_can_sign_in(v_role, null, null, null, null);
                v_left := ctx.others_can_sign_in(v_role, old.id, null, null, null);
            when 'agencyUPDATE' then
                v_before := ctx.others_can_sign_in(v_role, null, null, null, null);
                v_left := ctx.others_can_sign_in(v_role, null, null, null, old.id);
            else
                continue when not v_role = any (old.roles)
                    or (new.active and v_role = any (new.roles) and new.agency_id = old.agency_id);
                v_before := ctx.others_can_sign_in(v_role, null, null, null, null);
                v_left := ctx.others_can_sign_in(v_role, null, null, old.id, null);
        end case;
        if v_before and not v_left then
            raise exception using errcode = 'CRE01', message = 'nobody else of role ' || v_role || ' could sign in';
        end if;
    end loop;
    return coalesce(new, old);
end $$;
create trigger keeps_a_way_in before delete on agency_provider for each row execute function ctx.keeps_a_way_in();
create trigger adds_a_way_in after insert on agency_provider for each row execute function ctx.keeps_a_way_in();
create trigger keeps_a_way_in before update of active on identity_provider
    for each row when (old.active and not new.active) execute function ctx.keeps_a_way_in();
create trigger keeps_a_way_in before update of active on agency
    for each row when (old.active and not new.active) execute function ctx.keeps_a_way_in();
create trigger keeps_a_way_in before update of active, roles, agency_id on app_user
    for each row when (old.active and old.roles && array['administrator', 'coordinator'])
    execute function ctx.keeps_a_way_in();

-- What the worker reads to remind and to tell.
create policy worker on app_user for select to portal_worker using (true);
create policy worker on team_member for select to portal_worker using (true);
create policy worker on role_change for select to portal_worker using (true);

-- What somebody leads, owns and is invited to, counted: so that nobody is switched off or moved away from it without
-- a word. A number is all that an administrator learns, who sees no case; it says nothing of any of them, nor that one
-- of them is sealed.

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

-- Each thing of it, by what shows whether one reads it, and the cases that it hangs on. With teams that they leave: only what hangs on the cases that they lose
-- with them.
create function ctx.held_by(p_user uuid, p_leaves uuid[], p_keeps uuid[])
returns table (kind text, subject_kind text, subject_id uuid, cases uuid[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with lost as materialized (select ctx.cases_lost(p_user, p_leaves, p_keeps) as case_id)
    select 'leads', 'cre_case', c.id, array[c.id] from cre_case c
     where c.lead_professional_id = p_user and c.state not in ('closed', 'transferred')
       and (p_leaves is null or c.id in (select case_id from lost))
    union all
    select 'works', 'cre_case', c.id, array[c.id] from involvement i join cre_case c on c.id = i.case_id
     where i.worker_id = p_user and i.ended_at is null and c.state not in ('closed', 'transferred')
       and c.lead_professional_id is distinct from p_user
       and (p_leaves is null or c.id in (select case_id from lost))
    union all
    select 'actions', 'action', a.id, array[a.case_id] from action a
     where a.owner_id = p_user and a.state in ('not_started', 'under_way', 'blocked')
       and (p_leaves is null or a.case_id in (select case_id from lost))
    union all
    select 'alerts', 'cre_case', a.case_id, array[a.case_id] from alert a
     where a.owner_id = p_user and a.ended_at is null
       and (p_leaves is null or a.case_id in (select case_id from lost))
    union all
    select 'processes', 'cre_case', p.case_id, array[p.case_id] from linked_process p
     where p.owner_id = p_user and p.state = 'running'
       and (p_leaves is null or p.case_id in (select case_id from lost))
    union all
    select 'duties', d.subject_kind, d.subject_id,
           array(select d.case_id union select o.id from cre_case o where o.child_id = d.child_id)
      from deadline d left join cre_case c on c.id = d.case_id
     where d.owner_id = p_user and d.state = 'open'
       and d.subject_kind not in ('action', 'alert', 'linked_process', 'meeting', 'referral', 'information_request')
       and not (d.subject_kind in ('cre_case', 'chronology_entry')
                and c.lead_professional_id is not distinct from p_user)
       and (p_leaves is null or d.case_id in (select case_id from lost))
    union all
    select h.kind, 'meeting', m.id, array(select mc.case_id from meeting_case mc where mc.meeting_id = m.id)
      from meeting m cross join lateral (values ('chairs', m.chair_id), ('notes', m.note_taker_id)) h (kind, person)
     where p_leaves is null and h.person = p_user and m.state not in ('distributed', 'cancelled')
    union all
    select 'invitations', 'meeting', m.id, array(select mc.case_id from meeting_case mc where mc.meeting_id = m.id)
      from invitation i join meeting m on m.id = i.meeting_id
     where p_leaves is null and p_user in (i.user_id, i.comes_id) and i.withdrawn_at is null
       and p_user not in (m.chair_id, m.note_taker_id) and m.state in ('due', 'booked')
    union all
    select 'questions', 'information_request', r.id,
           array(select r.case_id union select c.id from cre_case c where c.child_id = r.child_id)
      from information_request r
     where p_leaves is null and r.asked_user_id = p_user and r.answered_at is null and r.withdrawn_at is null
    union all
    select 'forms', 'referral', r.id, array(select l.case_id from referral_seal l where l.referral_id = r.id)
      from referral r
     where p_leaves is null and r.claimed_by = p_user and r.state in ('sent', 'in_triage', 'waiting_for_sender')
    union all
    select 'drafts', 'referral', r.id, null from referral r
     where p_leaves is null and r.author_id = p_user and r.state = 'draft'
    union all
    select 'answers', 'referral', f.id, f.cases from ctx.unanswered_forms(p_user) f
     where p_leaves is null and not f.concerns_colleague  -- who may be whoever counts them
    union all
    select 'assessments', 'cre_case', r.case_id, array[r.case_id] from risk_assessment r
     where p_leaves is null and r.assessor_id = p_user and r.state in ('draft', 'waiting')
    union all
    select 'safety_plans', 'cre_case', s.case_id, array[s.case_id] from safety_plan s
     where p_leaves is null and s.author_id = p_user and s.state = 'draft'
    union all
    select 'teams', 'team', t.id, null from team t where p_leaves is null and t.manager_id = p_user and t.active
    union all
    select 'agencies', 'agency', a.id, null from agency a where p_leaves is null and a.lead_id = p_user and a.active
$$;

-- Whether something hangs on a sealed case and is hidden from whoever asks, or, where `p_named` does not count, from all who
-- are not named there. So is its number: whoever sees every other case would know by it that there is one.
create function ctx.hides(p_kind text, p_subject uuid, p_cases uuid[], p_named boolean) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_case uuid;
begin
    select c.id into v_case from cre_case c where c.id = any (p_cases) and c.sensitivity = 2 limit 1;
    return v_case is not null and not (p_named and ctx.reaches((select ctx.readers())::uuid[], p_kind, p_subject, v_case));
end $$;

-- How much it is, by kind, for whoever looks after the person and for coordinators: without what is hidden from them.
-- Nothing is said to anybody else.
create function ctx.held_work(p_user uuid, p_leaves uuid[], p_keeps uuid[], p_named boolean default true)
returns table (kind text, held bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select h.kind, count(*)
      from ctx.held_by(p_user, p_leaves, p_keeps) h
     where (ctx.is_coordinator() or ctx.looks_after(p_user))
       and not ctx.hides(h.subject_kind, h.subject_id, h.cases, p_named)
     group by h.kind
$$;

-- The sealed cases on which somebody who has left, or lost a role, is named or holds something, and who is named on each
-- beside them: only these may know of it. Whoever ends their access looks after them, and learns nothing (`ctx.tell_unseen`).
create function ctx.unseen_each_sealed_work(p jsonb) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.id
      from cre_case c
     where c.sensitivity = 2 and (ctx.is_coordinator() or ctx.looks_after((p -> 'asks' ->> 'person')::uuid))
       and c.id in (select unnest(h.cases) from ctx.held_by((p -> 'asks' ->> 'person')::uuid, null, '{}') h
                    union all
                    select g.case_id from access_grant g
                     where g.user_id = (p -> 'asks' ->> 'person')::uuid and g.starts_at <= statement_timestamp()
                       and (g.ends_at is null or g.ends_at > statement_timestamp()))
       -- Apart from the others those that nobody leads from now on while the child is missing.
       and (p ->> 'event' = 'sealed_lead_left')
           = (c.state not in ('closed', 'transferred') and c.lead_professional_id = (p -> 'asks' ->> 'person')::uuid
              and exists (select 1 from missing_episode m
                           where m.child_id = c.child_id and m.returned_at is null and m.withdrawn_at is null))
$$;
create function ctx.unseen_of_sealed_work(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select 'reader', u.id, null::uuid
      from case_scope s join app_user u on u.id = s.reader and u.active
     where s.case_id = (p ->> 'subject')::uuid and s.sees = 2 and s.until > statement_timestamp()
       and u.id <> (p -> 'asks' ->> 'person')::uuid
$$;

-- Whether a team has people, and none of them has ever signed in: each was invited, and has not taken it up. Nobody there reads
-- the portal, or opens what an e-mail to the team is about.
create function ctx.nobody_signs_in(p_team uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select count(*) > 0
           and bool_and(not exists (select 1 from user_identity n where n.user_id = u.id)
                        and exists (select 1 from staff_invite i where i.user_id = u.id)
                        and not exists (select 1 from staff_invite i where i.user_id = u.id and i.accepted_at is not null))
      from team_member m join team t on t.id = m.team_id join app_user u on u.id = m.user_id
     where m.team_id = p_team and u.active and u.agency_id = t.agency_id
$$;

-- Who hears as the lead of an open case that a team works on, or any team of an agency: asked by an administrator who closes it, to
-- have them told. Which cases these are is not for them to know.
create function ctx.leads_with(p_agency uuid, p_team uuid) returns table (user_id uuid, team_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select distinct l.user_id, l.team_id
      from involvement i join cre_case c on c.id = i.case_id join app_user u on u.id = c.lead_professional_id
     cross join lateral ctx.hears_for_lead(c.id) l
     where ctx.has_role('administrator') and i.agency_id = p_agency and i.team_id = coalesce(p_team, i.team_id)
       and i.ended_at is null and c.state not in ('closed', 'transferred')
       and (p_team is not null or u.agency_id <> p_agency)
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (name, authority, districts, lead_id, active, version) on agency to portal_app;
grant select, insert, delete on agency_provider, team_member to portal_app;
grant select, insert, update (name, email, job_title, phone, roles, active, left_at, version) on app_user to
    portal_app;
grant select, insert, update (name, required_acr, required_amr, max_age, active, version) on identity_provider to portal_app;
grant select, insert, update (confirmed_by, confirmed_at, refused_at) on role_change to portal_app;
grant select, insert, update (entry_kind, entry_handling, shortcuts, toured_at, edition_seen) on person_setting to portal_app;
grant select, insert, update (withdrawn_at) on staff_invite to portal_app;
grant select, insert, update (name, duty_email, duty_phone, manager_id, desks, answers_at_night, active, version) on team
    to portal_app;
grant select on user_identity to portal_app;
grant select on agency, team, team_member to portal_worker;
grant select (id, user_id, asked_at, confirmed_at, refused_at) on role_change to portal_worker;
grant select (id, agency_id, email, roles, active) on app_user to portal_worker;
grant select on agency, agency_provider, app_user, identity_provider, team, team_member to portal_ctx;
grant select, update (accepted_at) on staff_invite to portal_ctx;
grant select, insert, delete on user_identity to portal_ctx;
grant select on agency, agency_provider, app_user, identity_provider, team, team_member to portal_scope;
grant execute on function ctx.sensitive_roles, ctx.held_work, ctx.leads_with, ctx.nobody_signs_in to portal_app;
