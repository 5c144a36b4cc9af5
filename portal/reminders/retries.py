"""When a message that could not be sent is tried again, and when that has gone on for long enough."""

from datetime import datetime, timedelta
from random import uniform

from portal.pathway.deadlines import due
from portal.pathway.sending import goes_out
from portal.policy.telling import Reminders

FIRST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)
LONGEST_URGENT = timedelta(minutes=2)
JITTER = 0.25  # of the pause, to either side, so that what failed together does not come back together


def pause(attempts: int, *, urgent: bool) -> timedelta:
    """How long to wait after so many attempts, the one that just failed included; before jitter."""
    longest = LONGEST_URGENT if urgent else LONGEST
    doubled: timedelta = FIRST * 2 ** min(attempts - 1, 10)
    return min(doubled, longest)


def next_try(moment: datetime, attempts: int, *, urgent: bool, reminders: Reminders) -> datetime | None:
    """When to try again after an attempt failed; None when that has gone on for as long as policy allows.

    It is the time of trying that counts (policy `reminders.give_up_after`), not that since the message was
    owed: while no worker runs, nothing is given up.

    Args:
        moment: of the attempt that failed.
        attempts: how many failed, that one included.
    """
    tried_for = sum((pause(number, urgent=urgent) for number in range(1, attempts)), timedelta())
    if due(reminders.give_up_after, moment - tried_for) <= moment:
        return None
    wait = pause(attempts, urgent=urgent) * uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nobody gains from guessing it
    return goes_out(reminders.hours, moment + wait, urgent=urgent)
