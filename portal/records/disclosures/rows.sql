-- The sharing ledger: what was told, to whom and why, and what was taken out of the portal as a file.

-- Who puts a line on the sharing ledger: of a form whoever triages it; of a case whoever answers for it, chairs an
-- open meeting on it, or runs a meeting or a panel at which it is talked about; of neither whoever runs a meeting.
-- The receiver belongs to the agency that the line names, and is there.
create function ctx.may_disclose(
    p_case uuid, p_referral uuid, p_agency uuid, p_team uuid, p_person uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select case
               when p_referral is not null then p_case is null and ctx.triages_form(p_referral)
               when p_case is not null then
                   ctx.answers_for_case(p_case) or ctx.chairs_on_case(p_case)
                   or exists (select 1 from meeting_case mc join meeting m on m.id = mc.meeting_id
                               where mc.case_id = p_case and m.state <> 'cancelled'
                                 and ctx.user_id() in (m.chair_id, m.note_taker_id))
                   or exists (select 1 from panel_item i join meeting m on m.id = i.meeting_id
                               where i.case_id = p_case and m.state <> 'cancelled'
                                 and ctx.user_id() in (m.chair_id, m.note_taker_id))
               else ctx.is_coordinator()
                    or exists (select 1 from meeting m
                                where m.state <> 'cancelled' and ctx.user_id() in (m.chair_id, m.note_taker_id))
           end
       and (p_team is null or exists (select 1 from team t where t.id = p_team and t.agency_id = p_agency))
       and (p_person is null or exists (select 1 from app_user u where u.id = p_person and u.active))
$$;

-- The child of a line on the ledger: one whom the form was found to be about, or the child of the case that the
-- receiver has come to work on. Who a child is goes to nobody by a line alone.
create function ctx.may_tell_of(p_disclosure uuid, p_child uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from disclosure d
         where d.id = p_disclosure and d.giver_id = ctx.user_id() and d.withdrawn_at is null
           and case
                   when d.referral_id is not null then
                       ctx.triages_form(d.referral_id)
                       and exists (select 1 from referral_child r
                                    where r.referral_id = d.referral_id and r.child_id = p_child)
                   else (ctx.answers_for_case(d.case_id) or ctx.chairs_on_case(d.case_id))
                        and exists (select 1 from cre_case c where c.id = d.case_id and c.child_id = p_child)
                        and (exists (select 1 from involvement i
                                      where i.case_id = d.case_id and i.team_id = d.receiver_team_id
                                        and i.ended_at is null)
                             or exists (select 1 from access_grant g
                                         where g.case_id = d.case_id and g.user_id = d.receiver_id
                                           and coalesce(g.ends_at, 'infinity') > statement_timestamp()))
               end)
$$;

-- A coordinator sees a disclosure when they reach the record of every child on it, and the case that it
-- was made from: one about a sealed child is for those named on that case.
create function ctx.reaches_children_as(p_readers uuid[], p_disclosure uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select not exists (
        select 1 from disclosure_child dc
         where dc.disclosure_id = p_disclosure and not ctx.reaches_child(p_readers, dc.child_id))
$$;

create function ctx.reaches_children_of(p_disclosure uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.reaches_children_as(ctx.readers(), p_disclosure)
$$;

-- Whoever is told reads it while it stands: the person, where one is named, else the team and the agency's
-- managers. A refusal was told to nobody. That a team joined a case says that there is one: whoever lost sight of the
-- case reads that no more.
-- who: whoever told it, while of the agency that they told it for; that a team joined a case while they know of the case
-- who: while it stands, and was no refusal: the person who was told or, where none is named, the team and its
--      agency’s managers; that they joined a case while they know of the case
-- who: governance officers
-- who: coordinators of the hub who reach the record of every child on it, and have full reach on the case that it was
--      made from
create policy seen on disclosure for select to portal_app using (
    ((not of_joining or NOTICE(disclosure.case_id))
     and ((MINE(giver_id) and OURS(giver_agency_id))
          or (decision <> 'refuse' and withdrawn_at is null
              and ((receiver_id is null and (READER(receiver_team_id)
                                             or READER(receiver_agency_id)))
                   or (READER(receiver_id)
                       and OURS(receiver_agency_id))))))
    or ROLE(governance)
    or (HUB and ctx.reaches_children_of(id)
        and (case_id is null
             or FULL(disclosure.case_id))));
create policy added on disclosure for insert to portal_app with check (
    MINE(giver_id) and OURS(giver_agency_id)
    and confirmed_at is null and withdrawn_at is null
    and ctx.may_disclose(case_id, referral_id, receiver_agency_id, receiver_team_id, receiver_id));
create policy changed on disclosure for update to portal_app using (
    (decision <> 'refuse' and withdrawn_at is null
     and (not of_joining or NOTICE(disclosure.case_id))
     and ((receiver_id is null and (READER(receiver_team_id)
                                    or READER(receiver_agency_id)))
          or (READER(receiver_id)
              and OURS(receiver_agency_id))))
    or (HUB and ctx.reaches_children_of(id)
        and (case_id is null
             or FULL(disclosure.case_id))));

create trigger disclosure_is_frozen before update on disclosure
    for each row execute function ctx.stays_but_for('a disclosure is frozen: withdraw it and make another',
        'confirmed_at', 'confirmed_by', 'was_opened', 'withdrawn_at');

-- who: whoever reads the disclosure, but for governance officers
create policy seen on disclosure_text for select to portal_app using (
    not ROLE(governance)
    and exists (select 1 from disclosure d where d.id = disclosure_text.disclosure_id));
create policy added on disclosure_text for insert to portal_app with check (
    exists (select 1 from disclosure d where d.id = disclosure_text.disclosure_id
               and MINE(d.giver_id)));

create policy seen on disclosure_child for select to portal_app using (
    exists (select 1 from disclosure d where d.id = disclosure_child.disclosure_id));
create policy added on disclosure_child for insert to portal_app with check (
    ctx.may_tell_of(disclosure_id, child_id)
    and exists (select 1 from child c where c.id = disclosure_child.child_id));

-- What was taken out of the portal as a file. Whoever took it sees that they did, the managers of their agency what
-- their people took, governance all of it, and coordinators what was taken of the cases that they read.
create policy seen on taken_copy for select to portal_app using (
    (MINE(taken_by) and OURS(taken_agency_id))
    or READER(taken_agency_id)
    or ROLE(governance)
    or (HUB
        and FULL(taken_copy.case_id)));
create policy added on taken_copy for insert to portal_app with check (
    MINE(taken_by) and OURS(taken_agency_id));

-- What the worker reads to remind and to tell.
create policy worker on disclosure for select to portal_worker using (true);
create policy worker on taken_copy for select to portal_worker using (true);

-- Whom a message about it may still go to: the grounds above, of readers who do not ask themselves.
create function ctx.reaches_disclosure(p_readers uuid[], p_disclosure uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select 1 from disclosure d
         where d.id = p_disclosure
           and (((not d.of_joining or exists (
                    select 1 from case_scope s where s.case_id = d.case_id and s.reader = any (p_readers)
                                                 and s.until > statement_timestamp()))
                 and (ctx.is_person_of(p_readers, d.giver_id, d.giver_agency_id)
                      or (d.decision <> 'refuse' and d.withdrawn_at is null and exists (
                          select 1 from ctx.told(d.receiver_agency_id, d.receiver_team_id, d.receiver_id) told (reader)
                           where told.reader = any (p_readers)))))
                or (ctx.hub() = any (p_readers)
                    and (d.case_id is null or ctx.reaches_case(p_readers, d.case_id))
                    and ctx.reaches_children_as(p_readers, d.id))))
$$;

-- When a telling was withdrawn, and its reference and that of the form behind it, for whoever was told of it by a message:
-- the last that they learn of it. Nothing that it said, and nobody whom it was about;
-- but what a front door decided of it itself.
create function ctx.withdrawn_behind(p_message uuid)
    returns table (reference text, form text, withdrawn_at timestamptz, authority text, outcome text, outcome_words text,
                   outcome_at timestamptz)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select d.reference, r.reference, d.withdrawn_at, a.authority, a.outcome, a.outcome_words, a.outcome_at
      from outbox_message m
      join outbox_subject s on s.message_id = m.id and s.subject_kind = 'disclosure'
      join disclosure d on d.id = s.subject_id and d.withdrawn_at is not null
      left join referral r on r.id = d.referral_id
      left join social_care_referral a on a.id = d.social_care_referral_id
     where m.id = p_message and m.state <> 'cancelled'
       and ((m.recipient_id = ctx.user_id() and m.agency_id = ctx.agency_id())
            or m.recipient_team_id = any ((select ctx.teams())::uuid[]))
$$;

-- Who may touch which columns, and call what.
grant select, insert, update (withdrawn_at, confirmed_at, confirmed_by, was_opened) on disclosure to portal_app;
grant select, insert on disclosure_child, disclosure_text, taken_copy to portal_app;
grant select (id, reference, receiver_agency_id, receiver_team_id, receiver_id, withdrawn_at, confirmed_at) on
    disclosure to portal_worker;
grant select (reference, taken_at) on taken_copy to portal_worker;
grant select on disclosure, disclosure_child to portal_scope;
grant select (subject_id, taken_by) on taken_copy to portal_scope;
grant execute on function ctx.may_disclose, ctx.may_tell_of, ctx.reaches_children_of, ctx.withdrawn_behind to portal_app;
