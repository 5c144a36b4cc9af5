"""Serves a peer as the portal is served, by the Python of its own environment."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.bench.serving import ROOT, START_SECONDS, STOP_SECONDS

#: As config/gunicorn.py and tests/bench/serving.py have it for the portal.
SETTINGS = (
    *("--workers", "2", "--worker-class", "sync", "--timeout", "30", "--preload"),
    *("--no-control-socket", "--log-level", "error"),
)


@contextmanager
def served(python: Path, application: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Two synchronous workers on a free loopback port; gone afterwards. Gives the port.

    Args:
        python: of the environment that has its packages.
        application: as gunicorn names it.
        environment: all of it.

    Raises:
        RuntimeError: it ended before it took requests; it said why on standard error.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [str(python), "-m", "gunicorn", *SETTINGS, "--bind", f"127.0.0.1:{port}", application]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            _wait(process, port)
            yield port
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} takes no requests")
