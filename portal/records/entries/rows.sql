-- An entry is for whoever has full reach on its case and whose agency its handling lets in. No role widens handling, the
-- hub's included.

-- who: whoever has full reach on its case and works for the agency that wrote it
-- who: whoever has full reach on its case, where it is for the network
-- who: whoever has full reach on its case, where it is for named agencies and theirs is one
create policy seen on chronology_entry for select to portal_app using (
    (handling = 'network'
     or OURS(agency_id)
     or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
    and FULL(chronology_entry.case_id));
create policy added on chronology_entry for insert to portal_app with check (
    MINE(author_id) and OURS(agency_id)
    and FULL(chronology_entry.case_id));

-- Who reads an entry, its kind and its day are put right in its place by the agency that wrote it. How it was stands
-- beside it, for whoever reads the entry now.
create policy changed on chronology_entry for update to portal_app
    using (OURS(agency_id) and FULL(chronology_entry.case_id))
    with check (OURS(agency_id));
create policy seen on entry_change for select to portal_app
    using (exists (select 1 from chronology_entry e where e.id = entry_change.entry_id offset 0));
create policy added on entry_change for insert to portal_app with check (
    MINE(changed_by) and OURS(agency_id) and reason <> ''
    and exists (select 1 from chronology_entry e
                 where e.id = entry_change.entry_id and OURS(e.agency_id) offset 0));

create function ctx.entry_is_put_right() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_before jsonb := jsonb_build_object(
        'kind', old.kind, 'day', (old.happened_at at time zone 'Europe/London')::date, 'handling', old.handling,
        'agencies', to_jsonb(old.listed_agencies), 'family_safe', old.family_safe, 'details', old.details);
    v_after jsonb := jsonb_build_object(
        'kind', new.kind, 'day', (new.happened_at at time zone 'Europe/London')::date, 'handling', new.handling,
        'agencies', to_jsonb(new.listed_agencies), 'family_safe', new.family_safe, 'details', new.details);
begin
    if exists (select 1 from chronology_entry n where n.corrects_id = new.id) then
        raise check_violation using message = 'what was corrected by a further entry stands';
    end if;
    if not exists (select 1 from entry_change k
                    where k.entry_id = new.id and k.number = new.version and new.version = old.version + 1
                      and k.changed_by = ctx.user_id()
                      and k.before = v_before and k.after = v_after) then
        raise check_violation using message = 'an entry is put right only as a change beside it says';
    end if;
    return new;
end $$;
create trigger entry_is_put_right before update on chronology_entry
    for each row when (current_user = 'portal_app') execute function ctx.entry_is_put_right();

-- Whoever may not read an entry any more does not read what it corrected either; nobody reads that who did not before.
create function ctx.earlier_texts_follow() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update chronology_entry e
       set handling = case when new.handling = 'own' or e.handling = 'own' then 'own' else 'agencies' end,
           listed_agencies = case
               when new.handling = 'own' or e.handling = 'own' then '{}'
               when e.handling = 'network' then new.listed_agencies
               else array(select l from unnest(e.listed_agencies) l where l = any (new.listed_agencies)) end
     where e.id = new.corrects_id and new.handling <> 'network';
    return null;
end $$;
create trigger earlier_texts_follow after update of handling, listed_agencies on chronology_entry
    for each row when (new.corrects_id is not null) execute function ctx.earlier_texts_follow();

-- Whether the handling of an entry lets somebody in: what is asked of whoever is told of something on it.
create function ctx.entry_lets_in(p_readers uuid[], p_entry uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from chronology_entry e
          left join app_user u on u.id = any (p_readers)
          left join team t on t.id = any (p_readers)
         where e.id = p_entry
           and (e.handling = 'network' or e.agency_id in (u.agency_id, t.agency_id)
                or (e.handling = 'agencies' and (u.agency_id = any (e.listed_agencies) or t.agency_id = any (e.listed_agencies)))))
$$;

-- What somebody has begun to write is theirs alone, for as long as they could add it.
create policy own on entry_draft to portal_app using (
    MINE(author_id)
    and FULL(entry_draft.case_id))
    with check (
    MINE(author_id)
    and FULL(entry_draft.case_id));

-- Whether a use of an entry is forbidden until the police release it.
create function ctx.holds_back(p_entry uuid, p_use text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from entry_grading g where g.entry_id = p_entry and g.replaced_at is null
                      and g.released_at is null and p_use = any (g.forbids))
$$;

-- A critical moment is an entry: what becomes of it is for whoever reads the entry, and so is the duty that it opens.
create policy seen on moment_review for select to portal_app
    using (exists (select 1 from chronology_entry e where e.id = moment_review.entry_id offset 0));
create policy added on moment_review for insert to portal_app with check (
    MINE(reviewed_by) and OURS(agency_id)
    and assessment_id is null
    and exists (select 1 from chronology_entry e
                 where e.id = moment_review.entry_id and e.case_id = moment_review.case_id
                   and e.critical_moment is not null offset 0));

-- Beside the policies of deadline, which give it to everybody with full reach on the case. Whoever owns the duty
-- sees it also when the lead of the case has changed since.
-- who: of a critical moment: whoever owns the duty as a person, team or agency, or reads the entry
create policy as_the_entry on deadline as restrictive for select to portal_app using (
    subject_kind <> 'chronology_entry'
    or OWNS(deadline)
    or READER(owner_team_id)
    or READER(owner_agency_id)
    or exists (select 1 from chronology_entry e where e.id = deadline.subject_id offset 0));
create policy as_the_entry_changed on deadline as restrictive for update to portal_app using (
    subject_kind <> 'chronology_entry'
    or OWNS(deadline)
    or READER(owner_team_id)
    or READER(owner_agency_id)
    or exists (select 1 from chronology_entry e where e.id = deadline.subject_id offset 0));

-- With a case that ends nothing of it is owed any more, also what whoever ends it does not see.
create function ctx.moments_end_with_case() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update deadline set state = 'cancelled', ended_at = coalesce(new.closed_at, statement_timestamp())
     where case_id = new.id and kind = 'moment_review' and subject_kind = 'chronology_entry' and state = 'open';
    return null;
end $$;
create trigger moments_end_with_case after update of state on cre_case
    for each row when (new.state in ('closed', 'transferred') and old.state not in ('closed', 'transferred'))
    execute function ctx.moments_end_with_case();

-- An assessment that gives the case a level was made in the light of every moment until then, and of none that was
-- told later.
create function ctx.moments_are_met() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into moment_review (entry_id, case_id, assessment_id, words, reviewed_by, agency_id, reviewed_at)
    select d.subject_id, new.case_id, new.id, '', coalesce(new.concluded_by, new.assessor_id), new.agency_id,
           coalesce(new.finalised_at, statement_timestamp())
      from deadline d
     where d.case_id = new.case_id and d.kind = 'moment_review' and d.subject_kind = 'chronology_entry'
       and d.state = 'open' and d.started_at <= coalesce(new.finalised_at, statement_timestamp())
    on conflict do nothing;
    update deadline set state = 'done', ended_at = coalesce(new.finalised_at, statement_timestamp())
     where case_id = new.case_id and kind = 'moment_review' and subject_kind = 'chronology_entry' and state = 'open'
       and started_at <= coalesce(new.finalised_at, statement_timestamp());
    return null;
end $$;
create trigger moments_are_met after update of state on risk_assessment
    for each row when (new.state = 'finalised' and old.state <> 'finalised' and new.level is not null)
    execute function ctx.moments_are_met();

-- Whether what is cited is an entry that its agency keeps to itself by now: then nobody else knows of it.
create function ctx.cites_kept(p_citation uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from cited_entry c join chronology_entry e on e.id = c.entry_id
                    where c.citation_id = p_citation and e.handling = 'own')
$$;

-- That a record cites something is for whoever reads the record. What it cites is for whoever may read the entry,
-- and only they learn more than whose it is. Each kind of record that cites has its line in both policies below.
-- who: whoever reads the assessment, or the part of the minutes, that cites
-- who: only its agency, where that keeps the entry to itself by now
create policy seen on citation for select to portal_app using (
    case holder_kind
        when 'assessment' then exists (
            select 1 from risk_assessment a where a.id = citation.holder_id offset 0)
        when 'minute' then exists (
            select 1 from minute m where m.id = citation.holder_id offset 0)
        else false end
    and (OURS(agency_id) or not ctx.cites_kept(id)));
-- While the record is written, on its own case.
create function ctx.cites_now(p_kind text, p_holder uuid, p_case uuid) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select case p_kind
        when 'assessment' then exists (
            select 1 from risk_assessment a where a.id = p_holder and a.case_id = p_case and a.state = 'draft')
        when 'minute' then exists (
            select 1 from minute m where m.id = p_holder and m.case_id = p_case and ctx.is_recorded(m.meeting_id))
        else false end
$$;
create policy added on citation for insert to portal_app with check (
    withdrawn_at is null and ctx.cites_now(holder_kind, holder_id, case_id)
    and FULL(citation.case_id));
create policy withdrawn on citation for update to portal_app
    using (withdrawn_at is null and ctx.cites_now(holder_kind, holder_id, case_id))
    with check (withdrawn_at is not null);

create policy seen on cited_entry for select to portal_app using (
    exists (select 1 from chronology_entry e where e.id = cited_entry.entry_id offset 0)
    and exists (select 1 from citation c where c.id = cited_entry.citation_id offset 0));
-- An entry that an agency keeps to itself is not cited, whoever asks: the citing would say that it is there. Nor is
-- intelligence that the police bound not to be cited and have not released.
create policy added on cited_entry for insert to portal_app with check (
    MINE(cited_by) and OURS(cited_agency_id) and withdrawn_by is null
    and exists (
        select 1 from citation c
          join chronology_entry e on e.case_id = c.case_id and e.agency_id = c.agency_id
         where c.id = cited_entry.citation_id and e.id = cited_entry.entry_id and c.withdrawn_at is null
           and e.handling in ('network', 'agencies') and not ctx.holds_back(e.id, 'cite')
           and ctx.cites_now(c.holder_kind, c.holder_id, c.case_id) offset 0));
create policy withdrawn on cited_entry for update to portal_app
    using (withdrawn_by is null)
    with check (MINE(withdrawn_by)
        and exists (select 1 from citation c where c.id = cited_entry.citation_id
                       and ctx.cites_now(c.holder_kind, c.holder_id, c.case_id) offset 0));

-- Who may touch which columns, and call what.
grant select, insert on chronology_entry, moment_review, entry_change to portal_app;
grant update (kind, happened_at, handling, listed_agencies, family_safe, details, version) on chronology_entry
    to portal_app;
grant select, insert, update (withdrawn_at) on citation to portal_app;
grant select, insert, update (withdrawn_by) on cited_entry to portal_app;
grant select, insert, update (answers, saved_at, version), delete on entry_draft to portal_app;
grant select, insert, update (handling, listed_agencies) on chronology_entry to portal_scope;
grant select (citation_id, entry_id) on cited_entry to portal_scope;
grant insert on moment_review to portal_scope;
grant execute on function ctx.holds_back, ctx.cites_now, ctx.cites_kept to portal_app;
