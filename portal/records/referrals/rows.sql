-- An information form belongs to its author; once sent, also to the author's manager, unless it
-- concerns a colleague, and to coordinators, unless it was handed to the people of a sealed case.

-- A coordinator of a form that was sent and is not for somebody else: `ctx.triages`, for functions that read past
-- the rules.
create function ctx.hub_triages(p_readers uuid[], p_referral uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.hub() = any (p_readers)
       and exists (select 1 from referral r where r.id = p_referral and r.state <> 'draft')
       and (not exists (select 1 from referral_seal l where l.referral_id = p_referral)
            or exists (select 1 from referral_seal l
                        where l.referral_id = p_referral and ctx.reaches_case(p_readers, l.case_id)))
$$;

create function ctx.triages_form(p_referral uuid) returns boolean
language sql stable security definer cost 1000 set search_path = pg_catalog, public, pg_temp as $$
    select ctx.hub_triages(ctx.readers(), p_referral)
$$;

-- who: coordinators of the hub, once the form was sent
-- who: managers of the author’s team, of a draft whose author has left
create policy seen on referral_notice for select to portal_app using (
    (state <> 'draft' and HUB)
    or (state = 'draft' and author_team_id = any ((select ctx.managed_teams())::uuid[])
        and exists (select 1 from app_user u where u.id = author_id
                       and (not u.active or u.agency_id <> (select ctx.agency_id())))));

create policy seen on referral_seal for select to portal_app
    using (FULL(referral_seal.case_id));

-- Why a leaver's draft was opened is for whoever opened it and for governance, who see who looked and why.
create policy seen on draft_opening for select to portal_app using (
    MINE(manager_id) or ROLE(governance));
create policy added on draft_opening for insert to portal_app with check (
    MINE(manager_id)
    and until <= statement_timestamp() + interval '25 hours'  -- policy has 24 at most: `policy/checks.py`
    and exists (select 1 from referral_notice n where n.referral_id = draft_opening.referral_id and n.state = 'draft'));

-- who: its author, while of the agency that they wrote it for
-- who: once it was sent: managers of the author’s team, unless it concerns a colleague
-- who: of a draft: the manager of the author’s team who opened it with a reason, for a day
-- who: once it was sent: coordinators of the hub; where it names the child of a sealed case, only those with full
--      reach on that
-- Without `offset 0` the notices of all forms were gathered for one that is looked at, once many wait.
create policy seen on referral for select to portal_app using (
    (MINE(author_id) and OURS(author_agency_id))
    or (state <> 'draft' and not concerns_colleague
        and author_team_id = any ((select ctx.managed_teams())::uuid[]))
    or (state = 'draft' and author_team_id = any ((select ctx.managed_teams())::uuid[]) and exists (
            select 1 from draft_opening d
             where d.referral_id = referral.id and MINE(d.manager_id)
               and d.until > statement_timestamp()))
    or (state <> 'draft' and HUB and (
            exists (select 1 from referral_notice n where n.referral_id = referral.id and not n.passed_on offset 0)
            or exists (select 1 from referral_seal s where s.referral_id = referral.id offset 0))));
create policy added on referral for insert to portal_app with check (
    MINE(author_id) and OURS(author_agency_id)
    and state in ('draft', 'sent')
    and (author_team_id is null or TEAMS(author_team_id)));
create policy sent on referral for update to portal_app using (
    state = 'draft' and MINE(author_id) and OURS(author_agency_id))
    with check (state in ('draft', 'sent') and MINE(author_id));
create policy worked on referral for update to portal_app using (
    state <> 'draft' and HUB and (
        exists (select 1 from referral_notice n where n.referral_id = referral.id and not n.passed_on offset 0)
        or exists (select 1 from referral_seal s where s.referral_id = referral.id offset 0)))
    with check (state <> 'draft');
create policy discarded on referral for delete to portal_app using (
    state = 'draft' and MINE(author_id) and OURS(author_agency_id));

-- What was sent stands as it was sent: the hub says how it goes on with it.
create trigger form_stands before update on referral
    for each row when (current_user = 'portal_app' and old.state <> 'draft')
    execute function ctx.stays_but_for('a form that was sent stands as it was sent',
        'state', 'colour', 'triage_due_at', 'claimed_by', 'claimed_at', 'decided_at', 'version');

-- Whether the person who asks sees a referral as a coordinator (not as its author or a manager): what the word
-- `TRIAGES` says in policies, for whoever asks about one form.
create function ctx.triages(p_referral uuid) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    select (select ctx.is_coordinator()) and exists (
        select 1 from referral_notice n
         where n.referral_id = p_referral and n.state <> 'draft'
           and (not n.passed_on or exists (select 1 from referral_seal s where s.referral_id = p_referral)))
$$;

create policy seen on referral_subject for select to portal_app
    using (exists (select 1 from referral r where r.id = referral_subject.referral_id));
-- What was sent is frozen for its author: subjects, source and colour are written while it is a draft.
create policy added on referral_subject for insert to portal_app with check (
    exists (select 1 from referral r where r.id = referral_subject.referral_id
               and ((r.state = 'draft' and MINE(r.author_id))
                    or HUB)));

create policy triaged on referral_child to portal_app
    using (TRIAGES(referral_child.referral_id))
    with check (TRIAGES(referral_child.referral_id)
                and exists (select 1 from child c where c.id = referral_child.child_id));

-- The source: its author and coordinators, and nobody else, the author's manager included.
-- who: the author of the form, while of the agency that they wrote it for
-- who: whoever is a coordinator of the hub, and triages the form
create policy seen on referral_source for select to portal_app using (
    exists (select 1 from referral r where r.id = referral_source.referral_id
               and MINE(r.author_id) and OURS(r.author_agency_id))
    or TRIAGES(referral_source.referral_id));
create policy added on referral_source for insert to portal_app with check (
    exists (select 1 from referral r where r.id = referral_source.referral_id and r.state = 'draft'
               and MINE(r.author_id) and OURS(r.author_agency_id)));
create policy corrected on referral_source for update to portal_app using (
    exists (select 1 from referral r where r.id = referral_source.referral_id and r.state = 'draft'
               and MINE(r.author_id) and OURS(r.author_agency_id)));

create policy seen on referral_colour for select to portal_app
    using (TRIAGES(referral_colour.referral_id));
create policy added on referral_colour for insert to portal_app with check (
    MINE(set_by)
    and exists (select 1 from referral r where r.id = referral_colour.referral_id
                   and ((r.state = 'draft' and MINE(r.author_id))
                        or HUB)));

create policy triaged on referral_handover to portal_app
    using (TRIAGES(referral_handover.referral_id))
    with check (TRIAGES(referral_handover.referral_id));
create policy triaged on referral_presence to portal_app
    using (TRIAGES(referral_presence.referral_id))
    with check (MINE(user_id) and TRIAGES(referral_presence.referral_id));

create policy own on referral_reading to portal_app
    using (MINE(user_id))
    with check (MINE(user_id)
                and exists (select 1 from referral r where r.id = referral_reading.referral_id));

create policy seen on referral_message for select to portal_app
    using (exists (select 1 from referral r where r.id = referral_message.referral_id));
create policy added on referral_message for insert to portal_app with check (
    MINE(author_id)
    and ((not from_hub and exists (select 1 from referral r where r.id = referral_message.referral_id
                                      and MINE(r.author_id)))
         or (from_hub and TRIAGES(referral_message.referral_id))));

create policy seen on feedback for select to portal_app
    using (exists (select 1 from referral r where r.id = feedback.referral_id));
create policy added on feedback for insert to portal_app with check (
    MINE(author_id) and TRIAGES(feedback.referral_id));

-- What is owed on a form is owed by somebody who sees it: where a case of its child is sealed, by a coordinator who is
-- named on that case, and by no team. Where none is left there, it stays with the hub, which hears that nobody was told.
create function ctx.owed_by_who_sees_the_form() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_owner uuid;
begin
    if not exists (select 1 from referral_seal where referral_id = new.referral_id)
       or (new.owner_id is not null and ctx.hub_triages(ctx.readers_of(new.owner_id), new.referral_id)) then
        return new;
    end if;
    select u.id into v_owner
      from referral_seal l join access_grant g on g.case_id = l.case_id join app_user u on u.id = g.user_id
     where l.referral_id = new.referral_id and u.active
       and ctx.hub_triages(ctx.readers_of(u.id), new.referral_id)
     order by g.starts_at, u.id limit 1;
    if v_owner is not null then
        new.owner_id := v_owner;
        new.owner_team_id := null;
        new.owner_agency_id := null;
    end if;
    return new;
end $$;
create trigger owed_by_who_sees_the_form before insert or update of owner_id, owner_team_id, owner_agency_id on deadline
    for each row when (new.referral_id is not null and new.state = 'open')
    execute function ctx.owed_by_who_sees_the_form();
create function ctx.hand_on_sealed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update deadline set owner_id = owner_id where referral_id = new.referral_id and state = 'open';
    return null;
end $$;
create trigger hand_on_sealed after insert on referral_seal for each row execute function ctx.hand_on_sealed();

-- Who owes the triage of a form that was handed on in this very transaction, for the coordinator who did so without
-- learning to whom: the application tells them, and its page names nobody.
create function ctx.passed_to(p_referral uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select d.owner_id from deadline d
     where d.referral_id = p_referral and d.kind = 'triage' and d.state = 'open' and ctx.is_coordinator()
       and exists (select 1 from referral_child m
                    where m.referral_id = p_referral and m.matched_by is null
                      and m.matched_at >= transaction_timestamp())
     limit 1
$$;

-- Whether the transaction that asks wrote a row: it sees no row of another that is under way. `xmin` lacks the number of
-- times that transactions were counted from the start again, which is that of our own.
create function ctx.is_written_now(p_xmin xid) returns boolean
language sql volatile set search_path = pg_catalog, pg_temp as $$
    select pg_xact_status(((pg_current_xact_id()::text::bigint >> 32 << 32) | p_xmin::text::bigint)::text::xid8)
           = 'in progress'
$$;

-- Whom what the author of a form does has to be told to: whoever owes its triage. Coordinators who triage the form may
-- ask at any time; its author in the transaction alone in which they sent it or wrote to the hub, and no page names them.
create function ctx.holder_of_form(p_referral uuid) returns uuid
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    select d.owner_id from deadline d
     where d.referral_id = p_referral and d.kind = 'triage' and d.state = 'open'
       and (ctx.triages_form(p_referral)
            or exists (select 1 from referral r
                        where r.id = p_referral and r.author_id = ctx.user_id()
                          and r.author_agency_id = ctx.agency_id() and r.state <> 'draft'
                          and (ctx.is_written_now(r.xmin)
                               or exists (select 1 from referral_message m
                                           where m.referral_id = r.id and m.author_id = r.author_id
                                             and ctx.is_written_now(m.xmin)))))
     order by d.started_at, d.id limit 1
$$;

-- A form on the child of a sealed case that nobody at the hub may see, because no coordinator is named on that case any more:
-- the case, and who reads it and can have one named. For whoever hands the form on by what they do, in that very transaction;
-- no page names any of these. One row without a reader where nobody reads the case.
create function ctx.unseen_form(p_referral uuid) returns table (case_id uuid, reference text, user_id uuid)
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.id, c.reference, u.id
      from referral r
      join referral_seal l on l.referral_id = r.id
      join cre_case c on c.id = l.case_id
      left join access_grant g on g.case_id = c.id and ctx.reaches_case(ctx.readers_of(g.user_id), c.id)
      left join app_user u on u.id = g.user_id and u.active and not r.concerns_colleague  -- it may be they: the hub hears
     where r.id = p_referral
       and ((r.author_id = ctx.user_id()
             and (ctx.is_written_now(r.xmin)
                  or exists (select 1 from referral_message m
                              where m.referral_id = r.id and m.author_id = r.author_id and ctx.is_written_now(m.xmin))))
            or (ctx.is_coordinator()
                and exists (select 1 from referral_child m where m.referral_id = r.id and ctx.is_written_now(m.xmin))))
       and not exists (select 1 from app_user h join agency a on a.id = h.agency_id and a.active and a.sector = 'hub'
                        where h.active and ctx.hub_triages(ctx.readers_of(h.id), r.id))
$$;

-- Who is named for the agency that leads on the sealed case of a child on a form, where somebody named at the hub sees the
-- form: they hear that it came. For whoever hands it on by what they do, in that very transaction; no page names any of these.
create function ctx.lead_of_sealed_form(p_referral uuid) returns table (case_id uuid, reference text, user_id uuid)
language sql volatile security definer rows 2 set search_path = pg_catalog, public, pg_temp as $$
    select c.id, c.reference, u.id
      from referral r
      join referral_seal l on l.referral_id = r.id
      join cre_case c on c.id = l.case_id
      join access_grant g on g.case_id = c.id and ctx.reaches_case(ctx.readers_of(g.user_id), c.id)
      join app_user u on u.id = g.user_id and u.active and u.agency_id = c.lead_agency_id
     where r.id = p_referral
       and not r.concerns_colleague  -- it may be they
       and ((r.author_id = ctx.user_id() and ctx.is_written_now(r.xmin))
            or (ctx.is_coordinator()
                and exists (select 1 from referral_child m where m.referral_id = r.id and ctx.is_written_now(m.xmin))))
       and exists (select 1 from app_user h join agency a on a.id = h.agency_id and a.active and a.sector = 'hub'
                    where h.active and ctx.hub_triages(ctx.readers_of(h.id), r.id))
$$;

-- Whether the hub as a whole sees to a form, for its author, of whose message it is to hear: the page says nothing of it.
create function ctx.is_for_the_hub(p_referral uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.hub_triages(array[ctx.hub()], p_referral)
       and exists (select 1 from referral r where r.id = p_referral and r.author_id = ctx.user_id())
$$;

-- Whether the hub has to look again at a form that it has decided and whose author asks this while writing to it, and whose
-- that is: whoever had the form, while they may triage it. Nothing where somebody has to already. The form is held, so that of
-- two messages at once one asks. No page names whoever it is.
create function ctx.form_to_read_again(p_referral uuid) returns table (owner_id uuid)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform 1 from referral r where r.id = p_referral and r.author_id = ctx.user_id() for update;
    return query
        select case when ctx.hub_triages(ctx.readers_of(r.claimed_by), r.id) then r.claimed_by end
          from referral r
         where r.id = p_referral and r.author_id = ctx.user_id() and r.state in ('decided', 'fed_back')
           and not exists (select 1 from deadline d
                            where d.referral_id = r.id and d.kind = 'sender_wrote' and d.state = 'open');
end $$;

-- Whether a form that is for a colleague is for none who is left: for coordinators, who are told so (`form_unseen`).
create function ctx.waits_for_nobody(p_referral uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select (select ctx.is_coordinator())
       and exists (select 1 from referral_notice n where n.referral_id = p_referral and n.passed_on)
       and not exists (select 1 from app_user h join agency a on a.id = h.agency_id and a.active and a.sector = 'hub'
                        where h.active and ctx.hub_triages(ctx.readers_of(h.id), p_referral))
$$;

-- What the worker reads to remind and to tell.
create policy worker on referral_notice for select to portal_worker using (true);
create policy worker on draft_opening for select to portal_worker using (true);

-- Whom a message about it may still go to: the grounds above, of readers who do not ask themselves.
create function ctx.reaches_referral(p_readers uuid[], p_referral uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.hub_triages(p_readers, p_referral) or exists (
        select 1 from referral r left join team t on t.id = r.author_team_id
         where r.id = p_referral
           and (ctx.is_person_of(p_readers, r.author_id, r.author_agency_id)
                or (t.manager_id = any (p_readers) and t.agency_id = any (p_readers)
                    and (not r.concerns_colleague
                         or (r.state = 'draft' and exists (  -- a leaver's, which they opened and read
                                select 1 from draft_opening d
                                 where d.referral_id = r.id and d.manager_id = t.manager_id
                                   and d.until > statement_timestamp()))))))
$$;

-- Who may touch which columns, and call what.
grant select, insert on draft_opening, feedback, referral_colour, referral_handover, referral_message,
    referral_subject to portal_app;
grant select, insert, update (state, author_team_id, answers, saved_at, channel, sender_name, sender_agency_id,
    sender_contact, received_at, sent_at, kind, immediate_danger, concerns_colleague, district, types, what_happened,
    event_from, event_to, colour, triage_due_at, claimed_by, claimed_at, decided_at, policy_version, version), delete
    on referral to portal_app;
grant select, insert, update (child_id, matched_by, matched_at), delete on referral_child to portal_app;
grant select on referral_notice, referral_seal to portal_app;
grant select, insert, update (seen_at), delete on referral_presence to portal_app;
grant select, insert, update (read_at) on referral_reading to portal_app;
grant select, insert, update (text, at_risk_if_revealed) on referral_source to portal_app;
grant select on referral_notice to portal_worker;
grant select (referral_id) on draft_opening to portal_worker;
grant select (referral_id, manager_id, until) on draft_opening to portal_scope;
grant select, update (state) on referral to portal_scope;
grant select, insert on referral_child to portal_scope;
grant select, insert, update, delete on referral_notice, referral_seal to portal_scope;
grant select on referral_subject to portal_scope;
grant select (referral_id, author_id, xmin) on referral_message to portal_scope;
grant execute on function ctx.triages, ctx.is_for_the_hub, ctx.passed_to, ctx.holder_of_form, ctx.unseen_form, ctx.lead_of_sealed_form, ctx.waits_for_nobody,
    ctx.form_to_read_again to portal_app;
