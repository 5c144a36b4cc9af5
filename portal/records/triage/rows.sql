-- What the hub decides on an information form is for whoever triages it.

create policy triaged on triage_decision to portal_app
    using (HUB and ctx.triages(referral_id))
    with check (HUB and ctx.triages(referral_id));
create policy triaged on intelligence_report to portal_app
    using (HUB and ctx.triages(referral_id))
    with check (HUB and ctx.triages(referral_id));
create policy triaged on social_care_referral to portal_app
    using (HUB and ctx.triages(referral_id))
    with check (HUB and ctx.triages(referral_id));

-- A filter of the queue is its owner's.
create policy own on saved_filter to portal_app using (MINE(user_id))
    with check (MINE(user_id));

-- Who may touch which columns, and call what.
grant select, insert, update (replaced_by_id) on intelligence_report to portal_app;
grant select, insert, update (query), delete on saved_filter to portal_app;
grant select, insert, update (front_door_reference, call_with, call_at, confirmed_at, confirmed_by, withdrawn_at) on
    social_care_referral to portal_app;
grant select, insert, update (reopened_by, reopened_at, reopen_reason) on triage_decision to portal_app;
grant select on social_care_referral to portal_scope;
