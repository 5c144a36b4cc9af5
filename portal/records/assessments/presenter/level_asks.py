"""What the level of a case asks of its next meeting, beside the form that calls it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.policy.work import LevelRule
from portal.vocabulary import Sector
from portal.vocabulary.deadlines import DeadlineKind
from portal.web.due_sources import DueSource, due_source


@dataclass(frozen=True)
class Asked:
    """The meeting that is owed: its sort, who chairs it, who has to be there, by when and why then."""

    level: str
    what: str
    meeting: str
    chair: str
    there: Sequence[str]  # lines of work that a team on the case, or one that is ticked, brings
    lacking: Sequence[str]  # those that nobody brings yet
    confirmed: bool
    due_at: datetime | None
    first_due_at: datetime | None  # where it was moved
    source: DueSource | None


def asked_of_meeting(
    rule: LevelRule | None, due: Any, *, bring: Collection[str], authority: str | None
) -> Asked | None:
    """What is asked, or None where neither a level nor a duty asks for anything.

    Args:
        rule: of the highest level among the cases.
        due: the row of `queries.meeting_calls.due_on`.
        bring: the sectors of the teams that would be invited.
    """
    if rule is None and due is None:
        return None
    needed = rule.required_sectors if rule else ()
    moved = due is not None and due.original_due_at != due.due_at
    return Asked(
        level=rule.label if rule else "",
        what=DeadlineKind(due.kind).label if due else "",
        meeting=rule.meeting if rule else "",
        chair=rule.chair if rule else "",
        there=_labels(one for one in needed if one in bring),
        lacking=_labels(one for one in needed if one not in bring),
        confirmed=rule.confirmed if rule else True,
        due_at=due.due_at if due else None,
        first_due_at=due.original_due_at if moved else None,
        source=due_source(due, authority) if due else None,
    )


def _labels(sectors: Any) -> list[str]:
    return [Sector(one).label for one in sectors]
