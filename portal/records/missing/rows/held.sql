-- Words on an episode that give away what must not be disclosed of its child (ADR 34). Who knows of the child otherwise than by
-- the report is asked about such words, and says why they may stand. Who merely reports the child, or looks for it, is not: the
-- question would say that the portal knows the child (ADR 16). What they write their agency reads as they wrote it, and so do
-- the police, who look for the child, and whoever reads the statements that it looks like. From everybody else it is held back.
-- A policy hides rows and not columns: these words come out of the database by the functions below alone.

-- Whether whoever writes of a child knows of it otherwise than by the report, and so is asked. Who the child is is known to all
-- who look for it; to ask them whether words look like its address would tell them that they do.
create function ctx.is_asked_of_child(p_child uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select 1 from child_scope s
                    where s.child_id = p_child and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp()
                      and s.reader not in (
                          select m.reader from missing_episode e cross join lateral ctx.hears_of_missing(
                                 null, null, e.responsible_authority, e.host_authority) m (reader)
                           where e.child_id = p_child))
$$;

-- Whether some words of theirs stand whatever an alert holds back later: they work with the child; or they were asked, because
-- the words looked like what was held back by then, and said why they may stand. The police and the front doors, who know who
-- the child is because they look for it, are asked nothing.
create function ctx.was_asked(p_child uuid, p_knows boolean, p_words text) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select ctx.reaches_child((select ctx.readers())::uuid[], p_child)
        or (p_knows and exists (select from ctx.statements_in(ctx.same_child(p_child, false), p_words)))
$$;

-- That is kept with what they write, whatever they come to know later.
create function ctx.keep_whether_asked() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_said jsonb := to_jsonb(new);
        v_child uuid := (select e.child_id from missing_episode e where e.id = new.episode_id);
begin
    if ctx.user_id() is not null then
        new.asked := ctx.was_asked(
            v_child, ctx.is_asked_of_child(v_child),
            case when tg_table_name in ('missing_enquiry', 'prevention_talk')
                 then concat_ws(' | ', v_said ->> 'words', v_said ->> 'made_by')
                 else (select string_agg(w.value, ' | ') from jsonb_each_text(v_said -> 'after') w
                        where ctx.words_of(null::missing_episode) ? w.key or w.key = 'prevention_words') end);
    end if;
    return new;
end $$;
create trigger keep_whether_asked before insert on missing_enquiry for each row execute function ctx.keep_whether_asked();
create trigger keep_whether_asked before insert on missing_change for each row execute function ctx.keep_whether_asked();
create trigger keep_whether_asked before insert on prevention_talk for each row execute function ctx.keep_whether_asked();
create trigger keep_whether_asked_again before update of words on prevention_talk
    for each row when (new.words <> old.words) execute function ctx.keep_whether_asked();
-- So of a report of a child whom its reporter chose.
create function ctx.keep_whether_reporter_was_asked() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if ctx.user_id() is not null then
        new.asked := ctx.was_asked(
            new.child_id, true, (select string_agg(w.value, ' | ') from jsonb_each_text(ctx.words_of(new)) w));
    end if;
    return new;
end $$;
create trigger keep_whether_reporter_was_asked before insert on missing_episode
    for each row when (new.asked) execute function ctx.keep_whether_reporter_was_asked();

-- Who said last what an episode says, before a change where one is named, and whether they were asked.
create function ctx.who_said(p_episode uuid, p_field text, p_before timestamptz default null)
returns table (user_id uuid, agency_id uuid, asked boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.user_id, s.agency_id, s.asked
      from (select c.changed_by as user_id, c.changed_agency_id as agency_id, c.asked, c.changed_at as at, c.id
              from missing_change c
             where c.episode_id = p_episode and c.after ? p_field and not c.of_talk
               and (p_before is null or c.changed_at < p_before)
            union all
            select e.recorded_by, e.recorded_agency_id, e.asked, '-infinity', e.id from missing_episode e
             where e.id = p_episode) s
     order by s.at desc, s.id desc limit 1
$$;

-- Whether two statements of a kind say the same house, school or number: as one begins with the other. Of a house both name number
-- and street, or all of it is the same: “Flat 2” is in many streets, and a street in many towns; but for one of few houses.
create function ctx.says_the_same(p_kind text, p_one text, p_other text) returns boolean
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select case when p_kind = 'phone'
                then right(regexp_replace(p_one, '\D', '', 'g'), 9) = right(regexp_replace(p_other, '\D', '', 'g'), 9)
                else w.one = w.other
                     or ((starts_with(w.one || ' ', w.other || ' ') or starts_with(w.other || ' ', w.one || ' '))
                         and (p_kind <> 'address'
                              or coalesce(substring(w.one from h.house) = substring(w.other from h.house), false)))
                     or (p_kind = 'address'
                         and exists (select from regexp_split_to_table(p_one, '[,;\n]') a (part), regexp_split_to_table(p_other, '[,;\n]') b (part)
                                      where ctx.plain_words(a.part) = ctx.plain_words(b.part)
                                        and ctx.street_alone(ctx.plain_words(a.part)) is not null)) end
      from (select ctx.plain_words(p_one) as one, ctx.plain_words(p_other) as other) w,
           (values ('\m\d+[a-z]? [a-z]{4,}')) h (house)
$$;

-- Whether words that an agency wrote without being asked are held back from whoever reads the episode; with `p_listed`, from
-- everybody. Not from whoever may read the same in what another says, as on a linked record: they know it.
create function ctx.are_held_back(p_child uuid, p_agency uuid, p_words text, p_listed boolean default false) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if coalesce(p_words, '') = '' or (not p_listed and (p_agency = ctx.agency_id() or ctx.is_police())) then
        return false;
    end if;
    return exists (
            select 1 from ctx.statements_in(ctx.same_child(p_child, false), p_words) s
              join child_statement said on said.id = s.id
             where p_listed
                or not (ctx.reads_held(s.child_id, s.agency_id, s.named_agencies)
                        or exists (select 1 from child_statement own
                                    where own.child_id = any (ctx.same_child(p_child, false)) and own.do_not_disclose
                                      and own.kind = s.kind and ctx.says_the_same(s.kind, own.value, said.value)
                                      and ctx.reads_held(own.child_id, own.agency_id, own.named_agencies))));
end $$;

-- Whether anything could be held back so: of most children nothing is, and the police read all of it.
-- Asked of each row of a list, so that what settles it soonest comes first.
create function ctx.may_be_held_back(p_child uuid, p_listed boolean default false) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if not exists (select 1 from child_statement s where s.child_id = p_child and s.do_not_disclose)
       and not exists (select 1 from child_link l where l.child_a = p_child and l.unlinked_at is null)
       and not exists (select 1 from child_link l where l.child_b = p_child and l.unlinked_at is null) then
        return false;
    end if;
    return (p_listed or not ctx.is_police())
       and exists (select 1 from child_statement s
                    where s.child_id = any (ctx.same_child(p_child, false)) and s.do_not_disclose);
end $$;

-- The words in which an episode says something, as it is stored.
create function ctx.words_of(p_episode missing_episode) returns jsonb
language plpgsql immutable set search_path = pg_catalog, public, pg_temp as $$
begin
    return jsonb_build_object(
        'reported_by', p_episode.reported_by, 'circumstances', p_episode.circumstances, 'last_seen', p_episode.last_seen,
        'last_seen_by', p_episode.last_seen_by, 'description', p_episode.description, 'wearing', p_episode.wearing,
        'believed_with', p_episode.believed_with, 'found_where', p_episode.found_where, 'found_with', p_episode.found_with,
        'injuries', p_episode.injuries, 'withdrawn_reason', p_episode.withdrawn_reason);
end $$;

-- Whether what an episode says in a field is held back so: who said it is asked only of words that look like something.
create function ctx.field_is_held_back(p_episode missing_episode, p_field text, p_words text, p_listed boolean default false)
returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_said record;
begin
    if coalesce(p_words, '') = ''
       or not exists (select 1 from ctx.statements_in(ctx.same_child(p_episode.child_id, false), p_words)) then
        return false;
    end if;
    select s.* into v_said from ctx.who_said(p_episode.id, p_field) s;
    return not v_said.asked and ctx.are_held_back(p_episode.child_id, v_said.agency_id, p_words, p_listed);
end $$;

-- Some of the words of an episode, for whoever reads it; null in the place of those that are held back. With `p_listed`, for
-- a chronology, which is printed and passed round: there they stand for nobody, as what must not be disclosed itself does not.
create function ctx.episode_words(p_episode uuid, p_fields text[], p_listed boolean default false) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare e missing_episode; v_words jsonb;
begin
    if not exists (select 1 from missing_scope s
                    where s.record_id = p_episode and s.reader = any ((select ctx.readers())::uuid[])
                      and s.until > statement_timestamp()) then
        return null;
    end if;
    select m.* into e from missing_episode m where m.id = p_episode;
    v_words := ctx.words_of(e);
    if not ctx.may_be_held_back(e.child_id, p_listed)
       or not exists (select 1 from ctx.statements_in(
                          ctx.same_child(e.child_id, false),
                          (select string_agg(w.value, ' | ') from jsonb_each_text(v_words) w where w.key = any (p_fields)))) then
        return (select jsonb_object_agg(w.key, w.value) from jsonb_each(v_words) w where w.key = any (p_fields));
    end if;
    return (select jsonb_object_agg(
                       w.key, case when not ctx.field_is_held_back(e, w.key, w.value #>> '{}', p_listed) then w.value end)
              from jsonb_each(v_words) w
             where w.key = any (p_fields));
end $$;
-- The same by who said them.
create function ctx.episode_words_by(p_episode uuid, p_fields text[]) returns table (agency_id uuid, user_id uuid, said jsonb)
language sql stable security definer rows 2 set search_path = pg_catalog, public, pg_temp as $$
    select s.agency_id, s.user_id, jsonb_object_agg(w.key, w.value)
      from jsonb_each(ctx.episode_words(p_episode, p_fields)) w cross join lateral ctx.who_said(p_episode, w.key) s
     where w.value <> 'null'
     group by s.agency_id, s.user_id
$$;
-- What is held back so from whoever reads an episode, and who said it: they read that in its place.
create function ctx.held_on_episode(p_episode uuid) returns table (field text, user_id uuid, agency_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare e missing_episode;
begin
    select m.* into e from missing_episode m where m.id = p_episode and ctx.reads_episode(m.id);
    if e.id is null or not ctx.may_be_held_back(e.child_id) then
        return;
    end if;
    return query
        select w.key, s.user_id, s.agency_id
          from jsonb_each_text(ctx.words_of(e)) w cross join lateral ctx.who_said(p_episode, w.key) s
         where ctx.field_is_held_back(e, w.key, w.value);
end $$;

-- The same of an enquiry.
create function ctx.enquiry_words(p_enquiry uuid, p_field text) returns text
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare q missing_enquiry; v_child uuid; v_said text;
begin
    select n.* into q from missing_enquiry n where n.id = p_enquiry;
    if not ctx.reads_episode(q.episode_id) then
        return null;
    end if;
    v_said := case p_field when 'words' then q.words when 'made_by' then q.made_by end;
    select e.child_id into v_child from missing_episode e where e.id = q.episode_id;
    return case when q.asked or not ctx.may_be_held_back(v_child)
                     or not ctx.are_held_back(v_child, q.recorded_agency_id, v_said) then v_said end;
end $$;

-- Whether what came of the talk with the police is held back so. Then it is not there, as for whomever its handling leaves out.
create function ctx.talk_is_held_back(p_episode uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_child uuid := (select e.child_id from missing_episode e where e.id = p_episode and ctx.reads_episode(e.id));
begin
    return ctx.may_be_held_back(v_child) and exists (
        select 1 from prevention_talk t
         where t.episode_id = p_episode and not t.asked and ctx.are_held_back(v_child, t.agency_id, t.words));
end $$;

-- What came of the talk of the police is read as its handling lets whoever sees the episode, like an entry.
-- who: whoever sees the episode and works for the agency that held the talk
-- who: whoever sees the episode, where it is for everyone, and nothing in it must be held back from them
-- who: whoever sees the episode, where it is for named agencies and theirs is one, and nothing in it must be held back
create policy seen on prevention_talk for select to portal_app using (
    (OURS(agency_id)
     or ((handling = 'network' or (handling = 'agencies' and (select ctx.agency_id()) = any (listed_agencies)))
         and not ctx.talk_is_held_back(prevention_talk.episode_id)))
    and EPISODE(prevention_talk.episode_id));

-- What a change says of before or after; in the place of what is held back stands that it is.
create function ctx.change_words(p_change uuid, p_side text) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare c missing_change; v_child uuid; v_said jsonb; v_words jsonb := ctx.words_of(null::missing_episode);
begin
    select h.* into c from missing_change h where h.id = p_change;
    v_said := case p_side when 'before' then c.before when 'after' then c.after end;
    if not ctx.reads_episode(c.episode_id)
       or (c.of_talk and not exists (
              select 1 from prevention_talk t
               where t.episode_id = c.episode_id
                 and (t.handling = 'network' or t.agency_id = ctx.agency_id()
                      or (t.handling = 'agencies' and ctx.agency_id() = any (t.listed_agencies))))) then
        return null;
    end if;
    select e.child_id into v_child from missing_episode e where e.id = c.episode_id;
    if not ctx.may_be_held_back(v_child) then
        return v_said;
    end if;
    return (select coalesce(jsonb_object_agg(
                       w.key, case when s.asked or not k.is_words or not ctx.are_held_back(v_child, s.agency_id, w.value #>> '{}')
                                   then w.value else '{"held": true}' end), '{}')
              from jsonb_each(v_said) w
             cross join lateral (select v_words ? w.key or (c.of_talk and w.key = 'prevention_words') as is_words) k
              left join lateral (
                   select c.changed_agency_id as agency_id, c.asked where p_side = 'after'
                   union all
                   select b.agency_id, b.asked from ctx.who_said(c.episode_id, w.key, c.changed_at) b
                    where p_side = 'before' and not c.of_talk
                   union all  -- of the talk it is who wrote it before, where somebody had
                   (select h.changed_agency_id, h.asked from missing_change h
                     where p_side = 'before' and c.of_talk and h.of_talk and h.episode_id = c.episode_id and h.after ? w.key
                       and (h.changed_at, h.id) < (c.changed_at, c.id)
                     order by h.changed_at desc, h.id desc limit 1)) s on true);
end $$;

-- The same as columns (portal/records/missing/model.py), for whoever asks as themselves: the owner of the tables, who reads them
-- and has no session, reads what is stored. Migrations and repairs do.
create function ctx.episode_says(p_episode uuid, p_field text) returns text
language plpgsql stable set search_path = pg_catalog, public, pg_temp as $$
begin
    if has_table_privilege('missing_episode', 'select') then
        return (select to_jsonb(m) ->> p_field from missing_episode m where m.id = p_episode);
    end if;
    return ctx.episode_words(p_episode, array[p_field]) ->> p_field;
end $$;
create function ctx.enquiry_says(p_enquiry uuid, p_field text) returns text
language plpgsql stable set search_path = pg_catalog, public, pg_temp as $$
begin
    if has_table_privilege('missing_enquiry', 'select') then
        return (select to_jsonb(q) ->> p_field from missing_enquiry q where q.id = p_enquiry);
    end if;
    return ctx.enquiry_words(p_enquiry, p_field);
end $$;
create function ctx.change_says(p_change uuid, p_side text) returns jsonb
language plpgsql stable set search_path = pg_catalog, public, pg_temp as $$
begin
    if has_table_privilege('missing_change', 'select') then
        return (select to_jsonb(c) -> p_side from missing_change c where c.id = p_change);
    end if;
    return ctx.change_words(p_change, p_side);
end $$;

-- What of some words of an episode gives away something, written by who was not asked: the statements that it looks like.
create function ctx.given_away(p_episode uuid, p_fields text[], p_enquiries uuid[]) returns table (child_id uuid, kind text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare e missing_episode; v_same uuid[];
begin
    select m.* into e from missing_episode m where m.id = p_episode;
    v_same := ctx.same_child(e.child_id, false);
    return query
    select distinct g.child_id, g.kind
      from (select w.value as words
              from jsonb_each_text(ctx.words_of(e)) w cross join lateral ctx.who_said(p_episode, w.key) s
             where w.key = any (p_fields) and not s.asked
            union all
            select v.words from missing_enquiry q cross join lateral (values (q.words), (q.made_by)) v (words)
             where q.episode_id = p_episode and q.id = any (p_enquiries) and not q.asked
            union all
            select t.words from prevention_talk t
             where t.episode_id = p_episode and t.handling = 'network' and 'prevention_words' = any (p_fields) and not t.asked
            union all
            select s.words
              from return_interview_episode x join return_interview i on i.id = x.interview_id and i.handling = 'network'
             cross join lateral (
                   select a.words from return_attempt a where a.interview_id = i.id and not a.asked
                   union all
                   select w.value from return_change c cross join lateral jsonb_each_text(c.after) w
                    where c.interview_id = i.id and not c.asked and ctx.is_said_in_interview(w.key)
                      and ctx.interview_facts(i) ->> w.key = w.value) s (words)
             where x.episode_id = p_episode and 'return_interview' = any (p_fields)) said
     cross join lateral ctx.statements_in(v_same, said.words) g
     where said.words <> '';
end $$;

-- Whoever answers for the alert that holds it back, and whoever leads a case of the child, hear that it stands there: at the
-- moment at which it is written, and where an episode comes to be this child's. Whoever wrote it learns nothing. Who works with
-- the child on a linked record, and does not read the episode, hears it as that of a report. Where there is nobody, the hub.
create function ctx.unseen_each_gives_away(p jsonb) returns setof uuid
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_episode uuid := (p ->> 'subject')::uuid;
begin
    if ctx.reads_episode(v_episode) and exists (select 1 from ctx.given_away_by(p)) then
        return next v_episode;
    end if;
end $$;
create function ctx.given_away_by(p jsonb) returns table (child_id uuid, kind text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select g.child_id, g.kind
      from ctx.given_away((p ->> 'subject')::uuid,
                          array(select jsonb_array_elements_text(p -> 'asks' -> 'fields')),
                          array(select q.id from missing_enquiry q
                                 where q.episode_id = (p ->> 'subject')::uuid
                                   and (p -> 'asks' -> 'enquiries' ? q.id::text or (p -> 'asks' ->> 'all')::boolean))) g
$$;
create function ctx.unseen_of_gives_away(p jsonb) returns table (ground text, user_id uuid, team_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare v_episode uuid := (p ->> 'subject')::uuid; v_child uuid; v_kinds text[];
begin
    if not ctx.reads_episode(v_episode) then
        return;
    end if;
    select e.child_id into v_child from missing_episode e where e.id = v_episode;
    v_kinds := array(select g.kind from ctx.given_away_by(p) g);
    return query
    with about as (select c.* from cre_case c where c.child_id = any (ctx.same_child(v_child, false))),
    found (ground, user_id, team_id, case_id, child_id) as (
        select 'keeper', a.owner_id, null::uuid, c.id, c.child_id from about c join alert a on a.case_id = c.id
          join app_user u on u.id = a.owner_id and u.active
         where a.ended_at is null and a.holds_back && v_kinds
        union all
        select 'lead_unseen', l.user_id, l.team_id, c.id, c.child_id from about c cross join lateral ctx.hears_for_lead(c.id) l
         where c.state not in ('closed', 'transferred')),
    heard (ground, user_id, team_id) as (
        select case when ctx.reaches_missing(r.readers, v_episode) then f.ground else 'linked' end, f.user_id, f.team_id
          from found f
         cross join lateral (select case when f.user_id is null then array[f.team_id] else ctx.readers_of(f.user_id) end) r (readers)
         where ctx.reaches_missing(r.readers, v_episode)
            or (f.child_id <> v_child and f.child_id in (select ctx.records_that_hear(v_child))
                and ctx.reaches_case(r.readers, f.case_id)))
    select distinct h.ground, h.user_id, h.team_id from heard h
    union all
    select 'hub', null::uuid, t.id
      from team t join agency a on a.id = t.agency_id and a.sector = 'hub' and a.active
     where t.active and not exists (select 1 from heard) and ctx.reaches_missing(array[ctx.hub()], v_episode);
end $$;

-- Who may touch which columns, and call what.
grant select (id, episode_id, made_at, recorded_by, recorded_agency_id, recorded_at),
    insert (id, episode_id, made_at, made_by, words, recorded_by, recorded_agency_id, recorded_at) on missing_enquiry to portal_app;
grant select (id, episode_id, child_id, changed_by, changed_agency_id, changed_at, of_talk) on missing_change to portal_app;
grant select (id, reference, child_id, reported_name, reported_dob, status, missing_since, reported_at, recorded_by,
    recorded_agency_id, recorded_team_id, recorded_at, police_reference, grade, missing_from, responsible_authority,
    host_authority, left_at, last_seen_at, last_seen_role, trigger_plan_used, found_at, returned_at, how_found,
    prevention_by, prevention_at, prevention_agency_id, prevention_words, withdrawn_at, withdrawn_by, double_of,
    policy_version, version)
    on missing_episode to portal_app;
grant select, update (asked) on missing_enquiry to portal_scope;
grant select, update (asked) on prevention_talk to portal_scope;
grant execute on function ctx.episode_words, ctx.episode_words_by, ctx.enquiry_words, ctx.change_words, ctx.episode_says, ctx.enquiry_says,
    ctx.change_says, ctx.held_on_episode, ctx.talk_is_held_back to portal_app;
