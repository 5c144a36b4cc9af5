"""Whoever has nothing yet reads on every list what it is for or what to do, never a bare “nothing”."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.access.guard import rule_of
from tests.cast import Cast

ClientFor = Callable[[Any], Any]

#: What a sentence tells somebody to do, or when something will stand there.
_VERB = re.compile(
    r"\b(add|share|choose|clear|try|ask|report|record|begin|book|call|(?:come|stand|stay)s? here|goes on"
    r"|is given|are given|you (?:are|were|lead|work|sent|send|write|receive|confirm)|ring|search|find|look"
    r"|open|type|narrow|when|once|until|start|tick|invite|say)\b",
    re.IGNORECASE,
)


def _lists(app: Flask) -> list[str]:
    """Every page that is a list and needs no record."""
    found = set()
    for rule in app.url_map.iter_rules():
        declared = rule_of(app, rule.endpoint)
        if "GET" in (rule.methods or ()) and not rule.arguments and declared and declared.shows == "list":
            found.add(rule.rule)
    return sorted(found)


def _bare(page: Any) -> list[str]:
    """Notes of emptiness that neither say what to do nor lead anywhere."""
    return [
        said
        for note in page.select("main .app-empty")
        if not note.find("a") and not _VERB.search(said := note.get_text(" ", strip=True))
    ]


@pytest.mark.parametrize("who", ["teacher", "coordinator", "police_manager", "governance", "administrator"])
def test_each_list_of_somebody_who_has_nothing_says_what_to_do(
    app: Flask, cast: Cast, client_for: ClientFor, who: str
) -> None:
    client, bare, opened = client_for(getattr(cast, who)), {}, 0
    for address in _lists(app):
        answer = client.get(address)
        if answer.status_code != 200 or "html" not in answer.mimetype:
            continue
        opened += 1
        page = client.page_of(answer)
        if found := _bare(page):
            bare[address] = found
        assert page.select("main p, main table, main form, main li"), f"{address} is blank"
    assert opened > 1
    assert not bare, "\n".join(f"{address}: {notes}" for address, notes in bare.items())


def test_a_bare_nothing_is_found() -> None:
    for bare in ("Nothing.", "No entries.", "None yet."):
        assert not _VERB.search(bare), bare
