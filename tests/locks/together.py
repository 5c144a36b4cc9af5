"""Two requests at once: each waits for the other before the first row that it locks or writes."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from sqlalchemy import event

from portal.extensions import db

#: What changes a row or takes a lock. The trail of looks orders nothing.
_FIRST = re.compile(r"^\s*(insert|update|delete)\b|\bfor\s+(no\s+key\s+)?update\b", re.IGNORECASE)
_BESIDE = re.compile(r"audit_event|touch_session", re.IGNORECASE)
_PATIENCE = 5.0  # seconds for which one waits for another that never comes so far


@contextmanager
def meeting(app: Flask, parties: int = 2) -> Iterator[Callable[[], None]]:
    """Let requests of several threads meet before their first lock or write; each thread joins first."""
    barrier, mine = threading.Barrier(parties), threading.local()

    def come(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not getattr(mine, "joined", False) or not _FIRST.search(statement) or _BESIDE.search(statement):
            return
        mine.joined = False
        with suppress(threading.BrokenBarrierError):
            barrier.wait(_PATIENCE)

    def join() -> None:
        mine.joined = True

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", come)
    try:
        yield join
    finally:
        event.remove(engine, "before_cursor_execute", come)


def at_once(app: Flask, *acts: Callable[[], Any]) -> Sequence[Any]:
    """What each of several acts gave, done at the same time by threads of their own."""
    found: dict[int, Any] = {}

    def run(place: int, act: Callable[[], Any], join: Callable[[], None]) -> None:
        join()
        found[place] = act()

    with meeting(app, len(acts)) as join:
        threads = [threading.Thread(target=run, args=(n, act, join)) for n, act in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == len(acts), "one of them failed: see the thread's own traceback"
    return [found[place] for place in range(len(acts))]
