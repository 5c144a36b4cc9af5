"""Runs migrations as the owner of the tables, then puts the access rules in place, in one transaction.

What is found by keys of older rules gets new ones after it, batch by batch, and indexes that migrations name in
`CONCURRENTLY` are built, so that nobody who writes waits for them.
"""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, create_engine, pool, text

from portal import registry
from portal.access import install, upkeep
from portal.commands import keys
from portal.extensions import db

#: From this revision on, people sign in on a connection of its own.
SIGN_IN_APART = "16c2d6aa5608"
#: And from this, words on missing episodes come out of the database by functions alone.
WORDS_HELD_BACK = "55055f0cccfb"

registry.load_models()

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
        connection.execute(text("grant create on schema ctx to portal_ctx, portal_scope, portal_audit"))
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
        _refuse_without_roles(connection)
        before = _revision(connection)
        install.uninstall(connection)
        context.run_migrations()
        at_newest = _settle_rules(connection, before)
    if at_newest:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            upkeep.validate(connection)
            for kind in list(keys.of_older_rules(connection)):
                keys.renew(engine, kind)
            migrations = [one.module for one in context.script.walk_revisions()]
            upkeep.build(connection, upkeep.declared(migrations))
            upkeep.drop(connection, upkeep.replaced(migrations))


def _moves() -> bool:
    """Whether the command is an upgrade or a downgrade: only those have a destination."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def _refuse_without_roles(connection: Connection) -> None:
    """The rules name every role: one that a superuser has yet to make is said before anything is changed."""
    wanted = {
        "portal_app",
        "portal_sign_in",
        "portal_documents",
        "portal_worker",
        *install.KEEPERS.split(", "),
    }
    missing = wanted - set(connection.scalars(text("select rolname from pg_roles")))
    if missing:
        raise RuntimeError(
            f"no role {', '.join(sorted(missing))}: run portal/access/roles.sql as a superuser first"
        )


def _revision(connection: Connection) -> str | None:
    at = connection.execute(text("select to_regclass('alembic_version') is not null")).scalar_one()
    return connection.scalar(text("select version_num from alembic_version")) if at else None


def _settle_rules(connection: Connection, before: str | None) -> bool:
    """At the newest revision the rules stand as written; on the way down every table stays closed.

    Returns whether this is the newest.
    """
    revision = _revision(connection)
    at_newest = revision is not None and revision == context.get_head_revision()
    if at_newest:
        passed = _passed(before)
        install.install(
            connection,
            switching=before is not None and SIGN_IN_APART not in passed,
            reading=before is not None and WORDS_HELD_BACK not in passed,
        )
    return at_newest


def _passed(before: str | None) -> set[str]:
    """The revisions that stood before."""
    return {one.revision for one in context.script.iterate_revisions(before, "base")} if before else set()


run()
