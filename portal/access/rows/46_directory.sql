-- Whom to ask in a district is for everybody who signs in.

create policy seen on directory_entry for select to portal_app using ((select ctx.user_id()) is not null);
