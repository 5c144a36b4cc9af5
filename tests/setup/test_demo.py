"""The demo starts, serves, refuses a second of itself, and survives every way of being stopped."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
import requests
from bs4 import BeautifulSoup

from portal.demo import processes, run
from portal.demo.run import FIRST, welcome
from tests.setup.running import REPOSITORY, is_running

PATIENCE = 90  # seconds; a machine that does much else is slow


class Demo:
    """A demo in a process of its own, and what it printed."""

    def __init__(self, instance: Path) -> None:
        self._output = instance.parent / "output.txt"
        with self._output.open("wb") as to:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.demo.run", str(instance)],
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=to,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={key: value for key, value in os.environ.items() if key != "MAKELEVEL"},
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def address(self) -> str:
        """Where the portal is, as soon as the demo says so."""
        said = processes.wait_until(
            lambda: "Ctrl-C" in self.output or self.process.poll() is not None, seconds=PATIENCE
        )
        assert said, f"the demo did not come up: {self.output}"
        assert self.process.poll() is None, f"the demo ended: {self.output}"
        return next(word for word in self.output.split() if word.startswith("http://127.0.0.1:"))

    def end(self, sign: signal.Signals) -> int:
        self.process.send_signal(sign)
        return self.process.wait(PATIENCE)


def answer(address: str) -> int:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=10) as page:
            return int(page.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def sign_in(address: str, agency: str, person: str) -> requests.Response:
    """Go through the person's own organisation, as a browser would, to the first page behind it."""
    with requests.Session() as browser:
        browser.trust_env = False  # whatever the shell's proxy is
        choice = browser.get(f"{address}/sign-in/{agency}", timeout=20)
        form = BeautifulSoup(choice.text, "html.parser").find("form")
        assert form, f"no person to choose at {choice.url}"
        hidden = {str(one["name"]): str(one["value"]) for one in form.find_all("input", type="hidden")}
        return browser.post(choice.url, data={**hidden, "person": person}, timeout=20)


def descendants(number: int) -> list[int]:
    children = Path(f"/proc/{number}/task/{number}/children")
    direct = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [*direct, *(further for child in direct for further in descendants(child))]


@pytest.fixture
def instance() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name) / "an instance"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
def test_the_demo_runs_is_alone_survives_a_kill_and_stops(instance: Path) -> None:
    first = Demo(instance)
    address = first.address
    assert answer(address) < 500
    assert "Ola Brackenbury" in first.output, "it says whom to sign in as"
    workspace = sign_in(address, "police", "ola-brackenbury")
    assert workspace.url.startswith(address)
    assert workspace.status_code == 200, f"{workspace.url} answers {workspace.status_code}"
    assert processes.wait_until(lambda: answer(f"{address}/healthz") == 200, seconds=PATIENCE), "it is well"
    secret = (instance / "secret-key").read_text()
    for private in ("secret-key", "log/web.log"):
        assert (instance / private).stat().st_mode & 0o077 == 0, f"{private} is for its owner only"

    second = subprocess.run(
        [sys.executable, "-m", "portal.demo.run", str(instance)],
        check=False,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert f"already runs from this folder ({address}" in second.stderr

    family = descendants(first.process.pid)
    assert len(family) > 3, "database, worker and web process run below the demo"
    first.end(signal.SIGKILL)
    began = monotonic()
    again = Demo(instance)
    assert answer(again.address) < 500
    assert monotonic() - began < PATIENCE
    assert (instance / "secret-key").read_text() == secret
    left = [number for number in family if is_running(number)]
    assert not left, f"processes of the killed run are still there: {left}"

    family = descendants(again.process.pid)
    assert again.end(signal.SIGINT) == 0, again.output
    assert "Stopped" in again.output
    assert processes.wait_until(lambda: not any(map(is_running, family)), seconds=5)


def test_everybody_who_is_recommended_at_the_start_can_sign_in() -> None:
    shown = welcome("http://127.0.0.1:5000", "http://127.0.0.1:5200")
    assert all(purpose in shown for _, purpose in FIRST)
    assert len(shown.splitlines()) == 8 + len(FIRST)


def test_a_demo_that_is_stopping_is_waited_for(tmp_path: Path) -> None:
    stopping = processes.Lock(tmp_path / "demo.lock")
    stopping.note(run.STOPPING)
    end = threading.Timer(run.GRACE_SECONDS + 0.5, stopping.release)
    end.start()
    run._lock(tmp_path / "demo.lock").release()
    end.join()


def test_a_demo_that_runs_is_not_waited_for(tmp_path: Path) -> None:
    running = processes.Lock(tmp_path / "demo.lock")
    with pytest.raises(processes.Busy):
        run._lock(tmp_path / "demo.lock")
    running.release()
