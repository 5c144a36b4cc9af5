"""Reads `teeth.toml`."""

import tomllib
from pathlib import Path

from tests.access.oracle.breaking import Tooth


def _read() -> tuple[Tooth, ...]:
    written = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return tuple(
        Tooth(name, file, what["of"], what["old"], what["new"], tuple(what["tables"]))
        for file, teeth in written.items()
        for name, what in teeth.items()
    )


TEETH = _read()
