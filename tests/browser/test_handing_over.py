"""A manager hands over what one of their people leads: on a computer, on a phone, and without scripts."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from tests.browser.conftest import Visitors, check_accessible, check_width
from tests.cast import Cast
from tests.factories.cases import add_alert, involve, make_case, make_child
from tests.factories.meetings import make_meeting
from tests.factories.people import make_user
from tests.factories.plans import make_action

OpenAs = Callable[..., Page]


def led_by_wanda(rows: Session, cast: Cast) -> Case:
    """A case that she leads, with something of each kind."""
    make_user(rows, cast.social_care, "Colm Colleague", teams=(cast.social_care_team,))
    case = make_case(
        rows,
        make_child(rows, "Ada", "Fictional"),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    make_action(rows, case, cast.social_worker, cast.coordinator)
    add_alert(rows, case, cast.social_worker)
    make_meeting(rows, cases=[case], chair=cast.social_worker, note_taker=cast.chair)
    return case


def look_at(page: Page, name: str) -> None:
    check_accessible(page)
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_manager_hands_a_case_over_and_reads_who_hands_over_the_rest(
    open_as: OpenAs, visitors: Visitors, rows: Session, cast: Cast
) -> None:
    visitors.expect_complaints("422")  # a form with errors, on purpose
    case = led_by_wanda(rows, cast)
    page = open_as(cast.social_care_manager)
    page.goto(f"/administration/people/{cast.social_worker.id}")
    look_at(page, "person")
    page.get_by_role("link", name="See each, and hand it over").click()
    look_at(page, "held")
    page.get_by_role("button", name="Hand over").click()
    look_at(page, "held-errors")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Who takes over?").select_option(label="Colm Colleague")
    page.get_by_label("Why?").fill("She moves to another team")
    page.get_by_role("button", name="Hand over").click()
    page.get_by_text("Handed over: 2").wait_for()
    page.get_by_text("Its note-taker, whoever leads a case of it or a coordinator names another").wait_for()
    look_at(page, "held-rest")
    rows.expire_all()
    led = rows.get_one(Case, case.id).lead_professional_id
    assert led not in {None, cast.social_worker.id}


def test_switching_off_asks_who_takes_over_on_a_phone_and_without_scripts(
    open_as: OpenAs, visitors: Visitors, rows: Session, cast: Cast
) -> None:
    visitors.expect_complaints("422")  # a form with errors, on purpose
    case = led_by_wanda(rows, cast)
    phone = open_as(cast.administrator, phone=True)
    for part in ("", "/details", "/switch-off"):
        phone.goto(f"/administration/people/{cast.social_worker.id}{part}")
        look_at(phone, f"phone{part.replace('/', '-')}")
    page = open_as(cast.social_care_manager, scripts=False)
    page.goto(f"/administration/people/{cast.social_worker.id}/switch-off")
    page.get_by_label("Why?").fill("Left")
    page.get_by_role("button", name="Switch off").click()
    check_width(page)
    assert "Choose who takes over what Wanda Worker leaves behind" in page.inner_text("main")
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / "switch-off.png"), full_page=True)
    page.get_by_label("Who takes over what they lead and own?").select_option(label="Colm Colleague")
    page.get_by_role("button", name="Switch off").click()
    page.get_by_text("can no longer use the portal").wait_for()
    rows.expire_all()
    assert rows.get_one(Case, case.id).lead_professional_id != cast.social_worker.id
