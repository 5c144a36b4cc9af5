"""A connection that died while nobody used it is replaced without anyone noticing."""

import pytest
from flask import Flask
from sqlalchemy import text

from portal import clock
from portal.access import connections
from portal.extensions import db


def test_a_connection_that_died_in_a_pause_is_replaced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        dead = db.session.scalar(text("select pg_backend_pid()"))
        db.session.rollback()
        raw = db.engine.raw_connection()
        raw.driver_connection.pgconn.finish()  # type: ignore[union-attr] # it is psycopg's connection
        raw.close()
        later = clock.ticks() + connections.IDLE + 1
        monkeypatch.setattr(clock, "ticks", lambda: later)
        alive = db.session.scalar(text("select pg_backend_pid()"))
        db.session.rollback()
    assert alive != dead
