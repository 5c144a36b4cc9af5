"""Sharing a concern in a browser: with scripts and without, with a mouse, a keyboard and a thumb."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.people.model import SignInSession
from portal.records.referrals.model import Referral, ReferralSubject
from tests.browser.conftest import Visitors, check_accessible
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import open_session
from tests.factories.referrals import add_message
from tests.referrals.steps import FULL, begin, fill, share, truth

OpenAs = Callable[..., Page]
ClientFor = Callable[..., Client]
SAVED = "Saved"


def choose(page: Page, label: str) -> None:
    page.get_by_label(label, exact=True).check()


def go_on(page: Page) -> None:
    page.locator("main").get_by_role("button", name="Continue", exact=True).last.click()


def typed_and_saved(page: Page, label: str, words: str) -> None:
    with page.expect_response(lambda answer: answer.url.endswith("/save")) as saved:
        page.get_by_role("textbox", name=label).fill(words)
    assert saved.value.status == 204
    expect(page.locator("[data-save-state]")).to_contain_text(SAVED)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_concern_is_shared_from_the_first_question_to_the_reference(
    rows: Session, cast: Cast, open_as: OpenAs, scripts: bool
) -> None:
    page = open_as(cast.officer, scripts=scripts)
    page.goto("/share")
    choose(page, "No")
    go_on(page)
    choose(page, "One or more children")
    choose(page, "Child sexual exploitation")
    go_on(page)
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Fictional")
    page.get_by_role("button", name="Add another child").click()
    expect(page.locator("[data-item]")).to_have_count(2)
    page.locator("#children-1-given_name").fill("Ben")
    go_on(page)
    page.get_by_role("button", name="Add a vehicle").click()
    page.get_by_label("Registration", exact=True).first.fill("AB12")
    go_on(page)
    page.get_by_label("What happened?").fill("Seen in a car")
    go_on(page)
    page.get_by_label("Who or what told you?").fill("Her aunt")
    go_on(page)
    page.get_by_label("No", exact=True).first.check()
    page.get_by_label("Why has the family not been told?").fill("It may put her in danger")
    go_on(page)
    expect(page.get_by_role("heading", name="Child 2: Ben")).to_be_visible()
    page.get_by_role("button", name="Send to the hub").click()
    expect(page.get_by_role("heading", name="Sent to the hub", level=1)).to_be_visible()
    sent = truth(rows, page.locator("#reference").inner_text())
    labels = rows.scalars(select(ReferralSubject.label).filter_by(referral_id=sent.id)).all()
    assert sorted(labels) == ["AB12", "Ada Fictional", "Ben"]
    page.get_by_role("link", name="See what was sent").click()
    page.get_by_label("Write to the hub").fill("One more thing")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("One more thing")).to_be_visible()


def test_the_keyboard_is_enough_and_enter_goes_on(cast: Cast, open_as: OpenAs, client_for: ClientFor) -> None:
    reference = begin(client_for(cast.officer))
    page = open_as(cast.officer)
    page.goto(f"/share/{reference}/children")
    page.get_by_role("button", name="Add a child").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Child 1")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="People, places and things")).to_be_visible()
    page.go_back()
    expect(page.locator("#children-0-given_name")).to_have_value("Ada")
    expect(page.locator("[data-item]")).to_have_count(1)


def test_a_mistake_is_led_to(cast: Cast, open_as: OpenAs, client_for: ClientFor, visitors: Visitors) -> None:
    visitors.expect_complaints("422")
    reference = begin(client_for(cast.officer))
    page = open_as(cast.officer)
    page.goto(f"/share/{reference}/children")
    page.get_by_role("button", name="Add a child").click()
    page.locator("summary", has_text="More about this child").click()
    page.get_by_label("NHS number").fill("943 476 5910")
    go_on(page)
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_role("link", name="Check the NHS number").click()
    expect(page.get_by_label("NHS number")).to_be_focused()
    expect(page.get_by_label("NHS number")).to_have_value("943 476 5910")


def test_what_was_typed_survives_a_closed_browser(cast: Cast, open_as: OpenAs, client_for: ClientFor) -> None:
    reference = begin(client_for(cast.officer))
    page = open_as(cast.officer)
    page.goto(f"/share/{reference}/happened")
    typed_and_saved(page, "What happened?", "Half a sentence and")
    page.context.close()
    again = open_as(cast.officer)
    again.goto("/share")
    again.get_by_role("link", name="Nothing typed yet").click()
    again.get_by_role("link", name="Change what happened").click()
    expect(again.get_by_label("What happened?")).to_have_value("Half a sentence and")


def test_a_session_that_ends_costs_nothing(
    app: Flask,
    live: str,
    rows: Session,
    cast: Cast,
    open_as: OpenAs,
    client_for: ClientFor,
    visitors: Visitors,
) -> None:
    visitors.expect_complaints("401")
    reference = begin(client_for(cast.officer))
    page = open_as(cast.officer)
    page.goto(f"/share/{reference}/happened")
    rows.query(SignInSession).update({"revoked_at": SignInSession.opened_at})
    rows.commit()
    page.get_by_label("What happened?").fill("Typed while signed out")
    expect(page.locator("[data-save-state]")).to_contain_text("You are signed out")
    token = open_session(rows, cast.officer.id)
    cookie = app.config["PORTAL_SESSION_COOKIE"]
    page.context.add_cookies([{"name": cookie, "value": token, "url": live}])
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-save-state]")).to_contain_text(SAVED)
    typed = truth(rows, reference).answers["typed"]["happened"]["what_happened"]
    assert typed == ["Typed while signed out"]


def test_the_second_tab_is_shown_both_and_chooses(
    rows: Session, cast: Cast, open_as: OpenAs, client_for: ClientFor, visitors: Visitors
) -> None:
    visitors.expect_complaints("409")
    reference = begin(client_for(cast.officer))
    first, second = open_as(cast.officer), open_as(cast.officer)
    for page in (first, second):
        page.goto(f"/share/{reference}/happened")
    typed_and_saved(first, "What happened?", "In the first tab")
    second.get_by_label("What happened?").fill("In the second tab")
    clash = second.locator("[data-save-clash]")
    expect(clash).to_contain_text("In the first tab")
    expect(clash).to_contain_text("In the second tab")
    check_accessible(second)
    clash.get_by_role("button", name="Keep what I typed here").click()
    expect(second.get_by_role("heading", name="Who told you", level=1)).to_be_visible()
    typed = truth(rows, reference).answers["typed"]["happened"]["what_happened"]
    assert typed == ["In the second tab"]


def test_typing_goes_on_after_an_item_was_added(
    rows: Session, cast: Cast, open_as: OpenAs, client_for: ClientFor
) -> None:
    reference = begin(client_for(cast.officer))
    page = open_as(cast.officer)
    page.goto(f"/share/{reference}/others")
    page.get_by_role("button", name="Add a place").click()
    typed_and_saved(page, "Name of the place", "The car wash")
    page.get_by_role("button", name="Add a vehicle").click()
    expect(page.locator("[data-item]")).to_have_count(2)
    typed_and_saved(page, "Make and model", "Van")
    page.get_by_role("button", name="Remove place 1").click()
    expect(page.locator("[data-item]")).to_have_count(1)
    typed_and_saved(page, "Colour", "Red")
    typed = truth(rows, reference).answers["typed"]["others"]
    assert typed["places"] == []
    assert typed["vehicles"][0]["colour"] == ["Red"]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_page_is_accessible(
    rows: Session, cast: Cast, open_as: OpenAs, client_for: ClientFor, phone: bool
) -> None:
    client = client_for(cast.officer)
    sent, draft = share(client, FULL, urgency="soon"), begin(client)
    add_message(rows, truth(rows, sent), cast.coordinator)
    fill(client, draft, FULL)
    empty = begin(client)
    page = open_as(cast.officer, phone=phone)
    steps = (
        "urgency",
        "about",
        "children",
        "others",
        "happened",
        "source",
        "sharing",
        "ring",
        "check",
        "discard",
    )
    addresses = ["/share", *(f"/share/{draft}/{step}" for step in steps), f"/share/{empty}/check"]
    addresses += ["/sent", *(f"/sent/{sent}{part}" for part in ("", "/print", "/acknowledgement"))]
    for address in addresses:
        page.goto(address)
        check_accessible(page)


def test_the_hubs_own_pages_and_a_left_draft_are_accessible(
    rows: Session, cast: Cast, open_as: OpenAs, client_for: ClientFor
) -> None:
    reference = begin(client_for(cast.officer))
    fill(client_for(cast.officer), reference, FULL)
    cast.officer.active = False
    rows.commit()
    page = open_as(cast.police_manager)
    page.goto("/sent?of=team")
    check_accessible(page)
    page.get_by_role("link", name=reference).click()
    check_accessible(page)
    page.get_by_label("Why do you need to read it?").fill("A child may depend on it")
    page.get_by_role("button", name="Open the draft").click()
    expect(page.get_by_role("heading", name="Child 1: Ada Fictional")).to_be_visible()
    check_accessible(page)
    hub = open_as(cast.coordinator)
    hub.goto("/share/for-sender")
    check_accessible(hub)
    hub.get_by_role("button", name="Start").click()
    expect(hub.get_by_role("heading", name="Who sent it")).to_be_visible()
    check_accessible(hub)
    assert rows.scalars(select(Referral)).all()
