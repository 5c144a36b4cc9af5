"""Minutes in Chromium: the whole way out without scripts, then every page accessible and fit for a phone."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from tests.browser.conftest import check_accessible, check_width
from tests.cast import Cast
from tests.meetings.recorded import Recorded, make_recorded

Open = Callable[..., Page]
AUNT = "She wants to see her aunt."


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for people, where `PICTURES` names a folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def reference(rows: Session, kind: MinutesKind) -> str:
    rows.rollback()
    return rows.query(MinutesIssue).filter_by(kind=kind).one().reference


def test_minutes_go_out_without_scripts_and_every_page_is_accessible(
    rows: Session, cast: Cast, open_as: Open
) -> None:
    held = make_recorded(rows, cast)
    home = f"/meetings/{held.meeting.reference}"
    chair, council = open_as(cast.chair, scripts=False), open_as(cast.community_safety, scripts=False)
    chair.goto(home)
    chair.get_by_role("link", name="Send a draft round, answer corrections, approve").click()
    chair.get_by_role("button", name="Send a draft round").click()
    picture(chair, "circulate")
    chair.get_by_role("button", name="Send the draft").click()
    expect(chair.get_by_text("The draft goes out to those of them")).to_be_visible()
    council.goto("/minutes")
    council.get_by_role("link", name="Draft 1 for corrections").click()
    council.get_by_role("button", name="Ask for a correction").click()
    council.get_by_label("What is wrong, and how should it be?").fill("It was Monday")
    council.get_by_role("button", name="Ask for the correction").click()
    chair.goto(f"{home}/versions")
    chair.get_by_role("link", name="Answer the correction of Cam Safety").click()
    chair.get_by_label("It is not taken").check()
    chair.get_by_label("Your answer").fill("Two of us noted Tuesday")
    picture(chair, "settle")
    chair.get_by_role("button", name="Answer").click()
    _for_the_family(chair, home, held)
    chair.goto(f"{home}/versions/approve")
    chair.get_by_role("button", name="Approve the minutes").click()
    chair.goto(f"{home}/family/{held.case.reference}/preview")
    chair.get_by_role("button", name="Make the version for the child and family").click()
    expect(chair.get_by_text(AUNT)).to_be_visible()
    _look(rows, cast, held, open_as)
    chair.goto(f"{home}/versions/distribute")
    chair.get_by_role("button", name="Distribute the minutes").click()
    expect(chair.get_by_text("The minutes are distributed")).to_be_visible()
    council.goto("/minutes")
    council.get_by_role("link", name="Approved minutes").click()
    expect(council.get_by_role("heading", name="What was decided")).to_be_visible()
    chair.goto(f"{home}/versions")
    coordinator = open_as(cast.coordinator)
    coordinator.goto(f"{home}/versions")
    expect(coordinator.locator("#log ~ div")).to_contain_text("Cam Safety")
    picture(coordinator, "versions-distributed")
    check_accessible(coordinator)


def _for_the_family(chair: Page, home: str, held: Recorded) -> None:
    chair.goto(f"{home}/family/{held.case.reference}")
    chair.get_by_label(AUNT).check()
    picture(chair, "choose")
    chair.get_by_role("button", name="Keep what is ticked").click()
    chair.get_by_role("link", name="See the preview and confirm").click()
    chair.get_by_label(AUNT).check()
    picture(chair, "preview")
    chair.get_by_role("button", name="Confirm those that I ticked").click()
    expect(chair.get_by_text("You have confirmed every passage")).to_be_visible()


def _look(rows: Session, cast: Cast, held: Recorded, open_as: Open) -> None:
    """Every page, before the reach of the chair ends."""
    desk, phone = open_as(cast.chair), open_as(cast.chair, phone=True)
    home = f"/meetings/{held.meeting.reference}"
    draft, approved, family = (reference(rows, one) for one in MinutesKind)
    for name, address in {
        "versions": f"{home}/versions",
        "distribute": f"{home}/versions/distribute",
        "family-choose": f"{home}/family/{held.case.reference}",
        "family-preview": f"{home}/family/{held.case.reference}/preview",
        "list": "/minutes",
        "draft": f"/minutes/{draft}",
        "correct": f"/minutes/{draft}/correct",
        "approved": f"/minutes/{approved}",
        "approved-print": f"/minutes/{approved}/print",
        "family": f"/minutes/{family}",
        "family-print": f"/minutes/{family}/print",
        "hand-out": f"{home}/hand-out?issue={family}",
    }.items():
        desk.goto(address)
        picture(desk, name)
        check_accessible(desk)
        phone.goto(address)
        picture(phone, f"{name}-phone")
        check_width(phone)
