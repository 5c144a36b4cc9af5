"""Which test drives which row of the table of who is told, through the service that makes it happen.

`rows.csv` names for each row of the policy a test that compares what the outbox holds of its event with all
who are to be told. That it does is looked at when the test has run (`tests/conftest.py`): so each row is
driven once, by the test that belongs to it, and a row that nobody drives has nowhere to hide.
"""

import ast
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.structure.source import ROOT, parsed

HERE = Path(__file__).parent

#: How a row of the policy is seen in the outbox: the event, the ground, the channel and the kind.
Seen = tuple[str, str, str, str]
CHANNELS = {
    "mail": "mail",
    "bell": "portal",
    "digest": "digest",
    "weekly": "weekly",
    "news": "news",
    "hand": "hand",
}


@dataclass(frozen=True, kw_only=True)
class Driven:
    """A row of the policy, and the test that drives it.

    Attributes:
        untold: it is driven where its ground has nobody, and the hub has that on its list.
        test: the address of the test.
        because: why no test can drive it, where none can.
    """

    event: str
    to: str
    by: str
    kind: str
    untold: bool
    test: str
    because: str

    @property
    def row(self) -> tuple[str, str, str, str]:
        """The row as the policy has it."""
        return self.event, self.to, self.by, self.kind

    @property
    def seen(self) -> Seen:
        """What the test looks at."""
        if self.untold:
            return self.event, self.to, "untold", ""
        ground = "" if self.by == "news" else self.to
        return self.event, ground, CHANNELS[self.by], self.kind


@cache
def listed() -> tuple[Driven, ...]:
    """Every line of `rows.csv`."""
    with (HERE / "rows.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Driven(**one | {"untold": one["untold"] == "yes"}) for one in csv.DictReader(file))


@cache
def by_test() -> Mapping[str, frozenset[Seen]]:
    """What each test has to look at."""
    found: dict[str, set[Seen]] = {}
    for one in listed():
        if one.test:
            found.setdefault(one.test, set()).add(one.seen)
    return {test: frozenset(rows) for test, rows in found.items()}


@dataclass(frozen=True, kw_only=True)
class Told:
    """A line of the requirement: what happened, who is told, and what answers for it.

    Attributes:
        channel: how they are told, in words of policy `telling`.
        urgent: at any hour.
        optional: whether a person may switch it off.
        answer: rows of the policy (`event:ground`), ladders (`ladder:code`), tests (`test:address`),
            why nothing has to (`because:…`), or that nothing does (`open:` and its priority).
        differs: why the rows do it by a weaker way, or why it can be switched off though it could not or the
            other way round, where they do.
    """

    id: str
    event: str
    to: str
    priority: str
    channel: str
    urgent: bool
    optional: bool
    answer: str
    differs: str

    @property
    def answers(self) -> Iterator[tuple[str, str]]:
        """Each part of the answer: of which sort, and what."""
        if self.answer.startswith("because:"):
            yield "because", self.answer.removeprefix("because:")
            return
        for part in self.answer.split():
            sort, _, what = part.partition(":")
            yield (sort, what) if sort in SORTS else ("row", part)


SORTS = frozenset({"ladder", "test", "open"})


@cache
def required() -> tuple[Told, ...]:
    """Every line of `tells.csv`, the requirement."""
    with (HERE / "tells.csv").open(encoding="utf-8", newline="") as file:
        flags = ("urgent", "optional")
        return tuple(
            Told(**one | {name: one[name] == "yes" for name in flags}) for one in csv.DictReader(file)
        )


def exists(test: str) -> bool:
    """Whether there is a test at an address: a function in a file."""
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.is_file() and name.partition("[")[0] in _functions(path)


@cache
def _functions(path: Path) -> frozenset[str]:
    return frozenset(one.name for one in parsed(path).body if isinstance(one, ast.FunctionDef))
