"""Titles of pages stay in the history of a browser: they hold references, and no names of people."""

import re

from tests.structure.source import ROOT

TITLE = re.compile(r"\{% block title %\}(.*?)\{% endblock %\}", re.DOTALL)
NAMED = re.compile(
    r"given_name|family_name|full_name|\{\{ name"
    r"|\b(?:child|person|user|concern|asked|subject|place)\.(?:name|label)\b"
)


def test_no_title_names_anybody() -> None:
    templates = ROOT / "portal" / "templates"
    named = {
        path.relative_to(templates).as_posix(): title
        for path in templates.rglob("*.html")
        for title in TITLE.findall(path.read_text("utf-8"))
        if NAMED.search(title)
    }
    assert not named, "Name the record in the title, and nobody"
