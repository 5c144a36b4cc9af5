"""Meetings in a browser: called on one page, answered, moved, cancelled; on a phone, and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.requests.model import InformationRequest
from tests.browser.conftest import Visitors, check_accessible
from tests.cast import Cast
from tests.factories.meetings import make_invitation, make_meeting
from tests.meetings.calls import in_days, make_called_case, owe_meeting

OpenAs = Callable[..., Page]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that owes a meeting, of a child whose sister has one too."""
    made = make_called_case(rows, cast)
    make_called_case(rows, cast, "Bea")
    owe_meeting(rows, made, in_days(9))
    return made


def truth(rows: Session) -> Meeting:
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(Meeting)).one()


def fill(page: Page) -> None:
    """What the page does not know yet: when, where, who runs it."""
    page.get_by_label("Starts at").fill("2.30pm")
    page.get_by_label("Ends at").fill("16:00")
    page.get_by_label("Place", exact=True).fill("Room 1")
    page.get_by_label("Chair", exact=True).select_option(label="Chas Chair, County social care")
    page.get_by_label("Note-taker", exact=True).select_option(label="Cora Coordinator, Hub")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_meeting_is_called_answered_moved_and_cancelled(
    rows: Session, cast: Cast, open_as: OpenAs, case: Case, scripts: bool
) -> None:
    page = open_as(cast.social_worker, scripts=scripts)
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("link", name="Call a meeting").click()
    expect(page.get_by_role("radio", name="First meeting")).to_be_checked()
    fill(page)
    page.get_by_role("checkbox", name="Bea Fictional").check()
    if not page.get_by_label("Find a team").is_visible():
        page.locator("summary", has_text="Other teams").click()
    page.get_by_label("Find a team").fill("school")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#guest-teams")).not_to_contain_text("Other council")
    expect(page.get_by_label("Starts at")).to_have_value("2.30pm")
    page.locator("#guest-teams details input[type=checkbox]").first.check()
    page.get_by_role("button", name="Add another person without an account").click()
    expect(page.locator("#outsiders-1-name")).to_be_visible()
    page.locator("#outsiders-0-name").fill("Carla Quillcarrow")
    page.locator("#outsiders-0-role").select_option(label="Parent or carer")
    page.get_by_role("button", name="Call the meeting").click()
    expect(page.get_by_role("heading", name="First meeting", level=1)).to_be_visible()
    expect(page.get_by_text("8 reports are asked for")).to_be_visible()
    expect(page.get_by_text("tell them yourself").first).to_contain_text("Carla Quillcarrow")
    meeting = truth(rows)
    invited = rows.scalars(select(Invitation)).all()
    assert len(invited) == 7
    assert cast.school_team.id in {one.team_id for one in invited}
    assert len(rows.scalars(select(InformationRequest)).all()) == 8

    nurse = open_as(cast.nurse, scripts=scripts)
    nurse.goto(f"/meetings/{meeting.reference}")
    nurse.get_by_role("link", name="Your invitation").click()
    nurse.get_by_role("radio", name="I am coming").check()
    nurse.get_by_role("button", name="Send my answer").click()
    expect(nurse.locator("#answer")).to_contain_text("Coming")

    page.get_by_role("link", name="Move it").click()
    expect(page.get_by_label("Starts at")).to_have_value("14:30")
    page.get_by_label("Starts at").fill("10:00")
    page.get_by_label("Ends at").fill("11:30")
    page.get_by_label("Why?").fill("The police cannot come")
    page.get_by_role("button", name="Move the meeting").click()
    expect(page.locator("#meeting-facts")).to_contain_text("10:00am to 11:30am")
    nurse.reload()
    expect(nurse.locator("#answer")).to_contain_text("No reply yet")

    page.get_by_role("link", name="Cancel it").click()
    page.get_by_label("Why?").fill("The child moved away")
    page.get_by_role("button", name="Cancel the meeting").click()
    expect(page.get_by_text("The child moved away")).to_be_visible()
    assert truth(rows).state == MeetingState.CANCELLED
    nurse.reload()
    expect(nurse.get_by_text("This meeting was cancelled")).to_be_visible()


def test_a_mistake_is_led_to_and_what_was_typed_stays(
    rows: Session, cast: Cast, open_as: OpenAs, case: Case, visitors: Visitors
) -> None:
    visitors.expect_complaints("422")
    page = open_as(cast.social_worker)
    page.goto(f"/meetings/call/case/{case.reference}")
    fill(page)
    page.get_by_label("Ends at").fill("1pm")
    page.locator("#outsiders-0-name").fill("Carla Quillcarrow")
    page.locator("#outsiders-0-role").select_option(label="Parent or carer")
    page.get_by_role("button", name="Call the meeting").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_role("link", name="The meeting must end after it starts").click()
    expect(page.get_by_label("Ends at")).to_be_focused()
    expect(page.locator("#outsiders-0-name")).to_have_value("Carla Quillcarrow")
    check_accessible(page)
    page.get_by_label("Ends at").fill("4pm")
    page.get_by_role("button", name="Call the meeting").click()
    expect(page.get_by_role("heading", name="First meeting", level=1)).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_every_page_is_accessible(
    rows: Session, cast: Cast, open_as: OpenAs, case: Case, phone: bool
) -> None:
    meeting = make_meeting(
        rows,
        cases=[case],
        chair=cast.chair,
        note_taker=cast.coordinator,
        required_sectors=["police", "health"],
        link="https://meet.example/a-very-long-link-that-does-not-break/anywhere/at/all/0123456789",
    )
    carer = make_invitation(rows, meeting, outside="Carla Quillcarrow", by=cast.chair, role="carer")
    make_invitation(rows, meeting, team=cast.police_team, by=cast.chair, role="police")
    page = open_as(cast.chair, phone=phone)
    there = f"/meetings/{meeting.reference}"
    steps = ("", "/move", "/place", "/chair", "/note-taker", "/cancel", "/invite", "/reports")
    addresses = [f"{there}{step}" for step in steps]
    addresses += [f"{there}/invitations/{carer.id}/{step}" for step in ("withdraw", "answer")]
    addresses += ["/meetings", "/meetings/call/district"]
    for address in addresses:
        page.goto(address)
        check_accessible(page)
    caller = open_as(cast.social_worker, phone=phone)
    caller.goto(f"/meetings/call/case/{case.reference}")
    caller.locator("summary", has_text="Other teams").click()
    check_accessible(caller)
