"""What a noun says of one kind of line in the chronology of a child."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from portal.policy import Policy
from portal.records.entries.reading.citations import bounds_of
from portal.records.entries.rules import Bounds, Detail, who_reads
from portal.records.entries.vocabulary import ChronologyPart


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one kind of line says: its title, its words, and what is said in fields beside them."""

    title: str
    words: Sequence[str] = ()
    details: Sequence[Detail] = ()
    critical: str | None = None
    conditions: str = ""
    readers: str = ""
    sender: str = ""  # whose words they are, where whoever added them only carried them over
    link: Callable[[], str] | None = None  # where it leads, asked only where it is shown
    called: str = ""  # what the link is called, where it has no reference


class Says(Protocol):
    """A line in words."""

    def __call__(self, row: Any, policy: Policy, /) -> Said: ...


@dataclass(frozen=True, kw_only=True)
class LineKind:
    """A kind of record that the chronology of a child shows, as one part of a union.

    Attributes:
        what: what a line of it is called, in addresses too.
        part: what people choose, to see it.
        rows: SQL that gives the columns id, at, agency_id, by_id, case_id, reference, said, for the parameter
            `child`. Which rows there are, the database decides; a day without an hour stands at midday.
            `reference` leads to the record's page; `said` holds what is particular to it. What was put right
            stands as it is now; the record's own page has what was said before.
        says: a row in words.
        critical: whether lines of it can be critical moments.
    """

    what: str
    part: ChronologyPart
    rows: str
    says: Says
    critical: bool = False


def bounds_of_line(row: Any) -> Bounds:
    """What may not be done with the words of a line."""
    return bounds_of(row.said.get("conditions"), row.said.get("grading"))


def readers(row: Any) -> str:
    """Who else reads a line, by its handling."""
    return who_reads(row.said["handling"], row.agency, row.said["listed"])
