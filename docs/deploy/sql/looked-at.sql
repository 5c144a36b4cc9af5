-- What somebody looked at and did, for a breach: as portal_owner,
--   psql --set email=name@example.org --set from='2026-11-01' --set to='2026-12-01' --file looked-at.sql
-- Times are UTC. Of children and cases it gives references; no name, and nothing that was typed.
select e.at at time zone 'UTC' as at, e.action, e.route, e.ground, c.reference as child, k.reference as case,
       e.session_id as session
  from audit_event e
  join app_user u on u.id = e.actor_id
  left join child c on c.id = e.child_id
  left join cre_case k on k.id = e.case_id
 where lower(u.email) = lower(:'email') and e.at >= :'from'::timestamptz and e.at < :'to'::timestamptz
 order by e.at, e.id;
