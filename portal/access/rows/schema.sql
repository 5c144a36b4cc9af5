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
