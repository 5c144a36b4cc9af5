"""When a meeting ends an interim safety plan, and when it does not."""

from datetime import datetime


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
