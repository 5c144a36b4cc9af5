"""Run a command on another day: `python -m tests.another_day +200d python -m pytest tests/reminders`.

The day is told as `+200d` or `-1d`, or as a moment by the clock in Europe/London (`2028-02-29T12:00`).
The clock then goes on as fast as it does, for every process that is started below and for the embedded
database: each adds the same difference to the machine's own clock. Seconds that only go forward stay as they
are, or whoever waits for something to happen would wait for years. Everything has to be installed before.
"""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from portal import clock

#: Where Debian's package faketime keeps it; the one for programs with threads.
PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
MISSING = "This takes libfaketime: install the package faketime (apt-get install faketime)."


def library() -> Path | None:
    """The library that stands between programs and the clock, where it is installed."""
    return next((found for place in PLACES for found in sorted(Path("/").glob(place[1:]))), None)


def seconds_until(day: str, now: datetime) -> int:
    """How far the clock has to be put on.

    Raises:
        ValueError: it is neither a number of days nor a moment.
    """
    if days := re.fullmatch(r"([+-]\d+)d", day):
        return int(days[1]) * 86400
    moment = datetime.fromisoformat(day)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.LOCAL_ZONE)
    return round((moment.astimezone(UTC) - now).total_seconds())


def environment(seconds: int, preload: Path, present: Mapping[str, str]) -> dict[str, str]:
    """The variables that put the clock of a program on, from where it is: it may have been put on before."""
    # Without the memory that its processes share: its lock is named after a process, and one that was killed
    # while it held it makes every later process of the same number wait for ever.
    before = int(present.get("FAKETIME", "+0s").removesuffix("s"))
    others = [one for one in present.get("LD_PRELOAD", "").split() if one != str(preload)]
    return {
        **present,
        "LD_PRELOAD": " ".join([str(preload), *others]),
        "FAKETIME": f"{seconds + before:+d}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",
    }


def main(arguments: Sequence[str]) -> None:
    """Put the clock on and become the command."""
    if len(arguments) < 2:
        sys.exit(__doc__)
    preload = library()
    if preload is None:
        sys.exit(MISSING)
    seconds = seconds_until(arguments[0], clock.now())
    command = list(arguments[1:])
    if command[0] == "python":
        command[0] = sys.executable
    os.execvpe(command[0], command, environment(seconds, preload, os.environ))  # noqa: S606 - the command that we were asked to run


if __name__ == "__main__":
    main(sys.argv[1:])
