"""The demo's programs start together, end together, and end even when whoever started them is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.demo import processes
from portal.demo.processes import Children, Failed, Port
from tests.setup.running import REPOSITORY, is_running

SLEEP = "import time; time.sleep(60)"


def test_a_lock_says_who_holds_it_and_whether_the_last_holder_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = processes.Lock(path)
    assert not lock.was_left
    lock.note("http://127.0.0.1:5000, process 12")
    with pytest.raises(processes.Busy, match="process 12"):
        processes.Lock(path)
    lock.release()

    again = processes.Lock(path)
    assert not again.was_left, "a lock that was let go in good order leaves nothing"
    again.release()

    path.write_text("process 12")
    after_a_kill = processes.Lock(path)
    assert after_a_kill.was_left
    after_a_kill.release()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_with_a_parent_that_is_killed(tmp_path: Path, how: signal.Signals) -> None:
    code = f"""
import os, pathlib, signal, time
from portal.demo.processes import Children
children = Children(pathlib.Path({str(tmp_path)!r}), dict(os.environ))
children.start("sleeper", "-c", {SLEEP!r})
print(children._running["sleeper"].pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.send_signal(how)
    parent.communicate()
    assert processes.wait_until(lambda: not is_running(child), seconds=5), "the child outlived its parent"


def test_children_are_asked_to_end_all_at_once_and_may_finish_what_they_do(tmp_path: Path) -> None:
    names = ("first", "second", "third")
    waits_for_the_others = f"""
import pathlib, signal, sys, time
folder, me = pathlib.Path({str(tmp_path)!r}), sys.argv[1]
def stop(*_):
    (folder / f"{{me}}.asked").touch()
    while not all((folder / f"{{name}}.asked").exists() for name in {names}):
        time.sleep(0.01)
    (folder / f"{{me}}.finished").touch()
    sys.exit()
signal.signal(signal.SIGTERM, stop)
(folder / f"{{me}}.ready").touch()
time.sleep(60)
"""
    with Children(tmp_path, dict(os.environ)) as children:
        for name in names:
            children.start(name, "-c", waits_for_the_others, name)
        children.wait_for(lambda: all((tmp_path / f"{name}.ready").exists() for name in names), seconds=30)
    assert all((tmp_path / f"{name}.finished").exists() for name in names)


def test_a_program_that_ends_by_itself_stops_the_demo_and_shows_its_last_words(tmp_path: Path) -> None:
    with Children(tmp_path, dict(os.environ)) as children:
        children.start("printer", "-c", "raise SystemExit('no ink left')")
        with pytest.raises(Failed, match="no ink left"):
            children.watch()


def test_a_step_that_fails_shows_what_it_printed(tmp_path: Path) -> None:
    with Children(tmp_path, dict(os.environ)) as children, pytest.raises(Failed, match="two heads"):
        children.run_once("migrations", "-c", "raise SystemExit('two heads')")


def test_output_of_the_programs_is_for_their_owner_only(tmp_path: Path) -> None:
    with Children(tmp_path, dict(os.environ)) as children:
        children.start("web", "-c", SLEEP)
    assert (tmp_path / "web.log").stat().st_mode & 0o777 == 0o600


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        before = time.monotonic()
        found = Port(port, patience=0.2)
        assert port < found.number < port + 20
        assert time.monotonic() - before >= 0.2, "it waits first for what a killed run may still hold"
        found.give()


def test_two_demos_that_start_together_take_different_ports() -> None:
    first = Port(49_500, patience=0)
    second = Port(first.number, patience=0)
    assert second.number != first.number
    for port in (first, second):
        port.give()
    again = Port(first.number, patience=0)
    assert again.number == first.number, "a port that was given can be taken by whoever it was held for"
    again.give()
