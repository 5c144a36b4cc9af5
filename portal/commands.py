"""Flask commands."""

import logging

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from portal.reminders import worker as clockwork
from portal.web import assets as builder

people = AppGroup("people", help="People who use the portal.")


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.add_command(assets)
    app.cli.add_command(worker)


@click.command()
def assets() -> None:
    """Build style sheets and scripts into portal/static/build."""
    builder.build()


@click.command()
def worker() -> None:
    """Do what is done by the clock, until stopped. Any number may run beside each other."""
    url = current_app.config["DATABASE_WORKER_URL"]
    if not url:
        raise click.ClickException("DATABASE_WORKER_URL is missing: the worker signs in as portal_worker.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    clockwork.run(url)
