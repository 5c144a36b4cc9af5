"""Web processes to measure, as a deployment runs them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
START_SECONDS, STOP_SECONDS = 120, 60


@contextmanager
def gunicorn(application: str, environment: Mapping[str, str]) -> Iterator[int]:
    """Two synchronous workers on a free loopback port; gone afterwards. Gives the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"]
    command += ["--workers", "2", "--bind", f"127.0.0.1:{port}", "--log-level", "error", application]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _wait(port: int) -> None:
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)


class Browser:
    """Asks one server, as one signed-in person."""

    def __init__(self, port: int, cookie: str, *, patience: float = 60) -> None:
        self._port, self._patience = port, patience  # seconds
        self._headers = {"Cookie": cookie, "Accept-Encoding": "gzip, br"}

    def get(self, address: str, more: Mapping[str, str] | None = None) -> tuple[HTTPResponse, bytes]:
        """The answer and its body, as it came over the wire; `more` headers, where a script sends some."""
        return self._ask("GET", address, None, more or {})

    def post(
        self, address: str, form: Mapping[str, str], more: Mapping[str, str] | None = None
    ) -> tuple[HTTPResponse, bytes]:
        """Post a form."""
        return self._ask("POST", address, urlencode(form), more or {})

    def _ask(
        self, method: str, address: str, body: str | None, more: Mapping[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=self._patience)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, address, body, {**self._headers, **kind, **more})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content


OK = 200


class Ask:
    """Something to be timed; gives the status of the answer."""

    def __init__(self, browser: Browser, address: str, form: Mapping[str, str] | None = None) -> None:
        self._browser, self._address, self._form = browser, address, form

    def __call__(self) -> int:
        if self._form is None:
            return self._browser.get(self._address)[0].status
        return self._browser.post(self._address, self._form)[0].status
