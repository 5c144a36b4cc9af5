"""A time of day, as people type it."""

from datetime import datetime, time

_SHAPES = ("%H:%M", "%H%M", "%I:%M%p", "%I:%M %p", "%I%p", "%I %p")

ADVICE = "Enter a time of day, like 14:30"


def read_time(typed: str) -> time | None:
    """The time that was typed (``14:30``, ``2.30pm``, ``1430``); None for what is no time of day."""
    bare = typed.strip().lower().replace(".", ":")
    for shape in _SHAPES:
        try:
            return datetime.strptime(bare, shape).time()  # noqa: DTZ007 - a time of day has no zone yet
        except ValueError:
            continue
    return None
