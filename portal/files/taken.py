"""A file as it is kept: what the process that read it hands back."""

from dataclasses import dataclass

from portal.records.attachments.vocabulary import FileKind


@dataclass(frozen=True)
class TakenFile:
    """A file as it is kept."""

    kind: FileKind
    content: bytes
