"""A run that gives somebody away fails at its end, in one process or several."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.personal_data.whole_run import SENDERS, Report

ROOT = Path(__file__).parents[2]
TESTS = """
import logging
from tests.personal_data.facts import Sort

def test_one(request):
    from tests.personal_data.whole_run import RUN
    request.config.stash[RUN].facts.add("Quillwinter", Sort.NAME, "child.given_name")
    logging.getLogger("portal.anything").warning("It is about %s", "{name}")

def test_two():
    pass
"""


@pytest.mark.parametrize("processes", ["0", "2"])
@pytest.mark.parametrize(("name", "status"), [("Quillwinter", 1), ("nobody", 0)])
def test_a_run_that_logs_the_name_of_a_child_fails(
    tmp_path: Path, name: str, status: int, processes: str
) -> None:
    (tmp_path / "test_it.py").write_text(TESTS.format(name=name), encoding="utf-8")
    run = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "tests.personal_data.whole_run",
                "-p",
                "no:cacheprovider",
            ),
            *("-n", processes, "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == status, run.stdout + run.stderr
    assert "2 passed" in run.stdout
    assert ("the word “quillwinter”" in run.stdout) == bool(status)


def test_a_run_that_has_stopped_recording_fails_where_mail_must_have_been_sent() -> None:
    amounts = {"mails": 0, "log lines": 5}
    assert Report([], amounts, list(SENDERS)).problems
    assert not Report([], amounts, []).problems, "a few tests alone need not send any"
    silent, sending = Report([], amounts, list(SENDERS)), Report([], {"mails": 2, "log lines": 1}, [])
    silent.add(sending)
    assert not silent.problems, "another process has kept what was sent"
