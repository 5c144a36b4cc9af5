"""What a whole test run writes, sends and logs, kept until its last test looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.personal.facts import Facts, gathered
from tests.personal.recording import Record, recording

LAST = "tests/personal/test_last.py"


@dataclass
class Run:
    """Both sides of the comparison."""

    facts: Facts = field(default_factory=Facts)
    record: Record = field(default_factory=Record)


RUN = pytest.StashKey[Run]()


@contextmanager
def watched() -> Iterator[Run]:
    """Gather and record until the end of the run."""
    run = Run()
    with gathered(run.facts), recording(run.record):
        yield run


def put_last(items: list[pytest.Item]) -> None:
    """Have the test that looks at all of it run after all others."""
    items.sort(key=lambda item: item.nodeid.startswith(LAST))
