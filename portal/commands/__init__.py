"""Flask commands."""

import logging

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import NullPool, create_engine

from portal.access import matrix, sealing
from portal.commands import founding
from portal.reminders import worker as clockwork
from portal.web import assets as builder

audit = AppGroup("audit", help="The audit trail.")


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.add_command(assets)
    app.cli.add_command(worker)
    app.cli.add_command(audit)
    app.cli.add_command(roles)
    app.cli.add_command(founding.found)
    app.cli.add_command(founding.invite)


@click.command()
def assets() -> None:
    """Build style sheets and scripts into portal/static/build."""
    builder.build()


@click.command()
def roles() -> None:
    """Write the table of roles and permissions that README.md holds."""
    click.echo(matrix.markdown(), nl=False)


@click.command()
def worker() -> None:
    """Do what is done by the clock, until stopped. Any number may run beside each other."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    clockwork.run(_worker_url())


@audit.command()
def verify() -> None:
    """Say whether the audit trail is as it was sealed."""
    engine = create_engine(_worker_url(), poolclass=NullPool)
    with engine.connect() as connection:
        broken = sealing.first_broken(connection)
    if broken is not None:
        raise click.ClickException(f"Batch {broken} of the audit trail is not as it was sealed.")
    click.echo("The audit trail is as it was sealed.")


def _worker_url() -> str:
    url = current_app.config["DATABASE_WORKER_URL"]
    if not url:
        raise click.ClickException("DATABASE_WORKER_URL is missing: this runs as portal_worker.")
    return str(url)
