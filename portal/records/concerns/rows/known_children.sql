-- A person of concern who may be a child whom the portal knows: whoever exploits a child may be exploited too.

-- The children whom a person of concern may be, compared by what is recorded of both, among all children. With a date of birth:
-- two words of the name that sound the same, and a date that is the same, wrong in one part, swapped, or was an estimate; where
-- the child has none, a name that is written the same. Without one: where one known child alone has a name that is written the
-- same, and an age that may be right. For the functions below alone: not granted to anybody.
create function ctx.children_like_concern(p_concern uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with about as (
        select c.id,
               -- The age was said when the record was made, or put right later.
               coalesce((select max(h.changed_at) from concern_change h
                          where h.concern_id = c.id
                            and h.after #>> '{details,age}' is distinct from h.before #>> '{details,age}'), c.created_at) as said_at,
               case when c.details ->> 'dob' ~ '^\d{4}-\d\d-\d\d$' then (c.details ->> 'dob')::date end as dob,
               substring(c.details ->> 'age' from '\d{1,3}')::integer as age
          from concern c where c.id = p_concern and c.kind = 'person' and c.ended_at is null),
    compared (key) as (
        select substr(o.key, 7) from concern_key o where o.concern_id = p_concern and o.key like 'child:%'),
    sounds (id) as (
        select distinct n.child_id from compared o join name_key n on n.key = o.key where o.key like 'pair:%' limit 1000),
    written (id) as (
        select distinct n.child_id from compared o join name_key n on n.key = o.key where o.key like 'both:%' limit 1000)
    select k.id
      from about a cross join child k
     where k.id in (select id from sounds union select id from written)
       and case when a.dob is null
                then k.id in (select id from written) and (select count(*) from written) = 1
                     and (a.age is null or abs(extract(year from a.said_at) - extract(year from k.dob) - a.age) <= 2)
                when k.dob is null then k.id in (select id from written)
                else k.dob = a.dob
                     or (k.dob_is_estimate and abs(k.dob - a.dob) <= 1096)
                     or exists (select 1 from compared o join name_key n on n.key = o.key
                                 where o.key like 'born:%' and n.child_id = k.id)
           end
     order by k.id limit 20
$$;

-- The same for whoever reads the record of both, who alone is shown it: without those to whom it is linked.
create function ctx.children_who_may_be(p_concern uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select k from ctx.children_like_concern(p_concern) k
     where ctx.reaches_concern((select ctx.readers())::uuid[], p_concern)
       and ctx.reaches_child((select ctx.readers())::uuid[], k)
       and not exists (select 1 from concern_link l
                        where l.concern_id = p_concern and l.child_id = k and l.ended_at is null)
$$;

grant execute on function ctx.children_who_may_be to portal_app;
grant select on concern_key to portal_scope;
