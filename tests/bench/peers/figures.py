"""What was measured, compared: rows, medians, ratios."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.measuring import Taken

REFERENCE = re.compile(r"CRE-[0-9A-Z]{4}-[0-9A-Z]{4}")
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
PORTAL = "portal"
#: How many times as long as the portal a peer takes at least. Level is what noise alone may undercut.
AHEAD, LEVEL = 5.0, 0.9
#: Reported only: of a case a peer shows the bare fields, and a filter finds what is spelt exactly so.
WITHOUT_BUDGET = frozenset({"detail", "filter"})


def references(page: str, *, rows: bool = True) -> list[str]:
    """The references of cases that a page shows, in its order, each once.

    Args:
        page: its HTML.
        rows: those in the rows of its tables alone, which the example beside a search box is not.
    """
    shown = "".join(ROW.findall(page)) if rows else page
    return list(dict.fromkeys(REFERENCE.findall(shown)))


def different_rows(
    expected: Sequence[str], shown: Mapping[str, Sequence[str]], *, ordered: bool
) -> list[str]:
    """A sentence for each side whose page does not show what is in the database.

    Args:
        expected: the references of the rows.
        shown: for each side the references on its page.
        ordered: in this order.
    """
    if not expected:
        return ["nothing is compared: no row is expected"]
    return [
        f"{side} shows {len(found)} rows, of which {len(set(found) & set(expected))} are among the"
        f" {len(expected)} expected{' in their order' if ordered else ''}"
        for side, found in shown.items()
        if (list(found) != list(expected) if ordered else sorted(found) != sorted(expected))
    ]


@dataclass(frozen=True)
class Ratio:
    """How many times as long as the portal a peer took, in the same run."""

    page: str
    clients: int
    peer: str
    wall: float
    processor: float

    @property
    def name(self) -> str:
        """What its figure is called."""
        return f"peers_{self.page}_{self.clients}_{self.peer}"


def ratios(page: str, clients: int, taken: Mapping[str, Taken]) -> Iterator[Ratio]:
    """Every peer beside the portal."""
    ours = taken[PORTAL]
    for peer, theirs in taken.items():
        if peer != PORTAL:
            yield Ratio(
                page,
                clients,
                peer,
                theirs.middle / ours.middle,
                theirs.processor_each / max(ours.processor_each, 0.001),
            )


def beyond(found: Collection[Ratio]) -> list[str]:
    """The ratios that are below what is asked for: well ahead of defaults, level with what was tuned."""
    return [
        f"{one.name} {one.wall:.2f}, not {least}"
        for one in found
        if one.page not in WITHOUT_BUDGET
        and one.wall < (least := LEVEL if one.peer.endswith("tuned") else AHEAD)
    ]
