"""A plan and its actions in a browser: without scripts, by keyboard, on a phone, and axe on each page."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.plans.action_steps import mark_done
from portal.records.plans.model import Action
from tests.assessments.conftest import case_of_three
from tests.browser.conftest import check_accessible, faults_of
from tests.cast import Cast
from tests.factories.plans import make_action
from tests.plans.conftest import Acting, steps


def test_an_action_is_given_done_and_confirmed(
    open_as: Callable[..., Page], rows: Session, cast: Cast, acting: Acting
) -> None:
    case = case_of_three(rows, cast)
    given = _give_without_scripts(open_as(cast.social_worker, scripts=False), rows, cast, case)
    _do_by_keyboard(open_as(cast.community_safety, phone=True), given)
    late = make_action(rows, case, cast.officer, cast.social_worker, due_on=clock.today() - timedelta(days=4))
    steps(acting, cast.officer, late, mark_done, words="Went there on Friday")
    _look_at_every_page(open_as(cast.social_worker), case, late)


def _give_without_scripts(page: Page, rows: Session, cast: Cast, case: Case) -> Action:
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("navigation", name="Parts of the case").get_by_role("link", name="Plan").click()
    page.get_by_role("button", name="Give an action").click()
    page.get_by_label("What is to be done?").fill("Walk the path by the canal on Thursdays")
    page.get_by_label("Or somebody else", exact=True).fill(cast.community_safety.email)
    page.get_by_label("How will we know that it worked?").fill("Nobody waits there")
    page.get_by_label("Disrupt").check()
    page.get_by_label("A place").check()
    page.get_by_role("button", name="Give the action").click()
    expect(page.get_by_text("You gave the action", exact=True)).to_be_visible()
    rows.rollback()
    return rows.scalars(select(Action)).one()


def _do_by_keyboard(page: Page, action: Action) -> None:
    page.goto("/actions")
    check_accessible(page)
    page.get_by_role("link", name=action.what).press("Enter")
    page.wait_for_url(f"**/actions/{action.reference}")
    check_accessible(page)
    page.get_by_label("What was done?").focus()
    page.keyboard.type("Walked it with the warden")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Told in the")).to_be_visible()
    check_accessible(page)


def _look_at_every_page(page: Page, case: Case, done: Action) -> None:
    plan, action = f"/cases/{case.reference}/plan", f"/actions/{done.reference}"
    for address in (
        *(plan, f"{plan}?show=all", f"{plan}/print", f"{plan}/goal", f"/cases/{case.reference}/actions/new"),
        *(action, f"{action}/confirm", f"{action}/effect"),
    ):
        page.goto(address)
        assert not faults_of(page), address
    page.goto(action)
    page.get_by_role("button", name="Confirm that it is done").click()
    page.get_by_label("It helped").check()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Done and confirmed")).to_be_visible()
