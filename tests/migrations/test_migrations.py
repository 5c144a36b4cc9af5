"""One head, up and down with data, and tables that equal the models."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, NullPool, TextClause, create_engine, text
from sqlalchemy.exc import DBAPIError

from portal import create_app
from portal.demo import postgres
from portal.extensions import db
from tests import database

BASE = "base"


@pytest.fixture
def other(server: postgres.Server) -> Flask:
    """An application over an empty database of its own."""
    name = "portal_migrations"
    if not server.has_database(name):
        server.create_database(name)
    return create_app(
        database.configuration(
            server,
            SQLALCHEMY_DATABASE_URI=server.url("portal_app", name),
            DATABASE_OWNER_URL=server.url("portal_owner", name),
        )
    )


def policies(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("select count(*) from pg_policies")) or 0)


def test_there_is_one_head() -> None:
    script = ScriptDirectory(str(Path(__file__).parents[2] / "migrations"))
    assert len(script.get_heads()) == 1, "merge the heads: two people migrated from the same revision"


def test_migrations_go_up_down_and_up_again_and_keep_the_rules(other: Flask) -> None:
    engine = create_engine(other.config["DATABASE_OWNER_URL"])
    with other.app_context():
        upgrade()
        rules = policies(engine)
        assert rules > 100, "a migrated database has its row policies"
        with engine.begin() as connection:
            connection.execute(
                text(
                    "insert into agency (id, code, name, sector, districts, active) values"
                    " ('00000000-0000-0000-0000-00000000000a', 'a', 'An agency', 'police', '{}', true)"
                )
            )
        downgrade(revision=BASE)
        assert policies(engine) == 0
        upgrade()
        assert policies(engine) == rules
        db.engine.dispose()
    engine.dispose()


def test_the_tables_equal_the_models(owner: Engine) -> None:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "schema" or name in {None, "ctx"}

    with owner.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_schemas": True, "include_name": ours, "compare_type": True}
        )
        difference = compare_metadata(context, db.metadata)
    assert not difference, f"write a migration for {difference}"


def test_old_web_processes_sign_people_in_while_new_ones_take_over(
    other: Flask, server: postgres.Server
) -> None:
    """The version before portal_sign_in calls these as portal_app, for as long as a switch takes."""
    call = text("select ctx.spend(cast('x' as bytea), now() + interval '1 hour')")
    old_web = create_engine(server.url("portal_app", "portal_migrations"), poolclass=NullPool)

    def refused() -> str:
        with old_web.connect() as connection, pytest.raises(DBAPIError) as caught:
            connection.execute(call)
        return str(caught.value)

    with other.app_context():
        downgrade(revision=BASE)
        upgrade(revision="0023")
        upgrade()
        with old_web.begin() as connection:
            assert connection.scalar(call) is True
            opened = "select ctx.open_session(gen_random_uuid(), sha256('x'), 'x', 'x', null, 'x', 1, 1)"
            assert connection.scalar(text(opened)) is None, "nobody is bound to this identity"
        assert "restart it" in refused_later(other, old_web, call)
        upgrade()
        assert "does not exist" in refused()
        db.engine.dispose()


def refused_later(other: Flask, old_web: Engine, call: TextClause) -> str:
    """What an old web process is told a quarter of an hour after the upgrade."""
    owner = create_engine(other.config["DATABASE_OWNER_URL"], poolclass=NullPool)
    with owner.begin() as connection:
        found = connection.scalar(
            text("select prosrc from pg_proc where oid = 'ctx.still_switching()'::regprocedure")
        )
        until = re.search(r"'(\d[^']+)'::timestamptz", str(found))
        assert until, "it ends at a moment that stands in it"
        left = connection.scalar(text("select cast(:until as timestamptz) - now()"), {"until": until[1]})
        assert timedelta(minutes=14) < left <= timedelta(minutes=15)
        over = str(found).replace(until[1], "2026-01-01")
        connection.exec_driver_sql(
            "create or replace function ctx.still_switching() returns void language plpgsql volatile"
            f" set search_path = pg_catalog, public, pg_temp as $${over}$$"
        )
    with old_web.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(call)
    return str(caught.value)
