"""Reads what the demonstration is to hold. Texts are in TOML, so that the code stays short."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"

Described = dict[str, Any]


def described(folder: str) -> list[Described]:
    """Everything that the files of a folder describe, in the order of their names."""
    return [one for path in sorted((DATA / folder).glob("*.toml")) for one in _items(path)]


def pool() -> dict[str, list[Described]]:
    """Entries that fit almost any case, by the sector of the agency that adds them."""
    found: dict[str, list[Described]] = tomllib.loads((DATA / "entries.toml").read_text("utf-8"))
    return found


def _items(path: Path) -> Iterator[Described]:
    for items in tomllib.loads(path.read_text("utf-8")).values():
        yield from items
