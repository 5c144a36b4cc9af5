"""The chronology of a child as a file: what its reader may read, the oldest first, with each source."""

from collections.abc import Sequence
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.pages.chronologies.presenter import ChronologyLine, by_month, lines_of
from portal.policy import Policy
from portal.queries.paging import MomentCursor, Page
from portal.records.cases.document import about_child
from portal.records.disclosures.vocabulary import CopyKind
from portal.vocabulary import Sensitivity
from portal.web.filters import day

_CLOSELY = {
    Sensitivity.RESTRICTED: "Restricted. Only the hub and named people may read this.",
    Sensitivity.SEALED: "Sealed. Only named people may read this.",
}


def chronology_of_child(
    *,
    child: Any,
    cases: Sequence[Any],
    policy: Policy,
    alerts: Sequence[Any],
    held: Sensitivity,
    found: Page[MomentCursor],
    asked_for: Sequence[str],
) -> Document:
    """What the reader may read of a child: what is right to print is right to take.

    Args:
        cases: those that the reader reads, on whose ledger the copy stands.
        alerts: as `portal.records.cases.presenter.strip_item` puts them.
        asked_for: what it was narrowed to, in words.
    """
    closely = [f"{_CLOSELY[held]} Do not talk about it with others, also in your own team."] if held else []
    narrowed = f"Only a part was asked for: {'; '.join(asked_for)}." if asked_for else ""
    older = (
        "There are older lines. Ask for them by their dates on the page of the child." if found.next else ""
    )
    months = by_month(reversed(lines_of(found.rows, policy)))
    return Document.of(
        child,
        CopyKind.CHILD_CHRONOLOGY,
        called="chronology",
        title="Chronology of a child",
        about=[about_child(child)],
        warnings=[*closely, *(f"{one['label']}: {one['text']}" for one in alerts)],
        case_ids=[one.id for one in cases],
        blocks=[
            *blocks.words(narrowed),
            *blocks.words(older),
            *(blocks.words("Nothing that is for you to read.") if not months else ()),
            *(block for month in months for block in _month(month.name, month.lines)),
        ],
    )


def _month(name: str, lines: Sequence[ChronologyLine]) -> list[Block]:
    return [blocks.heading(name), *(block for one in lines for block in line_blocks(one))]


def line_blocks(one: ChronologyLine) -> list[Block]:
    """One line: the day and what happened, the words, and who says so and where."""
    where = f" {one.called}." if one.called and "-" in one.called else ""
    readers = f" {one.readers}." if one.readers else ""
    return [
        blocks.heading(f"{day(one.at)}: {one.title}", 2),
        *blocks.labelled("Critical moment", one.critical),
        *(block for words in one.words for block in blocks.words(words)),
        *(block for each in one.details for block in blocks.labelled(each.label.rstrip("?"), each.text)),
        *blocks.labelled("Conditions", one.conditions),
        *blocks.note(f"{one.source}.{where}{readers}"),
    ]
