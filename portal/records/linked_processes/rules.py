"""Processes of other services: from which moment a clock runs where several could be meant."""

from collections.abc import Iterable
from datetime import datetime

from portal.clock import local


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
