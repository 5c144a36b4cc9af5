"""A missing child in a browser: reported without scripts, back by keyboard on a phone, axe on each page."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from tests.assessments.conftest import case_of_three
from tests.browser.conftest import Visitors, check_accessible, faults_of
from tests.cast import Cast
from tests.missing.conftest import Acting, reports
from tests.missing.test_duties import back_of


def test_a_child_is_reported_looked_for_and_back(
    open_as: Callable[..., Page], visitors: Visitors, rows: Session, cast: Cast, acting: Acting
) -> None:
    visitors.expect_complaints("422")
    case = case_of_three(rows, cast)
    episode = _report_without_scripts(open_as(cast.teacher, scripts=False), rows)
    back_of(rows, case, cast.officer, 20, 9, 400)
    third = reports(acting, cast.officer, child=rows.get_one(Child, case.child_id))
    _say_that_the_child_is_back(open_as(cast.officer, phone=True), third)
    _look_at_every_page(open_as(cast.social_worker), rows, case, third)
    _look_at_every_page(open_as(cast.coordinator, phone=True), rows, case, episode)


def _report_without_scripts(page: Page, rows: Session) -> MissingEpisode:
    page.goto("/")
    page.get_by_role("link", name="Report a missing child").click()
    page.get_by_role("button", name="Report the child as missing").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.get_by_label("First names").fill("Yarrowmir-Bartholomew")
    page.get_by_label("Family name").fill("Quenthelby-Featherstonehaugh-Underhollow")
    page.get_by_label("Missing: nobody knows where the child is").check()
    since = clock.local(clock.now() - timedelta(hours=5))
    last = page.get_by_role("group", name="On which day was the child last where they should be?")
    for part, value in (("Day", since.day), ("Month", since.month), ("Year", since.year)):
        last.get_by_label(part).fill(str(value))
    page.get_by_label("At what time?", exact=True).fill(f"{since:%H:%M}")
    page.get_by_label("Which authority is responsible for the child?").select_option("derbyshire")
    page.get_by_role("button", name="Report the child as missing").click()
    expect(
        page.get_by_text("Reported. If you have not rung the police about it, ring them now")
    ).to_be_visible()
    rows.rollback()
    return rows.scalars(select(MissingEpisode)).one()


def _say_that_the_child_is_back(page: Page, episode: MissingEpisode) -> None:
    page.goto("/missing")
    check_accessible(page)
    page.get_by_role("link", name=episode.reported_name).first.press("Enter")
    page.get_by_role("button", name="The child is back").click()
    at = clock.local(clock.now() - timedelta(minutes=10))
    back = page.get_by_role("group", name="On which day was the child back?")
    for part, value in (("Day", at.day), ("Month", at.month), ("Year", at.year)):
        back.get_by_label(part).fill(str(value))
    page.get_by_label("At what time was the child back?").fill(f"{at:%H:%M}")
    page.get_by_label("How was the child found?").select_option("police")
    page.get_by_label("Was the child hurt, or harmed in another way?").fill("None seen")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("a return interview is due")).to_be_visible()
    check_accessible(page)


def _look_at_every_page(page: Page, rows: Session, case: Case, episode: MissingEpisode) -> None:
    child = rows.get_one(Child, case.child_id).reference
    back = episode.reference
    for address in (
        *("/missing", f"/missing/{back}", f"/missing/{back}/change", f"/missing/{back}/found"),
        *(f"/missing/report?child={child}", f"/children/{child}/missing", f"/children/{child}"),
        *(
            (f"/missing/{back}/strategy",)
            if episode.child_id == case.child_id
            else (f"/missing/{back}/withdraw",)
        ),
    ):
        page.goto(address)
        assert not faults_of(page), address
