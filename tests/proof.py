"""Run the steps of `make proof` one after the other, and say how long each took.

A step is a target of the Makefile. One that fails, or stands still for longer than `LIMIT`, does not keep
the others from being tried.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal import clock

#: How long a step may take, in seconds: the longest takes eighteen minutes on two cores that do nothing else.
LIMIT = 35 * 60


@dataclass(frozen=True)
class Tried:
    """A step that was run."""

    step: str
    passed: bool
    seconds: float

    @property
    def words(self) -> str:
        """One line of the closing table."""
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{self.step:16}{'passed' if self.passed else 'FAILED'} after {minutes} min {seconds:02} s"


def make(step: str) -> bool:
    """Whether a target of the Makefile succeeds."""
    return succeeds(["make", "--no-print-directory", step], LIMIT)


def succeeds(command: Sequence[str], limit: float) -> bool:
    """Whether a command succeeds within a limit (seconds); beyond it, all that it started is ended."""
    with subprocess.Popen(command, start_new_session=True) as running:
        try:
            return running.wait(limit) == 0
        except subprocess.TimeoutExpired:
            print(f"stood still for {limit:.0f} seconds: ended", flush=True)
            os.killpg(running.pid, signal.SIGKILL)
            return False
        except BaseException:
            os.killpg(running.pid, signal.SIGTERM)
            raise


def run(steps: Sequence[str], attempt: Callable[[str], bool] = make) -> list[Tried]:
    """Try every step in turn."""
    tried = []
    for step in steps:
        print(f"proof: {step}", flush=True)
        began = clock.ticks()
        passed = attempt(step)
        tried.append(Tried(step, passed, clock.ticks() - began))
        print(tried[-1].words, flush=True)
    return tried


def closing(tried: Sequence[Tried]) -> str:
    """What stands at the end: a line for every step, and how many passed."""
    passed = sum(one.passed for one in tried)
    lines = [one.words for one in tried]
    return "\n".join([*lines, f"proof: {passed} passed, {len(tried) - passed} failed"])


def main(steps: Sequence[str]) -> int:
    """The steps, and whether one of them failed."""
    if not steps:
        print(__doc__)
        return 2
    tried = run(steps)
    print(closing(tried))
    return 0 if all(one.passed for one in tried) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
