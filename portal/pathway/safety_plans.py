"""Rules of interim safety plans: when a meeting ends one, and what may not be handed out in one."""

import re
from datetime import datetime

#: Shorter than this, what is left of an address would be found in any text.
_SHORTEST = 6


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


def mentions(words: str, *, value: str, postcode: str | None) -> bool:
    """Whether words give away an address or a phone number, however it is spaced or written."""
    bare = _bare(words)
    first_line = re.split(r"[,\n]", value, maxsplit=1)[0]
    wanted = {_bare(value), _bare(first_line), _bare(postcode or "")}
    return any(one in bare for one in wanted if len(one) >= _SHORTEST)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
