"""A page of each template and each step: accessible, folded and unfolded, and as wide as its screen.

At 1280 and 390 pixels axe is asked; at 320, and with letters of twice the size, nothing scrolls sideways.
"""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from tests.browser.conftest import faults_of
from tests.browser.looks import pages
from tests.browser.looks.pages import NOBODY, Shown
from tests.walk.walking import WALKERS

WIDTHS = (1280, 390)
NARROWEST = 320
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_FOLDED = "open => document.querySelectorAll('details').forEach(one => one.open = open)"
_HAS_FOLDED = "document.querySelector('main details') !== null"
_LETTERS = "size => document.documentElement.style.fontSize = size"


@pytest.fixture(scope="package")
def shown(session_app: Flask, demonstration: Session, at: str) -> list[Shown]:
    """A page of each template."""
    return pages.found(session_app, demonstration)


@pytest.mark.parametrize("person", [NOBODY, *WALKERS])
def test_a_page_of_each_template_is_accessible_and_never_scrolls_sideways(
    shown: list[Shown], window_of: Callable[[str], Page], person: str
) -> None:
    page = window_of(person)
    faults: list[str] = []
    for one in shown:
        if one.person == person:
            page.goto(one.address)
            faults += [f"{one.template} ({one.address}), {fault}" for fault in _faults(page)]
    assert not faults, "\n".join(faults)


def _faults(page: Page) -> Iterator[str]:
    """What is wrong with the page at some width, folded or unfolded."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for unfolded in (False, True) if page.evaluate(_HAS_FOLDED) else (False,):
            page.evaluate(_FOLDED, unfolded)
            yield from (f"{width} px: {fault}" for fault in faults_of(page))
    page.set_viewport_size({"width": NARROWEST, "height": 700})
    if page.evaluate(_TOO_WIDE):
        yield f"{NARROWEST} px: it has to be scrolled sideways"
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.evaluate(_LETTERS, "200%")
    if page.evaluate(_TOO_WIDE):
        yield "letters of twice the size: it has to be scrolled sideways"
