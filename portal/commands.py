"""Flask commands."""

import click
from flask import Flask
from flask.cli import AppGroup

from portal.web import assets as builder

people = AppGroup("people", help="People who use the portal.")


def init_app(app: Flask) -> None:
    """Add the commands to `app`."""
    app.cli.add_command(assets)


@click.command()
def assets() -> None:
    """Build style sheets and scripts into portal/static/build."""
    builder.build()
