"""Guidance reads well for everybody, on the portal itself."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from portal.policy.guidance import load_guidance
from tests.browser.conftest import check_accessible, check_width

POLICY = Path(__file__).parents[2] / "config" / "policy"
ADDRESSES = ["/", "/guidance", "/contacts", "/what-we-record", "/accessibility", "/cookies", "/words"]
GUIDANCE = [f"/guidance/{slug}" for slug in load_guidance(POLICY, date(2026, 11, 24)).pages]


def test_axe_finds_nothing_on_any_public_page(open_as: Callable[..., Page]) -> None:
    page = open_as(None)
    for address in ADDRESSES + GUIDANCE:
        page.goto(address)
        check_accessible(page)


def test_no_public_page_has_to_be_scrolled_sideways_on_a_phone(open_as: Callable[..., Page]) -> None:
    page = open_as(None, phone=True)
    for address in ADDRESSES + GUIDANCE:
        page.goto(address)
        check_width(page)
    check_accessible(page)


def test_a_visitor_finds_the_signs_and_whom_to_ring_without_scripts(open_as: Callable[..., Page]) -> None:
    page = open_as(None, scripts=False)
    page.goto("/")
    page.get_by_role("link", name="Forced marriage").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forced marriage")
    expect(page.get_by_role("heading", name="Signs you may notice")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Contacts").click()
    expect(page.get_by_role("link", name="01246 242424")).to_be_visible()


def test_the_places_stand_in_sight_on_a_phone(open_as: Callable[..., Page]) -> None:
    page = open_as(None, phone=True)
    page.goto("/guidance")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Contacts")).to_be_visible()
