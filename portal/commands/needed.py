"""Settings that a command cannot do without: the application itself starts without them for a command."""

import click
from flask import current_app

_ROLES = {
    "DATABASE_DOCUMENTS_URL": "portal_documents",
    "DATABASE_OWNER_URL": "portal_owner",
    "DATABASE_WORKER_URL": "portal_worker",
}


def needs(*names: str) -> None:
    """Go on only if each of these settings is there.

    Raises:
        click.ClickException: names the first that is missing, and what it is for.
    """
    not_set: frozenset[str] = current_app.config.get("NOT_SET", frozenset())
    for name in names:
        if name in not_set or not current_app.config.get(name, name not in _ROLES):
            role = _ROLES.get(name)
            what = f"this runs as {role}" if role else "docs/deploy.md says what it is"
            raise click.ClickException(f"{name} is missing: {what}.")


def worker_url() -> str:
    """The database as portal_worker.

    Raises:
        click.ClickException: this process was not told.
    """
    needs("DATABASE_WORKER_URL")
    return str(current_app.config["DATABASE_WORKER_URL"])
