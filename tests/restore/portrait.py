"""What makes two databases the same portal, read from each and compared."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from portal.access.install import REFERENCE_TABLES
from tests.restore.dumping import Place

SCHEMAS = ["public", "ctx"]

_TABLES = """
  select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any(%s) and c.relkind = 'r' order by 1"""

#: Each question answers with one text a row. Nothing in them depends on numbers that a server gives out.
_CATALOGUE = {
    "row security": """
        select c.oid::regclass || ' on=' || c.relrowsecurity || ' forced=' || c.relforcerowsecurity
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any(%s) and c.relkind = 'r'""",
    "policies": """
        select concat_ws(' | ', schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check)
        from pg_policies where schemaname = any(%s)""",
    "functions": """
        select concat_ws(' | ', p.oid::regprocedure, pg_get_userbyid(p.proowner), p.prosecdef,
                         p.provolatile::text, p.proleakproof, p.proconfig, p.prosrc,
                         pg_get_function_sqlbody(p.oid))
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = any(%s)""",
    "owners": """
        select concat_ws(' ', c.oid::regclass, c.relkind::text, pg_get_userbyid(c.relowner))
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = any(%s)
        and c.relkind in ('r', 'S', 'v')""",
    "grants": """
        select concat_ws(' | ', 'table', c.oid::regclass, a.grantor::regrole, a.grantee::regrole,
                         a.privilege_type)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace,
             aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
        where n.nspname = any(%s) and c.relkind in ('r', 'S', 'v')""",
    "grants on columns": """
        select concat_ws(' | ', c.oid::regclass, t.attname, a.grantee::regrole, a.privilege_type)
        from pg_attribute t join pg_class c on c.oid = t.attrelid
             join pg_namespace n on n.oid = c.relnamespace, aclexplode(t.attacl) a
        where n.nspname = any(%s)""",
    "grants on functions": """
        select concat_ws(' | ', p.oid::regprocedure, a.grantee::regrole, a.privilege_type)
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
             aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where n.nspname = any(%s)""",
    "grants on schemas": """
        select concat_ws(' | ', n.nspname, pg_get_userbyid(n.nspowner), a.grantee::regrole, a.privilege_type)
        from pg_namespace n, aclexplode(n.nspacl) a where n.nspname = any(%s)""",
    "triggers": """
        select concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled::text)
        from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any(%s) and not t.tgisinternal""",
    "constraints": """
        select c.conrelid::regclass || ' ' || c.conname || ' ' || pg_get_constraintdef(c.oid)
        from pg_constraint c join pg_namespace n on n.oid = c.connamespace where n.nspname = any(%s)""",
    "indexes": "select indexdef from pg_indexes where schemaname = any(%s)",
    "columns": """
        select concat_ws(' | ', table_schema, table_name, column_name, data_type, is_nullable, column_default)
        from information_schema.columns where table_schema = any(%s)""",
}


@dataclass(frozen=True)
class Portrait:
    """Everything about a database that a restore has to bring back."""

    rows: dict[str, int]
    content: dict[str, str]  # a digest of every row of each table
    catalogue: dict[str, list[str]]
    seen: dict[str, dict[str, str]]  # what each person reads of each table, as a digest

    @property
    def unprotected(self) -> list[str]:
        """The portal's tables without row security that is forced on their owner too."""
        lines = (line.split() for line in self.catalogue["row security"])
        return [
            table
            for table, *said in lines
            if said != ["on=true", "forced=true"] and table not in REFERENCE_TABLES and "." not in table
        ]


def take(place: Place, tokens: dict[str, str]) -> Portrait:
    """Look at a database as its superuser, and as the person behind each session token."""
    with place.connect() as connection:
        tables = [str(row[0]) for row in connection.execute(_TABLES, [SCHEMAS])]
        content = {table: _digest(connection, table) for table in tables}
        catalogue = {
            what: sorted(str(row[0]) for row in connection.execute(question, [SCHEMAS]))
            for what, question in _CATALOGUE.items()
        }
    return Portrait(
        rows={table: int(found.split()[0]) for table, found in content.items()},
        content=content,
        catalogue=catalogue,
        seen={who: _seen_with(place, token, tables) for who, token in tokens.items()},
    )


def differences(before: Portrait, after: Portrait) -> list[str]:
    """What did not come back as it was, in words."""
    found = [
        f"{table}: {count} rows before, {after.rows.get(table, 'no table')} after"
        for table, count in before.rows.items()
        if after.rows.get(table) != count
    ]
    found += [f"{table}: its rows differ" for table in _unlike(before.content, after.content)]
    for what, lines in before.catalogue.items():
        changed = set(lines) ^ set(after.catalogue[what])
        found += [f"{what}: {line}" for line in sorted(changed)]
    for who, tables in before.seen.items():
        found += [f"{who} reads other rows of {table}" for table in _unlike(tables, after.seen[who])]
    return found


def _unlike(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name, value in before.items() if after.get(name) != value]


def _seen_with(place: Place, token: str, tables: list[str]) -> dict[str, str]:
    """What the application reads of each table while that person asks."""
    with place.connect("portal_app") as connection, connection.transaction():
        connection.execute("select set_config('portal.session', %s, true)", [token])
        return {table: _digest(connection, table) for table in tables if _may_read(connection, table)}


def _may_read(connection: psycopg.Connection, table: str) -> bool:
    question = """
        select has_schema_privilege(relnamespace, 'usage') and has_table_privilege(oid, 'select')
        from pg_class where oid = to_regclass(%s)"""
    row = connection.execute(question, [table]).fetchone()
    return bool(row and row[0])


def _digest(connection: psycopg.Connection, table: str) -> str:
    """How many rows there are for whoever asks, and a digest of them in an order of their own."""
    name = sql.SQL(".").join(sql.Identifier(part) for part in table.split("."))
    question = sql.SQL(
        "select count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') "
        "from {} t"
    )
    row: tuple[Any, ...] | None = connection.execute(question.format(name)).fetchone()
    assert row
    return str(row[0])
