"""One document: what it is a copy of, its head and its blocks, and the accessible PDF (PDF/UA-1) made of
them.

Data goes in as data, one JSON text: nothing that somebody wrote is ever read as markup. The templates see
their own folder and nothing else, the fonts are those that Typst brings, and nothing is fetched.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.documents import compiling
from portal.documents.blocks import Block, showable
from portal.records.disclosures.vocabulary import CopyKind
from portal.web.filters import moment
from portal.web.navigation import MARKING

TEMPLATES = Path(__file__).parents[1] / "templates" / "documents"

#: Bounds of one document: its data in bytes, and the seconds that it may take while somebody waits for the
#: page, and where it is made beside the pages.
LARGEST, SOON, LONGEST = 4_000_000, 10, 60

#: Where Typst would keep packages that it fetched: a folder that is not there, so that there are none.
_NO_PACKAGES = TEMPLATES / "no-packages"


class NoDocument(Exception):
    """A document could not be made: the template does not fit the data, or it is too large."""


class TooLong(NoDocument):
    """It took more time than it may."""


class _NotShown(NoDocument):
    """It holds a sign that no font has."""


def render(template: str, data: Mapping[str, Any], *, at: datetime, patience: float | None = None) -> bytes:
    """A PDF/UA-1 document, made by a process of its own.

    Args:
        template: the name of a template below `portal/templates/documents`, without its ending.
        data: what it reads: texts, numbers, truth values, lists and mappings of them.
        at: when it is made, which is kept among the facts of the file.
        patience: seconds that it may take; by default as long as somebody waits for a page.

    Raises:
        TooLong: it is not made by then.
        NoDocument: it cannot be made, or would not be accessible.
    """
    try:
        return _compile(template, showable(dict(data)), at, patience or SOON)
    except _NotShown:
        # a sign that the fonts of a new edition lack after all is no reason for there to be no document
        return _compile(template, showable(dict(data), plain=True), at, patience or SOON)


def _compile(template: str, data: Any, at: datetime, patience: float = SOON) -> bytes:
    asked = {
        "template": str(TEMPLATES / f"{template}.typ"),
        "root": str(TEMPLATES),
        "packages": str(_NO_PACKAGES),
        "data": json.dumps(data, ensure_ascii=False),
        "at": int(at.timestamp()),
    }
    request = json.dumps(asked, ensure_ascii=False).encode()
    if len(request) > LARGEST:
        raise NoDocument(f"{template}: {len(request)} bytes are too many for one document")
    try:
        made = subprocess.run(
            [sys.executable, "-I", compiling.__file__],
            input=request,
            capture_output=True,
            env={},  # it needs no setting of ours, and least of all a password
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise TooLong(f"{template}: not made within {patience} seconds") from late
    if made.returncode:
        problem = _NotShown if made.returncode == compiling.NOT_SHOWN else NoDocument
        raise problem(f"{template}: {made.stderr.decode(errors='replace').strip()}")
    return made.stdout


CARE = "Do not leave it where others see it, and do not copy it to people who do not work with the child."
OWN_READING = "It holds what they may read; others may read more or less."


@dataclass(frozen=True)
class Taker:
    """Who takes a document, when, and the reference of the copy on the sharing ledger."""

    name: str
    agency: str
    copy: str
    at: datetime


_NOBODY = Taker("", "", "", datetime(2000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True)
class Document:
    """What one reader may take of a record.

    Attributes:
        kind: what it is a copy of.
        subject_id, reference: the record.
        title: what it is called, without a name: it stands among the facts of the file.
        about: on whom, which stands below the title.
        warnings: what has to be heeded before all else.
        blocks: what follows.
        case_ids: the cases that it is on.
        name: of the file, without its ending; by default the reference.
        own_reading: another’s may hold more or less than this one.
        care: what whoever holds it has to take care of.
        template: below `portal/templates/documents`.
        more: what a template of its own reads beside the heading and the blocks.
    """

    kind: CopyKind
    subject_id: UUID
    reference: str
    title: str
    blocks: Sequence[Block]
    case_ids: Sequence[UUID]
    about: Sequence[str] = ()
    warnings: Sequence[str] = ()
    name: str = ""
    own_reading: bool = True
    care: str = CARE
    template: str = "record"
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Any, kind: CopyKind, *, called: str = "", **said: Any) -> "Document":
        """What a record says of itself, under its reference.

        Args:
            called: what its file is called behind that.
        """
        name = f"{record.reference}-{called}" if called else ""
        return cls(kind=kind, subject_id=record.id, reference=record.reference, name=name, **said)

    @property
    def file_name(self) -> str:
        """What the file is called: no name of anybody."""
        return f"{self.name or self.reference}.pdf"

    def made_for(self, taker: Taker, *, service: str) -> bytes:
        """The file."""
        return render(self.template, self.data(taker, service=service), at=taker.at)

    @cached_property
    def gathered(self) -> bytes:
        """All that it says, whoever takes it: the same while nothing in it has changed."""
        said = self.data(_NOBODY, service="")
        whole = [self.template, self.kind.value, str(self.subject_id), sorted(map(str, self.case_ids)), said]
        return json.dumps(whole, ensure_ascii=False).encode()

    @property
    def digest(self) -> str:
        """What tells whether it says what another one said."""
        return sha256(self.gathered).hexdigest()

    def data(self, taker: Taker, *, service: str) -> dict[str, Any]:
        """What the template reads."""
        whom, when = f"{taker.name}, {taker.agency}", moment(taker.at)
        made = f"{self.reference}. Made for {whom}, on {when}. It is copy {taker.copy} on the sharing ledger."
        return {
            "heading": {
                "title": f"{self.title} {self.reference}",
                "heading": self.title,
                "reference": self.reference,
                "about": list(self.about),
                "warnings": list(self.warnings),
                "marking": MARKING,
                "service": service,
                "made": f"{made} {OWN_READING}" if self.own_reading else made,
                "care": self.care,
                "made_for": whom,
                "made_at": when,
                "copy": taker.copy,
            },
            "blocks": list(self.blocks),
            **self.more,
        }
