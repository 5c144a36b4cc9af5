"""Who agrees to a safety plan, and whether it fits one side of A4."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Agreement:
    """Whether the child and the carer agree to a plan; where one does not, `…_words` say why."""

    child: bool
    carer: bool
    child_words: str = ""
    carer_words: str = ""

    def in_words(self) -> dict[str, str]:
        """What was said, by the questions of the form."""
        yes = {True: "Yes", False: "No"}
        return {
            "child": yes[self.child],
            "child_words": self.child_words.strip(),
            "carer": yes[self.carer],
            "carer_words": self.carer_words.strip(),
        }


#: Characters of ordinary text on one line of a column, and lines of a column. Measured, less a reserve.
LINE = 42
LINES = 46
#: What a heading and the space around it take, in lines.
HEADING = 1.6
COLUMNS = 2


def fits_one_page(parts: Iterable[tuple[str, str]]) -> bool:
    """Whether headings with their texts fit one side. A part stays whole unless it is longer than a third of
    a column, so some room is lost at the foot of the first."""
    heights = [_height(heading, words) for heading, words in parts]
    lost = min(max(heights, default=0), LINES / 3)
    return sum(heights) + lost <= LINES * COLUMNS


def _height(heading: str, words: str) -> float:
    lines = sum(max(1, ceil(len(line) / LINE)) for line in words.splitlines() or [""])
    return HEADING * ceil(len(heading) / (LINE - 6)) + lines
