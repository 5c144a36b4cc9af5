"""The entries of a case that a print or a file holds: bounded by number, and by the bytes of their words."""

from uuid import UUID

from portal.extensions import db
from portal.records.entries.reading.case_page import NEWEST, Entries, EntryCursor, of_entries

#: Bytes of words. The database counts them, so that no more leave it.
WORDS = 2_000_000

_WITHIN = of_entries(
    around="""
select * from (
       select e.*, count(*) over () as found,
              sum(octet_length(e.text)) over (order by e.happened_at desc, e.id desc)
              - octet_length(e.text) as words_before
         from ({entries}) e) w
 where words_before < :most order by happened_at desc, id desc
"""
)


def entries_within(*, case_id: UUID, limit: int, share: float = 1) -> Entries:
    """The newest entries that one may read, newest first: so many, of so many bytes, or one.

    Args:
        share: of the bytes that a file may hold.
    """
    values = {"case_id": case_id, "at": NEWEST.happened_at, "entry_id": NEWEST.id, "limit": limit + 1}
    rows = db.session.execute(_WITHIN, values | {"most": int(WORDS * share)}).all()
    kept = rows[:limit]
    goes_on = bool(rows) and rows[0].found > len(kept)
    return Entries(kept, EntryCursor(kept[-1].happened_at, kept[-1].id) if goes_on else None)
