"""The layouts and components work for everybody: by eye, by ear, by keyboard, on a phone, without scripts."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitors, check_accessible, serving
from tests.components.app import build

PAGES = ["/", "/form", "/queue", "/draft", "/people", "/fails/404", "/fails/500"]
FAILED_REQUEST = "Failed to load resource"


@pytest.fixture
def page(visitors: Visitors, gallery_url: str) -> Page:
    return visitors.open(gallery_url)


@pytest.fixture
def plain(visitors: Visitors, gallery_url: str) -> Page:
    """Without scripts."""
    return visitors.open(gallery_url, scripts=False)


@pytest.fixture
def phone(visitors: Visitors, gallery_url: str) -> Page:
    return visitors.open(gallery_url, phone=True)


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_on_a_desktop_or_a_phone(
    visitors: Visitors, page: Page, phone: Page, address: str
) -> None:
    visitors.expect_complaints(FAILED_REQUEST)
    for window in (page, phone):
        window.goto(address)
        check_accessible(window)


def test_axe_finds_nothing_on_a_form_with_errors(visitors: Visitors, page: Page) -> None:
    visitors.expect_complaints(FAILED_REQUEST)
    page.goto("/form")
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_title(re.compile("^Error: "))
    check_accessible(page)


def test_nothing_is_lost_at_400_percent(visitors: Visitors, gallery_url: str) -> None:
    narrow = visitors.open(gallery_url)
    narrow.set_viewport_size({"width": 320, "height": 256})
    for address in PAGES[:4]:
        narrow.goto(address)
        wide = narrow.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{address} has to be scrolled sideways at 400%"


def test_the_first_tab_is_the_skip_link_and_it_leads_to_the_content(page: Page) -> None:
    page.goto("/form")
    page.keyboard.press("Tab")
    expect(page.locator(".govuk-skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


def test_the_error_summary_takes_focus_and_each_line_leads_to_its_box(visitors: Visitors, page: Page) -> None:
    visitors.expect_complaints(FAILED_REQUEST)
    page.goto("/form")
    page.get_by_label("Day").fill("31")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("#error-summary")).to_be_focused()
    for line, box in (("Choose what this is about", "#kind"), ("must include a month", "#born-month")):
        page.locator("#error-summary a", has_text=line).click()
        expect(page.locator(box)).to_be_focused()
    expect(page.get_by_label("Day")).to_have_value("31")


def test_an_answer_reveals_its_field_and_without_scripts_the_field_is_there(page: Page, plain: Page) -> None:
    page.goto("/form")
    expect(page.get_by_label("Which place?")).to_be_hidden()
    page.get_by_label("A place").check()
    expect(page.get_by_label("Which place?")).to_be_visible()
    plain.goto("/form")
    expect(plain.get_by_label("Which place?")).to_be_visible()


def test_not_known_yet_takes_the_other_ticks_away(page: Page) -> None:
    page.goto("/form")
    page.get_by_label("Sexual exploitation").check()
    page.get_by_role("checkbox", name="Not known yet").check()
    expect(page.get_by_label("Sexual exploitation")).not_to_be_checked()


def test_a_filter_applies_itself_keeps_focus_says_the_count_and_can_be_gone_back_from(page: Page) -> None:
    page.goto("/queue")
    red = page.get_by_role("checkbox", name="Red")
    red.focus()
    page.keyboard.press("Space")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"urgency=red"))
    expect(red).to_be_focused()
    expect(page.locator("#live-region")).to_have_text("1 shown")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_a_filter_works_without_scripts_by_its_button(plain: Page) -> None:
    plain.goto("/queue")
    plain.get_by_role("checkbox", name="Amber").check()
    plain.get_by_role("button", name="Show", exact=True).click()
    expect(plain.locator("tbody tr")).to_have_count(1)
    expect(plain.get_by_role("checkbox", name="Amber")).to_be_checked()


def test_on_a_phone_the_filter_opens_by_its_heading(phone: Page) -> None:
    phone.goto("/queue")
    expect(phone.get_by_role("checkbox", name="Red")).to_be_hidden()
    phone.locator("#filter > summary").click()
    expect(phone.get_by_role("checkbox", name="Red")).to_be_visible()


def test_a_refused_click_is_explained_at_the_top_and_the_page_stays(visitors: Visitors, page: Page) -> None:
    visitors.expect_complaints(FAILED_REQUEST, "htmx")
    page.goto("/")
    page.get_by_role("button", name="Claim").click()
    alert = page.locator("#page-alert")
    expect(alert).to_contain_text("You cannot do that")
    expect(alert.locator(".govuk-error-summary")).to_be_focused()
    expect(page.get_by_role("heading", name="Ada Fictional")).to_be_visible()


def test_a_lost_connection_is_explained_and_the_page_stays(visitors: Visitors, page: Page) -> None:
    visitors.expect_complaints(FAILED_REQUEST, "Failed to fetch")
    page.goto("/")
    page.route("**/fails/403", lambda route: route.abort())
    page.get_by_role("button", name="Claim").click()
    expect(page.locator("#page-alert")).to_contain_text("The portal could not be reached")
    expect(page.get_by_role("heading", name="Ada Fictional")).to_be_visible()


def test_a_dangerous_step_is_asked_about_first_also_without_scripts(visitors: Visitors, plain: Page) -> None:
    visitors.expect_complaints(FAILED_REQUEST)
    plain.goto("/")
    expect(plain.get_by_text("The team will no longer see this case.")).to_be_hidden()
    plain.get_by_text("End the involvement", exact=True).click()
    expect(plain.get_by_text("The team will no longer see this case.")).to_be_visible()
    plain.get_by_role("button", name="Yes, end the involvement").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Somebody else changed this first")


def test_without_scripts_there_is_advice_instead_of_buttons_that_do_nothing(plain: Page) -> None:
    plain.goto("/")
    expect(plain.get_by_role("button", name="Print this page")).to_be_hidden()
    expect(plain.get_by_text("choose Print in your browser’s menu")).to_be_visible()
    expect(plain.get_by_role("button", name="Copy")).to_be_hidden()


def test_with_scripts_there_are_buttons_instead_of_advice(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name="Print this page")).to_be_visible()
    expect(page.get_by_text("choose Print in your browser’s menu")).to_be_hidden()


def test_a_print_keeps_the_marking_and_says_who_made_it(page: Page) -> None:
    page.goto("/")
    page.emulate_media(media="print")
    for mark in page.locator(".app-marking").all():
        expect(mark).to_be_visible()
    expect(page.get_by_text("Printed by Asha Example")).to_be_visible()
    expect(page.get_by_role("button", name="Claim")).to_be_hidden()


def test_a_list_grows_and_shrinks_keeps_what_was_typed_and_puts_focus_on_the_new_item(page: Page) -> None:
    page.goto("/people")
    page.get_by_label("Name").fill("Ada")
    page.get_by_role("button", name="Add another person").click()
    expect(page.get_by_role("group", name="Person 2")).to_be_visible()
    expect(page.locator("legend", has_text="Person 2")).to_be_focused()
    expect(page.locator("#live-region")).to_have_text("Added")
    expect(page.locator("#name-1")).to_have_value("Ada")
    page.locator("#name-2").fill("Ben")
    page.get_by_role("button", name="Remove person 1").click()
    expect(page.locator("#name-1")).to_have_value("Ben")
    expect(page.locator("#live-region")).to_have_text("Removed")
    expect(page.locator("legend", has_text="Person 1")).to_be_focused()


def test_a_list_grows_and_shrinks_without_scripts(plain: Page) -> None:
    plain.goto("/people")
    plain.get_by_label("Name").fill("Ada")
    plain.get_by_role("button", name="Add another person").click()
    expect(plain.locator("[data-item]")).to_have_count(2)
    plain.get_by_role("button", name="Remove person 2").click()
    expect(plain.locator("#name-1")).to_have_value("Ada")


@pytest.fixture
def impatient() -> Iterator[str]:
    """A gallery whose sessions end after three seconds."""
    app: Flask = build(idle_seconds=3)
    with serving(app) as address:
        yield address


def test_a_session_that_ends_warns_first_keeps_what_was_typed_and_can_go_on(
    visitors: Visitors, impatient: str
) -> None:
    page = visitors.open(impatient)
    page.goto("/form")
    page.get_by_label("What happened?").fill("Seen at the bus station")
    warning = page.get_by_role("dialog")
    expect(warning).to_contain_text("You will soon be signed out")
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    expect(warning).to_contain_text("You are signed out")
    expect(warning.get_by_role("link", name="Sign in again (opens in a new tab)")).to_be_visible()
    warning.get_by_role("button", name="Back to the page").click()
    expect(page.get_by_label("What happened?")).to_have_value("Seen at the bus station")
