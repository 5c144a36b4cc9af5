-- The sharing ledger and requests for information.

-- A coordinator sees a disclosure when they reach every child on it: one about a sealed child is
-- for those named on that case.
create function ctx.reaches_children_of(p_disclosure uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select not exists (
        select 1 from disclosure_child dc
         where dc.disclosure_id = p_disclosure
           and not exists (select 1 from child_scope s
                            where s.child_id = dc.child_id and s.reader = any (ctx.readers())
                              and s.until > statement_timestamp()))
$$;

create policy seen on disclosure for select to portal_app using (
    (giver_id = (select ctx.user_id()) and giver_agency_id = (select ctx.agency_id()))
    or (decision <> 'refuse' and withdrawn_at is null
        and (receiver_team_id = any ((select ctx.readers())::uuid[])
             or receiver_agency_id = any ((select ctx.readers())::uuid[])
             or receiver_id = (select ctx.user_id())))
    or (select ctx.has_role('governance'))
    or ((select ctx.is_coordinator()) and ctx.reaches_children_of(id)));
create policy added on disclosure for insert to portal_app with check (
    giver_id = (select ctx.user_id()) and giver_agency_id = (select ctx.agency_id()));
create policy changed on disclosure for update to portal_app using (
    (withdrawn_at is null
     and (receiver_team_id = any ((select ctx.readers())::uuid[])
          or receiver_agency_id = any ((select ctx.readers())::uuid[])
          or receiver_id = (select ctx.user_id())))
    or ((select ctx.is_coordinator()) and ctx.reaches_children_of(id)));

create function ctx.disclosure_is_frozen() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) - array['confirmed_at', 'confirmed_by', 'withdrawn_at'])
       is distinct from (to_jsonb(old) - array['confirmed_at', 'confirmed_by', 'withdrawn_at']) then
        raise check_violation using message = 'a disclosure is frozen: withdraw it and make another';
    end if;
    return new;
end $$;
create trigger disclosure_is_frozen before update on disclosure
    for each row execute function ctx.disclosure_is_frozen();

create policy seen on disclosure_text for select to portal_app using (
    not (select ctx.has_role('governance'))
    and exists (select 1 from disclosure d where d.id = disclosure_text.disclosure_id));
create policy added on disclosure_text for insert to portal_app with check (
    exists (select 1 from disclosure d where d.id = disclosure_text.disclosure_id
               and d.giver_id = (select ctx.user_id())));

create policy seen on disclosure_child for select to portal_app using (
    exists (select 1 from disclosure d where d.id = disclosure_child.disclosure_id));
create policy added on disclosure_child for insert to portal_app with check (
    exists (select 1 from disclosure d where d.id = disclosure_child.disclosure_id
               and d.giver_id = (select ctx.user_id()))
    and exists (select 1 from child c where c.id = disclosure_child.child_id));

-- Asked: the question and the own answer, until reach ends. On a sealed case only a person can be asked.
create policy seen on information_request for select to portal_app using (
    asked_by = (select ctx.user_id())
    or (withdrawn_at is null and coalesce(reach_until, 'infinity') > statement_timestamp()
        and exists (select 1 from child_scope s where s.child_id = information_request.child_id offset 0)
        and (asked_user_id = (select ctx.user_id())
             or (asked_user_id is null and asked_team_id = any ((select ctx.readers())::uuid[]))))
    or (case_id is not null
        and exists (select 1 from case_scope s where s.case_id = information_request.case_id and s.sees = 2 offset 0))
    or (case_id is null and referral_id is not null and (select ctx.is_coordinator()) and ctx.triages(referral_id)));
create policy added on information_request for insert to portal_app with check (
    asked_by = (select ctx.user_id())
    and (case_id is null
         or exists (select 1 from case_scope s where s.case_id = information_request.case_id and s.sees = 2 offset 0))
    and (referral_id is null or ((select ctx.is_coordinator()) and ctx.triages(referral_id))));
create policy changed on information_request for update to portal_app using (true);

create policy seen on information_answer for select to portal_app using (
    exists (select 1 from information_request r where r.id = information_answer.request_id)
    and (agency_id = (select ctx.agency_id())
         or ((handling = 'network'
              or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
             and (case_id is null
                  or exists (select 1 from case_scope s
                              where s.case_id = information_answer.case_id and s.sees = 2 offset 0)))));
create policy added on information_answer for insert to portal_app with check (
    author_id = (select ctx.user_id()) and agency_id = (select ctx.agency_id())
    and exists (select 1 from information_request r where r.id = information_answer.request_id));
