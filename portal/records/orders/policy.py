"""The shape of ``orders.toml``: the orders and notices that can be on a person or a place of concern."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.reader import Catalogue, PolicyError
from portal.policy.sections import Kept, Section
from portal.policy.validators import InDaysOrMonths, Sourced, Term
from portal.records.concerns.vocabulary import ConcernKind

if TYPE_CHECKING:
    from portal.policy.book import Policy


@dataclass(frozen=True, kw_only=True)
class OrderType(Term):
    """A sort of order or notice; ``kinds`` are those of what it can be on."""

    kinds: tuple[ConcernKind, ...]


@dataclass(frozen=True, kw_only=True)
class OrderOutcome(Term):
    """How an order can end; after one that is ``still_protects`` something else protects in its place."""

    still_protects: bool = False


@dataclass(frozen=True, kw_only=True)
class Orders(Sourced):
    """``orders.toml``"""

    review_within: InDaysOrMonths
    types: Catalogue[OrderType]
    outcomes: Catalogue[OrderOutcome]

    def types_on(self, kind: ConcernKind | str) -> tuple[OrderType, ...]:
        """What can be on one kind of concern."""
        return tuple(one for one in self.types.offered if kind in one.kinds)


def check_orders(policy: "Policy", file: Path) -> None:
    """Every sort can be on something.

    :raises PolicyError: at the first thing that does not fit.
    """
    orders = policy.of(Orders)
    for number, one in enumerate(orders.types, start=1):
        if not one.kinds:
            raise PolicyError(
                file, f"types[{number}].kinds", f"“{one.label}” is on nothing.", "Name a kind of concern."
            )


SECTIONS = (
    Section(
        file="orders",
        shape=Orders,
        check=check_orders,
        kept=(Kept("select distinct kind from concern_order", lambda orders: orders.types),),
    ),
)
