"""Opens a PDF and says what is in it."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader


@dataclass(frozen=True)
class Opened:
    """A document as whoever opens it finds it."""

    pages: list[str]
    root: Any
    facts: str  # the XMP metadata

    @property
    def text(self) -> str:
        """All of it on one line, as it is read: lines are broken where a page is narrow."""
        return flat(" ".join(self.pages))

    def tags(self) -> list[str]:
        """The kinds of its tags, in reading order: what a screen reader goes by."""
        found: list[str] = []
        _walk(self.root["/StructTreeRoot"], found)
        return found


def open_pdf(content: bytes) -> Opened:
    """The document."""
    assert content.startswith(b"%PDF-"), f"no PDF: {content[:200]!r}"
    reader = PdfReader(BytesIO(content))
    root: Any = reader.trailer["/Root"]
    facts = root["/Metadata"].get_data().decode()
    return Opened([page.extract_text() for page in reader.pages], root, facts)


def flat(text: str) -> str:
    """Words with one space between them."""
    return re.sub(r"\s+", " ", text.replace("\u200b", "")).strip()


def _walk(node: Any, found: list[str]) -> None:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            _walk(child, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.append(str(node["/S"]).removeprefix("/"))
        if "/K" in node:
            _walk(node["/K"], found)
