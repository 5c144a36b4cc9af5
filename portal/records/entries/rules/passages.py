"""A record in passages, so that each can be chosen by itself for the child and family."""

import re

_BREAK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-•*]|\d+[.)])\s)")


def passages(text: str) -> list[str]:
    """The passages of a text, in order: what an empty line, or a new point of a list, parts from the rest."""
    return [found for part in _BREAK.split(text.replace("\r\n", "\n")) if (found := part.strip())]
