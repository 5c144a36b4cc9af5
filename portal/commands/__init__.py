"""Flask commands."""

import logging
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import NullPool, create_engine

from portal.access import matrix, sealing
from portal.access.checkpoint import Checkpoints
from portal.commands import founding
from portal.commands.needed import needs
from portal.reminders import worker as clockwork
from portal.web import assets as builder
from portal.web import proxy_pages

ONCE_A_DAY = 24 * 60 * 60  # seconds

audit = AppGroup("audit", help="The audit trail.")


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.add_command(assets)
    app.cli.add_command(error_pages)
    app.cli.add_command(worker)
    app.cli.add_command(audit)
    app.cli.add_command(roles)
    app.cli.add_command(founding.found)
    app.cli.add_command(founding.invite)


@click.command()
def assets() -> None:
    """Build style sheets and scripts into portal/static/build."""
    builder.build()


@click.command("error-pages")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def error_pages(folder: Path) -> None:
    """Write the pages that the proxy shows by itself into FOLDER: again after each change of policy."""
    for page in proxy_pages.write(folder):
        click.echo(page)


@click.command()
def roles() -> None:
    """Write the table of roles and permissions that README.md holds."""
    click.echo(matrix.markdown(), nl=False)


@click.command()
def worker() -> None:
    """Do what is done by the clock, until stopped. Any number may run beside each other."""
    needs("SECRET_KEY", "PORTAL_ADDRESS", "DATABASE_WORKER_URL")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    ticks: tuple[clockwork.AnyTick, ...] = (*clockwork.TICKS, *clockwork.mail_ticks(current_app.config))
    if notes := _checkpoints():
        ticks = (*ticks, clockwork.Tick("note where the audit trail stands", ONCE_A_DAY, notes.write))
    clockwork.run(_worker_url(), ticks)


@audit.command()
def verify() -> None:
    """Say whether the audit trail is as it was sealed."""
    engine = create_engine(_worker_url(), poolclass=NullPool)
    with engine.connect() as connection:
        broken = sealing.first_broken(connection)
        notes = _checkpoints()
        untrue = notes.first_broken(connection) if notes else None
    if broken is not None:
        raise click.ClickException(f"Batch {broken} of the audit trail is not as it was sealed.")
    if notes and untrue is not None:
        raise click.ClickException(f"The audit trail is not as line {untrue} of {notes.path} says it was.")
    click.echo("The audit trail is as it was sealed.")


def _checkpoints() -> Checkpoints | None:
    path = current_app.config["AUDIT_CHECKPOINTS"]
    return Checkpoints(Path(path), current_app.config["AUDIT_CHECKPOINT_KEY"]) if path else None


def _worker_url() -> str:
    needs("DATABASE_WORKER_URL")
    return str(current_app.config["DATABASE_WORKER_URL"])
