"""Counting what a page asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from portal.extensions import db


@contextmanager
def noted(app: Flask) -> Iterator[list[str]]:
    """Every statement that the application sends, in a list that grows."""
    with app.app_context():
        engine = db.engine
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def beside_the_context(statements: list[str]) -> list[str]:
    """Those that a page itself is answerable for: context, session and audit are counted apart."""
    apart = ("set_config", "ctx.", "audit_event", "SAVEPOINT")
    return [one for one in statements if not any(part in one for part in apart)]
