"""What a record cites: the entry for whoever may read it, and for others whom to ask."""

from collections.abc import Iterable

from portal.documents import blocks
from portal.documents.blocks import Block
from portal.records.entries.presenter.citation import Cited
from portal.web.filters import day


def cited_blocks(cited: Iterable[Cited]) -> list[Block]:
    """Each citation with its conditions."""
    return [block for one in cited for block in _cited(one)]


def _cited(one: Cited) -> list[Block]:
    if not one.page:
        hidden = f"one of {one.agency}, which you cannot see. {one.ask}"
        return [blocks.said("Entry cited", answer=hidden, by=one.reference)]
    corrected = "Corrected since: the later text is on the case." if one.corrected else ""
    return [
        blocks.said(
            "Entry cited",
            answer=f"{one.title} of {day(one.at)}, {one.agency}",
            words="\n\n".join(filter(None, (one.text, corrected))),
            by=f"Cited by {one.by}. {one.reference}",
        ),
        *blocks.labelled("Conditions", one.conditions),
    ]
