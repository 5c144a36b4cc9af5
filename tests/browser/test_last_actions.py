"""The actions of last time on the record of a meeting, in Chromium: chosen in the row and kept at once."""

from collections.abc import Callable
from datetime import timedelta
from time import sleep

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.minutes.model import ActionReview
from portal.records.plans.model import Action
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.factories.meetings import make_heading
from tests.factories.plans import make_action
from tests.meetings.days import Day, make_day

Open = Callable[..., Page]


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    day = make_day(rows, cast, kind="review")
    make_heading(rows, day.meeting, None, "Why we meet")
    return day


@pytest.fixture
def action(rows: Session, cast: Cast, day: Day) -> Action:
    make_action(
        rows,
        day.case,
        cast.nurse,
        cast.social_worker,
        what="Ring the clinic for a first appointment",
        due_on=clock.today() - timedelta(days=9),
        state="blocked",
        blocked_reason="The clinic is shut until January",
    )
    return make_action(rows, day.case, cast.officer, cast.social_worker, what="Walk with her to the bus")


def kept(rows: Session, *wanted: str) -> None:
    """That is what is on record before long."""
    for _ in range(100):
        rows.rollback()
        rows.expire_all()
        one = rows.scalars(select(ActionReview)).one_or_none()
        if one is not None and (one.outcome, one.effect, one.words) == wanted:
            return
        sleep(0.1)
    assert one is not None
    assert (one.outcome, one.effect, one.words) == wanted


def test_what_came_of_an_action_is_chosen_by_keyboard_in_its_row_and_the_other_page_shows_it(
    rows: Session, cast: Cast, open_as: Open, visitors: Visitors, day: Day, action: Action
) -> None:
    visitors.expect_complaints("422")
    desk, other = open_as(cast.coordinator), open_as(cast.chair, phone=True)
    for page in (desk, other):
        page.goto(f"/meetings/{day.meeting.reference}/record")
        check_accessible(page)
    check_width(other)
    outcome = desk.get_by_label("What came of it: Walk with her to the bus")
    outcome.focus()
    desk.keyboard.type("Done")
    desk.keyboard.press("Tab")
    desk.keyboard.type("It helped")
    desk.keyboard.press("Tab")
    expect(desk.get_by_label("In a line: Walk with her to the bus")).to_be_focused()
    desk.keyboard.type("Every day but two")
    kept(rows, "done", "helped", "Every day but two")
    expect(desk.locator("[data-live-state]")).to_contain_text("Saved")
    expect(other.get_by_label("What came of it: Walk with her to the bus")).to_have_value(
        "done", timeout=20_000
    )
    assert rows.get_one(Action, action.id).state == "not_started"

    outcome.focus()
    outcome.select_option(label="Blocked")
    expect(desk.locator("[data-live-state]")).to_contain_text("Not saved")
    expect(desk.locator(f"tr[data-line='{action.id}'] .govuk-error-message")).to_contain_text(
        "Choose done first"
    )
    expect(outcome).to_be_focused()
    desk.get_by_label("What effect it had: Walk with her to the bus").select_option("")
    kept(rows, "blocked", "", "Every day but two")

    desk.get_by_role("button", name="The meeting is over").click()
    expect(desk.get_by_text("What you choose and save goes on the action at once")).to_be_visible()
    rows.expire_all()
    assert rows.get_one(Action, action.id).state == "blocked"


def test_the_agenda_says_what_must_be_answered_while_it_is_typed_and_items_move_by_keyboard(
    rows: Session, cast: Cast, open_as: Open, day: Day, action: Action
) -> None:
    level = make_heading(rows, day.meeting, day.case, "Level of risk")
    level.code = "level"
    rows.add(level)
    rows.commit()
    desk, phone = open_as(cast.coordinator), open_as(cast.chair, phone=True)
    for page in (desk, phone):
        page.goto(f"/meetings/{day.meeting.reference}/record")
    nav = desk.get_by_role("navigation", name="Agenda")
    expect(nav).to_contain_text("3 still to be answered")
    desk.get_by_label("Level of risk", exact=True).fill("High, all agree")
    expect(nav).to_contain_text("2 still to be answered")
    desk.get_by_label("What came of it: Walk with her to the bus").select_option("done")
    expect(nav).to_contain_text("1 still to be answered")
    desk.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    expect(nav).to_be_in_viewport()
    expect(phone.get_by_role("navigation", name="Agenda")).to_contain_text("1 still", timeout=20_000)

    desk.locator("#order summary").press("Enter")
    check_accessible(desk)
    desk.get_by_label("What is the new item?").fill("Transport")
    desk.get_by_label("After which item?").select_option(label="Why we meet")
    desk.get_by_role("button", name="Add the item").press("Enter")
    expect(nav.get_by_role("link")).to_contain_text(
        ["Who came", "Actions of last time", "Why we meet", "Transport", "Level of risk", "What was decided"]
    )
    expect(phone.locator("[data-live-state]")).to_contain_text("The agenda was changed", timeout=20_000)
    expect(desk.get_by_role("button", name="Move up Level of risk")).to_be_visible()
    desk.get_by_role("button", name="Move up Level of risk").press("Enter")
    expect(nav.get_by_role("link").nth(3)).to_contain_text("Level of risk")
    phone.goto(f"/meetings/{day.meeting.reference}/record?order=open#order")
    check_width(phone)


def test_once_the_meeting_is_over_going_through_the_answers_changes_nothing_until_the_row_is_left(
    rows: Session, cast: Cast, open_as: Open, day: Day, action: Action
) -> None:
    day.meeting.over_at = clock.now()
    rows.add(day.meeting)
    rows.commit()
    desk = open_as(cast.coordinator)
    desk.goto(f"/meetings/{day.meeting.reference}/record")
    outcome = desk.get_by_label("What came of it: Walk with her to the bus")
    outcome.focus()
    outcome.select_option(label="Done")
    desk.wait_for_timeout(2000)
    outcome.select_option(label="In part")
    rows.rollback()
    assert rows.scalars(select(ActionReview)).all() == []
    desk.get_by_label("Decision", exact=True).first.focus()
    kept(rows, "in_part", "", "")
    rows.expire_all()
    assert rows.get_one(Action, action.id).state == "under_way"
