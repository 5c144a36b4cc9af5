-- Intelligence on a case. Its grading is read with the entry, because it says what may be done with the words.
-- Only the police, of what their own agency wrote, and coordinators grade; only the police release.

create policy seen on entry_grading for select to portal_app using (
    exists (select 1 from chronology_entry e where e.id = entry_grading.entry_id offset 0));
create policy added on entry_grading for insert to portal_app with check (
    MINE(graded_by) and OURS(graded_agency_id)
    and replaced_at is null and released_at is null
    and exists (select 1 from chronology_entry e where e.id = entry_grading.entry_id
                   and (HUB
                        or ((select ctx.is_police()) and OURS(e.agency_id))) offset 0));
create policy replaced on entry_grading for update to portal_app
    using (replaced_at is null
        and exists (select 1 from chronology_entry e where e.id = entry_grading.entry_id
                       and (HUB
                            or ((select ctx.is_police()) and OURS(e.agency_id))) offset 0))
    with check (replaced_at is not null);
create policy released on entry_grading for update to portal_app
    using (replaced_at is null and released_at is null and (select ctx.is_police())
        and exists (select 1 from chronology_entry e where e.id = entry_grading.entry_id offset 0))
    with check (replaced_at is null and MINE(released_by)
        and OURS(released_agency_id) and (select ctx.is_police()));

-- A release says who, when and why, and stands. What the police graded, they alone release; what the hub graded,
-- any police agency that reads it.
create function ctx.release_stands() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.replaced_at is not null then
        raise check_violation using message = 'a grading that was replaced stands as it is';
    end if;
    if (new.released_by, new.released_agency_id, new.released_at, new.release_reason)
       is distinct from (old.released_by, old.released_agency_id, old.released_at, old.release_reason) then
        if old.released_at is not null or new.released_at is null or coalesce(trim(new.release_reason), '') = '' then
            raise check_violation using message = 'a release says when and why, once';
        end if;
        if not ctx.is_police() or new.released_by is distinct from ctx.user_id()
           or (old.graded_agency_id <> ctx.agency_id()
               and exists (select 1 from agency a where a.id = old.graded_agency_id and a.sector = 'police')) then
            raise insufficient_privilege using message = 'the police who graded it release it';
        end if;
    end if;
    return new;
end $$;
create trigger release_stands before update on entry_grading
    for each row when (current_user = 'portal_app') execute function ctx.release_stands();

-- Grading again never lets out what is not released, nor takes its release into other hands.
create function ctx.grading_loosens_nothing() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select 1 from entry_grading g
                where g.entry_id = new.entry_id and g.released_at is null
                  and (not g.forbids <@ new.forbids
                       or (g.forbids <> '{}' and g.graded_agency_id <> new.graded_agency_id))
                  and g.graded_at = (select max(o.graded_at) from entry_grading o where o.entry_id = new.entry_id)) then
        raise check_violation using message = 'what is forbidden stands until the police release it';
    end if;
    return new;
end $$;
create trigger grading_loosens_nothing before insert on entry_grading
    for each row execute function ctx.grading_loosens_nothing();

-- A correction is of the same intelligence: it is bound as the earlier text is, whoever corrects.
create function ctx.carry_grading() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into entry_grading (id, entry_id, source_grade, information_grade, handling_code, codes, conditions,
        forbids, graded_by, graded_agency_id, graded_at, policy_version, released_by, released_agency_id, released_at,
        release_reason)
    select gen_random_uuid(), new.id, g.source_grade, g.information_grade, g.handling_code, g.codes, g.conditions,
           g.forbids, g.graded_by, g.graded_agency_id, g.graded_at, g.policy_version, g.released_by,
           g.released_agency_id, g.released_at, g.release_reason
      from entry_grading g where g.entry_id = new.corrects_id and g.replaced_at is null;
    return null;
end $$;
create trigger carry_grading after insert on chronology_entry
    for each row when (new.corrects_id is not null) execute function ctx.carry_grading();

-- And the earlier text is of the same intelligence too: a grading binds what its entry corrects, one after another.
create function ctx.bind_earlier_text() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_earlier uuid := (select e.corrects_id from chronology_entry e where e.id = new.entry_id);
begin
    if v_earlier is null
       or exists (select 1 from entry_grading g
                   where g.entry_id = v_earlier and g.replaced_at is null and new.forbids <@ g.forbids
                     and (g.released_at is null or new.released_at is not null))
       or exists (select 1 from entry_grading g  -- another agency's holds as it is
                   where g.entry_id = v_earlier and g.replaced_at is null and g.released_at is null
                     and g.forbids <> '{}' and g.graded_agency_id <> new.graded_agency_id) then
        return null;
    end if;
    update entry_grading set replaced_at = new.graded_at where entry_id = v_earlier and replaced_at is null;
    insert into entry_grading (id, entry_id, source_grade, information_grade, handling_code, codes, conditions,
        forbids, graded_by, graded_agency_id, graded_at, policy_version)
    values (gen_random_uuid(), v_earlier, new.source_grade, new.information_grade, new.handling_code, new.codes,
        new.conditions, new.forbids, new.graded_by, new.graded_agency_id, new.graded_at, new.policy_version);
    return null;
end $$;
create trigger bind_earlier_text after insert on entry_grading
    for each row when (new.forbids <> '{}' and new.released_at is null) execute function ctx.bind_earlier_text();

-- The source: its author and coordinators, while they may read the entry, and nobody else.
-- who: whoever wrote it, while of that agency and while they read the entry
-- who: coordinators of the hub who read the entry
create policy seen on entry_source for select to portal_app using (
    ((MINE(author_id) and OURS(author_agency_id))
     or HUB)
    and exists (select 1 from chronology_entry e where e.id = entry_source.entry_id offset 0));
create policy added on entry_source for insert to portal_app with check (
    MINE(author_id) and OURS(author_agency_id)
    and exists (select 1 from chronology_entry e where e.id = entry_source.entry_id
                   and (MINE(e.author_id) or HUB) offset 0));

-- Who may touch which columns, and call what.
grant select, insert, update (replaced_at, released_by, released_agency_id, released_at, release_reason) on
    entry_grading to portal_app;
grant select, insert on entry_source to portal_app;
grant select, insert, update (replaced_at) on entry_grading to portal_scope;
