"""Processes that write one line after the other through the address that names both servers, and remember."""

import itertools
import secrets
import threading
import time
from dataclasses import dataclass, field

import psycopg

from config.database import engine_options
from tests.rehearse.load import Sent

PATIENCE = 3.0  # seconds; as long as a process of the portal waits for a server that hangs
PAUSE = 0.05
TABLE = "create table if not exists written (line text primary key)"
_OPTIONS = engine_options(1)["connect_args"]


@dataclass
class Hand:
    """One of them. It keeps its connection, and makes another when that failed or hangs."""

    conninfo: str
    sent: list[Sent] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    _kept: psycopg.Connection | None = None

    def write(self) -> None:
        """Go on until stopped. What hangs is left to itself: its answer counts whenever it comes."""
        while not self.stopped.is_set():
            one = threading.Thread(target=self._once, args=(self._kept,), daemon=True)
            self._kept = None
            one.start()
            one.join(PATIENCE)
            time.sleep(PAUSE)

    def _once(self, connection: psycopg.Connection | None) -> None:
        line, began, status = secrets.token_hex(8), time.monotonic(), 0
        try:
            connection = connection or psycopg.connect(self.conninfo, autocommit=True, **_OPTIONS)
            connection.execute("insert into written values (%s)", [line])
            status, self._kept = 1, connection
        except psycopg.Error:
            if connection:
                connection.close()
        self.sent.append(Sent(line, began, time.monotonic(), status))


@dataclass
class Steady:
    """Several of them at once."""

    hands: list[Hand]
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Let them begin."""
        for hand in self.hands:
            thread = threading.Thread(target=hand.write, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let each finish what it is at."""
        for hand in self.hands:
            hand.stopped.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE)

    @property
    def acknowledged(self) -> list[Sent]:
        """What a server said was saved, in the order of its answers."""
        return sorted(
            (one for hand in self.hands for one in list(hand.sent) if one.status), key=lambda one: one.at
        )

    def since(self, moment: float) -> int:
        """How many that were begun after a moment were acknowledged."""
        return sum(one.began > moment for one in self.acknowledged)

    def longest_pause(self, since: float, until: float) -> float:
        """The most seconds without anything saved, between two moments."""
        times = [since, *(one.at for one in self.acknowledged if since < one.at < until), until]
        return max(later - sooner for sooner, later in itertools.pairwise(times))
