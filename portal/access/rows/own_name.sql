-- Nobody writes in the name of another, or of another agency. `portal/access/own_names.py` puts this on every column
-- that says who did something: what was said there is whoever asks, and stands once it is there, unless whoever asks
-- says it anew. A column that ends in a question mark may be emptied again, because what was done can be taken back.
-- It comes after the policies, which say first whose rows these are.
create function ctx.own_name() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    v_new jsonb := to_jsonb(new);
    v_old jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
    v_named text;
    v_column text;
    v_said text;
begin
    foreach v_named in array tg_argv loop
        v_column := rtrim(split_part(v_named, ' ', 2), '?');
        v_said := v_new ->> v_column;
        if v_said is not distinct from (v_old ->> v_column) or (v_said is null and right(v_named, 1) = '?') then
            continue;
        end if;
        if v_said is distinct from
           (case split_part(v_named, ' ', 1) when 'agency' then ctx.agency_id() else ctx.user_id() end)::text then
            raise insufficient_privilege using
                message = format('nobody writes in the name of another: %s of %s', v_column, tg_table_name);
        end if;
    end loop;
    return null;
end $$;
