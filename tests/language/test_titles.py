"""Titles of pages stay in the history of a browser: they hold references, and no names of people."""

import re

from tests.structure.source import ROOT

TITLE = re.compile(r"\{% block title %\}(.*?)\{% endblock %\}", re.DOTALL)
#: The title too, by `layouts/on_case.html`, where a page gives no other.
HEADING = re.compile(r"\{% block heading %\}(.*?)\{% endblock %\}", re.DOTALL)
NAMED = re.compile(
    r"given_name|family_name|full_name|\{\{ name"
    r"|\b(?:child|person|user|concern|asked|subject|place)\.(?:name|label)\b"
)


def test_no_title_names_anybody() -> None:
    templates = ROOT / "portal" / "templates"
    named = {
        path.relative_to(templates).as_posix(): title
        for path in templates.rglob("*.html")
        for source in [path.read_text("utf-8")]
        for title in TITLE.findall(source) or HEADING.findall(source)
        if NAMED.search(title)
    }
    assert not named, "Name the record in the title, and nobody"
