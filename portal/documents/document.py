"""One document: what it is a copy of, its head, and its blocks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from portal.documents.blocks import Block
from portal.documents.rendering import render
from portal.records.disclosures.vocabulary import CopyKind
from portal.web.filters import moment
from portal.web.navigation import MARKING

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
