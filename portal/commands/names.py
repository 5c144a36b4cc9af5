"""Makes anew what children are found by, after the partnership changed what it knows about names."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from portal.access import context
from portal.commands.needed import needs
from portal.records.children.recording import renew_name_keys

AT_ONCE = 500  # children; each batch is a transaction, and running it again goes over all of them


@click.command("name-keys")
@with_appcontext
def name_keys() -> None:
    """Make the keys of every child anew: run it after a change of names.toml. Prints how many changed."""
    needs("DATABASE_OWNER_URL")
    engine = create_engine(current_app.config["DATABASE_OWNER_URL"], poolclass=NullPool)
    changed, after, more = 0, None, True
    while more:
        with Session(engine, info={context.OWNERS: True}) as rows, rows.begin():
            some, after = renew_name_keys(rows, after, AT_ONCE)
        changed, more = changed + some, after is not None
    engine.dispose()
    click.echo(f"{changed} children are found by other keys now.")
