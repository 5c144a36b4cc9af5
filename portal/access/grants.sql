-- What each role may touch, by column where that matters. Which rows of it: rows/*.sql. Statements end with a
-- semicolon, which stands nowhere else.

grant usage on schema public to portal_app, portal_documents, portal_worker, portal_ctx, portal_scope, portal_audit;
grant usage on schema ctx to portal_app, portal_sign_in, portal_worker, portal_ctx, portal_scope, portal_audit;
grant select, insert, update, delete on ctx.session to portal_ctx;
grant select on app_user, agency, team, team_member, identity_provider, agency_provider, child_scope
    to portal_ctx, portal_scope;
grant select, insert, delete on ctx.spent to portal_ctx;
grant select, insert, update, delete on ctx.refused to portal_ctx;
grant insert on audit_event to portal_ctx;
grant select, insert, delete on user_identity to portal_ctx;
grant select, update (accepted_at) on staff_invite to portal_ctx;
grant select on cre_case, involvement, access_grant, information_request, disclosure, disclosure_child,
    deadline, referral, referral_subject, referral_child, child, name_key, meeting, meeting_case, invitation,
    social_care_referral, outbox_message, alert, absence, access_request, risk_assessment, closed_minute,
    closed_reader, minutes_issue, minutes_copy, action to portal_scope;
grant select on decision, level_decision, case_closure, hand_over to portal_scope;
grant select on missing_episode, return_interview, return_interview_episode, concern, concern_release,
    directory_entry to portal_scope;
grant select, insert on missing_episode to portal_scope;
grant select, insert, update (episode_ids, fell_away_at) on missing_prompt to portal_scope;
grant insert on child, child_record, name_key, missing_change to portal_scope;
grant insert, update (due_at, state, ended_at, move_reason, owner_id, owner_team_id, owner_agency_id) on deadline to portal_scope;
grant select on linked_process to portal_scope;
grant select (author_id, state) on safety_plan to portal_scope;
grant select (concern_id, kind, changed_by) on concern_change to portal_scope;
grant select on panel_item, panel_summary, panel_papers, panel_share to portal_scope;
grant update (state, meeting_id, place) on panel_item to portal_scope;
grant select, insert, update, delete on reminder_plan to portal_scope;
grant update (next_due_at) on cre_case to portal_scope;
grant update (ends_at) on access_grant to portal_scope;
grant update (version) on child, concern to portal_scope;
grant update (state) on referral to portal_scope;
grant select on state_transition to portal_scope;
grant select, insert, update, delete on case_scope, child_scope, case_notice, referral_notice, referral_seal,
    missing_scope, concern_scope to portal_scope;
grant insert on referral_child to portal_scope;
grant select, delete on attachment_content to portal_scope;

-- By column: what a row is about, whose it is and when it began is written once. A table that is not named below is
-- only added to.
grant select, insert on all tables in schema public to portal_app;
grant update (position, heading, version) on agenda_item to portal_app;
grant update (owner_id, review_on, ended_at, ended_by, end_reason, version) on alert to portal_app;
grant update (name, email, job_title, phone, roles, active, left_at, version) on app_user to portal_app;
grant update (given_name, family_name, dob, dob_is_estimate, nhs_number, version) on child to portal_app;
grant update (accepted, decided_by, decided_at, decision_reason) on child_correction to portal_app;
grant update (ended_at) on child_identifier to portal_app;
grant update (unlinked_at, unlinked_by, unlink_reason) on child_link to portal_app;
grant update (sex, gender, pronouns, ethnicity, religion, first_language, interpreter_needed, nationality,
    immigration, disabilities, send, ehcp, eligibility_basis, eligibility_reason, responsible_authority,
    host_authority, district, communication_needs, preferred_contact, version) on child_record to portal_app;
grant update (ends_on) on child_status to portal_app;
grant update (state, sensitivity, sensitivity_reason, level, level_since, types, lead_agency_id,
    lead_professional_id, closed_at, version) on cre_case to portal_app;
grant update (owner_id, owner_team_id, owner_agency_id, due_at, state, ended_at, late_reason, move_reason,
    move_code, source, confirmed) on deadline to portal_app;
grant update (stance, words, escalation, saved_by, saved_at) on decision_part to portal_app;
grant update (withdrawn_at, confirmed_at, confirmed_by) on disclosure to portal_app;
grant update (answers, saved_at, version) on entry_draft to portal_app;
grant update (due_at, answered_at, withdrawn_at, withdrawn_reason, reach_until) on information_request to
    portal_app;
grant update (replaced_by_id) on intelligence_report to portal_app;
grant update (comes_id, role, required, reply, reply_reason, replied_by, replied_at, attendance,
    attendance_note, withdrawn_at, withdrawn_reason, version) on invitation to portal_app;
grant update (received_at, received_by, not_needed_reason, version) on meeting_paper to portal_app;
grant update (by_mail) on message_preference to portal_app;
grant update (state, author_team_id, answers, saved_at, channel, sender_name, sender_agency_id, sender_contact,
    received_at, sent_at, kind, immediate_danger, concerns_colleague, district, types, what_happened,
    event_from, event_to, colour, triage_due_at, claimed_by, claimed_at, decided_at, policy_version, version) on
    referral to portal_app;
grant update (child_id, matched_by, matched_at) on referral_child to portal_app;
grant update (seen_at) on referral_presence to portal_app;
grant update (read_at) on referral_reading to portal_app;
grant update (text, at_risk_if_revealed) on referral_source to portal_app;
grant update (state, concluded_by, concluded_at, finalised_at, abandoned_reason, level, level_before,
    level_reason, suggested_level, suggested_rule, suggested_signs, difference_reason, needs_full, types,
    s47_considered, s47_reason, nrm_considered, nrm_reason, safety_steps, second_id, second_at, returned_by,
    returned_reason, signed_off_by, signed_off_at, signed_off_note, version) on risk_assessment to portal_app;
grant update (query) on saved_filter to portal_app;
grant update (confirmed_by, confirmed_at, withdrawn_at) on sensitivity_change to portal_app;
grant update (front_door_reference, call_with, call_at, confirmed_at, confirmed_by, withdrawn_at) on
    social_care_referral to portal_app;
grant update (reopened_by, reopened_at, reopen_reason) on triage_decision to portal_app;
revoke all on alembic_version, heartbeat, audit_event, audit_seal, audit_search, audit_chain, reminder_plan
    from portal_app;
revoke insert, update on case_scope, child_scope, case_notice, referral_notice, referral_seal,
    missing_scope, concern_scope, state_transition from portal_app;
revoke insert, update on missing_episode, missing_prompt, missing_change from portal_app;
grant update (status, missing_since, reported_by, police_reference, grade, circumstances, missing_from,
    responsible_authority, host_authority, last_seen, wearing, believed_with, trigger_plan_used, returned_at,
    how_found, found_where, found_with, injuries, prevention_by, prevention_at, prevention_words, withdrawn_at,
    withdrawn_by, withdrawn_reason, version) on missing_episode to portal_app;
grant update (answer, words, answered_by, answered_agency_id, answered_at) on missing_prompt to portal_app;
revoke update on missing_change, return_interview_episode, return_attempt, concern_key, concern_note
    from portal_app;
grant delete on concern_key to portal_app;
revoke update on return_interview, return_change from portal_app;
revoke insert on return_change from portal_app;
grant update (offered, offered_at, offered_by, offered_how, accepted, declined_reason, interviewer, independent,
    independent_words, done_at, place, seen_alone, limits_told, answers, carer_information, shared,
    assessment_needed, completed_at, completed_by, version) on return_interview to portal_app;
grant insert on return_change to portal_scope;
revoke update on concern, concern_release, concern_link, concern_change, concern_difference from portal_app;
grant update (name, description, details, source_grade, information_grade, handling_code, risk, owner_agency_id,
    owner_team_id, sensitivity, dwelling, district, authority, first_on, last_on, review_on, police_status,
    police_status_by, police_status_at, also_child, do_not_approach, ended_at, ended_by, ended_reason, version)
    on concern to portal_app;
grant update (withdrawn_at, withdrawn_by) on concern_release to portal_app;
grant update (ended_at, ended_by, ended_reason) on concern_link to portal_app;
grant update (undone_at, undone_by) on concern_difference to portal_app;
revoke update on guardian, guardian_step, place_fact, directory_entry, directory_change from portal_app;
grant update (role, name, can, contact, state, ended_at, ended_by, version) on guardian to portal_app;
grant update (ended_at, ended_by, ended_reason) on place_fact to portal_app;
grant update (district, role, name, job, phone, email, hours, words, checked_on, checked_by, ended_at, ended_by,
    version) on directory_entry to portal_app;
revoke insert, update on user_identity from portal_app;
revoke update on chronology_entry, disclosure_text, disclosure_child, feedback, referral_message,
    referral_colour, referral_handover, child_statement, child_alias, taken_copy from portal_app;
revoke update on attachment, attachment_content from portal_app;
grant update (state, checked_at, removed_at, removed_by, removed_reason) on attachment to portal_app;
grant delete on attachment to portal_app;
revoke update on assessment_answer, level_decision, assessment_section from portal_app;
grant update (number, saved_at, saved_by) on assessment_section to portal_app;
revoke update on safety_plan, safety_plan_answer, safety_plan_version, safety_plan_renewal from portal_app;
grant update (state, number, in_force_at, valid_from, valid_until, ended_at, ended_by, ended_reason,
    ended_meeting_id, version) on safety_plan to portal_app;
revoke insert, update on deadline_change from portal_app;
grant insert on deadline_change to portal_scope;
grant select (child_id, kind, value, postcode, do_not_disclose) on child_statement to portal_scope;
revoke update on closed_reader, level_proposal, minutes_issue, minutes_copy, minutes_correction,
    family_passage, decision, minute, closed_minute from portal_app;
grant update (text, reason, outcome, item_id, withdrawn_at, withdrawn_reason, recorded_by, recorded_at,
    version) on decision to portal_app;
grant update (text, saved_by, saved_at, version) on minute to portal_app;
grant update (heading, text, saved_by, saved_at, version) on closed_minute to portal_app;
grant update (settled_by, settled_at, accepted, settle_reason) on level_proposal to portal_app;
grant update (opened_at, opened_by) on minutes_copy to portal_app;
grant update (taken, answer, settled_by, settled_at) on minutes_correction to portal_app;
grant update (confirmed_by, confirmed_at, removed_at) on family_passage to portal_app;
revoke update on concern_order, order_child, order_step from portal_app;
grant update (expires_on, review_on, served_on, served_words, ended_on, ended_at, ended_by, outcome, ended_words,
    version) on concern_order to portal_app;
grant select on concern_order to portal_scope;
grant select (id, reference, concern_id) on concern_order to portal_worker;
revoke update on entry_grading, entry_source from portal_app;
grant update (replaced_at, released_by, released_agency_id, released_at, release_reason) on entry_grading
    to portal_app;
grant select, insert, update (replaced_at) on entry_grading to portal_scope;
grant select (id, corrects_id) on chronology_entry to portal_scope;
revoke update on moment_review from portal_app;
grant insert on moment_review to portal_scope;
revoke update on citation, cited_entry from portal_app;
grant update (withdrawn_at) on citation to portal_app;
grant update (withdrawn_by) on cited_entry to portal_app;
revoke update on plan, plan_text, action, action_step, action_note from portal_app;
grant update (state, ended_by, ended_at) on plan to portal_app;
grant update (state, owner_id, owner_team_id, owner_agency_id, due_on, blocked_reason, done_by, done_at,
    done_words, confirmed_by, confirmed_at, effect, covered_by, reach_until, version) on action to portal_app;
revoke update on linked_process, linked_step, linked_note from portal_app;
grant update (their_reference, state, owner_id, owner_team_id, owner_agency_id, status_id, outcome, outcome_words,
    ended_at, ended_by, version) on linked_process to portal_app;
grant update (owner_agency_id, deadline_id, state, done_at, words, late_reason, recorded_by, recorded_agency_id, recorded_at)
    on linked_step to portal_app;
revoke update on case_closure, hand_over from portal_app;
grant update (second_id, second_at, withdrawn_by, withdrawn_at, withdrawn_reason, closed_at, reopened_by,
    reopened_at, reopen_reason) on case_closure to portal_app;
grant update (service, person, contact, meets_on, answers, saved_by, saved_at, finalised_by, finalised_at,
    version) on hand_over to portal_app;
revoke update on panel_item, panel_summary, panel_papers, panel_share, panel_minute, panel_decision, panel_action
    from portal_app;
grant update (state, meeting_id, place, decided_by, decided_at, decided_reason, word, word_by, word_at, version)
    on panel_item to portal_app;
grant update (returned_by, returned_at, returned_words, read_by, read_at) on panel_summary to portal_app;
grant update (opened_at, opened_by) on panel_share to portal_app;
grant update (text, saved_by, saved_at, version) on panel_minute to portal_app;
grant update (withdrawn_by, withdrawn_at, withdrawn_reason) on panel_decision to portal_app;
revoke update on involvement, access_grant, role_change, staff_invite, agency, team, identity_provider
    from portal_app;
grant update (worker_id, ended_at, ended_by, end_reason) on involvement to portal_app;
grant update (ends_at) on access_grant to portal_app;
grant update (confirmed_by, confirmed_at, refused_at) on role_change to portal_app;
grant update (withdrawn_at) on staff_invite to portal_app;
grant update (name, authority, districts, lead_id, active, version) on agency to portal_app;
grant update (name, duty_email, duty_phone, manager_id, active, version) on team to portal_app;
grant update (name, required_acr, required_amr, max_age, active, version) on identity_provider to portal_app;
revoke update on meeting_case, meeting_change, meeting_handout, absence_cover, outbox_message, outbox_subject
    from portal_app;
revoke update on meeting, absence, access_request, address_suspension from portal_app;
grant update (next_on) on meeting_case to portal_app;
grant update (kind, state, starts_at, ends_at, place, link, chair_id, note_taker_id, sequence,
    required_sectors, quorum_reason, held_at, reach_until, version) on meeting to portal_app;
grant update (read_at, state, attempts, next_try_at) on outbox_message to portal_app;
grant update (first_day, last_day, ended_at) on absence to portal_app;
grant update (answered_by, answered_at, granted, answer) on access_request to portal_app;
grant update (lifted_by, lifted_at) on address_suspension to portal_app;
revoke insert on address_suspension from portal_app;
grant update (do_not_disclose, named_agencies) on child_statement to portal_app;
grant delete on team_member, agency_provider, saved_filter, referral_presence, name_key, referral_child,
    entry_draft, idempotency_key,
    referral, agenda_item, absence_cover, closed_reader to portal_app;
revoke update on idempotency_key from portal_app;
grant update (answer) on idempotency_key to portal_app;
grant select on heartbeat to portal_app;
revoke update on document_job from portal_app;
grant update (taken_at, expires_at), delete on document_job to portal_app;
grant select on document_job to portal_scope;
grant select (id, asked_at, expires_at, payload, state, lease_until, attempts) on document_job to portal_documents;
grant update (payload, state, lease_until, attempts, content) on document_job to portal_documents;
grant select, insert, update on heartbeat to portal_documents;
grant select (id, expires_at), delete on document_job to portal_worker;
grant insert, select on audit_event to portal_app;
grant select on audit_seal, audit_search to portal_app;

grant select, insert, update on heartbeat to portal_worker;
grant select on state_transition to portal_worker;
grant select on agency, team, team_member, message_preference, absence, absence_cover, referral_notice
    to portal_worker;
grant select (meeting_id, case_id) on meeting_case to portal_worker;
grant select (id, kind, subject_kind, subject_id, case_id, referral_id, disclosure_id, request_id, meeting_id,
    child_id, concern_id, directory_id, given_by, owner_id, owner_team_id, owner_agency_id, started_at, due_at, original_due_at, state, ended_at,
    source, policy_version) on deadline to portal_worker;
grant select (id, reference, state, meeting_id, owner_id, owner_team_id) on action to portal_worker;
grant select (id, reference) on linked_process to portal_worker;
grant select (id, reference) on panel_item to portal_worker;
grant select (id, agency_id, email, roles, active) on app_user to portal_worker;
grant select (id, reference, state, lead_agency_id, lead_professional_id) on cre_case to portal_worker;
grant select (case_id, user_id, starts_at, ends_at) on access_grant to portal_worker;
grant select (id, reference, receiver_agency_id, receiver_team_id, receiver_id, withdrawn_at, confirmed_at)
    on disclosure to portal_worker;
grant select (id, reference, case_id, referral_id, meeting_id, asked_agency_id, asked_team_id, asked_user_id,
    asked_by, asked_at, due_at, answered_at, withdrawn_at, reach_until)
    on information_request to portal_worker;
grant select (id, reference, kind, state, starts_at, ends_at, chair_id, note_taker_id, sequence, reach_until)
    on meeting to portal_worker;
grant select (id, reference, meeting_id, agency_id, team_id, user_id, comes_id, role, reply, attendance,
    withdrawn_at) on invitation to portal_worker;
grant select (id, reference) on missing_episode, missing_prompt, return_interview to portal_worker;
grant select (id, reference, owner_agency_id, owner_team_id) on concern to portal_worker;
grant select (id, agency_id) on directory_entry to portal_worker;
grant select, insert on outbox_message, outbox_subject, address_suspension to portal_worker;
grant update on outbox_message to portal_worker;
grant select, update on reminder_plan to portal_worker;
grant select (made_at), delete on idempotency_key to portal_worker;

grant select, update (seal_number) on audit_event to portal_audit;
grant select, insert on audit_seal to portal_audit;
grant select, update on audit_chain to portal_audit;
grant select, insert, update, delete on ctx.audit_link to portal_audit;
grant insert, delete, select (event_id, searched_at) on audit_search to portal_audit;
