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
do $$
declare v_table text; v_machine text;
begin
    for v_table, v_machine in values
        ('referral', 'referral'), ('cre_case', 'case'), ('risk_assessment', 'assessment'), ('safety_plan', 'safety_plan'),
        ('meeting', 'meeting'), ('attachment', 'attachment'), ('plan', 'plan'), ('action', 'action'),
        ('panel_item', 'panel_item'), ('outbox_message', 'message')
    loop
        execute format('create trigger state_is_legal before update of state on %I'
                       ' for each row execute function ctx.state_is_legal(%L)', v_table, v_machine);
    end loop;
end $$;
