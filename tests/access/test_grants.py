"""Every right of every database role is on a list that people review, and no function forges anybody."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.orm import Session

from portal.demo import postgres
from tests import database, lists
from tests.access import forging, grants
from tests.access.scene import make_scene
from tests.cast import Cast
from tests.factories.people import open_session
from tests.structure.source import ROOT

GRANTS = grants.read()
ROLES = (
    "portal_app",
    "portal_sign_in",
    "portal_worker",
    "portal_documents",
    "portal_ctx",
    "portal_scope",
    "portal_audit",
    "portal_backup",
)
#: Roles as which nobody signs in: they own the rules, and call each other's functions.
KEEPERS = {"portal_ctx", "portal_scope", "portal_audit"}
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

_TABLES = """
select case n.nspname when 'public' then t.relname else n.nspname || '.' || t.relname end, verb,
       case when not has_table_privilege(%(role)s, t.oid, verb) then
            array(select a.attname::text from pg_attribute a
                   where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
                     and verb in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                     and has_column_privilege(%(role)s, t.oid, a.attnum, verb) order by a.attnum) end
  from pg_class t join pg_namespace n on n.oid = t.relnamespace cross join unnest(%(verbs)s::text[]) verb
 where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%%'
   and t.relkind in ('r', 'v', 'm', 'S', 'p', 'f')
"""
_FUNCTIONS = """
select case n.nspname when 'ctx' then '' else n.nspname || '.' end
       || substring(p.oid::regprocedure::text from '[^.]*$')
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname not in ('pg_catalog', 'information_schema') and has_function_privilege(%s, p.oid, 'execute')
"""


@pytest.fixture
def superuser(server: postgres.Server, app: object) -> Iterator[forging.Link]:
    """A superuser's connection, while there is a role for backups."""
    address = server.url(postgres.SUPERUSER, database.NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as link:
        link.execute((ROOT / "docs" / "deploy" / "backup-role.sql").read_bytes())
        yield link
        link.execute("drop owned by portal_backup")
        link.execute("drop role portal_backup")


def held(link: forging.Link, role: str) -> set[str]:
    """What a role may do, a line for each table and each function, as the list writes it."""
    verbs: dict[str, list[str]] = defaultdict(list)
    asked = {"role": role, "verbs": list(VERBS)}
    found = link.execute(_TABLES.encode(), asked).fetchall()
    for table, verb, columns in sorted(found, key=lambda row: (row[0], VERBS.index(row[1]))):
        if columns is None:
            verbs[table].append(verb.lower())
        elif columns:
            verbs[table].append(f"{verb.lower()} of {', '.join(columns)}")
    lines = {f"{table}: {'; '.join(said)}" for table, said in verbs.items()}
    return lines | {f"{name}" for (name,) in link.execute(_FUNCTIONS.encode(), [role])}


def listed(role: str) -> set[str]:
    """What the list says that a role may do."""
    return {line for grant in GRANTS if grant.role == role for line in (*grant.tables, *grant.functions)}


def test_every_entry_of_the_list_says_why() -> None:
    assert len(GRANTS) > 80
    assert all(len(grant.reason) > 20 and grant.role in ROLES for grant in GRANTS)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('tables = ["cre_case: select", "cre_case: insert"]', "portal_app has cre_case twice"),
        ('tables = ["child: select"]', "child is given by the rules of children"),
        ('tables = ["deadline: select"]', "deadline is given by the rules of no noun"),
        ('functions = ["unowned_on(uuid)"]', "unowned_on"),
    ],
)
def test_a_file_of_the_list_says_once_what_its_own_noun_gives(
    monkeypatch: pytest.MonkeyPatch, line: str, fault: str
) -> None:
    said = tomllib.loads(f'[[grant]]\nrole = "portal_app"\nreason = "tried"\n{line}')
    monkeypatch.setattr(grants, "parts", lambda _file: [(Path("grants.toml"), "cases", said)])
    with pytest.raises(ValueError, match=fault):
        grants.read()


def test_a_list_in_a_folder_of_no_noun_is_not_left_unread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "access").mkdir()
    (tmp_path / "case").mkdir()
    for folder in ("access", "case"):
        (tmp_path / folder / "grants.toml").touch()
    monkeypatch.setattr(lists, "TESTS", tmp_path)
    with pytest.raises(ValueError, match="the folder of no noun"):
        list(lists.parts(tmp_path / "access" / "grants.toml"))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_list_says_and_nothing_else(superuser: forging.Link, role: str) -> None:
    may, should = held(superuser, role), listed(role)
    if "*" in should:
        assert role in KEEPERS, "every function of a role that signs in is on the list"
        may, should = {one for one in may if ": " in one}, should - {"*"}
    elif role == "portal_backup":
        assert may
        assert {line.partition(": ")[2] for line in may} == {"select"}, "a backup reads, and writes nothing"
        return
    assert may == should, (
        f"{role} may do what no `grants.toml` says: {sorted(may - should)};"
        f" the list says what it may not: {sorted(should - may)}. Add the lines, or mend the grant"
    )


def test_no_role_has_more_than_its_rights_on_tables_and_functions(superuser: forging.Link) -> None:
    held = superuser.execute(
        "select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
        " from pg_roles where rolname like 'portal%' and rolname <> 'portal_owner' order by 1"
    ).fetchall()
    assert {name: facts for name, *facts in held} == {
        role: [role not in KEEPERS, False, role == "portal_backup", False, False, False] for role in ROLES
    }
    member = superuser.execute(
        "select m.rolname, g.rolname from pg_auth_members a join pg_roles m on m.oid = a.member"
        " join pg_roles g on g.oid = a.roleid where m.rolname like 'portal%' order by 1, 2"
    ).fetchall()
    assert member == [
        ("portal_backup", "pg_read_all_data"),
        ("portal_owner", "portal_audit"),
        ("portal_owner", "portal_ctx"),
        ("portal_owner", "portal_scope"),
    ]
    for role in ROLES:
        creates = superuser.execute(
            "select n.nspname from pg_namespace n where has_schema_privilege(%s, n.oid, 'create')", [role]
        ).fetchall()
        assert creates == ([("ctx",)] if role in KEEPERS else []), f"{role} creates in {creates}"
        temporary = superuser.execute(
            "select has_database_privilege(%s, current_database(), 'temp, create')", [role]
        ).fetchone()
        assert temporary == (False,), "a table of one's own could stand in front of the portal's"
    large = superuser.execute(
        "select p.proname from pg_proc p where p.proname ~ '^lo(_|read$|write$)'"
        " and has_function_privilege('public', p.oid, 'execute')"
    ).fetchall()
    assert large == [], "a large object is under no row policy"
    writes = superuser.execute(
        "select p.proname from pg_proc p where p.pronamespace = 'ctx'::regnamespace"
        " and has_function_privilege('public', p.oid, 'execute')"
    ).fetchall()
    assert writes == [], "nobody is given a function by being there"


@pytest.fixture
def connect(server: postgres.Server) -> forging.Connect:
    def connected(role: str) -> forging.Link:
        return psycopg.connect(server.url(role, database.NAME).replace("+psycopg", ""))

    return connected


def test_no_function_makes_somebody_of_nobody_or_tells_what_is_not_theirs(
    rows: Session, cast: Cast, superuser: forging.Link, connect: forging.Connect
) -> None:
    make_scene(rows, cast)
    open_session(rows, cast.administrator.id)
    open_session(rows, cast.coordinator.id)
    known = forging.known_of(superuser)
    stranger = open_session(rows, cast.stranger.id)
    assert len(known.identifiers) > 40, "there is little to guess at"
    found = forging.forged_rows(connect, known, tokens=("", stranger))
    assert len(found.functions) > 80
    assert found.calls > 1000
    by_function = sorted({re.sub(r" of \(.*?\) ", " ", fault)[:160] for fault in found.faults})
    assert not by_function, "\n".join([*by_function[:60], f"{len(found.faults)} in all"])


def test_with_no_session_the_application_reads_only_where_people_can_sign_in(
    rows: Session, cast: Cast, connect: forging.Connect
) -> None:
    make_scene(rows, cast)
    with connect("portal_app") as link:
        read = {table for table, count in forging.readable(link).items() if count}
    assert read <= {"agency", "agency_provider", "identity_provider", "team"}


def test_a_function_that_forges_is_found(
    rows: Session, cast: Cast, superuser: forging.Link, connect: forging.Connect
) -> None:
    """The one that the attack used, given back to the application."""
    open_session(rows, cast.officer.id)
    superuser.execute(
        "create function ctx.forge(p_user uuid) returns void language sql security definer"
        " set search_path = pg_catalog, public, pg_temp as $$"
        " insert into ctx.session (id, user_id, token_hash, issuer, device, opened_at, last_seen_at,"
        " idle_seconds, ends_at) select gen_random_uuid(), p_user, sha256('forged'), 'x', 'x', now(), now(),"
        " 60, now() + interval '1 hour' where p_user in (select id from public.app_user limit 1);"
        " select set_config('portal.session', 'forged', true) $$"
    )
    superuser.execute("grant execute on function ctx.forge(uuid) to portal_app")
    try:
        found = forging.forged_rows(connect, forging.known_of(superuser))
    finally:
        superuser.execute(sql.SQL("drop function ctx.forge(uuid)"))
    assert any("forge(uuid)" in fault and "changes" in fault for fault in found.faults)
    assert any("forge(uuid)" in fault and "becomes somebody" in fault for fault in found.faults)
