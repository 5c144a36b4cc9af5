"""What the page of a meeting shows beside who is invited: papers, agenda, the day, what was handed out."""

from typing import Any


def parts(meeting: Any) -> dict[str, Any]:  # noqa: ARG001  # each part will look up its own by the meeting
    """What the templates of the page's further parts need, by their own names.

    Args:
        meeting: the row of `portal.queries.meetings.page`.
    """
    return {}
