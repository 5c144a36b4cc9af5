"""A database whose host hangs: every process of the server stands still, and the network does not know it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from portal.demo import postgres


@contextmanager
def frozen(server: postgres.Server) -> Iterator[None]:
    """Stop every process of `server`, as a host does that hangs, and let them go on afterwards."""
    stopped = [server.process_id]
    os.kill(server.process_id, signal.SIGSTOP)  # first: it starts no more of them
    try:
        for number in _children(server.process_id):
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.kill(number, signal.SIGSTOP)
                stopped.append(number)
        yield
    finally:
        for number in reversed(stopped):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)


def _children(parent: int) -> list[int]:
    threads = Path(f"/proc/{parent}/task").iterdir()
    return [int(n) for one in threads for n in (one / "children").read_text().split()]
