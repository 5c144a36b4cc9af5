"""Making two requests meet: each waits, before whatever it locks or writes, for the other to come as far.

Two requests that are merely sent at once mostly miss each other. Held so, both have read, and compared what
they read, before either writes. Where one waits for a lock that the other holds, the other is let go.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text

#: What takes a lock or changes a row. The trail of looks is written by everybody, and orders nothing.
_MEETING_POINT = re.compile(
    r"^\s*(insert|update|delete|with\b.*\b(insert|update|delete))\b|\bfor\s+(no\s+key\s+)?(update|share)\b"
    r"|pg_(try_)?advisory|ctx\.take_turn|ctx\.pass_if_sealed",
    re.IGNORECASE | re.DOTALL,
)
_TRAIL = re.compile(r"^\s*insert into (ctx\.)?audit_event\b", re.IGNORECASE)
_WAITS = text("select exists (select 1 from pg_locks where pid = :pid and not granted)")
_LOOK_EVERY = 0.01  # seconds
_AT_MOST = 20.0  # seconds; only an error in the portal lasts so long


class Meeting:
    """Two requests of this process, each in its own thread."""

    def __init__(self, observer: Engine) -> None:
        self._observer = observer
        self._turn = threading.Condition()
        self._came: dict[int, int] = {}  # by thread: how many meeting points it has come to
        self._pids: dict[int, int] = {}
        self._over: set[int] = set()
        self._parted = False
        self.met = 0  # meeting points that both came to

    def join(self) -> None:
        """The calling thread is one of the two."""
        with self._turn:
            self._came[threading.get_ident()] = 0

    def leave(self) -> None:
        """The calling thread has its answer; the other waits for it no longer."""
        with self._turn:
            self._over.add(threading.get_ident())
            self._turn.notify_all()

    def come(self, pid: int) -> None:
        """The calling thread is about to lock or write."""
        me = threading.get_ident()
        with self._turn:
            if me not in self._came or self._parted:
                return
            self._pids[me] = pid
            self._came[me] += 1
            self._turn.notify_all()
            waited = 0.0
            while not self._may_go(me):
                self._turn.wait(_LOOK_EVERY)
                waited += _LOOK_EVERY
                if waited > _AT_MOST or self._other_waits(me):
                    self._parted = True
                    self._turn.notify_all()
                    return
            self.met += 1

    def _may_go(self, me: int) -> bool:
        others = [one for one in self._came if one != me]
        return self._parted or any(one in self._over or self._came[one] >= self._came[me] for one in others)

    def _other_waits(self, me: int) -> bool:
        pids = [pid for one, pid in self._pids.items() if one != me]
        if not pids:
            return False
        with self._observer.connect() as connection:
            return bool(connection.execute(_WAITS, {"pid": pids[0]}).scalar())


@contextmanager
def meeting(engine: Engine, observer: Engine) -> Iterator[Meeting]:
    """Hold the requests that use `engine`, in the threads that join.

    Args:
        engine: the application’s.
        observer: another, through which is seen who waits for a lock.
    """
    held = Meeting(observer)

    def come(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if _MEETING_POINT.search(statement) and not _TRAIL.match(statement):
            held.come(connection.connection.dbapi_connection.info.backend_pid)

    event.listen(engine, "before_cursor_execute", come)
    try:
        yield held
    finally:
        event.remove(engine, "before_cursor_execute", come)
