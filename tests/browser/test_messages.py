"""What people are told, in a browser: with scripts and without, with a mouse, a keyboard and a thumb."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import Absence, MessagePreference, OutboxMessage
from portal.messages.vocabulary import MessageState
from portal.records.cases.model import Case
from tests.browser.conftest import check_accessible, check_width
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.telling import beat, suspend, was_told

OpenAs = Callable[..., Page]
LONG = "Anastasia-Bartholomea Featherwhistle-Marjorybell-Summerisle-Underwoodbury"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    child = make_child(rows, LONG, "Kowalski")
    case = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


@pytest.fixture
def told(rows: Session, cast: Cast, case: Case) -> OutboxMessage:
    """A case was shared with the officer, after something that they may see no more."""
    was_told(rows, cast.officer, reference="REQ-7KQ2-9XWD", at=clock.now() - timedelta(hours=1))
    return was_told(
        rows, cast.officer, kind="shared", subject=("cre_case", case.id), reference=case.reference,
        case_id=case.id, urgent=True,
    )  # fmt: skip


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_bell_leads_to_the_list_and_the_list_to_the_record_which_is_then_read(
    cast: Cast, open_as: OpenAs, case: Case, told: OutboxMessage, scripts: bool
) -> None:
    page = open_as(cast.officer, scripts=scripts)
    page.goto("/cases")
    bell = page.get_by_role("link", name=re.compile("^Messages"))
    expect(bell).to_contain_text("2 not read")
    bell.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What you were told")
    check_width(page) if not scripts else check_accessible(page)
    page.get_by_role("link", name=re.compile("A case was shared with you")).click()
    expect(page).to_have_url(re.compile(f"/cases/{case.reference}$"))
    expect(bell).to_contain_text("1 not read")
    page.go_back()
    page.reload()
    expect(page.locator(".app-messages__item--unread")).to_have_count(1)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_one_is_marked_as_read_beside_it_and_then_all(
    cast: Cast, open_as: OpenAs, told: OutboxMessage, scripts: bool
) -> None:
    page = open_as(cast.officer, scripts=scripts)
    page.goto("/messages")
    gone = page.locator(".app-messages__item", has_text="REQ-7KQ2-9XWD")
    expect(gone.get_by_role("link")).to_have_text([re.compile("^What you may read of it")])
    gone.get_by_role("button", name=re.compile("^Mark as read")).click()
    expect(page.locator(".app-messages__item--unread")).to_have_count(1)
    expect(page.locator("#bell")).to_contain_text("1 not read")
    if scripts:
        expect(gone).to_be_focused()
        expect(page.locator("#live-region")).to_contain_text("Marked as read")
    page.get_by_role("navigation", name="Views").get_by_role("link", name=re.compile("^Not read")).click()
    expect(page.locator(".app-messages__item")).to_have_count(1)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("Nothing fits these filters.")).to_be_visible()
    expect(page.locator("#bell")).to_have_text("Messages")


def test_the_keyboard_is_enough_to_read_and_to_mark(
    cast: Cast, open_as: OpenAs, case: Case, told: OutboxMessage
) -> None:
    page = open_as(cast.officer)
    page.goto("/messages")
    page.locator("#read-all").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=re.compile("A case was shared with you"))).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(f"#read-{told.id}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#message-{told.id}")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/cases/{case.reference}$"))


@pytest.mark.parametrize("path", ["/messages", "/preferences", "/work", "/absences", "/absences/new"])
def test_each_page_fits_a_phone_and_is_accessible(
    cast: Cast, open_as: OpenAs, told: OutboxMessage, path: str
) -> None:
    page = open_as(cast.officer, phone=True)
    page.goto(path)
    check_accessible(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_somebody_switches_off_what_they_may_and_sees_what_they_may_not(
    rows: Session, cast: Cast, open_as: OpenAs, scripts: bool
) -> None:
    page = open_as(cast.officer, scripts=scripts)
    page.goto("/preferences")
    page.get_by_label("What became of what you sent").uncheck()
    page.get_by_role("group", name=re.compile("one e-mail a day")).get_by_label("No").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    expect(page.get_by_label("What became of what you sent")).not_to_be_checked()
    page.get_by_text("that are always on").click()
    always = page.locator("li", has_text="Your team is asked for information")
    expect(always).to_be_visible()
    expect(always.locator("input")).to_have_count(0)
    chosen = {row.kind: row.by_mail for row in rows.query(MessagePreference)}
    assert chosen == {"feedback": False, "digest": False}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_somebody_says_when_they_are_away_and_who_covers_a_case_and_is_back_early(
    rows: Session, cast: Cast, open_as: OpenAs, case: Case, scripts: bool
) -> None:
    page = open_as(cast.officer, scripts=scripts)
    page.goto("/absences")
    page.get_by_role("button", name="Enter days away").click()
    today = clock.today()
    for group, day in (("First day away", today), ("Last day away", today + timedelta(days=3))):
        boxes = page.get_by_role("group", name=group)
        boxes.get_by_label("Day").fill(str(day.day))
        boxes.get_by_label("Month").fill(str(day.month))
        boxes.get_by_label("Year").fill(str(day.year))
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("checkbox", name=re.compile(case.reference))).to_be_checked()
    page.get_by_label("Who covers them?").select_option(label=cast.colleague.name)
    page.get_by_role("button", name="Have them covered").click()
    expect(page.get_by_role("cell", name=cast.colleague.name, exact=True)).to_be_visible()
    if scripts:
        check_accessible(page)
    page.get_by_text("End this absence").click()
    page.get_by_role("button", name="Yes, end it").click()
    expect(page.get_by_text("You have entered none.")).to_be_visible()
    assert rows.query(Absence).one().ended_at is not None


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_coordinator_has_a_dead_message_tried_again_and_finds_it_by_reference(
    rows: Session, cast: Cast, open_as: OpenAs, case: Case, scripts: bool
) -> None:
    beat(rows)
    message = was_told(
        rows, cast.officer, kind="shared", subject=("cre_case", case.id), reference=case.reference,
        case_id=case.id, state=MessageState.DEAD, attempts=9, outcome="gave_up",
    )  # fmt: skip
    was_told(rows, cast.nurse, kind="feedback")
    page = open_as(cast.coordinator, scripts=scripts)
    page.goto("/messages/life")
    expect(page.get_by_text("Reminders last ran on")).to_be_visible()
    dead = page.locator("table", has_text="somebody has to see to these")
    expect(dead.locator("tbody tr")).to_have_count(1)
    if scripts:
        check_accessible(page)
    page.get_by_label("Reference", exact=True).fill(case.reference.lower())
    page.get_by_label("Reference", exact=True).press("Enter")
    expect(page.locator("#list-page tbody tr")).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Try again")).click()
    expect(page.get_by_text("It will be tried again within a minute")).to_be_visible()
    rows.refresh(message)
    assert message.state == MessageState.OWED


def test_the_page_of_every_message_warns_when_reminders_stopped_and_fits_a_phone(
    rows: Session, cast: Cast, open_as: OpenAs
) -> None:
    beat(rows, ago=timedelta(hours=2))
    suspend(rows, cast.officer)
    for number in range(3):
        was_told(rows, cast.officer, state=MessageState.DEAD, outcome=f"451 4.7.{number} " + "x" * 80)
    page = open_as(cast.coordinator, phone=True)
    page.goto("/messages/life")
    expect(page.get_by_text("Reminders have stopped")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name=re.compile("^Use again")).click()
    expect(page.get_by_text("is used again from now on")).to_be_visible()


def test_a_manager_prints_the_sheet_with_the_marking_on_every_page(
    cast: Cast, open_as: OpenAs, case: Case
) -> None:
    page = open_as(cast.police_manager)
    page.goto("/work")
    page.get_by_role("link", name="Print the sheet for when the portal is down").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("If the portal is down")
    check_accessible(page)
    assert page.evaluate("getComputedStyle(document.querySelector('.app-marked')).page") == "auto"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.app-marked')).page") == "marked"
    expect(page.get_by_role("navigation").first).to_be_hidden()
    page.set_viewport_size({"width": 718, "height": 1000})  # upright A4 between its margins
    check_width(page)
