"""A log says where a fault happened, and never what a person typed or a row holds."""

import logging

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from config.faults import trail

NAME = "Featherstonehaugh"


def test_what_the_database_refuses_is_not_quoted(rows: Session) -> None:
    with pytest.raises(DataError) as refused:
        rows.execute(text("select cast(:said as date)"), {"said": NAME})
    rows.rollback()
    assert NAME in str(refused.value.orig), "PostgreSQL quotes what it cannot read"
    told = trail(refused.value)
    assert NAME not in told
    assert "test_faults.py" in told
    assert "select cast(" in told
    assert "psycopg.errors.InvalidDatetimeFormat: 22007" in told


def test_what_somebody_typed_is_not_quoted_and_what_caused_a_fault_comes_first() -> None:
    try:
        try:
            int(NAME)
        except ValueError as problem:
            raise RuntimeError(f"{NAME} is no number") from problem
    except RuntimeError as error:
        told = trail(error)
    assert NAME not in told
    assert told.index("builtins.ValueError") < told.index("builtins.RuntimeError")


def test_a_mistake_of_the_program_is_told_in_its_own_words() -> None:
    with pytest.raises(AttributeError) as mistake:
        "words".no_such_thing  # type: ignore[attr-defined]  # noqa: B018 -- the mistake that is made here
    assert "no_such_thing" in trail(mistake.value)


def test_the_page_of_a_fault_logs_its_trail(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    handler = app.error_handler_spec[None][None][Exception]
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        with app.test_request_context("/"), caplog.at_level(logging.ERROR):
            app.ensure_sync(handler)(ValueError(NAME))
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = None
    assert "unexpected fault" in caplog.text
    assert NAME not in caplog.text
