"""Two things that are said in the same words are two; and what is not printed is not, on a list either."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case, ChronologyEntry
from portal.web import date_boxes
from tests.cases.test_page import ClientFor
from tests.cast import Cast
from tests.contributions.test_forms import ATTENDANCE, typed
from tests.factories.intelligence import READING_ONLY, make_grading

EARLIER = date_boxes.posted("happened_on", clock.today() - timedelta(days=9))


@pytest.mark.parametrize(
    ("other", "entries"),
    [({}, 1), (EARLIER, 2), ({"detail_came_with": "Nobody"}, 2)],
    ids=["sent twice", "another day", "other details"],
)
def test_another_attendance_in_the_same_words_is_kept(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, other: dict[str, str], entries: int
) -> None:
    browser, place = client_for(cast.nurse), f"/cases/{case.reference}/entries/new"
    for said in (ATTENDANCE, ATTENDANCE | other):
        assert browser.submit(place, typed("attendance", **said)).status_code == 303
    assert len(rows.scalars(select(ChronologyEntry)).all()) == entries


def test_a_list_that_a_browser_prints_holds_back_what_may_not_be_printed(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    browser = client_for(cast.nurse)
    said = ATTENDANCE | {"text": "Quillburn on the arm", "detail_came_with": "Quilladult"}
    browser.submit(f"/cases/{case.reference}/entries/new", typed("attendance", **said))
    make_grading(rows, rows.scalars(select(ChronologyEntry)).one(), cast.coordinator, READING_ONLY)
    for address in ("/contributions", "/health/found"):
        page = browser.soup(address)
        shown = page.find_all(string=lambda text: "Quillburn" in text or "Quilladult" in text)
        assert shown, address
        assert all(one.find_parent(class_="app-no-print") for one in shown), address
        assert "Held back by" in page.text, address
        assert READING_ONLY in page.text, address
