"""Reads `teeth.toml`."""

import tomllib
from pathlib import Path
from typing import Any

from tests.access.oracle.breaking import Tooth


def _read() -> tuple[Tooth, ...]:
    written = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return tuple(_tooth(name, what) for teeth in written.values() for name, what in teeth.items())


def _tooth(name: str, what: dict[str, Any]) -> Tooth:
    tables = tuple(what["tables"])
    other = _tooth(name, {"tables": tables, **what["other"]}) if "other" in what else None
    return Tooth(name, what["of"], what["old"], what["new"], tables, other)


TEETH = _read()
