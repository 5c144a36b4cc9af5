-- Missing episodes and return interviews hang on the child: missing_scope says who reads each (20_scope.sql).

create policy seen on missing_scope for select to portal_app
    using (reader = any ((select ctx.readers())::uuid[]) and until > statement_timestamp());

create policy seen on missing_episode for select to portal_app
    using (exists (select 1 from missing_scope s where s.record_id = missing_episode.id offset 0));
create policy seen on missing_change for select to portal_app
    using (exists (select 1 from missing_scope s where s.record_id = missing_change.episode_id offset 0));

create policy seen on return_interview for select to portal_app
    using (exists (select 1 from missing_scope s where s.record_id = return_interview.id offset 0));
create policy seen on return_interview_episode for select to portal_app
    using (exists (select 1 from missing_scope s where s.record_id = return_interview_episode.interview_id offset 0));
create policy seen on return_attempt for select to portal_app
    using (exists (select 1 from missing_scope s where s.record_id = return_attempt.interview_id offset 0));
