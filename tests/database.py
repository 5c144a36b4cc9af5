"""The test database: a temporary server for every process, a copy of one, emptied between tests."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from config import settings
from portal import create_app, registry
from portal.access import principal
from portal.demo import postgres
from portal.extensions import db
from tests import prepared

registry.load_models()  # a test may write rows without an application

NAME = "portal_test"
#: A server whose clock was put on (`tests/another_day.py`) never learns that it waited long enough to send a
#: vacuum away that stands in a migration's way.
_ON_ANOTHER_DAY = {"autovacuum": "off"} if "FAKETIME" in os.environ else {}
#: What migrations fill.
KEPT = {"alembic_version", "state_transition", "audit_chain", "search_key_rules"}


def configuration(server: postgres.Server, **changes: Any) -> dict[str, Any]:
    """The settings of a deployment whose database is `server`, in test mode."""
    found = settings.from_environment(
        {
            "PORTAL_MODE": "test",
            "SECRET_KEY": "for tests only, and long enough to be one",
            "DATABASE_URL": server.url("portal_app", NAME),
            "DATABASE_OWNER_URL": server.url("portal_owner", NAME),
            "DATABASE_SIGN_IN_URL": server.url("portal_sign_in", NAME),
            "DATABASE_WORKER_URL": server.url("portal_worker", NAME),
            "DATABASE_DOCUMENTS_URL": server.url("portal_documents", NAME),
            "SEARCH_HASH_KEY": "what searches are compared by in tests",
        }
    )
    return found | {"TESTING": True, "SERVER_NAME": None} | changes


@contextmanager
def running_server(directory: Path, more: Mapping[str, str] | None = None) -> Iterator[postgres.Server]:
    """A server with a migrated test database, gone afterwards."""
    prepared.copy_to(directory, migrate)
    with postgres.start(directory, durable=False, more={**_ON_ANOTHER_DAY, **(more or {})}) as server:
        yield server


def migrate(server: postgres.Server) -> None:
    """Make the test database on a new server, with every table and rule."""
    server.create_database(NAME)
    app = create_app(configuration(server))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    _let_owner_empty(server)


def _let_owner_empty(server: postgres.Server) -> None:
    engine = create_engine(server.url(postgres.SUPERUSER, NAME))
    with engine.begin() as connection:
        connection.exec_driver_sql("grant set on parameter session_replication_role to portal_owner")
    engine.dispose()
    engine = owner_engine(server)
    add_emptying(engine)
    engine.dispose()


def add_emptying(engine: Engine) -> None:
    """Add the function by which `empty` takes every row away, without asking what could refer to it.

    A person alone is named in a hundred places. Which tables hold something is asked of all of them in one
    statement, planned once for a connection, and those alone are emptied: a fraction of a millisecond, where
    a `delete` from each takes several and truncating them a quarter second. It is called on a connection
    that is a replica's from its beginning (`unasked`): whoever becomes one for a statement plans all anew.

    Args:
        engine: as the owner of the tables, who may set `session_replication_role`.
    """
    names = [table.fullname for table in db.metadata.tables.values() if table.name not in KEPT]
    asked = ", ".join(f"exists (select from {name})" for name in names)
    body = "".join(
        f"    if held[{at}] then delete from {name}; end if;\n"  # noqa: S608 - names of our own models
        for at, name in enumerate(names, 1)
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema emptying")
        connection.exec_driver_sql(
            "create function emptying.everything() returns void language plpgsql as $$"  # noqa: S608 - likewise
            f" declare held boolean[] := array[{asked}]; begin\n{body}"
            "    update public.audit_chain set number = 0, digest = '' where number > 0;\nend $$"
        )
        connection.exec_driver_sql(_KEEPING)
        connection.exec_driver_sql("revoke all on all functions in schema emptying from public")


#: What most tests begin with is put back as it was: `keep` copies each table that holds something, and makes
#: of the copies the function `put_back`, under which no trigger asks again what it asked the first time.
_KEEPING = """
create function emptying.keep() returns void language plpgsql as $$
declare
    kept record;
    held boolean;
    body text := 'begin ';
begin
    for kept in select quote_ident(tablename) as name from pg_tables
                 where schemaname = 'public' and tablename <> all ('{filled}') loop
        execute 'select exists (select from public.' || kept.name || ')' into held;
        if held then
            execute 'create table emptying.' || kept.name || ' as table public.' || kept.name;
            body := body || 'insert into public.' || kept.name || ' table emptying.' || kept.name || '; ';
        end if;
    end loop;
    execute 'create function emptying.put_back() returns void language plpgsql as '
        || quote_literal(body || 'end');
    revoke all on function emptying.put_back() from public;
end $$
""".replace("{filled}", "{" + ",".join(sorted(KEPT)) + "}")


def take_emptying_away(engine: Engine) -> None:
    """Leave the database as a deployment has it."""
    with engine.begin() as connection:
        connection.exec_driver_sql("drop schema emptying cascade")


def owner_engine(server: postgres.Server) -> Engine:
    """For factories and for looking at what is really there: every row, as the owner of the tables."""
    return create_engine(server.url("portal_owner", NAME))


def empty(engine: Engine) -> None:
    """Take every row away."""
    with unasked(engine).begin() as connection:
        connection.exec_driver_sql("select emptying.everything()")


def put_back(engine: Engine) -> None:
    """Write again, into an empty database, what `emptying.keep` kept of it."""
    with unasked(engine).begin() as connection:
        connection.exec_driver_sql("select emptying.put_back()")


@cache
def unasked(engine: Engine) -> Engine:
    """Connections of the same role on which no trigger asks anything."""
    beside = create_engine(engine.url, connect_args={"options": "-c session_replication_role=replica"})
    event.listen(engine, "engine_disposed", lambda _engine: beside.dispose())
    return beside


def owner_session(engine: Engine) -> Session:
    """A session of the owner's, for factories."""
    return Session(engine, expire_on_commit=False, info={principal.OWNERS: True})
