"""What docs/operate.md promises of a new SECRET_KEY: nobody is signed out, the audit trail stays proven."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config.errors import SettingError
from config.settings import from_environment
from portal import create_app
from portal.demo import postgres
from portal.extensions import db
from portal.reminders.mail import Envelope
from tests import database
from tests.cast import Cast
from tests.factories.people import open_session


@pytest.fixture
def renewed(server: postgres.Server) -> Iterator[Flask]:
    """The portal after it was started again with another key."""
    app = create_app(database.configuration(server, SECRET_KEY="another one, and long enough to be one"))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_new_secret_key_signs_nobody_out(app: Flask, renewed: Flask, rows: Session, cast: Cast) -> None:
    token = open_session(rows, cast.nurse.id)
    for portal in (app, renewed):
        browser = portal.test_client()
        browser.set_cookie(portal.config["PORTAL_SESSION_COOKIE"], token)
        assert browser.get("/cases").status_code == 200


@pytest.mark.parametrize("kept", [True, False], ids=["while it is there", "and not without it"])
def test_reports_on_mail_that_the_former_key_signed_are_recognised(app: Flask, kept: bool) -> None:
    message = uuid4()
    former = app.config["SECRET_KEY"]
    address = Envelope.of(app.config).returns_for(message)
    changed = {"SECRET_KEY": "n" * 32, "SECRET_KEY_FALLBACKS": [former] if kept else []}
    envelope = Envelope.of(app.config | changed)
    assert envelope.returned([address]) == (message if kept else None)
    assert envelope.returns_for(message) != address, "the former key signs nothing any more"
    assert (
        Envelope.of(app.config | {"SECRET_KEY": "n" * 32}).returned([envelope.returns_for(message)])
        == message
    )


def test_a_former_key_that_is_too_short_stops_the_start() -> None:
    said = {"SECRET_KEY": "x" * 32, "SECRET_KEY_BEFORE": "short", "DATABASE_URL": "postgresql+psycopg://"}
    with pytest.raises(SettingError, match="SECRET_KEY_BEFORE"):
        from_environment(said)


def test_the_lines_of_the_audit_trail_have_a_key_of_their_own(tmp_path: Path) -> None:
    needed = {
        "SECRET_KEY": "x" * 32,
        "DATABASE_URL": "postgresql+psycopg://",
        "PORTAL_ADDRESS": "https://portal.example",
        "SEARCH_HASH_KEY": "z" * 32,
        "AUDIT_CHECKPOINTS": str(tmp_path / "trail"),
    }
    with pytest.raises(SettingError, match="AUDIT_CHECKPOINT_KEY"):
        from_environment(needed)
    found = from_environment(needed | {"AUDIT_CHECKPOINT_KEY": "y" * 32})
    assert found["AUDIT_CHECKPOINT_KEY"] != found["SECRET_KEY"]
