"""What an order or notice says."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class OrderSaid:
    """What an order or notice says.

    Args:
        kind: code of policy `orders.types`.
        made_by: which court, or who signed it.
        expires_on: its last day; None for one that has none, which is then looked at by `review_on`.
        conditions: what it forbids or asks for.
    """

    kind: str
    starts_on: date
    expires_on: date | None = None
    review_on: date | None = None
    conditions: str
    made_by: str = ""
    served_on: date | None = None
    served_words: str = ""
