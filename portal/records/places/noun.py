"""What places and the directory plug into the rest."""

from uuid import UUID

from portal.queries.record_columns import Columns, columns
from portal.records.places.model import DirectoryEntry
from portal.records.places.tasks import TASKS
from portal.registry import Duty, Noun, Record


def _contacts(ids: list[UUID]) -> Columns:
    return columns("directory_entry", DirectoryEntry.id, None, named=False, words=DirectoryEntry.name).where(
        DirectoryEntry.id.in_(ids)
    )


NOUN = Noun(
    tasks=TASKS,
    records=(
        Record(
            table=DirectoryEntry,
            index="directory.index",
            permission="directory:view",
            named=_contacts,
            duty=Duty(own="directory_id"),
        ),
    ),
)
