-- What an agency still holds, before it leaves: as portal_owner, psql --set agency=CODE --file agency-exit.sql.
-- One line for each kind, with how many and, where there are any, references. Each has to be 0 before it goes.
with leaving as (select id from agency where code = :'agency')
select 'cases that it leads' as what, count(*) as left_over, string_agg(reference, ' ' order by reference) as references
  from cre_case where lead_agency_id = (select id from leaving) and state not in ('closed', 'transferred')
union all
select 'cases on which its teams work', count(distinct k.id), string_agg(distinct k.reference, ' ')
  from involvement i join cre_case k on k.id = i.case_id
 where i.agency_id = (select id from leaving) and i.ended_at is null and k.state not in ('closed', 'transferred')
union all
select 'open duties of its people and teams', count(*), null
  from deadline d
 where d.state = 'open' and (d.owner_agency_id = (select id from leaving)
    or d.owner_team_id in (select id from team where agency_id = (select id from leaving))
    or d.owner_id in (select id from app_user where agency_id = (select id from leaving)))
union all
select 'places and people of concern that it owns', count(*), string_agg(reference, ' ' order by reference)
  from concern where owner_agency_id = (select id from leaving) and ended_at is null
union all
select 'people who can sign in', count(*), null
  from app_user where agency_id = (select id from leaving) and active;
