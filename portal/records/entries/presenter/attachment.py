"""Files as a page lists them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.records.attachments.vocabulary import AttachmentState, FileKind

_KILOBYTE = 1024

#: What is said beside a file.
_NOTES = {
    AttachmentState.CLEAN: "",
    AttachmentState.NOT_SCANNED: "Not scanned for viruses",
    AttachmentState.QUARANTINED: "Waiting to be checked for viruses",
    AttachmentState.REFUSED: "Refused: a virus or something else harmful was found in it",
}


@dataclass(frozen=True)
class FileLine:
    """One file beside the words of an entry."""

    reference: str
    name: str
    what: str
    note: str
    opens: bool


@dataclass(frozen=True)
class FileItem:
    """One file."""

    reference: str
    name: str
    kind: str
    size: str
    added: str  # by whom
    added_at: datetime
    note: str  # what is known of whether it is harmful, where that is worth saying
    opens: bool  # whether there is something to open, perhaps after a look
    shows_source: bool
    case_reference: str | None
    withdrawn: str  # by whom and why; empty where it was not
    may_withdraw: bool

    @property
    def what(self) -> str:
        """Kind and size."""
        return f"{self.kind}, {self.size}"


def file_items(rows: Iterable[Any], *, runs_meeting: bool = False) -> list[FileItem]:
    """Files with their labels.

    Args:
        runs_meeting: they hang on a meeting of which the person is chair or note-taker.
    """
    person = current()
    return [
        FileItem(
            reference=row.reference,
            name=row.name,
            kind=FileKind(row.kind).label,
            size=size_words(row.size),
            added=f"{row.added_by}, {row.agency}",
            added_at=row.added_at,
            note=_NOTES[AttachmentState(row.state)],
            opens=row.removed_at is None and row.state != AttachmentState.REFUSED,
            shows_source=row.shows_source,
            case_reference=row.case_reference,
            withdrawn=f"Withdrawn by {row.removed_by}: {row.removed_reason}" if row.removed_at else "",
            may_withdraw=row.removed_at is None
            and row.state != AttachmentState.REFUSED
            and permitted(
                person,
                "attachment:withdraw",
                Facts(own_agency=row.added_agency_id == person.agency_id, runs_meeting=runs_meeting),
            ),
        )
        for row in rows
    ]


def file_lines(files: Iterable[Mapping[str, Any]] | None) -> list[FileLine]:
    """Files of an entry, as the statement that reads it brings them; those that were withdrawn say so.

    Args:
        files: of each its reference, name, kind, size, state and whether it was removed; None for none.
    """
    return [
        FileLine(
            reference=one["reference"],
            name=one["name"],
            what=f"{FileKind(one['kind']).label}, {size_words(one['size'])}",
            note="Withdrawn" if one["removed"] else _NOTES[AttachmentState(one["state"])],
            opens=not one["removed"] and one["state"] != AttachmentState.REFUSED,
        )
        for one in files or ()
    ]


def size_words(size: int) -> str:
    """How large a file is, for people.

    Args:
        size: in bytes.
    """
    if size < _KILOBYTE * _KILOBYTE:
        return f"{max(1, round(size / _KILOBYTE))} KB"
    return f"{size / _KILOBYTE / _KILOBYTE:.1f} MB"
