-- The duty to read the summary of an item is seen by its owner alone. It is owed once, and ends with what it is about,
-- whoever writes, reads or declines.

-- Whoever has just written the newest summary has it read, unless that is owed already: by themselves, where they coordinate,
-- else by the hub, by p_due or before the panel begins, of which they may know nothing.
create function ctx.owe_panel_summary(p_item uuid, p_mine boolean, p_due timestamptz, p_source text, p_confirmed boolean,
                                      p_policy text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into deadline (id, kind, subject_kind, subject_id, meeting_id, owner_id, owner_agency_id, started_at, due_at,
                          original_due_at, state, source, confirmed, policy_version)
    select gen_random_uuid(), 'panel_summary', 'panel_item', p.id, p.meeting_id, case when p_mine then ctx.user_id() end,
           case when not p_mine
                then (select a.id from agency a where a.sector = 'hub' and a.active order by a.id limit 1) end,
           statement_timestamp(), least(p_due, m.starts_at),
           least(p_due, m.starts_at), 'open', p_source, p_confirmed, p_policy
      from panel_item p
      join meeting m on m.id = p.meeting_id and m.state in ('booked', 'held', 'minutes_in_draft')
      join lateral (select * from panel_summary s where s.item_id = p.id order by s.number desc limit 1) s
        on s.written_by = ctx.user_id() and s.read_at is null
     where p.id = p_item and p.state in ('on', 'discussed')
       and not exists (select 1 from deadline d
                        where d.subject_kind = 'panel_item' and d.subject_id = p.id and d.kind = 'panel_summary'
                          and d.state = 'open');
end $$;

create function ctx.panel_summary_was_read() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update deadline set state = 'done', ended_at = new.read_at
     where subject_kind = 'panel_item' and subject_id = new.item_id and kind = 'panel_summary' and state = 'open';
    return null;
end $$;
create trigger panel_summary_was_read after update of read_at on panel_summary
    for each row when (new.read_at is not null and old.read_at is null) execute function ctx.panel_summary_was_read();

create function ctx.panel_item_was_declined() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update deadline set state = 'cancelled', ended_at = statement_timestamp(), move_reason = 'Not before the panel'
     where subject_kind = 'panel_item' and subject_id = new.id and kind = 'panel_summary' and state = 'open';
    return null;
end $$;
create trigger panel_item_was_declined after update of state on panel_item
    for each row when (new.state = 'declined' and old.state <> 'declined')
    execute function ctx.panel_item_was_declined();

-- Once nobody has to read it any more, that a summary waits is new to nobody who has not opened the message: a colleague read
-- it, or it does not come before the panel.
create function ctx.panel_summary_waits_no_more() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update outbox_message m
       set state = 'cancelled', outcome = case new.state when 'done' then 'done' else 'no_longer_needed' end,
           settled_at = statement_timestamp()
      from outbox_subject s
     where s.subject_kind = 'panel_item' and s.subject_id = new.subject_id and m.id = s.message_id
       and m.event = 'panel_summary_written' and m.state = 'shown' and m.read_at is null and m.lease is null;
    return null;
end $$;
create trigger panel_summary_waits_no_more after update of state on deadline
    for each row when (new.kind = 'panel_summary' and old.state = 'open' and new.state <> 'open')
    execute function ctx.panel_summary_waits_no_more();

grant execute on function ctx.owe_panel_summary to portal_app;
