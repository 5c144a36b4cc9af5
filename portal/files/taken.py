"""A file as it is kept: what the process that read it hands back."""

from dataclasses import dataclass

from portal.records.attachments.vocabulary import FileKind


@dataclass(frozen=True)
class TakenFile:
    """A file as it is kept.

    Args:
        parts: what a saved e-mail carried, each a file by itself.
        left_out: how many of those were not taken.
    """

    kind: FileKind
    content: bytes
    parts: "tuple[CarriedFile, ...]" = ()
    left_out: int = 0


@dataclass(frozen=True)
class CarriedFile:
    """A file that came with an e-mail, and what is kept of it.

    Args:
        name: as the e-mail calls it.
        sent: the file as it came.
    """

    name: str
    sent: bytes
    taken: TakenFile
