"""Commands run where little is set: each asks for what it needs, by name."""

import os
import subprocess
import sys

import pytest
from flask import Flask

from config import settings
from config.errors import SettingError
from portal import create_app
from tests.structure.source import ROOT

OWNER = "postgresql+psycopg://portal_owner@127.0.0.1:1/portal?connect_timeout=1"


@pytest.fixture(scope="module")
def bare() -> Flask:
    """The application as a command has it where nothing is set."""
    return create_app(settings.for_command({}) | {"TESTING": True})


def test_a_command_that_needs_nothing_runs_where_nothing_is_set() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "assets", "--help"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
    assert "Build style sheets and scripts" in done.stdout


@pytest.mark.parametrize(
    ("command", "given", "missing"),
    [
        ("worker", (), "SECRET_KEY"),
        ("worker", ("SECRET_KEY",), "PORTAL_ADDRESS"),
        ("worker", ("SECRET_KEY", "PORTAL_ADDRESS"), "DATABASE_WORKER_URL"),
        ("audit verify", (), "DATABASE_WORKER_URL"),
        ("invite hub Name a@example.org", (), "PORTAL_ADDRESS"),
        ("invite hub Name a@example.org", ("PORTAL_ADDRESS",), "DATABASE_OWNER_URL"),
        ("found agency hub Hub hub", (), "DATABASE_OWNER_URL"),
    ],
)
def test_what_is_missing_is_named(
    bare: Flask, monkeypatch: pytest.MonkeyPatch, command: str, given: tuple[str, ...], missing: str
) -> None:
    monkeypatch.setitem(bare.config, "NOT_SET", bare.config["NOT_SET"] - set(given))
    with bare.app_context():
        done = bare.test_cli_runner().invoke(args=command.split())
    assert done.exit_code == 1
    assert f"{missing} is missing" in done.output


def test_an_upgrade_needs_the_owners_address_alone(
    bare: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bare.test_cli_runner().invoke(args=["db", "upgrade"])
    assert "DATABASE_OWNER_URL is missing" in caplog.text
    monkeypatch.setitem(bare.config, "DATABASE_OWNER_URL", OWNER)
    reached = bare.test_cli_runner().invoke(args=["db", "upgrade"])
    assert "connection failed" in str(reached.exception)


def test_a_process_that_serves_does_not_start_without_its_settings() -> None:
    with pytest.raises(SettingError, match="SECRET_KEY needs at least"):
        settings.from_environment({})


def test_a_setting_that_is_wrong_stops_a_command_too() -> None:
    with pytest.raises(SettingError, match="CLAMAV_ADDRESS"):
        settings.for_command({"CLAMAV_ADDRESS": "nowhere"})
