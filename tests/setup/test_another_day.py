"""`make proof` runs the tests on another day; the embedded database then lives on that day too."""

import re
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import proof
from tests.another_day import environment, library, seconds_until
from tests.setup.running import REPOSITORY

NOW = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # half an hour before the clocks go forward

#: Says whether Python and a database that it starts agree on the time, and on which day they are.
ASK_BOTH = """
import sys, tempfile
from datetime import UTC, datetime
from pathlib import Path
import psycopg
from portal.demo import postgres
folder = Path(tempfile.mkdtemp()) / "database"
with postgres.start(folder, durable=False) as server:
    where = {"host": str(server.place.sockets), "port": postgres.PORT, "user": postgres.SUPERUSER}
    with psycopg.connect(**where, dbname="postgres") as connection:
        (said,) = connection.execute("select now()").fetchone()
    print(abs((said - datetime.now(UTC)).total_seconds()) < 60, datetime.now(UTC).date())
"""


@pytest.mark.parametrize(
    ("day", "seconds"),
    [
        ("+200d", 200 * 86400),
        ("-1d", -86400),
        ("2027-03-28T00:30", 0),
        ("2027-03-28T02:30", 3600),  # summer time: an hour on the clock is skipped
        ("2027-03-28T00:30:00+00:00", 0),
    ],
)
def test_a_day_is_told_by_its_distance_or_by_the_clock_in_derby(day: str, seconds: int) -> None:
    assert seconds_until(day, NOW) == seconds


@pytest.mark.parametrize("day", ["soon", "200", "+200", "2027-02-30"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        seconds_until(day, NOW)


def test_what_was_loaded_before_stays_and_waiting_takes_as_long_as_ever() -> None:
    made = environment(60, Path("/clock.so"), {"LD_PRELOAD": "/other.so", "HOME": "/home"})
    assert made["LD_PRELOAD"] == "/clock.so /other.so"
    assert made["FAKETIME"] == "+60s"
    assert made["FAKETIME_DONT_FAKE_MONOTONIC"] == "1"
    assert made["FAKETIME_DISABLE_SHM"] == "1", "or a process waits for a lock that a killed one held"
    assert made["HOME"] == "/home"
    again = environment(86400, Path("/clock.so"), made)
    assert again["LD_PRELOAD"] == "/clock.so /other.so"
    assert again["FAKETIME"] == "+86460s", "from the day on which it is run"


@pytest.mark.skipif(library() is None, reason="libfaketime is not installed; .ci/run installs it")
def test_the_embedded_database_lives_on_the_day_of_whoever_started_it() -> None:
    began = datetime.now(UTC).date()
    command = [sys.executable, "-m", "tests.another_day", "+200d", "python", "-c", ASK_BOTH]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    agree, day = done.stdout.split()
    assert agree == "True"
    assert datetime.fromisoformat(day).date() - began in {timedelta(days=200), timedelta(days=201)}


def test_a_step_that_fails_does_not_keep_the_others_from_being_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried = proof.run(["one", "two", "three"], attempt=lambda step: step != "two")
    assert [(one.step, one.passed) for one in tried] == [("one", True), ("two", False), ("three", True)]
    assert capsys.readouterr().out.count("after 0 min 00 s") == 3
    assert proof.closing(tried).endswith("proof: 2 passed, 1 failed")


def test_a_step_that_stands_still_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = f"(sleep 2; touch {shlex.quote(str(mark))}) & wait"
    assert not proof.succeeds(["sh", "-c", program], 0.2)
    assert proof.succeeds(["true"], 5)
    assert not proof.succeeds(["false"], 5)
    time.sleep(2)
    assert not mark.exists()


def test_every_step_of_the_proof_is_a_target_of_the_makefile() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    named = re.search(r"^proof_steps := (.+)$", makefile, re.MULTILINE)
    assert named
    for step in named[1].split():
        assert re.search(rf"^{step}:", makefile, re.MULTILINE), f"there is no target {step}"


def test_what_a_change_is_accepted_by_checks_the_code_and_runs_the_tests_and_then_the_proof() -> None:
    lines = (REPOSITORY / ".ci" / "run").read_text().splitlines()
    runs = [line for line in lines if line.startswith("make ")]
    assert [line.split()[1] for line in runs] == ["lint", "test", "proof"]
    for package in ("faketime", "nginx-light", "libnss3-tools"):
        assert any(f"wanted+=({package})" in line for line in lines)
