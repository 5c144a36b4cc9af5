"""The processes of other services that run beside a case, for a paper on it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.records.linked_processes import reading as linked
from portal.records.linked_processes.presenter import line
from portal.web.filters import day, due


def processes(*, case_id: UUID, level: int, at: datetime | None = None) -> Iterable[Block]:
    """Which run, since when, who sees to each, and what is owed on it by when.

    Args:
        at: as they ran at a moment, without what is owed: for a paper that stands as it was written.
    """
    yield blocks.heading("Processes of other services", level)
    rows: list[list[Any]] = []
    for one in (line(row) for row in linked.running_of(case_id=case_id, at=at)):
        owed = [f"{step.what} by {due(step.due_at)}" for step in one.owed]
        rows.append([f"{one.label}, {one.reference}", day(one.since), one.owner, owed])
    columns = ("Process", "Since", "Who sees to it", "What is owed")
    shown = len(columns) if at is None else len(columns) - 1
    yield from blocks.table(columns[:shown], [row[:shown] for row in rows])
    if not rows:
        yield from blocks.words("None is recorded.")
