-- Missing episodes and return interviews hang on the child: missing_scope says who reads each (20_scope.sql).

create policy seen on missing_scope for select to portal_app
    using (READER(reader) and until > statement_timestamp());

create policy seen on missing_episode for select to portal_app
    using (EPISODE(missing_episode.id));
create policy seen on missing_change for select to portal_app
    using (EPISODE(missing_change.episode_id));

create policy seen on return_interview for select to portal_app
    using (EPISODE(return_interview.id));
create policy seen on return_interview_episode for select to portal_app
    using (EPISODE(return_interview_episode.interview_id));
create policy seen on return_attempt for select to portal_app
    using (EPISODE(return_attempt.interview_id));
