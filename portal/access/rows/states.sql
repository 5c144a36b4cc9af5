-- A state changes only as portal.pathway.states lists; the first state has the empty text before it.

create function ctx.state_is_legal() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare v_before text := case when tg_op = 'INSERT' then '' else old.state end;
begin
    if v_before <> new.state and not exists (
        select 1 from state_transition
         where machine = tg_argv[0] and before = v_before and after = new.state) then
        raise check_violation using
            message = format('a %s does not go from "%s" to "%s"', tg_argv[0], v_before, new.state);
    end if;
    return new;
end $$;
create trigger state_is_legal before update of state on referral
    for each row execute function ctx.state_is_legal('referral');
create trigger state_is_legal before update of state on cre_case
    for each row execute function ctx.state_is_legal('case');
create trigger state_is_legal before update of state on risk_assessment
    for each row execute function ctx.state_is_legal('assessment');
create trigger state_is_legal before update of state on safety_plan
    for each row execute function ctx.state_is_legal('safety_plan');
create trigger state_is_legal before update of state on meeting
    for each row execute function ctx.state_is_legal('meeting');
create trigger state_is_legal before update of state on attachment
    for each row execute function ctx.state_is_legal('attachment');
create trigger state_is_legal before update of state on plan
    for each row execute function ctx.state_is_legal('plan');
create trigger state_is_legal before update of state on action
    for each row execute function ctx.state_is_legal('action');
create trigger state_is_legal before update of state on panel_item
    for each row execute function ctx.state_is_legal('panel_item');
create trigger state_is_legal before update of state on outbox_message
    for each row execute function ctx.state_is_legal('message');
