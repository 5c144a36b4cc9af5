"""A meeting in Chromium: accessible pages, and a chair who records the day, also without scripts."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal.records.meetings.model import Invitation, Meeting, MeetingHandout
from portal.records.meetings.vocabulary import Attendance, MeetingState
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.factories.meetings import make_heading
from tests.meetings.days import Day, make_day

Open = Callable[..., Page]


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    """A meeting of today, with an agenda."""
    made = make_day(rows, cast, place="Town House, room 2")
    make_heading(rows, made.meeting, heading="Welcome, introductions and confidentiality")
    make_heading(rows, made.meeting, made.case, "Views of the child and of parents or carers")
    return made


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for people, where `PICTURES` names a folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fresh(rows: Session, one: Invitation) -> Invitation:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Invitation, one.id)


def test_every_page_of_the_day_is_accessible_on_a_desk_and_fits_a_phone(
    rows: Session, cast: Cast, day: Day, open_as: Open
) -> None:
    desk, phone = open_as(cast.chair), open_as(cast.chair, phone=True)
    home = f"/meetings/{day.meeting.reference}"
    for name, address in {
        "meeting": home,
        "papers": f"{home}/papers/{day.case.reference}",
        "agenda": f"{home}/agenda",
        "attendance": f"{home}/attendance",
        "walk-in": f"{home}/attendance/walk-in",
        "hand-out": f"{home}/hand-out",
    }.items():
        desk.goto(address)
        picture(desk, name)
        check_accessible(desk)
        phone.goto(address)
        picture(phone, f"{name}-phone")
        check_width(phone)


def test_a_chair_records_on_a_phone_who_came_and_that_it_was_held(
    rows: Session, cast: Cast, day: Day, open_as: Open, visitors: Visitors
) -> None:
    visitors.expect_complaints("422")
    page = open_as(cast.chair, phone=True)
    page.goto(f"/meetings/{day.meeting.reference}")
    page.get_by_role("button", name="Record who comes").click()
    page.get_by_label(cast.nurse.name, exact=True).select_option(label="Present for part")
    police = f"{cast.police_team.name}, {cast.police.name}"
    page.get_by_label(police, exact=True).select_option(label="Absent")
    council = f"{cast.council_team.name}, {cast.council.name}"
    page.get_by_label(f"More about {council}").fill("Casey Warden")
    page.get_by_label("Everybody whom I have not marked was there").check()
    page.get_by_role("button", name="The meeting was held").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("say which part they were there for")
    picture(page, "attendance-wrong-phone")
    page.get_by_label(f"More about {cast.nurse.name}").fill("from 10:00 until 10:40")
    page.get_by_role("button", name="The meeting was held").click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody took part for: Police")
    page.get_by_label("The meeting is held all the same").check()
    page.get_by_label("Why is it held without them?").fill("Waiting is the greater risk")
    picture(page, "quorum-phone")
    check_width(page)
    page.get_by_role("button", name="The meeting was held").click()
    expect(page.get_by_text("Held without Police.")).to_be_visible()
    picture(page, "held-phone")
    check_accessible(page)
    nurse = fresh(rows, day.health)
    assert (nurse.attendance, nurse.attendance_note) == (Attendance.PART, "from 10:00 until 10:40")
    assert rows.get_one(Meeting, day.meeting.id).state == MeetingState.HELD


def test_without_scripts_somebody_walks_in_the_agenda_changes_and_a_carer_gets_a_paper(
    rows: Session, cast: Cast, day: Day, open_as: Open
) -> None:
    page = open_as(cast.chair, scripts=False)
    home = f"/meetings/{day.meeting.reference}"
    page.goto(f"{home}/attendance")
    page.get_by_role("button", name="Add somebody who was not invited").click()
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Name", exact=True).fill("Ada Quilladvent")
    page.get_by_label("They came as").last.select_option(label="Advocate")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_label("Ada Quilladvent", exact=True)).to_have_value(Attendance.PRESENT)
    page.goto(f"{home}/agenda")
    page.get_by_role("button", name="Up Views of the child and of parents or carers").click()
    expect(page.get_by_role("listitem").filter(has_text="Views of the child")).to_be_visible()
    first = page.locator("ol.app-agenda > li").first
    expect(first).to_contain_text("Views of the child")
    page.goto(f"{home}/hand-out")
    page.get_by_label("Ada Quilladvent").check()
    page.get_by_label("What was it?").fill("What was agreed about lifts")
    page.get_by_label("Handed over in person").check()
    page.get_by_role("button", name="Put it on record").click()
    expect(page.get_by_text("It is on record")).to_be_visible()
    rows.rollback()
    assert rows.query(MeetingHandout).one().what == "What was agreed about lifts"
