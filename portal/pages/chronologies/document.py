"""The chronology of a child, and of a case of theirs, as a file: what its reader may read, the oldest first,
with each source. Both hold the same lines.
"""

from collections.abc import Sequence
from typing import Any

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.documents.document import Document
from portal.pages.chronologies import reading as chronologies
from portal.pages.chronologies.presenter import PRINTED, ChronologyLine, by_month, lines_of
from portal.policy import Policy
from portal.queries.paging import MomentCursor, Page
from portal.records.cases.document import about_child, at_a_glance, network_of, warnings_of
from portal.records.cases.reading import records as case_records
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
            *lines_within(found, policy),
        ],
    )


def chronology_of_case(*, case: Any, policy: Policy, alerts: Sequence[Any]) -> Document:
    """What a case is about, who works on it, and what the reader may read of its child: every line that the
    page of the chronology holds, also those on the child and on other cases of theirs.

    Args:
        case: the row of `portal.records.entries.reading.case_page.head`.
        alerts: the alerts that stand on it.
    """
    found = chronologies.lines(child_id=case.child_id, limit=PRINTED)
    return Document.of(
        case,
        CopyKind.CHRONOLOGY,
        called="chronology",
        title="Chronology",
        about=[about_child(case)],
        warnings=warnings_of(case, policy, alerts),
        case_ids=[one.id for one in case_records.cases_of(child_id=case.child_id)],
        blocks=[
            blocks.heading("About the case"),
            *at_a_glance(case, policy),
            *network_of(case),
            *lines_within(found, policy),
        ],
    )


def lines_within(found: Page[MomentCursor], policy: Policy, *, level: int = 1) -> list[Block]:
    """Lines as a file holds them: the oldest first, below the month in which each happened.

    Args:
        level: of the headings of the months.
    """
    months = by_month(reversed(lines_of(found.rows, policy)))
    older = (
        "There are older lines. Ask for them by their dates on the page of the chronology."
        if found.next
        else ""
    )
    return [
        *blocks.words(older),
        *(blocks.words("Nothing that is for you to read.") if not months else ()),
        *(block for month in months for block in _month(month.name, month.lines, level)),
    ]


def _month(name: str, lines: Sequence[ChronologyLine], level: int) -> list[Block]:
    return [blocks.heading(name, level), *(block for one in lines for block in line_blocks(one, level + 1))]


def line_blocks(one: ChronologyLine, level: int) -> list[Block]:
    """One line: the day and what happened, the words, and who says so and where."""
    where = f" {one.called}." if one.called and "-" in one.called else ""
    readers = f" {one.readers}." if one.readers else ""
    notes = f" {one.notes}" if one.notes else ""
    return [
        blocks.heading(f"{day(one.at)}: {one.title}", level),
        *blocks.labelled("Critical moment", one.critical),
        *(block for words in one.words for block in blocks.words(words)),
        *(block for each in one.details for block in blocks.labelled(each.label.rstrip("?"), each.text)),
        *blocks.labelled("Conditions", one.conditions),
        *blocks.note(f"{one.source}.{where}{readers}{notes}"),
    ]
