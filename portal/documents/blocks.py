"""The blocks that documents are made of; `portal/templates/documents/layout.typ` lays each of them out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Block = dict[str, Any]


def heading(text: str, level: int = 1) -> Block:
    """A heading. Levels go down one by one, or the document would not be accessible."""
    return {"kind": "heading", "text": text, "level": level}


def words(text: str) -> list[Block]:
    """What somebody wrote, with its paragraphs; nothing for nothing."""
    return [{"kind": "words", "text": text}] if text.strip() else []


def note(text: str) -> list[Block]:
    """A line in small type: by whom, when, for whom to read."""
    return [{"kind": "note", "text": text}] if text else []


def labelled(label: str, text: str | None) -> list[Block]:
    """A label in bold before a text; nothing for nothing."""
    return [{"kind": "labelled", "label": label, "text": text}] if text else []


def facts(rows: Iterable[Mapping[str, Any]]) -> list[Block]:
    """Rows of `key` and `value`, a text or a list of them; rows without a value are left out."""
    given = [{"key": str(row["key"]), "value": _plain(row["value"])} for row in rows]
    kept = [row for row in given if row["value"].strip()]
    return [{"kind": "facts", "rows": kept}] if kept else []


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int] = ()) -> list[Block]:
    """A table with a heading row; nothing for no rows.

    Args:
        widths: the share of each column, 0 for one that is as wide as its words; by default all alike.
    """
    cells = [[_plain(cell) for cell in row] for row in rows]
    shares = list(widths or [1] * len(columns))
    return [{"kind": "table", "columns": list(columns), "widths": shares, "rows": cells}] if cells else []


def said(label: str, *, answer: str = "", words: str = "", by: str = "") -> Block:
    """Something that somebody said."""
    return {"kind": "said", "label": label, "answer": answer, "words": words, "by": by}


def bullets(items: Iterable[str]) -> list[Block]:
    """A list; nothing for no items."""
    found = list(items)
    return [{"kind": "bullets", "items": found}] if found else []


def numbered(items: Iterable[str]) -> list[Block]:
    """A list whose order counts; nothing for no items."""
    found = list(items)
    return [{"kind": "numbered", "items": found}] if found else []


def warning(text: str) -> Block:
    """What has to be heeded before all else."""
    return {"kind": "warning", "text": text}


def new_page() -> Block:
    """What follows begins on a page of its own."""
    return {"kind": "page"}


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
