"""What is typed is saved as it is typed, and is lost neither to an ended session nor to another person."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors

FAILED_REQUEST = "Failed to load resource"


@pytest.fixture
def draft(visitors: Visitors, gallery_url: str, gallery: Flask) -> Page:
    gallery.config["SAVED"].clear()
    page = visitors.open(gallery_url)
    page.goto("/draft")
    return page


def _saved(gallery: Flask, part: str) -> list[tuple[str, str]]:
    """What was saved of words with ``part`` in them: a window of another test may save as it closes."""
    return [(what, version) for what, version in gallery.config["SAVED"] if part in what]


def _state(page: Page) -> str:
    return page.locator("[data-save-state]").inner_text()


def test_typing_is_saved_after_a_pause_and_says_when(draft: Page, gallery: Flask) -> None:
    draft.get_by_label("What happened?").press_sequentially("Seen at", delay=20)
    expect(draft.locator("[data-save-state]")).to_contain_text("Saved")
    assert _saved(gallery, "Seen") == [("Seen at", "1")], "one pause is one save"
    draft.get_by_label("What happened?").press_sequentially(" the station", delay=20)
    draft.wait_for_timeout(2500)
    assert ("Seen at the station", "2") in _saved(gallery, "Seen"), "the next save builds on the last"


def test_an_ended_session_is_told_and_what_was_typed_is_saved_after_signing_in_in_another_tab(
    visitors: Visitors, draft: Page, gallery: Flask
) -> None:
    visitors.expect_complaints(FAILED_REQUEST)
    other = draft.context.new_page()
    other.goto("/leave")
    draft.get_by_label("What happened?").fill("Typed while signed out")
    expect(draft.locator("[data-save-state]")).to_contain_text("You are signed out")
    assert not _saved(gallery, "signed out")
    other.goto("/sign-in")
    draft.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(draft.locator("[data-save-state]")).to_contain_text("Saved")
    assert _saved(gallery, "Typed while signed out")
    expect(draft.get_by_label("What happened?")).to_have_value("Typed while signed out")


def test_a_lost_connection_is_told_and_nothing_is_lost(visitors: Visitors, draft: Page) -> None:
    visitors.expect_complaints(FAILED_REQUEST)
    draft.route("**/draft/save", lambda route: route.abort())
    draft.get_by_label("What happened?").fill("In a tunnel")
    expect(draft.locator("[data-save-state]")).to_contain_text("could not be reached")
    expect(draft.get_by_label("What happened?")).to_have_value("In a tunnel")


def test_a_change_by_somebody_else_shows_both_and_stops_saving(
    visitors: Visitors, draft: Page, gallery: Flask
) -> None:
    visitors.expect_complaints(FAILED_REQUEST)
    draft.get_by_label("What happened?").fill("A clash of two")
    clash = draft.locator("[data-save-clash]")
    expect(clash).to_be_focused()
    expect(clash).to_contain_text("Theirs")
    expect(clash).to_contain_text("A clash of two")
    assert "Not saved" in _state(draft)
    draft.get_by_label("What happened?").press_sequentially(" more")
    draft.wait_for_timeout(2500)
    assert not _saved(gallery, "clash")


def test_nothing_is_kept_in_the_browsers_own_storage(draft: Page) -> None:
    draft.get_by_label("What happened?").fill("Private")
    expect(draft.locator("[data-save-state]")).to_contain_text("Saved")
    assert draft.evaluate("localStorage.length + sessionStorage.length") == 0


def test_without_scripts_the_form_is_sent_by_its_button(visitors: Visitors, gallery_url: str) -> None:
    plain = visitors.open(gallery_url, scripts=False)
    plain.goto("/draft")
    plain.get_by_label("What happened?").fill("By hand")
    plain.get_by_role("button", name="Continue").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Draft")
