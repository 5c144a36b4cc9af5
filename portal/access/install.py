"""Puts the access rules of `rows/*.sql` into the database, replacing whatever rules were there.

The files are the one definition of who sees which row. They are applied again, whole, after every
migration, in its transaction: there is no moment without them, and no older copy to read by mistake.
"""

from pathlib import Path

from sqlalchemy import Connection, text

from portal.access import own_names, predicates, text_sizes
from portal.pathway.states import (
    ACTION_MOVES,
    ASSESSMENT_MOVES,
    ATTACHMENT_MOVES,
    CASE_MOVES,
    MEETING_MOVES,
    MESSAGE_MOVES,
    PANEL_ITEM_MOVES,
    PLAN_MOVES,
    REFERRAL_MOVES,
    SAFETY_PLAN_MOVES,
)

ROWS = Path(__file__).parent / "rows"

#: Tables without a child in them, open to every role that has the grant.
REFERENCE_TABLES = frozenset({"alembic_version", "heartbeat", "state_transition"})

#: Roles that keep the rules themselves: what they may touch is limited by grants, not by rows.
KEEPERS = "portal_owner, portal_scope, portal_ctx, portal_audit"


def install(connection: Connection, *, switching: bool = False) -> None:
    """Replace every policy, function and trigger by what `rows/*.sql` says, and grant what each role needs.

    Runs as portal_owner, in the transaction of `connection`.

    Args:
        switching: web processes of a version before portal_sign_in may still run, for minutes.
    """
    uninstall(connection)
    _protect(connection)
    for path in sorted(ROWS.glob("*.sql")):
        rules = predicates.expand(path.read_text(encoding="utf-8"), path.name)
        connection.exec_driver_sql(rules.replace("%", "%%"))
    _grant(connection)
    _take_back(connection)
    own_names.install(connection)
    _hand_functions_over(connection)
    if switching:
        connection.exec_driver_sql(WHILE_SWITCHING.read_text(encoding="utf-8").replace("%", "%%"))
    _list_transitions(connection)
    text_sizes.install(connection)


def uninstall(connection: Connection) -> None:
    """Take every rule away and leave every protected table closed to all but its keepers.

    The owner stays a keeper, so that a migration of data changes rows rather than none, without a word.
    """
    for table, policy in connection.execute(
        text(
            "select tablename, policyname from pg_policies"
            " where schemaname = 'public' and policyname <> 'keeper'"
        )
    ).all():
        connection.exec_driver_sql(f'drop policy "{policy}" on "{table}"')
    for signature in connection.scalars(
        text("select oid::regprocedure::text from pg_proc where pronamespace = 'ctx'::regnamespace")
    ).all():
        connection.exec_driver_sql(f"drop function if exists {signature} cascade")


def tables(connection: Connection) -> list[str]:
    """The tables of the portal, by name."""
    return list(
        connection.scalars(
            text("select tablename from pg_tables where schemaname = 'public' order by tablename")
        )
    )


def _protect(connection: Connection) -> None:
    for table in tables(connection):
        if table not in REFERENCE_TABLES:
            connection.exec_driver_sql(f'alter table "{table}" enable row level security')
            connection.exec_driver_sql(f'alter table "{table}" force row level security')
            connection.exec_driver_sql(f'drop policy if exists keeper on "{table}"')
            connection.exec_driver_sql(
                f'create policy keeper on "{table}" to {KEEPERS} using (true) with check (true)'
            )


#: Functions that may read sessions.
CONTEXT_FUNCTIONS = frozenset(
    {
        "accept_invite",
        "agency_inviting",
        "agency_id",
        "arrive",
        "close_session",
        "end_my_session",
        "end_provider_sessions",
        "end_sessions_of",
        "end_sessions_from",
        "end_sessions_of_agency",
        "has_role",
        "is_coordinator",
        "is_police",
        "live_session",
        "looks_after",
        "managed_teams",
        "my_sessions",
        "open_session",
        "others_can_sign_in",
        "keeps_a_way_in",
        "practices",
        "principal",
        "readers",
        "readers_of",
        "records_orders",
        "refuse_sign_in",
        "release_identities",
        "session_id",
        "sessions_of",
        "signed_in_within",
        "spend",
        "teams",
        "touch_session",
        "user_id",
        "uses_provider",
    }
)

#: What signing in and out takes, on a connection of its own. No other role that signs in may call these.
CALLED_BY_SIGN_IN = frozenset(
    {
        *("accept_invite", "agency_inviting", "close_session", "end_provider_sessions", "open_session"),
        *("refuse_sign_in", "spend"),
    }
)

#: Functions that may read the audit trail and seal it.
AUDIT_FUNCTIONS = frozenset(
    {"audit_batches", "audit_end", "audit_state", "remove_searches", "seal_audit", "seal_lag", "stamp_audit"}
)

#: What those call.
CALLED_BY_AUDIT = frozenset({"audit_digest", "audit_header"})

#: Functions that the application calls, in statements or through policies.
CALLED_BY_APP = (
    CONTEXT_FUNCTIONS
    - CALLED_BY_SIGN_IN
    - {"live_session", "keeps_a_way_in", "others_can_sign_in", "practices", "readers_of", "uses_provider"}
) | {
    "alert_stands",
    "asked_for_word",
    "assessed_last",
    "causes_message",
    "children_invited_for",
    "cites_now",
    "documents_under_way",
    "enters_absence",
    "forever",
    "gives_away",
    "gives_word",
    "held_back",
    "held_work",
    *("hear_of_action", "hears_of_child", "hear_of_missing"),
    "holds_back",
    "hear_of_item",
    "hub",
    "invited_to",
    "is_asked",
    "answers_for_case",
    "chairs_on_case",
    "directs_action",
    "directs_meeting",
    "ended_case",
    "keeps_record",
    "is_open_to_me",
    "manages_lead",
    "may_disclose",
    "may_tell_of",
    "runs_as_named",
    "is_on_child",
    "is_personal_duty",
    "is_recorded",
    "is_recorded_of_item",
    "lead_to_ask",
    "may_be_given",
    "may_confirm_action",
    "may_cover",
    "may_lower_level",
    "may_see_to",
    "mentions",
    "may_read_closed",
    "my_copies",
    "my_invitations",
    "my_issues",
    "my_panel_papers",
    "my_panel_summaries",
    "next_panel",
    "next_place",
    "oldest_waiting_message",
    "owe_interview",
    "owe_no_interview",
    "owns_action",
    "panel_of",
    "reads_closed",
    "records_item",
    "records_meeting",
    "report_missing",
    "runs_meeting",
    "seal_lag",
    "sees_attachment",
    "sees_record",
    "reaches_all_of_meeting",
    "pass_if_sealed",
    "take_turn",
    "practice",
    "practises",
    "reaches_children_of",
    "triages",
    "unowned_on",
    "weigh_repeated",
    "weighty",
}

CALLED_BY_WORKER = frozenset(
    {
        *("audit_batches", "audit_end", "audit_state", "remove_searches", "seal_audit"),
        *("oldest_waiting_message", "seal_lag"),  # for metrics: an age each
        *("end_transition", "hub", "owe_transition", "practices", "reaches", "readers_of", "transitions"),
    }
)

#: What web processes from before portal_sign_in call, for some minutes after the upgrade.
WHILE_SWITCHING = Path(__file__).with_name("while_switching.sql")

GRANTS = Path(__file__).with_name("grants.sql")


def _grant(connection: Connection) -> None:
    connection.exec_driver_sql(
        "revoke all on all tables in schema public"
        " from portal_app, portal_sign_in, portal_documents, portal_worker, portal_ctx, portal_scope,"
        " portal_audit"
    )
    name = connection.scalar(text("select quote_ident(current_database())"))
    connection.exec_driver_sql(
        f"grant connect on database {name} to portal_app, portal_sign_in, portal_documents, portal_worker"
    )
    for statement in GRANTS.read_text("utf-8").split(";"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def _take_back(connection: Connection) -> None:
    """Reckon anew who reaches a child whom whoever recorded an episode may reach by an older rule."""
    connection.exec_driver_sql(
        "select ctx.rescope_child(child_id) from ("
        " select e.child_id from missing_episode e join child_scope s"
        " on s.child_id = e.child_id and s.sees = 1"
        " and s.reader = coalesce(e.recorded_team_id, ctx.practice('agency', e.recorded_agency_id::text))"
        " group by e.child_id order by e.child_id) older"
    )


def _hand_functions_over(connection: Connection) -> None:
    """Functions that read past the rules belong to roles that nobody can sign in as; few may call them."""
    for signature, name, definer in connection.execute(
        text(
            "select oid::regprocedure::text, proname, prosecdef from pg_proc"
            " where pronamespace = 'ctx'::regnamespace"
        )
    ).all():
        connection.exec_driver_sql(f"revoke all on function {signature} from public")
        if name in CALLED_BY_APP:
            connection.exec_driver_sql(f"grant execute on function {signature} to portal_app")
        if name in CALLED_BY_SIGN_IN:
            connection.exec_driver_sql(f"grant execute on function {signature} to portal_sign_in")
        if name in CALLED_BY_WORKER:
            connection.exec_driver_sql(f"grant execute on function {signature} to portal_worker")
        if name in CALLED_BY_AUDIT:
            connection.exec_driver_sql(f"grant execute on function {signature} to portal_audit")
        connection.exec_driver_sql(f"grant execute on function {signature} to portal_ctx, portal_scope")
        if definer:
            other = "portal_audit" if name in AUDIT_FUNCTIONS else "portal_scope"
            owner = "portal_ctx" if name in CONTEXT_FUNCTIONS else other
            connection.exec_driver_sql(f"alter function {signature} owner to {owner}")


def _list_transitions(connection: Connection) -> None:
    connection.exec_driver_sql("delete from state_transition")
    connection.execute(
        text("insert into state_transition (machine, before, after) values (:machine, :before, :after)"),
        [
            {"machine": machine, "before": move.origin, "after": move.target}
            for machine, moves in (
                ("referral", REFERRAL_MOVES),
                ("case", CASE_MOVES),
                ("assessment", ASSESSMENT_MOVES),
                ("safety_plan", SAFETY_PLAN_MOVES),
                ("attachment", ATTACHMENT_MOVES),
                ("meeting", MEETING_MOVES),
                ("message", MESSAGE_MOVES),
                ("plan", PLAN_MOVES),
                ("action", ACTION_MOVES),
                ("panel_item", PANEL_ITEM_MOVES),
            )
            for move in moves
        ],
    )
