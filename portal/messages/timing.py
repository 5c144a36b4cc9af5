"""When a telling goes out: in the sending hours, or at once where it would come too late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import clock
from portal.pathway.calendar import goes_out
from portal.policy import current_policy


@dataclass(frozen=True)
class Sending:
    """When one message goes out.

    Attributes:
        urgent: it does not wait for the sending hours, nor for long when it fails.
        needed_by: they may read it too late, so they are rung: what it is about begins then.
    """

    at: datetime
    urgent: bool
    needed_by: datetime | None = None


@dataclass(frozen=True)
class Timing:
    """What a step says of when its telling may go out, and when it has to have.

    Args:
        at_once: what it is about goes on now, so that nothing of it waits for the sending hours.
        not_before: no e-mail of it goes out earlier; the portal shows it now.
        held_until: until then nobody is told: no e-mail goes out, and the portal shows nothing.
        held_for: until when that is, in words, before the hour.
        before: when what it is about begins. What would go out less than so many hours before that (policy
            `reminders.hours.notice_hours`) goes at once.
    """

    not_before: datetime | None = None
    held_until: datetime | None = None
    before: datetime | None = None
    held_for: str = ""
    at_once: bool = False

    @property
    def held(self) -> str:
        """Until when nobody is told, in words; empty where it is not held."""
        return self.held_for if self.held_until else ""

    def sends(self, *, urgent: bool) -> Sending:
        """When a message goes out that is `urgent` by policy, or is not."""
        hours, now = current_policy().reminders.hours, clock.now()
        owed = max(now, self.not_before or now, self.held_until or now)
        urgent = urgent or self.at_once
        at = goes_out(hours, owed, urgent=urgent)
        if self.before is None or self.before <= now:
            return Sending(at, urgent)
        in_time = self.before - timedelta(hours=hours.notice_hours)
        if at <= in_time:
            return Sending(at, urgent)
        return Sending(owed, urgent=True, needed_by=self.before if owed > in_time else None)
