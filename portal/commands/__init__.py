"""Flask commands."""

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from portal.access import permissions
from portal.commands import audit, bootstrap, keys, policy
from portal.commands.needed import needs, worker_url
from portal.documents import jobs as document_jobs
from portal.reminders import measures
from portal.reminders import worker as clockwork
from portal.web import assets as builder
from portal.web import errors


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.add_command(assets)
    app.cli.add_command(error_pages)
    app.cli.add_command(worker)
    app.cli.add_command(documents)
    app.cli.add_command(policy.certificates)
    app.cli.add_command(keys.name_keys)
    app.cli.add_command(policy.policy_check)
    app.cli.add_command(audit.audit)
    app.cli.add_command(bootstrap.ready)
    app.cli.add_command(roles)
    app.cli.add_command(bootstrap.found)
    app.cli.add_command(bootstrap.invite)


@click.command()
def assets() -> None:
    """Build style sheets and scripts into portal/static/build."""
    builder.build()


@click.command("error-pages")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def error_pages(folder: Path) -> None:
    """Write the pages that the proxy shows by itself into FOLDER: again after each change of policy."""
    for page in errors.write(folder):
        click.echo(page)


@click.command()
def roles() -> None:
    """Write the table of roles and permissions that docs/who-may-do-what.md holds."""
    click.echo(permissions.markdown(), nl=False)


@click.command()
def worker() -> None:
    """Do what is done by the clock, until stopped. Any number may run beside each other."""
    needs("SECRET_KEY", "PORTAL_ADDRESS", "DATABASE_WORKER_URL")
    ticks: tuple[clockwork.AnyTick, ...] = (
        *clockwork.TICKS,
        clockwork.checkpoint_tick(audit.checkpoints()),
        *clockwork.mail_ticks(current_app.config),
    )
    if address := current_app.config["METRICS_BIND"]:
        measures.serve(clockwork.connect(worker_url()), address)
    clockwork.run(worker_url(), ticks)


@click.command()
def documents() -> None:
    """Make long documents beside the pages, until stopped. Any number may run beside each other."""
    needs("DATABASE_DOCUMENTS_URL")
    document_jobs.run(str(current_app.config["DATABASE_DOCUMENTS_URL"]))
