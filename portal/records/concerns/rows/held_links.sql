-- Links that an alert on the child holds back, and who lets them be seen.

-- An alert “do not disclose” is a rule on a link too: one that says or may say where the child lives or is reached is
-- held back, or the agency that made it says why it may be seen (ADR 34). Only that agency lets it be seen.
create policy let_go on concern_link for update to portal_app
    using (OURS(agency_id) and ended_at is null and CHILD(concern_link.child_id) and other_id is null
           and exists (select 1 from concern c where c.id = concern_link.concern_id offset 0))
    with check (OURS(agency_id) and ended_at is null);
create policy seen on link_release for select to portal_app
    using (exists (select 1 from concern_link l where l.id = link_release.link_id offset 0));
create policy added on link_release for insert to portal_app with check (
    MINE(released_by) and OURS(agency_id) and reason <> ''
    and exists (select 1 from concern_link l
                 where l.id = link_release.link_id and OURS(l.agency_id) and l.child_id is not null offset 0));

-- What a link to a place or a phone number may tell of a child, as kinds of statement: what its role says (`p_tells`); the
-- address, of a home or placement, unless it is one to which the child is taken (`nothing`); and whatever an agency has entered that looks like the thing itself.
create function ctx.link_may_tell(p_concern uuid, p_child uuid, p_tells text) returns text[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare k concern; v_bare text; v_digits text;
begin
    select * into k from concern where id = p_concern;
    v_bare := regexp_replace(lower(coalesce(nullif(k.details ->> 'address', ''), k.name)), '[^a-z0-9]', '', 'g');
    v_digits := right(regexp_replace(coalesce(nullif(k.details ->> 'number', ''), k.name), '[^0-9]', '', 'g'), 9);
    return array_remove(array[nullif(p_tells, 'nothing')]
                        || case when k.dwelling and p_tells is distinct from 'nothing' then array['address'] end || array(
        select distinct s.kind from child_statement s
         where s.child_id = any (ctx.same_child(p_child, false)) and s.kind in ('address', 'school', 'phone')
           and ((k.kind = 'place' and s.kind in ('address', 'school')
                 and (upper(replace(s.postcode, ' ', '')) = upper(replace(k.details ->> 'postcode', ' ', ''))
                      or (length(v_bare) >= 6
                          and (position(v_bare in regexp_replace(lower(s.value), '[^a-z0-9]', '', 'g')) > 0
                               or (length(regexp_replace(lower(s.value), '[^a-z0-9]', '', 'g')) >= 6
                                   and position(regexp_replace(lower(s.value), '[^a-z0-9]', '', 'g') in v_bare) > 0)))))
                or (k.kind = 'phone' and s.kind = 'phone' and length(v_digits) = 9
                    and position(v_digits in regexp_replace(s.value, '[^0-9]', '', 'g')) > 0))), null);
end $$;

-- Whether an alert that stands on a case of the child, in this record or one linked to it, binds such a link; with
-- `p_link`, unless its agency has said since the alert was set why it may be seen.
create function ctx.link_is_bound(p_concern uuid, p_child uuid, p_tells text, p_link uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (
        select 1 from cre_case c join alert a on a.case_id = c.id
         where c.child_id = any (ctx.same_child(p_child, false)) and a.ended_at is null
           and a.holds_back && ctx.link_may_tell(p_concern, p_child, p_tells)
           and not exists (select 1 from link_release r where r.link_id = p_link and r.released_at >= a.created_at));
end $$;

-- The same for whoever reaches the record of the child: what the page of a link asks.
create function ctx.must_hold_link(p_concern uuid, p_child uuid, p_tells text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    return exists (select 1 from child_scope s
                    where s.child_id = p_child and s.sees = 2 and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp())
       and ctx.link_is_bound(p_concern, p_child, p_tells, null);
end $$;

create function ctx.link_is_held() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform 1 from child k where k.id = any (ctx.same_child(new.child_id, false)) order by k.id for no key update;
    if ctx.link_is_bound(new.concern_id, new.child_id, new.tells, new.id) then
        raise check_violation using message = 'an alert says that this is not disclosed, and nobody has said why it may be';
    end if;
    return new;
end $$;
create trigger link_is_held before insert or update on concern_link
    for each row when (new.child_id is not null and not new.do_not_disclose and new.ended_at is null)
    execute function ctx.link_is_held();

-- What stands already is held back with the alert, as statements are (`ctx.hold_back_standing`).
create function ctx.hold_back_links(p_child uuid) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update concern_link l
       set do_not_disclose = true,
           listed_agencies = case when ctx.agency_id() is null or l.agency_id = ctx.agency_id()
                                       or ctx.agency_id() = any (l.listed_agencies) or l.handling <> 'network'
                                  then l.listed_agencies else l.listed_agencies || ctx.agency_id() end
     where l.child_id in (select p_child union select ctx.linked_records(p_child))
       and l.ended_at is null and not l.do_not_disclose
       and ctx.link_is_bound(l.concern_id, l.child_id, l.tells, l.id);
end $$;
create function ctx.alert_holds_links() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform ctx.hold_back_links((select c.child_id from cre_case c where c.id = new.case_id));
    return null;
end $$;
create trigger alert_holds_links after insert on alert
    for each row when (new.holds_back <> '{}') execute function ctx.alert_holds_links();
create trigger link_holds_links after insert or update of unlinked_at on child_link
    for each row when (new.unlinked_at is null) execute function ctx.do_for('hold_back_links', 'child_a');
create trigger opened_holds_links after update of sensitivity on cre_case
    for each row when (new.sensitivity <> old.sensitivity) execute function ctx.do_for('hold_back_links', 'child_id');
-- An address that is entered later may be that of a place which is linked already.
create trigger stated_holds_links after insert on child_statement
    for each row when (new.kind in ('address', 'school', 'phone')) execute function ctx.do_for('hold_back_links', 'child_id');

-- Who may touch which columns, and call what.
grant select, insert on link_release to portal_app;
grant update (do_not_disclose, listed_agencies) on concern_link to portal_scope;
grant select (link_id, released_at) on link_release to portal_scope;
grant execute on function ctx.must_hold_link to portal_app;
