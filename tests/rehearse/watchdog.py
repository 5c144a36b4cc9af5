"""A machine's watchdog for a rehearsal: it turns a server off whose Patroni says nothing any more.

Patroni's own driver for tests writes to a pipe what it would tell the device. No real device is used.
"""

import os
import re
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path


class Watchdog(threading.Thread):
    """Reads the pipe at `path`, and calls `power_off` when it is armed and was told nothing for its time."""

    def __init__(self, path: Path, owner: int, power_off: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        os.mkfifo(path, 0o600)
        os.chown(path, owner, -1)
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._power_off = power_off
        self._timeout, self._last, self._ends = 60.0, time.monotonic(), False
        self.armed = self.paused = False
        self.fired_at: float | None = None

    def run(self) -> None:
        """Until told to end."""
        while not self._ends:
            if select.select([self._pipe], [], [], 0.1)[0]:
                self._listen(os.read(self._pipe, 4096))
            if self.paused:  # with its machine
                self._last = time.monotonic()
            elif self.armed and time.monotonic() - self._last > self._timeout:
                self.armed, self.fired_at = False, time.monotonic()
                self._power_off()
        os.close(self._pipe)

    def _listen(self, said: bytes) -> None:
        self._last = time.monotonic()
        self.armed = not said.endswith(b"V")  # by which Patroni lets go of it
        if times := re.findall(rb"timeout=(\d+)", said):
            self._timeout = float(times[-1])

    def disarm(self) -> None:
        """The machine was turned off."""
        self.armed = False

    def end(self) -> None:
        """Stop reading."""
        self._ends = True
        if self.is_alive():
            self.join(5)
