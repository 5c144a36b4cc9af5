"""Who agrees to a safety plan, whether it fits one side of A4, and when a meeting ends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil


@dataclass(frozen=True)
class Agreement:
    """Whether the child and the carer agree to a plan; where one does not, `…_words` say why."""

    child: bool
    carer: bool
    child_words: str = ""
    carer_words: str = ""


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


def outlives_meetings(first_meeting: datetime | None, last_renewal: datetime | None) -> bool:
    """Whether a plan goes on although meetings were held: none was, or it was renewed in or after the first.

    Args:
        first_meeting: when the first meeting that plans for the child began, of those held since the plan
            came into force.
        last_renewal: when the plan was last renewed.
    """
    if first_meeting is None:
        return True
    return last_renewal is not None and last_renewal >= first_meeting
