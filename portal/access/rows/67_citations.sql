-- That a record cites something is for whoever reads the record. What it cites is for whoever may read the entry,
-- and only they learn more than whose it is. Each kind of record that cites has its line in both policies below.

create policy seen on citation for select to portal_app using (
    case holder_kind
        when 'assessment' then exists (
            select 1 from risk_assessment a where a.id = citation.holder_id offset 0)
        when 'minute' then exists (
            select 1 from minute m where m.id = citation.holder_id offset 0)
        else false end);
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
