"""Bare extension objects. Bound to an application by `create_app`; imports nothing of ours."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from click import Command
from flask import Flask, g
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy import ARRAY, DateTime, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, registry
from werkzeug.local import LocalProxy

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table.

    Codes are text, moments are aware, and the database never fills a value in: an
    INSERT … RETURNING would need the row to pass the SELECT policy, which depends on
    rows that a trigger writes after it.
    """

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            str: Text,
            datetime: DateTime(timezone=True),
            UUID: Uuid,
            list[str]: ARRAY(Text),
            list[UUID]: ARRAY(Uuid),
            dict[str, Any]: JSONB,
        },
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - read by SQLAlchemy from the class


class FormProtection(CSRFProtect):  # type: ignore[misc]  # Flask-WTF has no types
    """Flask-WTF's, but a form whose token is not good is taken where `excused` says so."""

    def __init__(self) -> None:
        super().__init__()
        self.excused: Callable[[], bool] = lambda: False

    def protect(self, apply_exemptions: bool = False) -> None:
        """Raise CSRFError for a form that is not to be taken."""
        try:
            super().protect(apply_exemptions=apply_exemptions)
        except CSRFError:
            if not self.excused():
                raise
            g.csrf_valid = True  # as Flask-WTF notes it for the form of the view


db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()
csrf = FormProtection()


def init_app(app: Flask) -> None:
    """Bind every extension to `app`."""
    db.init_app(app)
    # Alembic is a tenth of what a process of the portal would hold, and only `flask db` uses it.
    app.extensions["migrate"] = LocalProxy(partial(_migrations, app))
    app.cli.add_command(cast(Command, LocalProxy(_migration_commands)), "db")
    login_manager.init_app(app)
    csrf.init_app(app)


def _migrations(app: Flask) -> Any:
    from flask_migrate import Migrate  # noqa: PLC0415 - see where it is asked for

    Migrate().init_app(app, db, directory="migrations", compare_type=True)
    return app.extensions["migrate"]


def _migration_commands() -> Any:
    from flask_migrate.cli import db as commands  # noqa: PLC0415 - likewise

    return commands
