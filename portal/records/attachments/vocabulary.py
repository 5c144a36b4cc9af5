"""The words for files that are added to a record."""

from portal.messages.vocabulary import Event
from portal.vocabulary import Labelled


class AttachmentHolder(Labelled):
    """What a file is added to."""

    REFERRAL = "referral", "Information form"
    ANSWER = "answer", "Answer to a question"
    ENTRY = "entry", "Entry"
    MEETING = "meeting", "Meeting"
    EPISODE = "episode", "Missing episode"


class AttachmentState(Labelled):
    """What is known of whether a file is harmful. Only what is clean or not scanned can be opened."""

    QUARANTINED = "quarantined", "Waiting to be checked for viruses"
    CLEAN = "clean", "Checked for viruses"
    NOT_SCANNED = "not_scanned", "Not scanned for viruses"
    REFUSED = "refused", "Refused: a virus or something else harmful was found in it"


class FileKind(Labelled):
    """The kinds of files that are accepted, by what is in them."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word document"
    JPEG = "jpg", "JPEG picture"
    PNG = "png", "PNG picture"
    WEBP = "webp", "WebP picture"
    EMAIL = "email", "Saved e-mail"  # its words alone: what it carried stands beside it
    UNKNOWN = "unknown", "Not looked into"  # refused by the scanner before anybody read it

    @property
    def media_type(self) -> str:
        """What a browser is told that it is."""
        return _MEDIA_TYPES[self]

    @property
    def ending(self) -> str:
        """How the name of such a file ends once it is saved."""
        return "txt" if self is FileKind.EMAIL else self.value


#: What a browser draws on a page.
PICTURES = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.WEBP})

_MEDIA_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.WEBP: "image/webp",
    FileKind.EMAIL: "text/plain",
    FileKind.UNKNOWN: "application/octet-stream",
}


# What happens to files that people are told of.

ADDED = Event("file_added", "A file was added")
REFUSED = Event("file_refused", "A file was refused after it had been added")
WITHDRAWN = Event("file_withdrawn", "A file was withdrawn")
