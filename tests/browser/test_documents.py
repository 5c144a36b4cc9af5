"""Taking a file in Chromium, with scripts and without, and finding it on the sharing ledger."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from tests.browser.conftest import check_accessible, check_width
from tests.browser.test_meeting_day import picture
from tests.cast import Cast
from tests.documents.conftest import OPEN_TO_ALL, copies
from tests.documents.reading import open_pdf
from tests.factories.cases import add_entry, involve, make_case, make_child

Open = Callable[..., Page]


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that the police work on, with an entry."""
    made = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, made, cast.police_team, by=cast.coordinator, worker=cast.officer)
    add_entry(rows, made, cast.officer, f"{OPEN_TO_ALL} of the police")
    return made


def test_a_chronology_is_taken_from_the_page_of_its_case_and_governance_sees_who_took_it(
    rows: Session, cast: Cast, case: Case, open_as: Open
) -> None:
    for scripts in (True, False):
        page = open_as(cast.officer, scripts=scripts)
        page.goto(f"/cases/{case.reference}/manage")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the chronology of this case (PDF)").click()
        assert download.value.suggested_filename == f"{case.reference}-chronology.pdf"
        assert OPEN_TO_ALL in open_pdf(Path(download.value.path()).read_bytes()).text
    found = copies(rows)
    assert len(found) == 2
    desk, phone = open_as(cast.governance), open_as(cast.governance, phone=True)
    for name, address in {
        "copies": "/told/copies",
        "ledger": f"/told/ledger/{case.reference}?show=files",
    }.items():
        desk.goto(address)
        for copy in found:
            expect(desk.get_by_role("main")).to_contain_text(copy.reference)
        check_accessible(desk)
        picture(desk, f"documents-{name}")
        phone.goto(address)
        check_width(phone)
        picture(phone, f"documents-{name}-phone")


def test_a_long_one_is_followed_on_a_page_and_is_no_file_before_it_is_made(
    rows: Session, cast: Cast, case: Case, open_as: Open
) -> None:
    for number in range(50):
        add_entry(
            rows, case, cast.officer, f"Number {number}. {'Seen near the station, and rung about it. ' * 60}"
        )
    for scripts in (True, False):
        page = open_as(cast.officer, scripts=scripts)
        page.goto(f"/cases/{case.reference}/manage")
        page.get_by_role("link", name="Download the chronology of this case (PDF)").click()
        expect(page.get_by_role("main")).to_contain_text("Waiting to be made")
        check_width(page)
        page.close()  # it goes on asking how far it is, of a server that is about to end
