"""What records use and policy no longer has is found before people meet it."""

from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.commands.policy import kept_codes
from tests.cast import Cast
from tests.factories.cases import make_case, make_child


def check(app: Flask) -> Result:
    """The command, as an operator runs it."""
    with app.app_context():
        return app.test_cli_runner().invoke(args=["policy-check"])


def test_a_code_that_was_taken_out_is_named(app: Flask, rows: Session, cast: Cast) -> None:
    case = make_case(rows, make_child(rows), lead=cast.police, opened_by=cast.coordinator)
    assert check(app).exit_code == 0
    case.types = [*case.types, "taken_out"]
    rows.commit()
    found = check(app)
    assert found.exit_code == 1
    assert "exploitation.toml: records hold “taken_out”" in found.output


def test_every_question_to_the_records_can_be_asked(app: Flask, owner: Engine) -> None:
    with owner.connect() as connection:
        for _file, kept in kept_codes():
            assert connection.scalars(text(kept.codes)).all() == []
