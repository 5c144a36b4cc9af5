"""Reads `teeth.toml`."""

import tomllib
from pathlib import Path
from typing import Any

from tests.access.oracle.breaking import Tooth


def _read() -> tuple[Tooth, ...]:
    written = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return tuple(_tooth(name, file, what) for file, teeth in written.items() for name, what in teeth.items())


def _tooth(name: str, file: str, what: dict[str, Any]) -> Tooth:
    tables = tuple(what["tables"])
    other = _tooth(name, file, {"tables": tables, **what["other"]}) if "other" in what else None
    return Tooth(name, file, what["of"], what["old"], what["new"], tables, other)


TEETH = _read()
