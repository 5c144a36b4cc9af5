-- An assessment is for everyone with full reach on its case: what may not be seen by all is an entry with handling,
-- and is cited. Its answers are only ever added to, and only while it is being written.

create policy seen on risk_assessment for select to portal_app
    using (FULL(risk_assessment.case_id));
create policy added on risk_assessment for insert to portal_app with check (
    MINE(assessor_id) and OURS(agency_id) and state = 'draft'
    and FULL(risk_assessment.case_id));
create policy changed on risk_assessment for update to portal_app
    using (FULL(risk_assessment.case_id));

create policy seen on assessment_section for select to portal_app
    using (exists (select 1 from risk_assessment a where a.id = assessment_section.assessment_id offset 0));
create policy added on assessment_section for insert to portal_app with check (
    MINE(saved_by)
    and exists (select 1 from risk_assessment a
                 where a.id = assessment_section.assessment_id and a.state = 'draft' offset 0));
create policy changed on assessment_section for update to portal_app
    using (exists (select 1 from risk_assessment a
                    where a.id = assessment_section.assessment_id and a.state = 'draft' offset 0))
    with check (MINE(saved_by));

create policy seen on assessment_answer for select to portal_app
    using (exists (select 1 from risk_assessment a where a.id = assessment_answer.assessment_id offset 0));
create policy added on assessment_answer for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and exists (select 1 from risk_assessment a
                 where a.id = assessment_answer.assessment_id and a.state = 'draft' offset 0));

-- Who may be the second person to lower a level: a manager of the agency that leads, or whoever chairs an open
-- meeting on the case.
create function ctx.may_lower_level(p_case uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select (ctx.has_role('manager')
            and exists (select 1 from cre_case c where c.id = p_case and c.lead_agency_id = ctx.agency_id()))
        or exists (
            select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
             where mc.case_id = p_case and m.chair_id = ctx.user_id() and m.state not in ('distributed', 'cancelled'))
$$;

create policy seen on level_decision for select to portal_app
    using (FULL(level_decision.case_id));
-- Alone by whoever decides; with a second person by that person, who is the one that is signed in.
create policy added on level_decision for insert to portal_app with check (
    FULL(level_decision.case_id)
    and case when second_id is null then MINE(decided_by)
             else MINE(second_id) and second_id <> decided_by and (select ctx.may_lower_level(case_id)) end
    -- What somebody is said to have decided, they wrote: a proposal in a meeting, or an assessment that they concluded.
    and case when meeting_id is not null and second_id is null then ctx.keeps_record(meeting_id)
             when meeting_id is not null then exists (
                 select 1 from level_proposal p
                  where p.meeting_id = level_decision.meeting_id and p.case_id = level_decision.case_id
                    and p.before is not distinct from level_decision.before and p.level = level_decision.level
                    and p.proposed_by = level_decision.decided_by and p.settled_at is null)
             else assessment_id is not null end);

-- The assessment that a level came from ends with it: finalised at that level, once, by whoever is said to have decided
-- it. Asked when the transaction ends, because the two are written together.
create function ctx.level_was_assessed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if not exists (
        select 1 from risk_assessment a join cre_case c on c.id = a.case_id
         where a.id = new.assessment_id and a.case_id = new.case_id and a.level = new.level and a.state = 'finalised'
           and case when new.second_id is not null
                    then new.decided_by = a.concluded_by and new.second_id = a.second_id and new.second_id <> a.assessor_id
                    else new.decided_by = coalesce(a.concluded_by, new.decided_by)
                         and new.decided_by in (a.assessor_id, c.lead_professional_id) end)
       or exists (select 1 from level_decision l where l.assessment_id = new.assessment_id and l.id <> new.id) then
        raise check_violation using message = 'a level is decided by whoever concluded the assessment, once';
    end if;
    return null;
end $$;
create constraint trigger level_was_assessed after insert on level_decision
    deferrable initially deferred for each row
    when (current_user = 'portal_app' and new.assessment_id is not null) execute function ctx.level_was_assessed();

-- A level changes only with a decision that names what it was before: the table itself asks for two people to lower.
create function ctx.level_is_decided() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if not exists (
        select 1 from level_decision d
         where d.case_id = new.id and d.before is not distinct from old.level and d.level = new.level
           and coalesce(d.second_id, d.decided_by) = ctx.user_id()
           and not exists (select 1 from level_decision l where l.case_id = new.id and l.number > d.number)) then
        raise insufficient_privilege using message = 'the level of a case changes only as it was decided';
    end if;
    return new;
end $$;
create trigger level_is_decided before update of level on cre_case
    for each row when (current_user = 'portal_app' and new.level is distinct from old.level)
    execute function ctx.level_is_decided();

-- What was finalised stands. A manager may still sign it off, once, or say, once, why they do not.
create function ctx.finalised_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_signing text[] := array['signed_off_by', 'signed_off_at', 'signed_off_note',
                               'refused_by', 'refused_at', 'refused_reason', 'version'];
begin
    if (new.case_id, new.assessor_id, new.agency_id, new.kind, new.reference, new.started_at, new.policy_version)
       is distinct from
       (old.case_id, old.assessor_id, old.agency_id, old.kind, old.reference, old.started_at, old.policy_version) then
        raise check_violation using message = 'an assessment stays what and whose it was begun as';
    end if;
    if old.state in ('finalised', 'abandoned')
       and ((to_jsonb(new) - v_signing) is distinct from (to_jsonb(old) - v_signing) or old.signed_off_at is not null)
       then
        raise check_violation using message = 'a finalised assessment stands as it is';
    end if;
    if new.concluded_by is distinct from old.concluded_by
       and not (new.concluded_by is not distinct from ctx.user_id()
                and (new.assessor_id = ctx.user_id()
                     or exists (select 1 from cre_case c
                                 where c.id = new.case_id and c.lead_professional_id = ctx.user_id()))) then
        raise insufficient_privilege using message = 'the assessor or the lead professional concludes an assessment';
    end if;
    if new.kind = 'full' and new.concluded_by is distinct from ctx.user_id()
       and (new.level is distinct from old.level or (new.state = 'waiting' and old.state <> 'waiting')) then
        raise insufficient_privilege using message = 'whoever concludes an assessment says its level';
    end if;
    if new.signed_off_by is distinct from old.signed_off_by and new.signed_off_by is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'nobody signs in the name of another';
    end if;
    if (new.refused_by, new.refused_at, new.refused_reason)
       is distinct from (old.refused_by, old.refused_at, old.refused_reason)
       and (old.refused_at is not null or new.refused_by is distinct from ctx.user_id()) then
        raise insufficient_privilege using message = 'whoever does not sign an assessment off says so once, in their name';
    end if;
    if new.second_id is distinct from old.second_id and new.second_id is distinct from ctx.user_id() then
        raise insufficient_privilege using message = 'nobody agrees in the name of another';
    end if;
    return new;
end $$;
create trigger finalised_stands before update on risk_assessment
    for each row when (current_user = 'portal_app') execute function ctx.finalised_stands();

-- Who may touch which columns, and call what.
grant select, insert on assessment_answer, level_decision to portal_app;
grant select, insert, update (number, saved_at, saved_by) on assessment_section to portal_app;
grant select, insert, update (state, concluded_by, concluded_at, finalised_at, abandoned_reason, level, level_before,
    level_reason, suggested_level, suggested_rule, suggested_signs, difference_reason, needs_full, types,
    s47_considered, s47_reason, nrm_considered, nrm_reason, safety_steps, second_id, second_at, returned_by,
    returned_reason, refused_by, refused_at, refused_reason, signed_off_by, signed_off_at, signed_off_note, version) on risk_assessment to portal_app;
grant select on level_decision, risk_assessment to portal_scope;
grant execute on function ctx.may_lower_level to portal_app;
