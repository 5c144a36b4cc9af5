"""A meeting recorded in Chromium: by keyboard, in two windows, on a phone, accessible throughout."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.minutes.model import Decision, Minute
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.factories.assessments import make_finalised
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_heading
from tests.factories.minutes import make_closed_minute, make_decision
from tests.meetings.days import make_day

Open = Callable[..., Page]


def test_a_note_taker_records_a_meeting_on_two_children_without_leaving_the_keyboard(
    rows: Session, cast: Cast, open_as: Open, visitors: Visitors
) -> None:
    sibling = make_case(
        rows, make_child(rows, "Bea"), lead=cast.social_care, opened_by=cast.coordinator, level="low"
    )
    involve(rows, sibling, cast.social_care_team, by=cast.coordinator)
    first = make_day(rows, cast, kind="review", starts_at=clock.now() - timedelta(days=30))
    first.meeting.held_at = first.meeting.ends_at
    rows.get_one(Case, first.case.id).level = "medium"
    rows.add(first.meeting)
    rows.commit()
    make_finalised(rows, first.case, cast.social_worker)
    make_decision(rows, first.meeting, "Ring her every week", "She wants it", case=first.case)
    day = make_day(rows, cast, kind="review", cases=[first.case, sibling])
    for case in (None, first.case, sibling):
        for words in ("Why we meet", "What each agency knows"):
            make_heading(rows, day.meeting, case, words)
    closed = make_closed_minute(rows, day.meeting, "On Friday", case=first.case)
    decision = make_decision(rows, day.meeting, "Meet at school", "She asked", case=first.case)
    home = f"/meetings/{day.meeting.reference}"
    desk, phone = open_as(cast.coordinator), open_as(cast.chair, phone=True)
    pages = ("/record", "/minutes", f"/decisions/{decision.id}", f"/closed/{closed.id}", "/closed/new")
    for one in pages:
        desk.goto(f"{home}{one}")
        check_accessible(desk)
        phone.goto(f"{home}{one}")
        check_width(phone)

    desk.goto(f"{home}/record")
    boxes = desk.locator("textarea[name$='-words']")
    boxes.nth(0).focus()
    desk.keyboard.type("To plan together")
    desk.keyboard.press("Tab")
    expect(boxes.nth(1)).to_be_focused()
    desk.keyboard.type("Seen at the park")
    expect(desk.locator("[data-save-state]")).to_contain_text("Saved")
    kept = rows.scalars(select(Minute.text).order_by(Minute.saved_at, Minute.text)).all()
    assert {"To plan together"} <= set(kept)

    visitors.expected = ("409",)
    phone.goto(f"{home}/record")
    boxes.nth(0).fill("To plan together, and to decide")
    expect(desk.locator("[data-save-state]")).to_contain_text("Saved")
    desk.wait_for_timeout(2_500)
    phone.locator("textarea[name$='-words']").nth(0).fill("Something else")
    expect(phone.locator("[data-save-clash]")).to_contain_text("To plan together, and to decide")
    check_accessible(phone)

    text = desk.locator(f"[name='d-{sibling.id}-text']")
    text.fill("Go on as before")
    expect(desk.locator("[data-save-state]")).to_contain_text("is kept when you choose Save")
    desk.locator(f"[name='d-{sibling.id}-reason']").fill("It helps")
    desk.get_by_role("button", name="Save everything").click()
    expect(desk.get_by_text("Go on as before")).to_be_visible()
    rows.expire_all()
    assert (
        rows.scalars(select(Decision.case_id).where(Decision.text == "Go on as before")).one() == sibling.id
    )
