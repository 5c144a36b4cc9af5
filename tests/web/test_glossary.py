"""Rare words are explained in one file: each abbreviation that a page may show, and what pages explain."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.web.guidance import glossary
from tests.cast import Cast

ROOT = Path(__file__).parents[2]

#: Known to everybody who uses a computer at work, or names of files and places.
KNOWN = frozenset({"PDF", "JPEG", "PNG", "HEIC", "ZIP", "ID", "OK", "UK", "TV", "PC", "KB", "MB", "GPS"})
KNOWN |= {"CSV", "IT", "SVG", "GIF", "BMP", "TIFF", "RTF", "AVIF", "HTML", "URL", "US", "CCTV", "SIM", "DNA"}
#: Prefixes of references, which a page shows as examples.
_PREFIXED = re.compile(r"\b[A-Z]{3}-[0-9A-Z]")


def _shown_in_templates() -> Iterator[tuple[str, str]]:
    for file in (ROOT / "portal" / "templates").rglob("*.html"):
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]+>", " ", file.read_text("utf-8"), flags=re.DOTALL)
        yield file.name, text


def _shown_by_policy() -> Iterator[tuple[str, str]]:
    for file in (ROOT / "config" / "policy").rglob("*.toml"):
        for key, said in re.findall(r'^(label|hint|words|title) = "([^"]*)"', file.read_text("utf-8"), re.M):
            yield f"{file.name}: {key}", said


def test_every_abbreviation_that_a_page_may_show_is_explained() -> None:
    explained = {one.word.split()[0] for one in glossary()} | KNOWN
    found: dict[str, str] = {}
    for where, text in (*_shown_in_templates(), *_shown_by_policy()):
        for short in re.findall(r"\b[A-Z]{2,6}\b", _PREFIXED.sub(" ", text)):
            if short not in explained:
                found.setdefault(short, where)
    assert not found, f"add them to config/glossary.toml: {found}"


def test_every_word_that_a_page_explains_is_there_and_says_something() -> None:
    codes = {one.code for one in glossary()}
    used = {
        code
        for file in (ROOT / "portal" / "templates").rglob("*.html")
        for code in re.findall(r'ui\.explain\("([\w-]+)"\)', file.read_text("utf-8"))
    }
    assert used, "no page explains anything"
    assert used <= codes
    for one in glossary():
        assert re.fullmatch(r"[A-Z].{15,}\.", one.means), one.code
        if re.fullmatch(r"[A-Z]{2,6}( .*)?", one.word):
            assert one.long, f"{one.code}: say what it stands for"


def test_the_page_lists_them_all_by_the_alphabet(client_for: Any, cast: Cast) -> None:
    page = client_for(cast.nurse).soup("/words")
    said = [one.contents[0].strip() for one in page.find_all("dt")]
    assert said == sorted((one.word for one in glossary()), key=str.lower)
    assert page.find(id="nrm") is not None
    assert client_for(None).get("/words").status_code == 200


@pytest.mark.parametrize("address", ["/told", "/panels"])
def test_a_rare_word_is_explained_beside_it_without_a_script(
    client_for: Any, cast: Cast, address: str
) -> None:
    page = client_for(cast.coordinator).soup(address)
    summary = page.find("summary", string=re.compile("What “.+” means"))
    assert summary is not None


def test_a_word_that_is_not_explained_stops_the_page(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(KeyError):
        app.jinja_env.globals["ui"].explain("no-such-word")  # type: ignore[attr-defined]  # a namespace
