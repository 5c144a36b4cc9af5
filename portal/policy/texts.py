"""The shape of ``texts.toml``: how long texts may be, by what they are."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from portal.policy.agreeing import positive
from portal.policy.reader import PolicyError

#: Above it a document of one text takes longer than a page may.
MOST_OF_ALL = 100_000


class Size(StrEnum):
    """What a text is, as far as its length goes."""

    LINE = "line"
    NAME = "name"
    NOTE = "note"
    NARRATIVE = "narrative"
    MINUTES = "minutes"


@dataclass(frozen=True, kw_only=True)
class Length:
    """The most characters of a text."""

    most: int
    source: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Texts:
    """``texts.toml``: one length for each :class:`Size`."""

    line: Length
    name: Length
    note: Length
    narrative: Length
    minutes: Length

    def most(self, size: Size) -> int:
        """The most characters of a text of this size."""
        found: Length = getattr(self, size.value)
        return found.most


def check_texts(texts: Texts, file: Path) -> None:
    """Every length has room for something, and none is without end."""
    for one in fields(Texts):
        most = getattr(texts, one.name).most
        positive(most, file, f"{one.name}.most")
        if most > MOST_OF_ALL:
            problem = f"{most:,} is more than a page can hold."
            raise PolicyError(file, f"{one.name}.most", problem, f"Use {MOST_OF_ALL:,} or fewer.")
