"""The minutes of a meeting for its readers: what was said and decided, child by child."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.records.children.presenter import full_name
from portal.records.entries.presenter.citation import Cited, cited_in
from portal.records.entries.vocabulary import CitationHolder
from portal.records.minutes.presenter.record import Recorded, recorded
from portal.records.minutes.reading import records as minutes


@dataclass(frozen=True)
class Said:
    """What was said under one heading, and what it cites."""

    item_id: UUID
    heading: str
    text: str
    cited: Sequence[Cited]


@dataclass(frozen=True)
class MinutesPart:
    """The minutes on one child, or on the whole meeting."""

    name: str
    child: Any
    items: Sequence[Said]
    said: Recorded

    @property
    def is_there(self) -> bool:
        """Whether anything is on record."""
        said = self.said
        return bool(self.items or said.decisions or said.withdrawn or said.actions or said.levels)


def minutes_of(meeting: Any, children: Sequence[Any]) -> list[MinutesPart]:
    """The parts of the minutes that one may read: the whole meeting first, then each child whose case one
    reads. The closed part is none of them.
    """
    rows = [row for row in minutes.headings(meeting_id=meeting.id) if row.version]
    found, by_case = [], recorded(meeting.id)
    for child in [None, *(one for one in children if one.case_id)]:
        case_id = child.case_id if child else None
        own = [row for row in rows if row.case_id == case_id]
        cited = (
            cited_in(kind=CitationHolder.MINUTE, ids=[row.minute_id for row in own], case=child)
            if child and own
            else {}
        )
        items = [Said(row.id, row.heading, row.text, cited.get((row.minute_id, ""), ())) for row in own]
        name = full_name(child) if child else "The whole meeting"
        found.append(MinutesPart(name, child, items, by_case[case_id]))
    return [one for one in found if one.is_there or one.child]
