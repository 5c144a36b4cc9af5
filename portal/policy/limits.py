"""The shape of ``rates.toml`` and ``texts.toml``: how fast one person goes on, and how long texts may be."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.validators import Positive, Sourced
from portal.vocabulary import RateAnswer, RateKind


@dataclass(frozen=True, kw_only=True)
class Rate(Sourced):
    """At most so many of a kind within so many seconds, for one person."""

    code: str
    label: str
    kind: RateKind
    most: Positive
    seconds: Positive
    answer: RateAnswer
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class LongDocuments(Sourced):
    """How many are made for one person at the same time, and how long one is kept for them."""

    label: str
    under_way: Positive
    kept_minutes: Positive


@dataclass(frozen=True, kw_only=True)
class Rates:
    """``rates.toml``"""

    rates: Catalogue[Rate]
    documents: LongDocuments

    def of(self, kind: RateKind) -> tuple[Rate, ...]:
        """Those that hold for a kind."""
        return tuple(one for one in self.rates.offered if one.kind is kind)


def check_rates(rates: Rates, file: Path) -> None:
    """Every kind has a rate.

    :raises PolicyError: at the first thing that does not fit.
    """
    for kind in RateKind:
        if not rates.of(kind):
            raise PolicyError(
                file, "rates", f"Nothing says how fast “{kind.value}” may be.", "Add one, however large."
            )


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
class Length(Sourced):
    """The most characters of a text."""

    most: Positive


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
    """No length is without end."""
    for one in fields(Texts):
        most = getattr(texts, one.name).most
        if most > MOST_OF_ALL:
            problem = f"{most:,} is more than a page can hold."
            raise PolicyError(file, f"{one.name}.most", problem, f"Use {MOST_OF_ALL:,} or fewer.")
