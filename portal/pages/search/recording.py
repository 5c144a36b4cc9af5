"""That somebody searched, on record."""

from collections.abc import Sequence
from uuid import UUID

from portal.access import audit
from portal.access.audit import search_hash


def record_search(
    typed: str, *, children: Sequence[UUID] = (), records: Sequence[str] = (), ground: str | None = None
) -> None:
    """Put a search on record. The database keeps what was typed apart; the hash tells who typed the same.

    Args:
        typed: what was sought.
        children: whom its results show.
        records: references of what else they show.
        ground: why nothing was looked for, where that is so.
    """
    compared = search_hash(typed)
    audit.record(
        "child:search",
        subject_kind="child",
        ground=ground,
        sought=typed,
        search_hash=compared.value,
        search_key=compared.key,
        shown=[str(one) for one in children],
        records=list(records),
    )
