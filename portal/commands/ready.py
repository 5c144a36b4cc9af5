"""Whether everybody who must be told can be: asked before a deployment opens."""

import click
from flask.cli import with_appcontext

from portal.policy import current_policy
from portal.records.people import desks


@click.command()
@with_appcontext
def ready() -> None:
    """Say whom what is urgent would not reach. Run it before the portal opens to people.

    Ends with status 1 when there is anybody: an administrator names the desk, or the policy a number.
    """
    found = desks.gaps(current_policy())
    for gap in found:
        click.echo(f"{gap.whose} {gap.words}.")
    if found:
        raise SystemExit(1)
    click.echo("Everybody who must be told has a desk, and somebody who answers at night.")
