-- What comes before every other right: schemas, and the tables without a child in them. What else a role may touch
-- stands in the files beside this one and in those of the nouns, by column where that matters: what a row is about,
-- whose it is and when it began is written once. A right that no file gives nobody has.

grant usage on schema public to portal_app, portal_documents, portal_worker, portal_ctx, portal_scope, portal_audit;
grant usage on schema ctx to portal_app, portal_sign_in, portal_worker, portal_ctx, portal_scope, portal_audit;

grant select on heartbeat, state_transition to portal_app;
grant select, insert, update on heartbeat to portal_documents;
grant select, insert, update on heartbeat to portal_worker;
grant select on state_transition to portal_worker;
grant select on state_transition to portal_scope;

-- What a trigger says when its `when` finds what may not be. It is no question of rights: nobody may.
create function ctx.refuse() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    raise check_violation using message = tg_argv[0];
end $$;

-- A row stays as it is but for the columns that are named after the message.
create function ctx.stays_but_for() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
begin
    if (to_jsonb(new) - tg_argv[1:]) is distinct from (to_jsonb(old) - tg_argv[1:]) then
        raise check_violation using message = tg_argv[0];
    end if;
    return new;
end $$;
