-- A child is reached through child_scope: 1 identity, 2 record. OFFSET 0 keeps the planner from
-- hashing a reader's whole scope for one row.

-- who: whoever reads as the reader that it names, until its time is over
create policy seen on child_scope for select to portal_app
    using (READER(reader) and until > statement_timestamp());

-- who: whoever reaches the child: the record, or only who the child is
create policy seen on child for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child.id offset 0));
create policy added on child for insert to portal_app with check (HUB and MINE(created_by));
create policy changed on child for update to portal_app
    using (CHILD(child.id));

create policy seen on child_record for select to portal_app
    using (CHILD(child_record.child_id));
create policy added on child_record for insert to portal_app
    with check (CHILD(child_record.child_id));
create policy changed on child_record for update to portal_app
    using (CHILD(child_record.child_id));

create policy seen on child_identifier for select to portal_app
    using (CHILD(child_identifier.child_id));
create policy added on child_identifier for insert to portal_app
    with check (OURS(agency_id) and CHILD(child_identifier.child_id));
create policy changed on child_identifier for update to portal_app
    using (OURS(agency_id) and CHILD(child_identifier.child_id));

create policy seen on child_alias for select to portal_app
    using (CHILD(child_alias.child_id));
create policy added on child_alias for insert to portal_app
    with check (OURS(agency_id) and CHILD(child_alias.child_id));

-- An alias is part of the record: its keys must not let identity reach find a child by it.
-- who: whoever reaches the record of its child
-- who: whoever reaches the child at all, where it is not an alias
create policy seen on name_key for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = name_key.child_id
                      and (s.sees = 2 or not name_key.from_alias) offset 0));
create policy added on name_key for insert to portal_app
    with check (CHILD(name_key.child_id));
create policy removed on name_key for delete to portal_app
    using (CHILD(name_key.child_id));

-- A do-not-disclose address or phone: the agency that entered it and those it names.
-- who: whoever reaches the record of its child, where it may be disclosed
-- who: where it must not: whoever reaches the record, of the agency that entered it and of those that it names
create policy seen on child_statement for select to portal_app using (
    (not do_not_disclose or OURS(agency_id) or (select ctx.agency_id()) = any (named_agencies))
    and CHILD(child_statement.child_id));
create policy added on child_statement for insert to portal_app with check (
    OURS(agency_id) and MINE(author_id)
    and CHILD(child_statement.child_id));
-- Anybody who works with the child may have an address held back; only the agency that entered it lets it go.
create policy held_back on child_statement for update to portal_app
    using ((not do_not_disclose or OURS(agency_id))
           and CHILD(child_statement.child_id))
    with check (OURS(agency_id)
                or (do_not_disclose and (select ctx.agency_id()) = any (named_agencies)));

create policy seen on child_status for select to portal_app
    using (CHILD(child_status.child_id));
create policy added on child_status for insert to portal_app with check (
    OURS(agency_id)
    and CHILD(child_status.child_id));
create policy changed on child_status for update to portal_app
    using (OURS(agency_id) and CHILD(child_status.child_id));

create policy seen on child_link for select to portal_app using (
    CHILD(child_link.child_a)
    and CHILD(child_link.child_b));
create policy added on child_link for insert to portal_app with check (
    MINE(linked_by) and HUB
    and CHILD(child_link.child_a)
    and CHILD(child_link.child_b));
create policy changed on child_link for update to portal_app using (
    HUB
    and CHILD(child_link.child_a)
    and CHILD(child_link.child_b));

-- Who a child was said to be, and who corrected it. Once decided, it stands.
create policy seen on child_correction for select to portal_app
    using (CHILD(child_correction.child_id));
create policy added on child_correction for insert to portal_app with check (
    MINE(proposed_by) and OURS(proposed_agency_id)
    and CHILD(child_correction.child_id));
create policy decided on child_correction for update to portal_app
    using (decided_at is null
           and CHILD(child_correction.child_id))
    with check (MINE(decided_by));

-- Who a child is changes only as a correction says that stands beside it, by a coordinator or the lead professional.
create function ctx.identity_is_corrected() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user <> 'portal_app' then
        return new;
    end if;
    if not (ctx.is_coordinator()
            or exists (select 1 from cre_case c where c.child_id = new.id and c.lead_professional_id = ctx.user_id()))
       or not exists (
        select 1 from child_correction k
         where k.child_id = new.id and k.part = 'identity' and k.child_version = old.version
           and (k.decided_at is null or k.decided_by = ctx.user_id())
           and k.after ->> 'given_name' = new.given_name and k.after ->> 'family_name' = new.family_name
           and (k.after ->> 'dob') is not distinct from new.dob::text
           and (k.after ->> 'dob_is_estimate')::boolean is not distinct from new.dob_is_estimate
           and (k.after ->> 'nhs_number') is not distinct from new.nhs_number) then
        raise insufficient_privilege using message = 'who a child is changes only as a correction says';
    end if;
    return new;
end $$;
create trigger identity_is_corrected before update on child for each row
    when (old.given_name is distinct from new.given_name or old.family_name is distinct from new.family_name
          or old.dob is distinct from new.dob or old.dob_is_estimate is distinct from new.dob_is_estimate
          or old.nhs_number is distinct from new.nhs_number)
    execute function ctx.identity_is_corrected();

-- Who may touch which columns, and call what.
grant select, insert, update (given_name, family_name, dob, dob_is_estimate, nhs_number, version) on child to
    portal_app;
grant select, insert on child_alias to portal_app;
grant select, insert, update (accepted, decided_by, decided_at, decision_reason) on child_correction to portal_app;
grant select, insert, update (ended_at) on child_identifier to portal_app;
grant select, insert, update (unlinked_at, unlinked_by, unlink_reason) on child_link to portal_app;
grant select, insert, update (sex, gender, pronouns, ethnicity, religion, first_language, interpreter_needed,
    nationality, immigration, disabilities, send, ehcp, eligibility_basis, eligibility_reason, responsible_authority,
    host_authority, district, communication_needs, preferred_contact, version) on child_record to portal_app;
grant select on child_scope to portal_app;
grant select, insert, update (do_not_disclose, named_agencies) on child_statement to portal_app;
grant select, insert, update (ends_on) on child_status to portal_app;
grant select, insert, delete on name_key to portal_app;
grant select on child_scope to portal_ctx;
grant select, insert, update (version) on child to portal_scope;
grant select on child_link to portal_scope;
grant insert on child_record to portal_scope;
grant select, insert, update, delete on child_scope to portal_scope;
grant select (child_id, kind, value, postcode, do_not_disclose) on child_statement to portal_scope;
grant select, insert on name_key to portal_scope;
