"""What health brings, a critical moment and the chronology of a child in a browser, with axe on each page."""

import os
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import ChronologyEntry
from tests.browser.conftest import check_width, faults_of
from tests.cast import Cast
from tests.chronology.conftest import Life, life  # noqa: F401  # a fixture


def test_an_attendance_is_added_reviewed_and_read_in_the_chronology(
    open_as: Callable[..., Page],
    rows: Session,
    cast: Cast,
    life: Life,  # noqa: F811  # the fixture
) -> None:
    case, child = life.case.reference, life.child.reference
    nurse = open_as(cast.nurse, scripts=False)
    nurse.goto(f"/health/cases/{case}")
    nurse.get_by_role("link", name="Add: attendance").click()
    nurse.get_by_label("Day").fill("3")
    nurse.get_by_label("Month").fill("11")
    nurse.get_by_label("Year").fill("2026")
    nurse.get_by_label("What happened, and what was seen?").fill("A burn on the arm. Came with an adult.")
    nurse.get_by_label("Where?").select_option(label="Emergency department")
    nurse.get_by_label("An injury", exact=True).check()
    nurse.get_by_label("Everyone working on this case").check()
    nurse.get_by_label("Ask me first").check()
    nurse.get_by_label("Is it a critical moment?").select_option(label="Injury")
    nurse.get_by_role("button", name="Add to the case").click()
    expect(nurse.get_by_text("What you know was added to the case. Wanda Worker is asked")).to_be_visible()
    rows.rollback()
    entry = rows.scalars(select(ChronologyEntry).where(ChronologyEntry.kind == "attendance")).one()
    worker = open_as(cast.social_worker)
    worker.goto(f"/cases/{case}/moments/{entry.id}")
    _sound(worker, "moment", phone=False)
    worker.get_by_label("Why does nothing change?").fill("Read with the nurse. The level stays.")
    worker.get_by_role("button", name="Record that nothing changes").click()
    expect(worker.get_by_text("Recorded: nothing changes")).to_be_visible()
    for phone in (False, True):
        page = open_as(cast.nurse, phone=phone)
        for address in (
            *(f"/cases/{case}/entries/new?kind=attendance", f"/cases/{case}/entries/{entry.id}/correct"),
            *(f"/children/{child}/chronology", f"/children/{child}/chronology?critical=y"),
            *(f"/children/{child}/chronology/print", f"/health/cases/{case}"),
            *(
                "/health/summaries",
                "/health/found",
                "/health/actions",
                "/health",
                "/contributions",
                "/contributions/new",
            ),
        ):
            page.goto(address)
            _sound(page, address, phone=phone)


def _sound(page: Page, name: str, *, phone: bool) -> None:
    if not phone:  # the markup is the same: on a phone what counts is the width
        assert not faults_of(page), name
    check_width(page)
    if folder := os.environ.get("PORTAL_PICTURES"):
        page.screenshot(
            path=f"{folder}/{name.strip('/').replace('/', '-').replace('?', '_')}-{phone}.png", full_page=True
        )
