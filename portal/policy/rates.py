"""The shape of ``rates.toml``: how fast one person goes on, and what is made for one at a time."""

from dataclasses import dataclass
from pathlib import Path

from portal.policy.agreeing import positive
from portal.policy.reader import Catalogue, PolicyError
from portal.vocabulary.rates import RateKind


@dataclass(frozen=True, kw_only=True)
class Rate:
    """At most so many of a kind within so many seconds, for one person."""

    code: str
    label: str
    kind: RateKind
    most: int
    seconds: int
    source: str
    confirmed: bool
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class LongDocuments:
    """How many are made for one person at the same time, and how long one is kept for them."""

    label: str
    under_way: int
    kept_minutes: int
    source: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Rates:
    """``rates.toml``"""

    rates: Catalogue[Rate]
    documents: LongDocuments

    def of(self, kind: RateKind) -> tuple[Rate, ...]:
        """Those that hold for a kind."""
        return tuple(one for one in self.rates.offered if one.kind is kind)


def check_rates(rates: Rates, file: Path) -> None:
    """Every kind has a rate, and each counts something.

    :raises PolicyError: at the first thing that does not fit.
    """
    for number, one in enumerate(rates.rates, start=1):
        positive(one.most, file, f"rates[{number}].most")
        positive(one.seconds, file, f"rates[{number}].seconds")
    for kind in RateKind:
        if not rates.of(kind):
            raise PolicyError(
                file, "rates", f"Nothing says how fast “{kind.value}” may be.", "Add one, however large."
            )
    positive(rates.documents.under_way, file, "documents.under_way")
    positive(rates.documents.kept_minutes, file, "documents.kept_minutes")
