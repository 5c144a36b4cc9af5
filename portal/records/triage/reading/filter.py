"""What of the triage queue somebody wants to see, and where a page of it begins."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from portal.queries import paging

#: Moments in an address are counted from here.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class QueueFilter:
    """What of the queue to show; nothing chosen means all of it. Codes and references only, never a name."""

    districts: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    @property
    def chosen(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.districts or self.types or self.agencies or self.states)

    def as_query(self) -> dict[str, list[str]]:
        """The filter as it stands in an address, and as it is saved."""
        named = {
            "district": self.districts,
            "type": self.types,
            "agency": self.agencies,
            "state": self.states,
        }
        return {name: list(codes) for name, codes in named.items() if codes}

    def without(self, name: str, code: str) -> "QueueFilter":
        """The filter without one of its choices."""
        plural = {"district": "districts", "type": "types", "agency": "agencies", "state": "states"}[name]
        kept = tuple(one for one in getattr(self, plural) if one != code)
        return replace(self, **{plural: kept})


@dataclass(frozen=True)
class Place(paging.Cursor):
    """Where a page of the queue begins: after one row, as the queue stood at one moment."""

    as_of: datetime
    in_time: int
    rank: int
    due: datetime
    referral_id: UUID
