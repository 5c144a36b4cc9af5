"""Spoiling a copy of the shipped policy."""

from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "config" / "policy"
FIRST = "2026-11-01"


def edit(copy: Path, file: str, old: str, new: str) -> None:
    path = copy / FIRST / file
    text = path.read_text()
    assert old in text, f"{file} no longer says {old!r}: change the test"
    path.write_text(text.replace(old, new, 1))
