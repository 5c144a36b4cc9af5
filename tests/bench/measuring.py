"""Takes the time of several web servers in turns: one after the other, each time in another order."""

import os
import random
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.bench.serving import OK

Ask = Callable[[], int]


@dataclass
class Taken:
    """What the answers of one side took: each by a clock on the wall, all together of its processors."""

    wall: list[float] = field(default_factory=list)  # milliseconds
    processor: float = 0  # milliseconds of its web processes

    @property
    def middle(self) -> float:
        """The median by the clock on the wall."""
        return median(self.wall)

    @property
    def processor_each(self) -> float:
        """Processor time of one answer."""
        return self.processor / len(self.wall)


class Processes:
    """The web processes that listen on a port."""

    def __init__(self, port: int) -> None:
        address = f"127.0.0.1:{port}".encode()
        self.ids = [path.name for path in Path("/proc").glob("[0-9]*") if address in _command(path)]
        assert self.ids, f"nothing serves on {port}"

    def milliseconds(self) -> float:
        """The processor time that they have taken since they began."""
        return milliseconds(self.ids)


def workers(port: int) -> list[int]:
    """Those that answer on a port, without the one that watches over them."""
    every = {int(one) for one in Processes(port).ids}
    return sorted(one for one in every if _parent(Path(f"/proc/{one}")) in every)


class Family:
    """A process with those that it began: a database with all that serve its connections."""

    def __init__(self, process: int) -> None:
        self._process = process

    def milliseconds(self) -> float:
        """The processor time that those who live now have taken since they began."""
        began = [path.name for path in Path("/proc").glob("[0-9]*") if _parent(path) == self._process]
        return milliseconds([self._process, *began])


def milliseconds(processes: Iterable[int | str]) -> float:
    """The processor time that some processes have taken since they began; of one that has ended, none."""
    return sum(_nanoseconds(Path(f"/proc/{one}/schedstat")) for one in processes) / 1e6


def machine_milliseconds() -> float:
    """The processor time that everything on this machine has taken since it began, of all its cores."""
    user, nice, system, _idle, _wait, *interrupts = (
        Path("/proc/stat").read_text("ascii").split("\n")[0].split()[1:8]
    )
    ticks = sum(int(one) for one in (user, nice, system, *interrupts))
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def _nanoseconds(told: Path) -> int:
    try:
        return int(told.read_text("ascii").split()[0])
    except OSError:
        return 0


def _parent(process: Path) -> int:
    try:
        return int(process.joinpath("stat").read_text("ascii", "replace").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _command(process: Path) -> bytes:
    try:
        return process.joinpath("cmdline").read_bytes()
    except OSError:  # it has ended
        return b""


def measure(
    asks: Mapping[str, Ask],
    processes: Mapping[str, Processes],
    *,
    clients: int,
    rounds: int,
    shuffled: random.Random,
    warm: bool = False,
    enough: float = float("inf"),
) -> dict[str, Taken]:
    """Let so many clients ask each side at once, side after side, in a fresh order each round.

    No side answers while another is asked, so that none is slowed by the others. The first round warms up.

    Args:
        asks: for each side what one client does; gives the status of the answer.
        processes: of each side.
        clients: who ask at the same time.
        rounds: how often each client asks each side.
        shuffled: decides the orders.
        warm: whether the sides were asked just before, and need no first round.
        enough: seconds after which a side is asked no more: it is slow, and that is known.
    """
    taken = {side: Taken() for side in asks}
    with ThreadPoolExecutor(clients) as pool:
        for number in range(1 if warm else 0, rounds + 1):
            for side in shuffled.sample(sorted(asks), len(asks)):
                if sum(taken[side].wall) / clients > enough * 1000:
                    continue
                before = processes[side].milliseconds()
                times = list(pool.map(timed, [asks[side]] * clients))
                spent = processes[side].milliseconds() - before
                if number:
                    taken[side].wall += times
                    taken[side].processor += spent
    return taken


def timed(ask: Ask) -> float:
    """The milliseconds that an answer takes, which has to be one."""
    start = time.perf_counter()
    status = ask()
    assert status == OK, f"answered {status}"
    return (time.perf_counter() - start) * 1000
