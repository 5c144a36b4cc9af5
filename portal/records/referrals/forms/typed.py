"""What was typed, as it is kept in a draft: every value as it came, right or wrong, so that nothing is lost.

A page without lists is kept as ``{name: [value, …]}``; the names are those of the HTML form.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

Typed = dict[str, Any]
Values = Mapping[str, list[str]]

#: What no text may hold: PostgreSQL keeps no NUL, and the other controls have no meaning on a page.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def cleaned(value: str) -> str:
    """A posted text without control characters, with line breaks of one kind."""
    return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def keep(posted: MultiDict[str, str], names: Iterable[str], prefix: str = "") -> Typed:
    """The values that were posted under ``names`` (each with ``prefix`` before it), kept without prefix."""
    return {
        name: [cleaned(value) for value in posted.getlist(prefix + name)]
        for name in names
        if prefix + name in posted
    }


def give(typed: Values, prefix: str = "") -> MultiDict[str, str]:
    """What a browser would post for what was kept."""
    return MultiDict([(prefix + name, value) for name, values in typed.items() for value in values])


def says_something(typed: Values) -> bool:
    """Whether any value is more than blank."""
    return any(value.strip() for values in typed.values() for value in values)
