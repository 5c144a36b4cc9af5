"""A process that serves pages, or answers a command, loads what it needs and no more."""

import subprocess
import sys

from flask import Flask

from tests.structure.source import ROOT

#: What only some processes need, each loaded where it is used.
LATER = {
    "alembic": "`flask db`",
    "apscheduler": "the worker",
    "icalendar": "the worker, for an invitation",
    "markdown_it": "whoever reads the guidance",
    "PIL": "the process that reads a picture",
    "pypdf": "the process that reads a PDF",
    "requests": "whoever is signed in",
    "typst": "the process that makes a PDF",
}
_START = """
import sys
from portal import blueprints, registry
registry.load_models()
list(blueprints.found())
registry.nouns()
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_a_process_starts_without_what_only_some_need() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", _START], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"portal", "sqlalchemy", "wtforms"} <= set(loaded)
    assert not set(LATER) & set(loaded)


def test_the_commands_of_migrations_are_there_though_they_are_loaded_late(app: Flask) -> None:
    listed = app.test_cli_runner().invoke(args=["db", "--help"]).output
    assert {"upgrade", "downgrade", "current"} <= set(listed.split())
