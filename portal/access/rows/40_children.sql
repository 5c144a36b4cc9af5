-- A child is reached through child_scope: 1 identity, 2 record. OFFSET 0 keeps the planner from
-- hashing a reader's whole scope for one row.

create policy seen on child_scope for select to portal_app
    using (READER(reader) and until > statement_timestamp());

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
create policy seen on name_key for select to portal_app
    using (exists (select 1 from child_scope s where s.child_id = name_key.child_id
                      and (s.sees = 2 or not name_key.from_alias) offset 0));
create policy added on name_key for insert to portal_app
    with check (CHILD(name_key.child_id));
create policy removed on name_key for delete to portal_app
    using (CHILD(name_key.child_id));

-- A do-not-disclose address or phone: the agency that entered it and those it names.
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
