"""Counting what a page asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

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


def plan_in_order(rows: Session, statement: str, rival: str | None = None) -> str:
    """How the database would read a page in the order of an index, where the table were large.

    Args:
        statement: with literal values, and a limit.
        rival: an index of the same order over everybody's rows, which costs the same while the table is
            small: taken away within the test's own transaction, so that no statistics decide.
    """
    if rival:
        rows.execute(text(f"drop index {rival}"))
    rows.execute(text("set local enable_seqscan = off"))
    rows.execute(text("set local enable_bitmapscan = off"))
    rows.execute(text("set local enable_sort = off"))
    rows.execute(text("set local enable_incremental_sort = off"))
    plan = " ".join(rows.scalars(text(f"explain {statement}")).all())
    if rival:
        rows.rollback()
    return plan
