"""The pages that the proxy serves by itself stand alone: our words and the numbers to ring."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from portal.web.errors import ADDRESS, PAGES
from portal.web.filters import numbers_to_ring
from tests.structure.source import ROOT

PROXY = (ROOT / "docs" / "deploy" / "nginx.conf").read_text("utf-8")


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    done = app.test_cli_runner().invoke(args=["error-pages", str(tmp_path / "error-pages")])
    assert not done.exit_code, done.output
    return tmp_path / "error-pages"


@pytest.mark.parametrize("status", PAGES)
def test_a_page_of_the_proxy_says_what_to_do_and_asks_the_portal_for_nothing(
    folder: Path, status: int
) -> None:
    page = BeautifulSoup((folder / f"{status}.html").read_text("utf-8"), "html.parser")
    assert len(page.find_all("h1")) == 1
    assert not page.find_all(["script", "style", "form"])
    assert "reference" not in page.get_text(), "nothing is in a log by which to find it"
    asked = [str(one["href"]) for one in page.find_all("link")]
    assert len(asked) == 2
    for address in asked:
        assert (folder / address.removeprefix(ADDRESS)).is_file(), f"{address} is not the proxy's own"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_when_the_portal_is_away_the_numbers_to_ring_are_there(app: Flask, folder: Path, status: int) -> None:
    text = BeautifulSoup((folder / f"{status}.html").read_text("utf-8"), "html.parser").get_text()
    with app.app_context():
        numbers = numbers_to_ring()
    assert len(numbers) >= 2
    for one in numbers:
        assert one.number in text
    assert "999" in text
    assert app.config["SERVICE_NAME"] in text


def test_the_proxy_serves_each_of_them_and_repeats_no_form() -> None:
    served = {int(status) for status in re.findall(rf"error_page (\d+) {ADDRESS}\1\.html;", PROXY)}
    assert served == set(PAGES)
    assert f"location ^~ {ADDRESS} {{" in PROXY
    directives = [line.strip() for line in PROXY.splitlines() if not line.strip().startswith("#")]
    assert "proxy_next_upstream error timeout;" in directives
    assert not any("non_idempotent" in line or "proxy_intercept_errors" in line for line in directives)
