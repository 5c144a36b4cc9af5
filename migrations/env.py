"""Runs migrations as the owner of the tables, then puts the access rules in place, in one transaction."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool, text

from portal import models  # noqa: F401 - fills the metadata
from portal.access import install
from portal.extensions import db

LOCK_TIMEOUT = "5s"  # a migration waits no longer for a lock than people wait for a page


def run() -> None:
    """Migrate to where Alembic was asked to, and leave the rules of that place behind."""
    url = current_app.config["DATABASE_OWNER_URL"]
    if not url:
        raise RuntimeError("DATABASE_OWNER_URL is missing: migrations run as portal_owner")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text("create schema if not exists ctx"))
        connection.execute(text("grant create on schema ctx to portal_ctx, portal_scope"))
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_schemas=True,
            include_name=lambda name, kind, _parents: kind != "schema" or name in {None, "ctx"},
            compare_type=True,
        )
        if not _moves():  # `check`, `current` and `revision` only look
            context.run_migrations()
            return
        install.uninstall(connection)
        context.run_migrations()
        _settle_rules(connection)


def _moves() -> bool:
    """Whether the command is an upgrade or a downgrade: only those have a destination."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def _settle_rules(connection) -> None:  # type: ignore[no-untyped-def] # Alembic loads this file outside the package
    """At the newest revision the rules stand as written; on the way down every table stays closed."""
    at = connection.execute(text("select to_regclass('alembic_version') is not null")).scalar_one()
    revision = connection.scalar(text("select version_num from alembic_version")) if at else None
    if revision is not None and revision == context.get_head_revision():
        install.install(connection)


run()
