"""Whether everybody who must be told can be, and every child be found: asked before a deployment opens."""

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import NullPool, create_engine

from portal.commands.keys import KEYS, of_older_rules
from portal.policy import current_policy
from portal.records.people import desks


@click.command()
@with_appcontext
def ready() -> None:
    """Say whom what is urgent would not reach, and whom a search would miss. Run it before the portal opens.

    Ends with status 1 when there is anybody: an administrator names the desk, or the policy a number, and
    `name-keys` makes the keys of the search anew. Only the owner of the tables knows how they were made.
    """
    found = [f"{gap.whose} {gap.words}." for gap in desks.gaps(current_policy())]
    found += _keys_of_older_rules()
    for gap in found:
        click.echo(gap)
    if found:
        raise SystemExit(1)
    click.echo("Everybody who must be told has a desk, and somebody who answers at night.")


def _keys_of_older_rules() -> Iterator[str]:
    address = current_app.config.get("DATABASE_OWNER_URL")
    if not address:
        click.echo("Without DATABASE_OWNER_URL nobody knows by which rules the keys of the search were made.")
        return
    engine = create_engine(address, poolclass=NullPool)
    with engine.connect() as connection:
        for kind in of_older_rules(connection):
            yield f"The keys of {KEYS[kind].called} were made by other rules than today’s: run name-keys."
    engine.dispose()
