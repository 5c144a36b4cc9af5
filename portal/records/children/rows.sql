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

-- Why an agency lets a statement of its own be seen: for whoever sees the statement. Only added to.
create policy seen on statement_release for select to portal_app
    using (exists (select 1 from child_statement s where s.id = statement_release.statement_id offset 0));
create policy added on statement_release for insert to portal_app with check (
    MINE(released_by) and OURS(agency_id) and reason <> ''
    and exists (select 1 from child_statement s
                 where s.id = statement_release.statement_id and OURS(s.agency_id) offset 0));

-- Whether an alert that stands on a case of the child, in this record or one linked to it, says that statements of a
-- kind are not disclosed. It answers whoever reaches the record of the child.
create function ctx.must_hold_back(p_child uuid, p_kind text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from cre_case c join alert a on a.case_id = c.id
         where c.child_id = any (ctx.same_child(p_child, false)) and a.ended_at is null and p_kind = any (a.holds_back))
       and exists (
        select 1 from child_scope s
         where s.child_id = p_child and s.sees = 2 and s.reader = any ((select ctx.readers())::uuid[])
           and s.until > statement_timestamp());
end $$;

-- Whether such an alert binds a statement: its agency has not said since the alert was set why it may be seen.
create function ctx.is_bound(p_statement uuid, p_child uuid, p_kind text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from cre_case c join alert a on a.case_id = c.id
         where c.child_id = any (ctx.same_child(p_child, false)) and a.ended_at is null and p_kind = any (a.holds_back)
           and not exists (select 1 from statement_release r
                            where r.statement_id = p_statement and r.released_at >= a.created_at));
end $$;

-- The alert is a rule: whoever writes, and however. Two who add a statement and set an alert take their turn.
create function ctx.statement_is_held() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform 1 from child k where k.id = any (ctx.same_child(new.child_id, false)) order by k.id for no key update;
    if ctx.is_bound(new.id, new.child_id, new.kind) then
        raise check_violation using message = 'an alert says that this is not disclosed, and nobody has said why it may be';
    end if;
    return new;
end $$;
create trigger statement_is_held before insert or update on child_statement
    for each row when (not new.do_not_disclose) execute function ctx.statement_is_held();

-- What stands already is held back with the alert, also in linked records. Whoever set it goes on seeing what they saw.
-- The keys by which the child is found at an address go with it.
create function ctx.hold_back_standing(p_child uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform 1 from child k where k.id = any (ctx.same_child(p_child, false)) order by k.id for no key update;
    with alike (child_id) as (
        select p_child
        union select l.child_b from child_link l where l.child_a = p_child and l.unlinked_at is null
        union select l.child_a from child_link l where l.child_b = p_child and l.unlinked_at is null),
    held as (
        update child_statement s
           set do_not_disclose = true,
               named_agencies = case when ctx.agency_id() is null or s.agency_id = ctx.agency_id()
                                          or ctx.agency_id() = any (s.named_agencies) then s.named_agencies
                                     else s.named_agencies || ctx.agency_id() end
         where s.child_id in (select child_id from alike) and not s.do_not_disclose
           and ctx.is_bound(s.id, s.child_id, s.kind)
        returning s.child_id, s.kind)
    delete from name_key k
     where k.key like 'home:%' and k.child_id in (select h.child_id from held h where h.kind = 'address');
end $$;

create function ctx.alert_holds_back() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_standing((select c.child_id from cre_case c where c.id = new.case_id));
    return null;
end $$;
create trigger alert_holds_back after insert on alert
    for each row when (new.holds_back <> '{}') execute function ctx.alert_holds_back();

-- So it is where an alert comes to bind another record: the two are linked, or the case is held less closely.
create function ctx.link_holds_back() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_standing(new.child_a);
    return null;
end $$;
create trigger link_holds_back after insert or update of unlinked_at on child_link
    for each row when (new.unlinked_at is null) execute function ctx.link_holds_back();
create function ctx.opened_holds_back() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_standing(new.child_id);
    return null;
end $$;
create trigger opened_holds_back after update of sensitivity on cre_case
    for each row when (new.sensitivity <> old.sensitivity) execute function ctx.opened_holds_back();

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
grant select, insert on statement_release to portal_app;
grant execute on function ctx.must_hold_back to portal_app;
grant select on child_scope to portal_ctx;
grant select, insert, update (version) on child to portal_scope;
grant select on child_link to portal_scope;
grant insert on child_record to portal_scope;
grant select, insert, update, delete on child_scope to portal_scope;
grant select (id, agency_id, child_id, kind, value, postcode, do_not_disclose, named_agencies),
    update (do_not_disclose, named_agencies) on child_statement to portal_scope;
grant select (statement_id, released_at) on statement_release to portal_scope;
grant select, insert, delete on name_key to portal_scope;
