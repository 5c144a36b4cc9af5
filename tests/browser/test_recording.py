"""A meeting recorded in Chromium: by keyboard, in two windows, on a phone, accessible throughout."""

from collections.abc import Callable
from datetime import timedelta
from time import sleep

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.minutes.model import Decision, Minute
from portal.records.plans.model import Action
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
    expect(desk.locator("[data-line-kind='decision'] input[name$='-text']").first).to_be_focused()
    desk.keyboard.press("Tab")
    expect(boxes.nth(1)).to_be_focused()
    desk.keyboard.type("Seen at the park")
    expect(desk.locator("[data-live-state]")).to_contain_text("Saved")
    kept = rows.scalars(select(Minute.text).order_by(Minute.saved_at, Minute.text)).all()
    assert {"To plan together"} <= set(kept)

    text = desk.locator(f"[name='d-{sibling.id}-text']")
    text.fill("Go on as before")
    desk.locator(f"[name='d-{sibling.id}-reason']").fill("It helps")
    desk.get_by_role("button", name="Save everything").click()
    expect(desk.get_by_text("Go on as before")).to_be_visible()
    rows.expire_all()
    assert (
        rows.scalars(select(Decision.case_id).where(Decision.text == "Go on as before")).one() == sibling.id
    )


def standing(rows: Session) -> str:
    """What is on record of the only heading."""
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(Minute.text)).one_or_none() or ""


def eventually(rows: Session, words: str) -> None:
    """It is on record before long."""
    for _ in range(100):
        if words in standing(rows):
            return
        sleep(0.1)
    assert words in standing(rows)


@pytest.fixture
def one_heading(rows: Session, cast: Cast) -> str:
    """The record of a meeting with one heading for all."""
    day = make_day(rows, cast, kind="review")
    make_heading(rows, day.meeting, None, "Why we meet")
    return f"/meetings/{day.meeting.reference}/record"


def test_of_two_who_write_in_one_box_nobody_loses_a_word_nor_the_place_where_they_type(
    rows: Session, cast: Cast, open_as: Open, one_heading: str
) -> None:
    desk, other = open_as(cast.coordinator), open_as(cast.chair)
    for page in (desk, other):
        page.goto(one_heading)
    mine, theirs = (page.locator("textarea[name$='-words']").first for page in (desk, other))
    mine.focus()
    desk.keyboard.type("To plan together.")
    eventually(rows, "To plan together.")
    desk.keyboard.type(" And to decide.", delay=20)
    scrolled = desk.evaluate("window.scrollY")
    theirs.focus()
    other.keyboard.press("Control+End")
    other.keyboard.type("\nSchool: late on Monday.", delay=20)
    eventually(rows, "School: late on Monday.")
    eventually(rows, "To plan together. And to decide.")
    note = f"{cast.chair.name} wrote under Why we meet too"
    expect(desk.locator(".app-live__note")).to_contain_text(note, timeout=20_000)  # alone, it asks rarely
    expect(mine).to_be_focused()
    expect(mine).to_have_value("To plan together. And to decide.")
    assert mine.evaluate("box => box.selectionStart") == len("To plan together. And to decide.")
    assert desk.evaluate("window.scrollY") == scrolled
    check_accessible(desk)
    expect(desk.locator("[data-live-here]")).to_contain_text(f"{cast.chair.name} is writing in Why we meet")
    mine.evaluate("box => box.setSelectionRange(7, 7)")
    desk.get_by_role("button", name="Bring in what was added").press("Enter")
    expect(mine).to_have_value(standing(rows))
    expect(mine).to_be_focused()
    at = mine.evaluate("box => box.value.slice(0, box.selectionStart)")
    assert at.endswith("To plan")
    desk.keyboard.type(" well")
    eventually(rows, "To plan well together.")
    assert sorted(standing(rows).split()) == sorted(
        ["To", "plan", "well", "together.", "And", "to", "decide.", "School:", "late", "on", "Monday."]
    )
    other.locator("h1").click()
    expect(theirs).to_have_value(standing(rows), timeout=20_000)


def test_words_typed_without_a_network_or_signed_out_stay_and_are_saved_when_they_can_be(
    rows: Session, cast: Cast, open_as: Open, visitors: Visitors, one_heading: str
) -> None:
    visitors.expect_complaints("ERR_INTERNET_DISCONNECTED", "400", "401")
    desk = open_as(cast.coordinator)
    desk.goto(one_heading)
    box = desk.locator("textarea[name$='-words']").first
    box.focus()
    desk.context.set_offline(True)
    desk.keyboard.type("Typed without a network.")
    expect(desk.locator("[data-live-state]")).to_contain_text("could not be reached")
    assert standing(rows) == ""
    desk.context.set_offline(False)
    eventually(rows, "Typed without a network.")
    cookies = desk.context.cookies()
    desk.context.clear_cookies()
    desk.keyboard.type(" Typed signed out.")
    expect(desk.locator("[data-live-state]")).to_contain_text("You are signed out")
    expect(box).to_have_value("Typed without a network. Typed signed out.")
    expect(box).to_be_focused()
    desk.context.add_cookies(cookies)  # type: ignore[arg-type]  # what the browser gave
    desk.evaluate("window.dispatchEvent(new Event('focus'))")
    eventually(rows, "Typed without a network. Typed signed out.")
    assert standing(rows) == "Typed without a network. Typed signed out."


def test_unbroken_typing_is_saved_every_two_seconds_and_what_is_left_goes_with_the_page(
    rows: Session, cast: Cast, open_as: Open, one_heading: str
) -> None:
    desk = open_as(cast.coordinator)
    desk.goto(one_heading)
    desk.locator("textarea[name$='-words']").first.focus()
    desk.keyboard.type("x" * 30, delay=100)
    assert len(standing(rows)) >= 5, "without a pause, too"
    desk.keyboard.type(" and the last word")
    desk.goto("about:blank")
    eventually(rows, "and the last word")


def test_an_action_is_typed_one_tab_from_the_box_and_added_by_enter_while_another_page_sees_it(
    rows: Session, cast: Cast, open_as: Open, visitors: Visitors, one_heading: str
) -> None:
    desk, other = open_as(cast.coordinator), open_as(cast.chair)
    for page in (desk, other):
        page.goto(one_heading)
    desk.locator("textarea[name$='-words']").first.focus()
    desk.keyboard.press("Tab")
    desk.keyboard.type("Ask the night team for one number")
    check_accessible(desk)
    desk.keyboard.press("Tab")
    desk.keyboard.type("Chas")
    desk.keyboard.press("Tab")
    desk.keyboard.type("in two weeks")
    desk.keyboard.press("Tab")
    on = clock.today() + timedelta(days=14)
    expect(desk.locator("[data-line-day]").first).to_contain_text(f"{on:%A} {on.day} {on:%B %Y}")
    visitors.expect_complaints("422")  # the line is not complete yet
    desk.keyboard.press("Enter")
    expect(desk.locator(".govuk-error-message").first).to_contain_text("how we will know")
    desk.keyboard.type("She rings it")
    desk.locator("[data-line-kind='action'] select[name$='-category']").first.select_option("protect")
    desk.locator("[data-line-kind='action'] input[name$='-measure']").first.press("Enter")
    expect(desk.locator("#live-region")).to_contain_text("Action added: Ask the night team for one number")
    expect(desk.locator("[data-line-kind='action'] input[name$='-what']").first).to_be_focused()
    rows.rollback()
    made = rows.scalars(select(Action)).one()
    assert (made.what, made.owner_id, made.due_on) == ("Ask the night team for one number", cast.chair.id, on)
    mails = select(OutboxMessage).where(OutboxMessage.kind == "action_given", OutboxMessage.channel == "mail")
    assert all(one.not_before > clock.now() for one in rows.scalars(mails)), (
        "nobody is disturbed in the meeting"
    )
    expect(other.locator("[data-said]")).to_contain_text("Ask the night team for one number", timeout=20_000)
    check_accessible(other)
    other.locator("[data-line-undo]").click()
    expect(other.locator("[data-line-kind='action'] input[name$='-what']").first).to_have_value(
        "Ask the night team for one number"
    )
    expect(desk.locator("[data-said]")).not_to_contain_text("Action:", timeout=20_000)


def test_a_name_outside_is_typed_in_the_line_and_stands_beside_who_tells_them(
    rows: Session, cast: Cast, open_as: Open, one_heading: str
) -> None:
    desk, phone = open_as(cast.coordinator), open_as(cast.chair, phone=True)
    desk.goto(one_heading)
    line = desk.locator("[data-line-kind='action']").first
    line.locator("input[name$='-what']").fill("Go swimming with her")
    line.locator("select[name$='-who']").select_option(f"person:{cast.chair.id}")
    line.locator("input[name$='-by']").fill("in two weeks")
    line.locator("input[name$='-measure']").fill("She goes every week")
    line.locator("select[name$='-category']").select_option("protect")
    line.locator("input[name$='-outside']").fill("Fenella Gladwrack, youth club")
    check_accessible(desk)
    line.locator("input[name$='-outside']").press("Enter")
    through = f"Fenella Gladwrack (youth club), through {cast.chair.name}"
    expect(desk.locator("[data-said]").first).to_contain_text(through)
    expect(desk.locator("#live-region")).to_contain_text(f"{cast.chair.name} has to tell them")
    phone.goto(one_heading)
    expect(phone.locator("[data-said]").first).to_contain_text(through)
    check_width(phone)
    action = rows.scalars(select(Action)).one()
    phone.goto(f"/actions/{action.reference}")
    expect(phone.get_by_text("Fenella Gladwrack has no account. You tell them")).to_be_visible()
    check_accessible(phone)


def test_a_line_half_typed_stands_there_after_a_reload(
    rows: Session, cast: Cast, open_as: Open, one_heading: str
) -> None:
    desk = open_as(cast.coordinator)
    desk.goto(one_heading)
    desk.locator("[data-line-kind='decision'] input[name$='-text']").first.fill("Officers speak with her")
    expect(desk.locator("[data-live-state]")).to_contain_text("Saved")
    desk.reload()
    expect(desk.locator("[data-line-kind='decision'] input[name$='-text']").first).to_have_value(
        "Officers speak with her"
    )
    expect(desk.locator("[data-line-kind='decision'] input[name$='-reason']").first).to_be_visible()
    check_accessible(desk)


def test_whoever_runs_it_sees_who_waits_and_says_that_the_meeting_is_over(
    rows: Session, cast: Cast, open_as: Open
) -> None:
    """The hour is the one it is: what goes out at once at ten goes out from eight on at night."""
    day = make_day(rows, cast, kind="review")
    make_heading(rows, day.meeting, day.case, "Why we meet")
    desk, phone = open_as(cast.coordinator), open_as(cast.chair, phone=True)
    home = f"/meetings/{day.meeting.reference}/record"
    desk.goto(home)
    part = desk.locator("[data-sending]")
    expect(part).to_contain_text("told when the meeting is over")
    line = desk.locator("[data-line-kind='action']").first
    line.locator("input[name$='-what']").fill("Ask the night team for one number")
    line.locator("select[name$='-who']").select_option(f"person:{cast.social_worker.id}")
    line.locator("input[name$='-by']").fill("in two weeks")
    line.locator("input[name$='-measure']").fill("She rings it")
    line.locator("select[name$='-category']").select_option(index=1)
    line.locator("input[name$='-measure']").press("Enter")
    expect(part).to_contain_text("1 message waits until")
    check_accessible(desk)
    phone.goto(home)
    check_width(phone)
    expect(phone.locator("[data-sending]")).to_contain_text("1 message waits until")
    box = desk.locator("textarea[name$='-words']").first
    box.fill("To plan together")
    desk.get_by_role("button", name="The meeting is over").click()
    expect(desk.get_by_text("The meeting is over. 1 message leaves")).to_be_visible()
    expect(desk.locator("textarea[name$='-words']").first).to_have_value("To plan together")
    expect(part).to_contain_text("1 message is on the way out")
    expect(desk.get_by_role("button", name="The meeting is over")).to_have_count(0)
    phone.get_by_role("button", name="The meeting is over").click()
    expect(phone.get_by_text("No message was waiting")).to_be_visible()
    rows.rollback()
    (given,) = rows.scalars(
        select(OutboxMessage).filter_by(event="action_given", recipient_id=cast.social_worker.id)
    ).all()
    assert given.held_until is None
