-- A child is reached through child_scope: 1 identity, 2 record. OFFSET 0 keeps the planner from
-- hashing a reader's whole scope for one row.

create policy seen on child_scope for select to portal_app
    using (reader = any ((select ctx.readers())::uuid[]) and until > statement_timestamp());

create policy seen on child for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child.id offset 0));
create policy added on child for insert to portal_app with check ((select ctx.is_coordinator()));
create policy changed on child for update to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child.id and s.sees = 2 offset 0));

create policy seen on child_record for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child_record.child_id and s.sees = 2 offset 0));
create policy added on child_record for insert to portal_app
    with check (exists (select 1 from child_scope s where s.child_id = child_record.child_id and s.sees = 2 offset 0));
create policy changed on child_record for update to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child_record.child_id and s.sees = 2 offset 0));

create policy seen on child_identifier for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child_identifier.child_id and s.sees = 2 offset 0));
create policy added on child_identifier for insert to portal_app
    with check (exists (select 1 from child_scope s where s.child_id = child_identifier.child_id and s.sees = 2 offset 0));
create policy changed on child_identifier for update to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child_identifier.child_id and s.sees = 2 offset 0));

create policy seen on child_alias for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child_alias.child_id and s.sees = 2 offset 0));
create policy added on child_alias for insert to portal_app
    with check (exists (select 1 from child_scope s where s.child_id = child_alias.child_id and s.sees = 2 offset 0));

-- An alias is part of the record: its keys must not let identity reach find a child by it.
create policy seen on name_key for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = name_key.child_id
                      and (s.sees = 2 or not name_key.from_alias) offset 0));
create policy added on name_key for insert to portal_app
    with check (exists (select 1 from child_scope s where s.child_id = name_key.child_id and s.sees = 2 offset 0));
create policy removed on name_key for delete to portal_app
    using (exists (select 1 from child_scope s where s.child_id = name_key.child_id and s.sees = 2 offset 0));

-- A do-not-disclose address or phone: the agency that entered it and those it names.
create policy seen on child_statement for select to portal_app using (
    (not do_not_disclose or agency_id = (select ctx.agency_id()) or (select ctx.agency_id()) = any (named_agencies))
    and exists (select 1 from child_scope s where s.child_id = child_statement.child_id and s.sees = 2 offset 0));
create policy added on child_statement for insert to portal_app with check (
    agency_id = (select ctx.agency_id()) and author_id = (select ctx.user_id())
    and exists (select 1 from child_scope s where s.child_id = child_statement.child_id and s.sees = 2 offset 0));
-- Anybody who works with the child may have an address held back; only the agency that entered it lets it go.
create policy held_back on child_statement for update to portal_app
    using ((not do_not_disclose or agency_id = (select ctx.agency_id()))
           and exists (select 1 from child_scope s
                        where s.child_id = child_statement.child_id and s.sees = 2 offset 0))
    with check (agency_id = (select ctx.agency_id())
                or (do_not_disclose and (select ctx.agency_id()) = any (named_agencies)));

create policy seen on child_status for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child_status.child_id and s.sees = 2 offset 0));
create policy added on child_status for insert to portal_app with check (
    agency_id = (select ctx.agency_id())
    and exists (select 1 from child_scope s where s.child_id = child_status.child_id and s.sees = 2 offset 0));
create policy changed on child_status for update to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child_status.child_id and s.sees = 2 offset 0));

create policy seen on child_link for select to portal_app using (
    exists (select 1 from child_scope s where s.child_id = child_link.child_a and s.sees = 2 offset 0)
    and exists (select 1 from child_scope s where s.child_id = child_link.child_b and s.sees = 2 offset 0));
create policy added on child_link for insert to portal_app with check (
    linked_by = (select ctx.user_id()) and (select ctx.is_coordinator())
    and exists (select 1 from child_scope s where s.child_id = child_link.child_a and s.sees = 2 offset 0)
    and exists (select 1 from child_scope s where s.child_id = child_link.child_b and s.sees = 2 offset 0));
create policy changed on child_link for update to portal_app using (
    (select ctx.is_coordinator())
    and exists (select 1 from child_scope s where s.child_id = child_link.child_a and s.sees = 2 offset 0)
    and exists (select 1 from child_scope s where s.child_id = child_link.child_b and s.sees = 2 offset 0));

-- Who a child was said to be, and who corrected it. Once decided, it stands.
create policy seen on child_correction for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = child_correction.child_id and s.sees = 2 offset 0));
create policy added on child_correction for insert to portal_app with check (
    proposed_by = (select ctx.user_id()) and proposed_agency_id = (select ctx.agency_id())
    and exists (select 1 from child_scope s where s.child_id = child_correction.child_id and s.sees = 2 offset 0));
create policy decided on child_correction for update to portal_app
    using (decided_at is null
           and exists (select 1 from child_scope s
                        where s.child_id = child_correction.child_id and s.sees = 2 offset 0))
    with check (decided_by = (select ctx.user_id()));
