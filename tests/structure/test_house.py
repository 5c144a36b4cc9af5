"""The house by noun: every noun has its place in the order, and each of its rooms uses what it may."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from portal.access.install import ROWS, rule_files
from portal.registry import NOUNS
from tests.structure.source import ROOT, name, parsed, python_files

RECORDS = ROOT / "portal" / "records"
#: What all may know of a noun.
LOWER = {"vocabulary", "rules", "policy", "permissions", "model", "facts"}
#: What pages make of it.
PAGES = {"forms", "presenter", "document"}
READING = {"reading", "figures", "lists"}


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """The nouns and rooms that a file uses: the second is the file or folder below the noun."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portal.records."):
            parts = (node.module or "").split(".")
            for one in node.names:
                yield parts[2], parts[3] if len(parts) > 3 else one.name


def _room(path: Path) -> tuple[str, str]:
    noun, room, *_ = (*path.relative_to(RECORDS).parts, "")
    return noun, room.removesuffix(".py")


def _rooms() -> list[Path]:
    return [path for path in python_files("portal/records") if len(path.relative_to(RECORDS).parts) > 1]


def test_every_noun_has_its_place_in_the_order() -> None:
    assert {path.name for path in RECORDS.iterdir() if (path / "__init__.py").exists()} == set(NOUNS)


def test_a_noun_is_tested_in_the_folder_of_its_name() -> None:
    missing = [one for one in NOUNS if not list((ROOT / "tests" / one).glob("test_*.py"))]
    assert not missing


def test_a_noun_uses_only_what_the_nouns_before_it_do() -> None:
    backward = {
        f"{name(path)} uses {noun}.{room}"
        for path in _rooms()
        for noun, room in _imports(path)
        if room not in LOWER and NOUNS.index(noun) > NOUNS.index(_room(path)[0])
    }
    assert not backward, "ask the registry, or put what everybody may know into facts.py"


def test_what_reads_changes_nothing_and_what_acts_knows_no_page() -> None:
    wrong = set()
    for path in _rooms():
        own = _room(path)[1]
        if own in LOWER | PAGES | {"noun", "__init__"}:
            continue
        for noun, room in _imports(path):
            verb = room not in LOWER | PAGES | READING
            if room in PAGES or (own in READING and verb):
                wrong.add(f"{name(path)} uses {noun}.{room}")
    assert not wrong


def test_every_file_of_rules_is_installed_once() -> None:
    installed = list(rule_files())
    there = [*ROWS.glob("*.sql"), *RECORDS.glob("*/rows.sql"), *RECORDS.glob("*/rows/*.sql")]
    assert sorted(installed) == sorted(there), (
        "name the file in FIRST or LAST, or put it into a noun's folder"
    )


def test_every_place_that_the_tour_names_is_there() -> None:
    tour = (ROOT / "docs" / "tour.md").read_text("utf-8")
    named = {
        place for place in re.findall(r"`((?:portal|config|docs|tests)/[\w./*]*)`", tour) if "*" not in place
    }
    assert len(named) > 20
    assert not {place for place in named if not (ROOT / place).exists()}
