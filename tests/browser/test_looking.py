"""Three agencies look for a child: a school reports, the police grade and enquire, social care sees it."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.safety_plans.model import SafetyPlanAnswer
from tests.assessments.conftest import case_of_three
from tests.attachments.specimens import picture
from tests.browser.conftest import Visitors, check_accessible
from tests.cast import Cast
from tests.factories.cases import involve
from tests.factories.safety_plans import make_safety_plan


def test_three_agencies_look_for_a_child_until_they_are_back(
    open_as: Callable[..., Page], visitors: Visitors, rows: Session, cast: Cast, tmp_path: Path
) -> None:
    visitors.expect_complaints("422")
    case = case_of_three(rows, cast)
    involve(rows, case, cast.school_team, by=cast.coordinator, worker=cast.teacher)
    _agree_what_to_do(rows, case, cast)
    episode = _school_reports(open_as(cast.teacher, phone=True), rows, case)
    officer = open_as(cast.officer)
    _police_grade_and_enquire(officer, episode, tmp_path)
    _social_care_sees_it(open_as(cast.social_worker), rows, case, episode)
    _social_care_sees_it(open_as(cast.nurse, phone=True), rows, case, episode)
    _found_and_then_back(officer, episode)
    page = open_as(cast.social_worker)
    page.goto(f"/cases/{case.reference}")
    expect(page.locator(".app-missing")).to_have_count(0)


def _agree_what_to_do(rows: Session, case: Case, cast: Cast) -> None:
    plan = make_safety_plan(rows, case, cast.social_worker, "Ring her aunt in Belper first")
    for answer in rows.scalars(select(SafetyPlanAnswer).where(SafetyPlanAnswer.plan_id == plan.id)):
        answer.item = "missing_enquiries"
    rows.commit()


def _day(page: Page, group: str, hours: float) -> str:
    at = clock.local(clock.now() - timedelta(hours=hours))
    boxes = page.get_by_role("group", name=group)
    for part, value in (("Day", at.day), ("Month", at.month), ("Year", at.year)):
        boxes.get_by_label(part).fill(str(value))
    return f"{at:%H:%M}"


def _school_reports(page: Page, rows: Session, case: Case) -> MissingEpisode:
    """With times that contradict each other first: each says so, and nothing is lost."""
    child = rows.get_one(Child, case.child_id)
    page.goto(f"/missing/report?child={child.reference}")
    page.get_by_label("Missing: nobody knows where the child is").check()
    since = _day(page, "On which day was the child last where they should be?", 4)
    page.get_by_label("At what time?", exact=True).fill(since)
    left = _day(page, "On which day did the child leave?", 2)
    page.get_by_label("At what time did they leave?").fill(left)
    page.get_by_label("What does the child look like?").fill("Tall, red hair")
    page.get_by_role("button", name="Report the child as missing").click()
    expect(page.get_by_role("link", name="The child left later than this")).to_be_visible()
    check_accessible(page)
    left = _day(page, "On which day did the child leave?", 4)
    page.get_by_label("At what time did they leave?").fill(left)
    page.get_by_role("button", name="Report the child as missing").click()
    expect(page.get_by_text("Reported. If you have not rung the police")).to_be_visible()
    rows.rollback()
    return rows.scalars(select(MissingEpisode)).one()


def _police_grade_and_enquire(page: Page, episode: MissingEpisode, tmp_path: Path) -> None:
    page.goto(f"/missing/{episode.reference}")
    expect(page.get_by_text("Ring her aunt in Belper first")).to_be_visible()
    page.get_by_role("link", name="Add to it or correct it").click()
    page.get_by_label("How do the police grade it?").select_option("high")
    page.get_by_label("Police reference").fill("PC-1801")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add an enquiry").click()
    check_accessible(page)
    page.get_by_label("What was asked or done").fill("Rang the aunt: the child is not there")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Rang the aunt: the child is not there")).to_be_visible()
    photo = tmp_path / "child.jpg"
    photo.write_bytes(picture("JPEG", size=(300, 400)))
    page.get_by_role("link", name="Add a picture of the child").click()
    page.get_by_label("Choose files").set_input_files(photo)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".app-uploads__done")).to_be_visible(timeout=60_000)
    check_accessible(page)
    page.goto(f"/missing/{episode.reference}")
    shown = page.get_by_alt_text("Picture of Ada Fictional")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 300
    check_accessible(page)


def _social_care_sees_it(page: Page, rows: Session, case: Case, episode: MissingEpisode) -> None:
    child = rows.get_one(Child, case.child_id).reference
    for address in (
        *(f"/cases/{case.reference}", f"/children/{child}", f"/children/{child}/chronology"),
        *(f"/cases/{case.reference}/plan", f"/children/{child}/return-interviews"),
    ):
        page.goto(address)
        banner = page.locator(".app-missing")
        expect(banner).to_contain_text("Police grade: High")
        expect(banner).to_contain_text("PC-1801")
        check_accessible(page)
    page.goto("/cases")
    expect(page.locator(".app-missing-mark").first).to_contain_text("Ring 101, PC-1801")
    check_accessible(page)
    page.locator(".app-missing-mark a").first.click()
    expect(page.get_by_role("heading", name="What was done to find the child")).to_be_visible()
    check_accessible(page)


def _found_and_then_back(page: Page, episode: MissingEpisode) -> None:
    page.goto(f"/missing/{episode.reference}/found")
    check_accessible(page)
    at = _day(page, "On which day was the child found?", 1)
    page.get_by_label("At what time was the child found?").fill(at)
    page.get_by_label("How was the child found?").select_option("police")
    page.get_by_label("Was the child hurt, or harmed in another way?").fill("None seen")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".app-missing")).to_contain_text("not back yet")
    page.get_by_role("button", name="The child is back").click()
    at = _day(page, "On which day was the child back?", 0.1)
    page.get_by_label("At what time was the child back?").fill(at)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".app-missing")).to_have_count(0)
    expect(page.get_by_text(re.compile("^Due by"))).to_be_visible()
