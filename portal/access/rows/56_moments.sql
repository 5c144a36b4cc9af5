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
create policy as_the_entry on deadline as restrictive for select to portal_app using (
    subject_kind <> 'chronology_entry'
    or MINE(owner_id)
    or READER(owner_team_id)
    or READER(owner_agency_id)
    or exists (select 1 from chronology_entry e where e.id = deadline.subject_id offset 0));
create policy as_the_entry_changed on deadline as restrictive for update to portal_app using (
    subject_kind <> 'chronology_entry'
    or MINE(owner_id)
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

-- An assessment that gives the case a level was made in the light of every moment until then.
create function ctx.moments_are_met() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into moment_review (entry_id, case_id, assessment_id, words, reviewed_by, agency_id, reviewed_at)
    select d.subject_id, new.case_id, new.id, '', coalesce(new.concluded_by, new.assessor_id), new.agency_id,
           coalesce(new.finalised_at, statement_timestamp())
      from deadline d
     where d.case_id = new.case_id and d.kind = 'moment_review' and d.subject_kind = 'chronology_entry'
       and d.state = 'open'
    on conflict do nothing;
    update deadline set state = 'done', ended_at = coalesce(new.finalised_at, statement_timestamp())
     where case_id = new.case_id and kind = 'moment_review' and subject_kind = 'chronology_entry' and state = 'open';
    return null;
end $$;
create trigger moments_are_met after update of state on risk_assessment
    for each row when (new.state = 'finalised' and old.state <> 'finalised' and new.level is not null)
    execute function ctx.moments_are_met();
