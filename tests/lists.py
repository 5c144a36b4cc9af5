"""Reviewed lists in parts: what is of a noun stands in its folder, and what is of none in one file beside."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.registry import NOUNS

TESTS = Path(__file__).parent


def parts(rest: Path) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Each part of a list: its file, its noun (empty for `rest`) and what it says.

    Args:
        rest: what belongs to no noun. The parts of nouns have the same name: `tests/<noun>/<name of it>`.

    Raises:
        ValueError: a part stands in a folder that is no noun's, where nobody would look for it.
    """
    for file in sorted(TESTS.glob(f"*/{rest.name}")):
        noun = "" if file == rest else file.parent.name
        if noun and noun not in NOUNS:
            raise ValueError(f"{file} is in the folder of no noun")
        yield file, noun, tomllib.loads(file.read_text("utf-8"))
