"""What the run needs: a database that survives a crash, a policy that never sleeps, processes to kill."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from flask_migrate import upgrade

from portal import create_app
from portal.demo import postgres, processes
from portal.extensions import db
from tests import database
from tests.policy.editing import SHIPPED, edit
from tests.reminders.mail_server import HOST
from tests.structure.source import ROOT

STARTED, SENT = b"The worker has started.", b": accepted "  # in the log of a worker
IDLE_SECONDS = 20
A_MESSAGE = 0.1  # seconds, about: a worker is killed at any point of one
START_SECONDS = 60
STOP_SECONDS = 30


class Database:
    """PostgreSQL, durable: what was committed is there after a crash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = postgres.start(folder, durable=True)
        self._server.create_database(database.NAME)
        app = create_app(database.configuration(self._server))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        self.restarts = 0

    @property
    def server(self) -> postgres.Server:
        """The one that runs now; its addresses stay the same."""
        return self._server

    def restart(self, *, crash: bool) -> None:
        """Stop it, in good order or in the midst of everything, and start it again."""
        if crash:
            os.kill(self._server.process_id, signal.SIGQUIT)
        self._server.stop()
        self._server = postgres.start(self._folder, durable=True)
        self.restarts += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.stop()


def sleepless_policy(folder: Path) -> Path:
    """The shipped policy, but messages go out at any hour of any day, so that a run can start at any time."""
    copy = folder / "policy"
    shutil.copytree(SHIPPED, copy)
    for old, new in (
        ("opens = 08:00:00", "opens = 00:00:00"),
        ("closes = 18:00:00", "closes = 23:59:59"),
        ("working_days_only = true", "working_days_only = false"),
    ):
        edit(copy, "reminders.toml", old, new)
    return copy


def environment(server: postgres.Server, folder: Path, *, port: int) -> dict[str, str]:
    """The settings of a worker."""
    return {
        **os.environ,
        "PORTAL_MODE": "test",
        "SECRET_KEY": "for tests only, and long enough to be one",
        "DATABASE_URL": server.url("portal_app", database.NAME),
        "DATABASE_WORKER_URL": server.url("portal_worker", database.NAME),
        "POLICY_DIRECTORY": str(sleepless_policy(folder)),
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "MAIL_TIMEOUT": "2",
    }


class MailServer:
    """The unreliable one, in a process of its own."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        with (folder / "mail.log").open("wb") as log:
            self._process = processes.spawn(
                [sys.executable, "-m", "tests.chaos.mail", str(folder), str(seed)],
                log=log,
                ends_on=signal.SIGTERM,
                directory=ROOT,
            )
        if not processes.wait_until((folder / "port").exists, seconds=START_SECONDS):
            raise RuntimeError(f"The mail server did not start: {(folder / 'mail.log').read_text()}")
        self.port = int((folder / "port").read_text())

    def calm_down(self) -> None:
        """No more faults from now on."""
        (self._folder / "calm").touch()

    def lines(self, what: str) -> list[str]:
        """What it noted: `accepted`, the Message-ID of each mail that it took, or `faults`."""
        file = self._folder / what
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        processes.stop(self._process, with_signal=signal.SIGTERM, patience=STOP_SECONDS)


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    log: Path
    dies_after: int  # messages
    idle_since: float | None = None

    def is_due(self, now: float) -> bool:
        """Whether it is to be killed: it sent enough, or has found nothing to send for long enough."""
        said = self.log.read_bytes()
        if STARTED not in said:
            return False
        self.idle_since = self.idle_since or now
        sent = said.count(SENT)
        return sent >= self.dies_after or (not sent and now - self.idle_since > IDLE_SECONDS)


@dataclass
class Workers:
    """Some workers, each with its own scheduler. Whatever ends is started again.

    Args:
        life: messages that one sends at most until it is killed, in the midst of whatever it does then.
    """

    number: int
    folder: Path
    environment: Mapping[str, str]
    life: int
    chance: random.Random
    may_die: bool = True
    kills: int = 0
    starts: int = 0
    _running: list[_Worker] = field(default_factory=list)

    def watch(self) -> None:
        """Kill whatever has lived long enough, and start whatever does not run."""
        for one in self._running:
            if self.may_die and one.process.poll() is None and one.is_due(time.monotonic()):
                time.sleep(self.chance.random() * A_MESSAGE)
                one.process.kill()
                one.process.wait()
                self.kills += 1
        self._running = [one for one in self._running if one.process.poll() is None]
        while len(self._running) < self.number:
            self._running.append(self._start())

    def _start(self) -> _Worker:
        log = self.folder / f"worker-{self.starts}.log"
        self.starts += 1
        with log.open("wb") as output:
            process = processes.spawn(
                [sys.executable, "-m", "tests.chaos.worker"],
                log=output,
                ends_on=signal.SIGKILL,
                environment=self.environment,
                directory=ROOT,
            )
        return _Worker(process, log, self.chance.randint(0, self.life))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self._running:
            one.process.kill()
            one.process.wait()
