"""Puts the access rules into the database, replacing whatever rules were there.

A noun's are in its folder, `portal/records/<noun>/rows.sql`; what all nouns share is in `rows/`. These files
are the one definition of who sees which row, and of what each role may touch and call. They are applied
again, whole, after every migration, in its transaction: there is no moment without them, and no older copy to
read by mistake.
"""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

from portal.access import own_names, predicates, upkeep
from portal.pathway.states import MOVES
from portal.registry import NOUNS

ROWS = Path(__file__).parent / "rows"
RECORDS = Path(__file__).parents[1] / "records"

#: What the nouns ask: who it is, and how far they reach. PostgreSQL checks a function when it is created, so
#: each file uses what those before it say.
FIRST = (
    *("schema", "context", "sessions", "sign_in", "scope", "around", "scope_upkeep", "giving_reach"),
    *("own_name", "states", "audit", "idempotency", "document_jobs"),
)
#: What asks the nouns: who sees a duty or a message follows from what it is about.
LAST = ("deadlines", "messages", "telling", "news")

#: Tables without a child in them, open to every role that has the grant.
REFERENCE_TABLES = frozenset({"alembic_version", "heartbeat", "state_transition"})

#: Roles that keep the rules themselves: what they may touch is limited by grants, not by rows.
KEEPERS = "portal_owner, portal_scope, portal_ctx, portal_audit"


def install(connection: Connection, *, switching: bool = False, reading: bool = False) -> None:
    """Replace every policy, function, trigger and grant by what the files of rules say.

    Runs as portal_owner, in the transaction of `connection`.

    Args:
        switching: web processes of a version before portal_sign_in may still run, for minutes.
        reading: likewise, of one that reads the words on missing episodes from their columns.
    """
    uninstall(connection)
    _protect(connection)
    _revoke(connection)
    for path in rule_files():
        connection.exec_driver_sql(rules_of(path).replace("%", "%%"))
    _take_back(connection)
    _give_to_front_doors(connection)
    _forget_joinings(connection)
    _close_with_linked(connection)
    own_names.install(connection)
    _hand_functions_over(connection)
    if reading:
        connection.exec_driver_sql(_READING.replace("%", "%%"))
    if switching:
        connection.exec_driver_sql(WHILE_SWITCHING.read_text(encoding="utf-8").replace("%", "%%"))
    _list_transitions(connection)
    upkeep.install(connection)


def rule_files() -> Iterator[Path]:
    """The files of rules in the order in which they are installed: a noun's after those of earlier nouns."""
    yield from (ROWS / f"{name}.sql" for name in FIRST)
    for noun in NOUNS:
        yield from sorted([*(RECORDS / noun).glob("rows.sql"), *(RECORDS / noun / "rows").glob("*.sql")])
    yield from (ROWS / f"{name}.sql" for name in LAST)


def rules_of(path: Path) -> str:
    """The SQL of a file of rules, its words written out.

    Raises:
        ValueError: a word has too few or too many arguments; the message names the file and the word.
    """
    return predicates.expand(path.read_text(encoding="utf-8"), named(path))


def named(path: Path) -> str:
    """What people call a file of rules: its noun, or its name in the shared folder."""
    return path.relative_to(RECORDS if path.is_relative_to(RECORDS) else ROWS).as_posix()


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
        "front_door_keys",
        "has_role",
        "is_coordinator",
        "is_council",
        "is_police",
        "live_session",
        "looks_after",
        "managed_teams",
        "my_sessions",
        "nobody_signs_in",
        "open_session",
        "others_can_sign_in",
        "keeps_a_way_in",
        "audience_keys",
        "principal",
        "readers",
        "readers_of",
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

#: Functions that may read the audit trail and seal it.
AUDIT_FUNCTIONS = frozenset(
    {"audit_batches", "audit_end", "audit_state", "remove_searches", "seal_audit", "seal_lag", "stamp_audit"}
)

#: The columns that only functions of the database read from now on (`records/missing/rows/held.sql`): without
#: them every page on a missing child of an older web process would be an error.
_READING = """
do $$
declare v_table text; v_columns text;
begin
    foreach v_table in array array['missing_episode', 'missing_enquiry', 'missing_change'] loop
        select string_agg(quote_ident(a.attname), ', ') into v_columns from pg_attribute a
         where a.attrelid = v_table::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> 'asked'
           and not has_column_privilege('portal_app', a.attrelid, a.attnum, 'select');
        execute format('grant select (%s) on %I to portal_app', v_columns, v_table);
    end loop;
end $$"""

#: What web processes from before portal_sign_in call, for some minutes after the upgrade.
WHILE_SWITCHING = Path(__file__).with_name("while_switching.sql")


def _revoke(connection: Connection) -> None:
    """Take every right on tables back: what a role has, the files of rules give it."""
    connection.exec_driver_sql(
        "revoke all on all tables in schema public"
        " from portal_app, portal_sign_in, portal_documents, portal_worker, portal_ctx, portal_scope,"
        " portal_audit"
    )
    name = connection.scalar(text("select quote_ident(current_database())"))
    connection.exec_driver_sql(
        f"grant connect on database {name} to portal_app, portal_sign_in, portal_documents, portal_worker"
    )


def _take_back(connection: Connection) -> None:
    """Reckon anew who reaches a child whom whoever recorded an episode may reach by an older rule."""
    connection.exec_driver_sql(
        "select ctx.rescope_child(child_id) from ("
        " select e.child_id from missing_episode e join child_scope s"
        " on s.child_id = e.child_id and s.sees = 1"
        " and s.reader = coalesce(e.recorded_team_id, ctx.audience_key('agency', e.recorded_agency_id::text))"
        " group by e.child_id order by e.child_id) older"
    )


def _give_to_front_doors(connection: Connection) -> None:
    """Reckon anew who reads of children whose authority nobody said, where an older rule kept it from
    front doors that were told.
    """
    connection.exec_driver_sql(
        "select ctx.rescope_child(child_id) from ("
        " select e.child_id from missing_episode e"
        " where (e.responsible_authority is null or e.host_authority is null)"
        " and not exists (select 1 from cre_case c where c.child_id = e.child_id and c.sensitivity > 0)"
        " and not exists (select 1 from missing_scope s where s.record_id = e.id"
        " and s.reader = ctx.audience_key('desk', 'front_door'))"
        " group by e.child_id order by e.child_id) older"
    )


def _forget_joinings(connection: Connection) -> None:
    """Reckon anew who knows a child by having come to work on a case, which an older rule gave for ever."""
    connection.exec_driver_sql(
        "select ctx.rescope_child(child_id) from ("
        " select c.child_id from disclosure_child c"
        " join disclosure d on d.id = c.disclosure_id and d.of_joining"
        " join child_scope s on s.child_id = c.child_id and s.sees = 1"
        " and s.reader in (d.receiver_id, d.receiver_team_id, d.receiver_agency_id)"
        " group by c.child_id order by c.child_id) older"
    )


def _close_with_linked(connection: Connection) -> None:
    """Reckon anew who reads a record without a case that is linked with a closely held one, and which forms
    that were matched to it are for those named on a sealed one: they were open.
    """
    connection.exec_driver_sql(
        "select ctx.rescope_child(child_id) from ("
        " select distinct k.child_id from cre_case c"
        " cross join lateral ctx.linked_records(c.child_id) k (child_id)"
        " where c.sensitivity > 0 and not exists (select 1 from cre_case o where o.child_id = k.child_id)"
        " order by k.child_id) older"
    )
    connection.exec_driver_sql(
        "select ctx.reseal(c.id, c.child_id, c.sensitivity) from cre_case c"
        " where c.sensitivity = 2 and exists (select from ctx.linked_records(c.child_id))"
    )


def _hand_functions_over(connection: Connection) -> None:
    """Functions that read past the rules belong to roles that nobody can sign in as.

    Those call each other's. A role that signs in calls what the files of rules grant it, and nothing else.
    """
    for signature, name, definer in connection.execute(
        text(
            "select oid::regprocedure::text, proname, prosecdef from pg_proc"
            " where pronamespace = 'ctx'::regnamespace"
        )
    ).all():
        connection.exec_driver_sql(f"revoke all on function {signature} from public")
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
            for machine, moves in MOVES.items()
            for move in moves
        ],
    )
