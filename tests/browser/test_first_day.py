"""Single keys for search and share: announced, never while somebody types, and switched off for good."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import check_accessible
from tests.cast import Cast

OpenAs = Callable[..., Page]


def test_keys_lead_to_search_and_share_but_not_while_somebody_types(cast: Cast, open_as: OpenAs) -> None:
    page = open_as(cast.nurse)
    page.goto("/health")
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.type("n/")
    expect(box).to_have_value("n/")
    page.locator("h1").click()
    page.keyboard.press("Control+n")
    assert page.url.endswith("/health")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Share a concern")


def test_keys_that_were_switched_off_do_nothing(cast: Cast, open_as: OpenAs) -> None:
    page = open_as(cast.nurse)
    page.goto("/keyboard")
    check_accessible(page)
    page.get_by_role("button", name="Switch single keys off").click()
    expect(page.get_by_text("They are off for you")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.press("n")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    assert page.url.endswith("/keyboard")


@pytest.mark.parametrize("phone", [False, True])
def test_the_tour_is_taken_or_put_away_without_a_script(cast: Cast, open_as: OpenAs, phone: bool) -> None:
    page = open_as(cast.nurse, scripts=False, phone=phone)
    page.goto("/health")
    page.get_by_role("link", name="Take the tour").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A short tour")
    page.get_by_role("button", name="I have read it").click()
    assert page.url.endswith("/health")
    expect(page.get_by_role("link", name="Take the tour")).to_have_count(0)


def test_the_summary_of_errors_goes_once_what_was_wrong_came_anew(cast: Cast, open_as: OpenAs) -> None:
    page = open_as(cast.officer)
    page.goto("/share")
    page.evaluate(
        """() => {
          const region = document.createElement("div");
          region.innerHTML = '<div class="govuk-error-summary"><ul><li><a href="#one">One</a></li>' +
            '<li><a href="#two">Two</a></li></ul></div><div class="govuk-form-group--error" id="a">' +
            '<input id="one"></div><div class="govuk-form-group--error"><input id="two"></div>';
          document.querySelector("main").prepend(region);
          document.title = "Error: " + document.title;
          document.getElementById("a").className = "";
          const swapped = { bubbles: true, detail: { ctx: {} } };
          document.body.dispatchEvent(new CustomEvent("htmx:after:swap", swapped));
        }"""
    )
    expect(page.locator(".govuk-error-summary li")).to_have_count(1)
    assert page.title().startswith("Error: ")
    page.evaluate(
        """() => {
          document.getElementById("two").closest("div").className = "";
          const swapped = { bubbles: true, detail: { ctx: {} } };
          document.body.dispatchEvent(new CustomEvent("htmx:after:swap", swapped));
        }"""
    )
    expect(page.locator(".govuk-error-summary")).to_have_count(0)
    assert not page.title().startswith("Error: ")
