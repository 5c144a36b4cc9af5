"""The processes that make up the demo: started in order, watched together, stopped together."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from portal.demo import processes

ROOT = Path(__file__).parents[2]
PORTS_TRIED = 20
STOP_SECONDS = 10
LINES_SHOWN = 20


class Failed(RuntimeError):
    """The demo cannot go on; the message says why and where to look."""


class Children:
    """Python programs that run with one environment and write their output to one folder.

    Args:
        logs: a folder that exists.
        environment: replaces ours for every one of them.
    """

    def __init__(self, logs: Path, environment: dict[str, str]) -> None:
        self._logs = logs
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run_once(self, what: str, *arguments: str) -> None:
        """Run a step to its end.

        Raises:
            Failed: with the end of what the step printed.
        """
        print(f"Preparing the {what}", flush=True)
        with self._open_log("prepare") as log:
            done = subprocess.run(
                [sys.executable, *arguments],
                check=False,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if done.returncode:
            raise Failed(f"The {what} could not be prepared. {self._end_of('prepare')}")

    def start(self, name: str, *arguments: str) -> None:
        """Start a program that runs beside us."""
        with self._open_log(name) as log:
            self._running[name] = processes.spawn(
                [sys.executable, *arguments],
                log=log,
                ends_on=signal.SIGTERM,
                environment=self._environment,
                directory=ROOT,
            )

    def wait_for(self, true: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `true`.

        Raises:
            Failed: one of the programs ended, or the time did.
        """
        if not processes.wait_until(lambda: self._all_run() and true(), seconds=seconds, every=0.1):
            raise Failed(f"The portal does not answer after {seconds:.0f} seconds: look in {self._logs}.")

    def watch(self) -> None:
        """Wait until a program ends by itself, which none should.

        Raises:
            Failed: it did.
        """
        while self._all_run():
            time.sleep(0.5)

    def _all_run(self) -> bool:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise Failed(f"The {name} process ended. {self._end_of(name)}")
        return True

    def _open_log(self, name: str) -> BinaryIO:
        return os.fdopen(os.open(self._log(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")

    def _end_of(self, name: str) -> str:
        end = "\n".join(self._log(name).read_text(errors="replace").splitlines()[-LINES_SHOWN:])
        return f"The end of {self._log(name)}:\n{end}"

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():  # all at once: none needs another in order to end
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            processes.see_end(process, patience=STOP_SECONDS)


def free_port(wanted: int, *, patience: float) -> int:
    """The first free port of this machine from `wanted` on, after waiting `patience` seconds for that one.

    Raises:
        Failed: none of the next twenty is free.
    """
    processes.wait_until(lambda: _is_free(wanted), seconds=patience, every=0.1)
    for port in range(wanted, wanted + PORTS_TRIED):
        if _is_free(port):
            return port
    raise Failed(f"No port is free between {wanted} and {wanted + PORTS_TRIED - 1}.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def answers(address: str) -> bool:
    """Whether something answers there over HTTP, with whatever status."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever the shell's proxy is
    try:
        with direct.open(address, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
