"""Processes of other services: what is said of a step, and from when a clock runs where several could."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from portal.clock import local

#: The code of policy `linked_processes` that decisions of meetings begin, and of which whole teams are told.
ENQUIRY = "section_47"
#: Why what is still owed on a process is owed no longer.
OVER = "The process has ended"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What somebody says of a step that was taken.

    Args:
        done_at: when it was done, not when it is recorded: what is in time is counted by it.
        late_reason: a code of policy `linked_processes.late_reasons`, where it was late.
        answer: what was decided, where policy asks that of the step.
        outcome: how the process ends, where it ends with this step.
        their_reference: in the other service, or of the police.
    """

    done_at: datetime
    words: str = ""
    late_reason: str | None = None
    answer: str | None = None
    outcome: str | None = None
    their_reference: str = ""


def initiating(held: Iterable[datetime], enquiry_began: datetime) -> datetime:
    """The strategy discussion at which an enquiry began: the last up to that day, else the first after it.

    Where none was held, the enquiry itself. A conference is counted from it, also where others followed.
    """
    moments = sorted(held)
    day = local(enquiry_began).date()  # of an enquiry often only the day is recorded
    before = [moment for moment in moments if local(moment).date() <= day]
    if before:
        return before[-1]
    return moments[0] if moments else enquiry_began
