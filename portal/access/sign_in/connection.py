"""The connection of signing in: a role that calls a few functions of the database and reads nothing.

What serves pages cannot open a session, whatever statement is run as it. What signs people in commits by
itself, before the request does: a session and its row on the audit trail stand or fall together.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, create_engine

_EXTENSION = "sign_in_engine"


@contextmanager
def signing_in() -> Iterator[Connection]:
    """One transaction as portal_sign_in, committed at the end.

    Raises:
        RuntimeError: DATABASE_SIGN_IN_URL is missing.
    """
    with _engine(current_app.extensions, current_app.config).begin() as connection:
        yield connection


def dispose(app: Flask) -> None:
    """Close the connection, if there is one."""
    if engine := app.extensions.pop(_EXTENSION, None):
        engine.dispose()


def _engine(extensions: dict[str, Any], config: dict[str, Any]) -> Engine:
    """Made when somebody first signs in, in the process in which they do: processes that fork share none."""
    if _EXTENSION not in extensions:
        if not config["DATABASE_SIGN_IN_URL"]:
            raise RuntimeError("DATABASE_SIGN_IN_URL is missing: people sign in as portal_sign_in")
        options = config["SQLALCHEMY_ENGINE_OPTIONS"] | {"pool_size": 1}
        extensions[_EXTENSION] = create_engine(config["DATABASE_SIGN_IN_URL"], **options)
    engine: Engine = extensions[_EXTENSION]
    return engine
