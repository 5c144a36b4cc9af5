"""One head, up and down with data, and tables that equal the models."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, create_engine, text

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
