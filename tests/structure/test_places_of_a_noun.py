"""A new kind of record names itself in five places outside its own folders, and no more."""

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

import pytest

from portal import registry
from portal.access.permission import Permission
from portal.extensions import Base
from portal.policy.sections import Section
from tests.structure.source import ROOT, name, text_files

registry.load_models()

#: Its own folders. The demonstration tells its story of what it likes.
OWN = ("portal/records/{}/", "portal/blueprints/{}/", "portal/blueprints/{}.py", "portal/templates/{}/")
APART = ("portal/demo/", "portal/static/")
#: Reviewed lists of no noun: what is a noun's stands in a file of the same name beside its tests.
LISTS = ("tests/access/grants.toml", "tests/bench/budgets.toml")

#: Where a noun names itself, and why. Of these a new one needs those that it has something for.
PLACES = {
    "orders": {
        "portal/registry.py": "its place in the order of the nouns",
        "portal/pathway/references.py": "what its references begin with",
        "portal/deadlines/vocabulary.py": "what is owed on it",
        "portal/access/rows/messages.sql": "who may be told of it, because it hangs on no case",
        "portal/policy/sections.py": "its file's old place in the sum of the policy; a new file needs none",
    },
    "absences": {
        "portal/registry.py": "its place in the order of the nouns",
        "portal/messages/presenter.py": "the page on which whoever is away says so",
        "portal/web/references.py": "where messages on cover lead, which are about a person",
        "portal/web/navigation.py": "what everybody finds below their name",
        "portal/templates/work/team.html": "where managers see to cover",
    },
}
#: What a noun can owe: `DeadlineKind` is one list for all.
OWED = {"orders": ("order_expiry",), "absences": ()}


def _listed(noun: str, file: str, variable: str) -> list[object]:
    module = f"portal.records.{noun}.{file}"
    return list(getattr(import_module(module), variable)) if find_spec(module) else []


def _words(noun: str) -> Iterator[str]:
    """What names a noun in a file: its package, pages, tables, permissions, file of the policy and duties."""
    yield rf"\b(?:records|blueprints)\.{noun}\b"
    yield rf"\bfrom portal\.(?:records|blueprints) import .*\b{noun}\b"
    yield rf"""["']{noun}[./"']"""
    tables = {
        mapper.class_
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(f"portal.records.{noun}.")
    }
    for table in tables:
        yield rf"\b(?:{table.__name__}|{table.__tablename__})\b"
    for verb in _listed(noun, "permissions", "VERBS"):
        assert isinstance(verb, Permission)
        yield rf"""["']{verb.name}["']"""
    for section in _listed(noun, "policy", "SECTIONS"):
        assert isinstance(section, Section)
        yield rf"""["']{section.file}["']"""
    for record in registry.records().values():
        if record.prefix and record.table in tables:
            yield rf"\bPrefix\.{record.prefix.name}\b|\b{record.prefix.name} = \"{record.prefix}\""
    for kind in OWED[noun]:
        yield rf"\b(?:{kind}|{kind.upper()})\b"


@pytest.mark.parametrize("noun", PLACES)
def test_a_noun_names_itself_in_few_places(noun: str) -> None:
    assert len(PLACES[noun]) <= 5
    words, apart = re.compile("|".join(_words(noun))), (*(one.format(noun) for one in OWN), *APART)
    found = {
        name(path)
        for path in text_files()
        if (path.is_relative_to(ROOT / "portal") or name(path) in LISTS)
        and not name(path).startswith(apart)
        and words.search(path.read_text("utf-8"))
    }
    assert found == set(PLACES[noun]), "ask the registry instead (docs/tour.md, “A new kind of record”)"
