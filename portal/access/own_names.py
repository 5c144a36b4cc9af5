"""Who did something is said in one's own name.

Every column that names a person or an agency is held to whoever asks, but for those that name somebody else
by design. The columns are found in the catalogue, so one that a migration adds is held to it from its first
day. The function is `ctx.own_name` in `rows/own_name.sql`.
"""

from collections import defaultdict

from sqlalchemy import Connection, text

#: Columns that name somebody else, each with what stands for it.
OTHERS = {
    # People, teams and agencies themselves: who writes of them is in portal/records/people/rows.sql.
    "agency.lead_id": "an administrator says who leads an agency",
    "agency_provider.agency_id": "an administrator says where an agency’s people sign in",
    "app_user.agency_id": "whoever looks after somebody says where they work, once",
    "role_change.user_id": "somebody else’s roles, by the rules of people",
    "staff_invite.user_id": "whom an invitation is for, by ctx.looks_after",
    "team.agency_id": "an administrator or a manager, of their own agency",
    "team.manager_id": "an administrator or a manager, of their own agency",
    "team_member.user_id": "an administrator or a manager, of their own agency",
    "absence.user_id": "whoever looks after somebody enters their absence, by ctx.enters_absence",
    "absence_cover.deputy_id": "who stands in, by ctx.may_cover",
    # Whom reach is given to: rows/giving_reach.sql asks for the right of whoever gives it.
    "access_grant.user_id": "the person who is named",
    "closed_reader.user_id": "who reads a closed part, named by chair or note-taker",
    "closed_reader_end.user_id": "who was named for a closed part, and taken off it by chair or note-taker",
    "cre_case.lead_agency_id": "who leads, by ctx.lead_is_given",
    "cre_case.lead_professional_id": "who leads, by ctx.lead_is_given",
    "disclosure.receiver_agency_id": "who is told",
    "disclosure.receiver_id": "who is told",
    "information_request.asked_agency_id": "who is asked",
    "information_request.asked_user_id": "who is asked",
    "invitation.agency_id": "who is invited",
    "invitation.comes_id": "who comes, said by the invited: ctx.invitation_stands",
    "invitation.user_id": "who is invited",
    "involvement.agency_id": "the agency of the team that is brought on",
    "involvement.worker_id": "the team’s worker, by ctx.involvement_is_ended",
    "meeting.chair_id": "who chairs, by ctx.chair_is_given",
    "meeting.note_taker_id": "who takes the notes, by ctx.chair_is_given",
    # Who owns a duty or answers for something: given to them by somebody else.
    "action.owner_agency_id": "whose an action is, by ctx.directs_action and ctx.action_stands",
    "action.owner_id": "whose an action is, by ctx.directs_action and ctx.action_stands",
    "alert.owner_id": "who answers for an alert, by ctx.alert_is_owned",
    "case_closure.follow_up_id": "who follows up after a case, said by whoever asks that it end",
    "concern_release.agency_id": "the agency to which its owner lets a place or person of concern be seen",
    "concern.owner_agency_id": "whose a place or person of concern is, by ctx.concern_stands",
    "deadline.owner_agency_id": "whose a duty is; the database notes who gave it",
    "deadline.owner_id": "whose a duty is; the database notes who gave it",
    "linked_process.owner_agency_id": "whose a process is, by ctx.linked_process_stands",
    "linked_process.owner_id": "whose a process is, by ctx.linked_process_stands",
    "linked_step.owner_agency_id": "whose a step is, by ctx.linked_step_stands",
    "look_exception.user_id": "whom governance lets go on, by the policy on look_exception",
    "referral.claimed_by": "a coordinator hands a form to a colleague, which referral_handover keeps",
    "referral_handover.from_id": "who had a form",
    "referral_handover.to_id": "who has it now",
    # Of whom a record speaks.
    "citation.agency_id": "the agency whose entry is cited",
    "decision_part.agency_id": "whose part in a decision is recorded, by whoever keeps the record",
    "level_decision.agency_id": "the agency of whoever decided, by the policy on level_decision",
    "level_decision.decided_by": "the first of two people, tied by the policy to what they wrote",
    "referral.sender_agency_id": "who gave the information, before the form is sent: the trigger form_stands",
    "return_interview.agency_id": "who owes the talk, by the policies on return_interview",
    # Whom a message is for, and because of whom: rows/messages.sql.
    "outbox_message.agency_id": "whom it is for",
    "outbox_message.caused_by": "because of whom, by ctx.causes_message",
    "outbox_message.handed_from_id": "whose it was",
    "outbox_message.recipient_id": "whom it is for",
    "untold.recipient_id": "whom it would have been for",
}

#: What may be taken back, so that nobody has done it.
TAKEN_BACK = frozenset({"concern.ended_by", "meeting_paper.received_by", "safety_plan.ended_by"})

_NAMING = text("""
select t.relname as table, a.attname as column, f.confrelid = 'agency'::regclass as of_agency
  from pg_constraint f join pg_class t on t.oid = f.conrelid
  join pg_attribute a on a.attrelid = t.oid and a.attnum = any (f.conkey)
 where f.contype = 'f' and f.confrelid in ('app_user'::regclass, 'agency'::regclass)
   and t.relnamespace = 'public'::regnamespace
   and (has_column_privilege('portal_app', t.oid, a.attnum, 'INSERT')
        or has_column_privilege('portal_app', t.oid, a.attnum, 'UPDATE'))
 order by 1, 2
""")


def naming(connection: Connection) -> dict[str, bool]:
    """The columns by which the application can name somebody, each with whether it is an agency."""
    return {f"{row.table}.{row.column}": row.of_agency for row in connection.execute(_NAMING)}


def install(connection: Connection) -> None:
    """Hold every naming column that is not on the list to whoever asks."""
    held: dict[str, list[str]] = defaultdict(list)
    for name, of_agency in naming(connection).items():
        if name not in OTHERS:
            table, column = name.split(".")
            kind = "agency" if of_agency else "person"
            held[table].append(f"{kind} {column}{'?' if name in TAKEN_BACK else ''}")
    for table, columns in held.items():
        names = ", ".join(one.split(" ")[1].rstrip("?") for one in columns)
        arguments = ", ".join(f"'{one}'" for one in columns)
        connection.exec_driver_sql(
            f'create trigger own_name after insert or update of {names} on "{table}" for each row'
            f" when (current_user = 'portal_app') execute function ctx.own_name({arguments})"
        )
