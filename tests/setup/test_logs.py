"""The web process and the worker as a deployment starts them write JSON, and no address."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from portal.demo import postgres
from tests.database import NAME as DATABASE
from tests.setup.running import REPOSITORY

TYPED = "Featherstonehaugh"


def environment(server: postgres.Server, **more: str) -> dict[str, str]:
    """What a process is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "PORTAL_MODE": "test",
        "PORTAL_ADDRESS": "http://localhost",
        "SECRET_KEY": "for tests only, and long enough to be one",
        "DATABASE_URL": server.url("portal_app", DATABASE),
        "DATABASE_SIGN_IN_URL": server.url("portal_sign_in", DATABASE),
        "SEARCH_HASH_KEY": "for tests only, and long enough to be another",
        "DATABASE_WORKER_URL": server.url("portal_worker", DATABASE),
        **more,
    }


@contextmanager
def running(arguments: list[str], log: Path, given: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the repository until the block ends; it is asked to stop, and waited for."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=REPOSITORY, env=given, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def until(log: Path, words: str) -> None:
    """Wait for words in a log."""
    ends = time.monotonic() + 60
    while words not in log.read_text("utf-8"):
        assert time.monotonic() < ends, log.read_text("utf-8")
        time.sleep(0.1)


def read(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def test_the_web_process_writes_json_and_no_address(server: postgres.Server, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "web.log"
    given = environment(server, BIND=f"127.0.0.1:{port}", WEB_WORKERS="1", LOG_LEVEL="info")
    with running(["gunicorn", "--config", "config/gunicorn.py", "wsgi:app"], log, given):
        until(log, "Booting worker")
        told = ""
        try:
            urlopen(f"http://127.0.0.1:{port}/cases%00/{TYPED}?name={TYPED}")
        except HTTPError as error:
            told = error.read().decode()
        for request in (
            f"GET /{TYPED}\x1b[2J",
            f"{TYPED} / HTTP/1.1\r\n\r\n",
            f"GET / HTTP/1.1\r\n{TYPED}\x07: 1\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port)) as raw:
                raw.sendall(request.encode() + b"\r\n\r\n")
                raw.recv(100)
        until(log, "could not be read")
    text, lines = log.read_text("utf-8"), read(log)
    assert TYPED.lower() not in text.lower()
    assert "\x1b" not in text
    reference = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", told)
    assert reference
    assert [line["status"] for line in lines if line.get("reference") == reference[0]] == [400]
    assert {"gunicorn.error", "portal.requests"} <= {str(line["logger"]) for line in lines}


def test_the_worker_writes_json(server: postgres.Server, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with running(["flask", "--app", "wsgi", "worker"], log, environment(server)):
        until(log, "The worker has started")
        time.sleep(0.5)
    said = [line["message"] for line in read(log)]
    assert said[0] == "The worker has started."
    assert said[-1] == "The worker stops."


def _counting(folder: Path) -> set[str]:
    """The processes that have counted an answer, by the names of their files."""
    files = folder.glob("cre-portal-metrics-*/counter_*")
    return {path.name.rpartition("_")[2] for path in files}


def test_the_processes_of_one_gunicorn_tell_their_metrics_together(
    server: postgres.Server, tmp_path: Path
) -> None:
    port, told_at, log = free_port(), free_port(), tmp_path / "web.log"
    given = environment(
        server,
        BIND=f"127.0.0.1:{port}",
        WEB_WORKERS="2",
        METRICS_BIND=f"127.0.0.1:{told_at}",
        TMPDIR=str(tmp_path),
    )
    with running(["gunicorn", "--config", "config/gunicorn.py", "wsgi:app"], log, given):
        until(log, "Metrics are told")
        asked, until_when = 0, time.monotonic() + 60
        while len(_counting(tmp_path)) < 2 and time.monotonic() < until_when:  # the second may start late
            urlopen(f"http://127.0.0.1:{port}/contacts").read()
            asked += 1
        found = urlopen(f"http://127.0.0.1:{told_at}/metrics").read().decode()
        assert re.search(rf'portal_requests_total\{{.*route="/contacts".*\}} {asked}\.0', found), found
        assert len(_counting(tmp_path)) == 2
    assert not list(tmp_path.glob("cre-portal-metrics-*")), "nothing is left behind"
