"""What the rehearsal needs of the machine: programs, addresses, ports, and processes that end with it."""

import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from portal.demo import processes
from tests.structure.source import ROOT

#: A browser leads every name below `localhost` to its own machine.
NAME = "portal.localhost"
PROVIDER_NAME = "localhost"
STOP_SECONDS = 20
_OPEN = {"01", "04", "05", "08"}  # states of TCP in which an answer may still come, as the kernel writes them

_PROGRAMS = {
    "nginx": "nginx-light",
    "certutil": "libnss3-tools",
    "node": "nodejs",
    "chromium": "chromium",
}


class Missing(RuntimeError):
    """Something that the rehearsal needs is not here; the message says what and where it comes from."""


class Broken(RuntimeError):
    """Something did not start or did not do what it must; the message has the end of its log."""


def check(*, root: Path = ROOT, which: Callable[[str], str | None] = shutil.which) -> None:
    """See that everything is here before anything is started.

    Raises:
        Missing: naming all that is not.
    """
    wanted = [
        f"{name} (Debian: {package})" for name, package in _PROGRAMS.items() if program(name, which) is None
    ]
    if not (root / "node_modules" / "oidc-provider").is_dir():
        wanted.append("the npm package oidc-provider (make setup)")
    if not Path("/proc/self").exists():
        wanted.append("Linux: processes are frozen and counted through /proc")
    if wanted:
        raise Missing(f"make rehearse needs {'; '.join(wanted)}.")


def program(name: str, which: Callable[[str], str | None] = shutil.which) -> str | None:
    """Where a program is. Debian keeps servers where only root looks."""
    names = ("chromium", "chromium-browser", "google-chrome") if name == "chromium" else (name,)
    places = (f"/usr/sbin/{one}" for one in names)
    return next((found for one in (*names, *places) if (found := which(one))), None)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_address() -> str:
    """An address of this machine that is nobody else's, so that a server can have PostgreSQL's usual port."""
    while True:
        address = (
            f"127.{secrets.randbelow(250) + 2}.{secrets.randbelow(250) + 2}.{secrets.randbelow(250) + 2}"
        )
        with socket.socket() as probe:
            try:
                probe.bind((address, 5432))
            except OSError:
                continue
        return address


def listens(port: int, address: str = "127.0.0.1") -> bool:
    """Whether somebody answers there."""
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def connected(port: int) -> int:
    """How many connections there are to a port of this machine, waiting ones among them."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return sum(line[2].endswith(f":{port:04X}") and line[3] in _OPEN for line in lines)


def speaks_tls(port: int, authority: Path) -> bool:
    """Whether a server there proves to be the portal's."""
    context = ssl.create_default_context(cafile=str(authority))
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=2) as plain,
            context.wrap_socket(plain, server_hostname=NAME),
        ):
            return True
    except OSError:
        return False


@dataclass
class Processes:
    """Children of the rehearsal, each with a log of its own."""

    logs: Path
    environment: Mapping[str, str]
    _running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str, command: Iterable[str | Path], **settings: str) -> None:
        """Start one.

        Args:
            name: what it is called, and its log.
            command: the program and its arguments.
            settings: what its environment has beside everybody's.
        """
        with self.log(name).open("ab") as log:
            self._running[name] = processes.spawn(
                list(command),
                log=log,
                ends_on=signal.SIGTERM,
                environment={**self.environment, **settings},
                directory=ROOT,
            )

    def run(self, name: str, command: Iterable[str | Path], **settings: str) -> str:
        """Run one to its end; gives what it wrote.

        Raises:
            Broken: it failed.
        """
        done = subprocess.run(
            [os.fspath(part) for part in command],
            check=False,
            cwd=ROOT,
            env={**self.environment, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        self.log(name).write_text(done.stdout + done.stderr, encoding="utf-8")
        if done.returncode:
            raise Broken(f"{name} failed: {self.end_of(name)}")
        return done.stdout

    def wait_for(self, name: str, true: Callable[[], bool], *, seconds: float = 90) -> None:
        """Wait until what was started is ready.

        Raises:
            Broken: it ended, or takes too long.
        """
        child = self._running[name]
        processes.wait_until(lambda: child.poll() is not None or true(), seconds=seconds, every=0.1)
        if child.poll() is not None or not true():
            raise Broken(f"{name} did not start: {self.end_of(name)}")

    def stop(self, name: str, sign: signal.Signals = signal.SIGTERM) -> None:
        """End one that was started."""
        processes.stop(self._running.pop(name), with_signal=sign, patience=STOP_SECONDS)

    def signal(self, name: str, sign: signal.Signals) -> None:
        """Send a signal to one that was started."""
        self._running[name].send_signal(sign)

    def is_running(self, name: str) -> bool:
        """Whether it has not ended by itself."""
        return self._running[name].poll() is None

    def log(self, name: str) -> Path:
        """Where it says what it does."""
        return self.logs / f"{name}.log"

    def end_of(self, name: str) -> str:
        """The end of its log."""
        return "\n".join(self.log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-15:])

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_error: object) -> None:
        for child in self._running.values():
            child.send_signal(signal.SIGTERM)
        for child in self._running.values():
            processes.see_end(child, patience=STOP_SECONDS)
