"""Processes of other services in a browser: by keyboard, without scripts, on a phone, with axe."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal import clock
from tests.assessments.conftest import case_of_three
from tests.browser.conftest import Visitors, faults_of
from tests.cast import Cast
from tests.factories.linked import make_process, step_of

WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_processes_are_recorded_and_read_on_every_page(
    open_as: Callable[..., Page], visitors: Visitors, rows: Session, cast: Cast
) -> None:
    visitors.expect_complaints("422")
    case = case_of_three(rows, cast)
    make_process(rows, case, cast.social_worker, due_at=clock.now() - timedelta(days=3))
    running = make_process(rows, case, cast.social_worker, kind="nrm", step="reasonable_grounds")
    _begin_without_scripts(open_as(cast.social_worker, scripts=False), case.reference)
    _report_by_keyboard(open_as(cast.nurse, phone=True), case.reference)
    for page in (open_as(cast.social_worker), open_as(cast.social_worker, phone=True)):
        for address in (
            f"/cases/{case.reference}",
            *(f"/cases/{case.reference}/linked{more}" for more in ("", "/new", "/new/looked_after")),
            f"/linked/{running.reference}",
            f"/linked/{running.reference}/steps/{step_of(rows, running).id}",
            *(f"/linked/{running.reference}/{verb}" for verb in ("owner", "end", "mistake", "reference")),
            *("/social-care/processes", "/social-care", "/fgm-reports"),
        ):
            page.goto(address)
            assert not page.evaluate(WIDE), f"{address} is wider than the screen"
            assert not faults_of(page), address


def _begin_without_scripts(page: Page, reference: str) -> None:
    page.goto(f"/cases/{reference}/manage")
    page.get_by_role("link", name="All of them").click()
    page.get_by_role("button", name="Record what has begun").click()
    page.get_by_role("link", name="Forced marriage").click()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the day on which it began")
    today = clock.today()
    for box, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(box, exact=True).fill(str(value))
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("radio", name="Do not contact the family")).to_be_checked()


def _report_by_keyboard(page: Page, reference: str) -> None:
    page.goto(f"/cases/{reference}/linked/new/fgm_report")
    today = clock.today()
    page.get_by_label("Day", exact=True).focus()
    for value in (today.day, today.month, today.year):
        page.keyboard.type(str(value))
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Record it").press("Enter")
    page.get_by_role("link", name="Say that it was done").press("Enter")
    page.get_by_label("Police reference of your report").fill("22*1234")
    page.get_by_label("Reported to the police").check()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("In time")).to_be_visible()
