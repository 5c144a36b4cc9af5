"""A date of birth that was reckoned from an age never looks exact."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.web.filters import born_day
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_meeting

ClientFor = Callable[[Any], Any]
BORN = date(2012, 7, 1)
EXACT = ("1 July 2012", "1 Jul 2012", "01/07/2012", "2012-07-01")
TEMPLATES = Path(__file__).parents[2] / "portal" / "templates"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case on a child whose birth date is reckoned."""
    child = make_child(rows, "Zadeline", "Fictional", dob=BORN, dob_is_estimate=True)
    case = make_case(
        rows,
        child,
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=cast.social_worker.id,
        authority="derbyshire",
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator, worker=cast.social_worker)
    involve(rows, case, cast.health_team, by=cast.coordinator, worker=cast.nurse)
    return case


@pytest.mark.parametrize(
    "address",
    [
        "/cases",
        "/social-care",
        "/cases/{case}",
        "/cases/{case}/print",
        "/cases/{case}/entries/new",
        "/cases/{case}/plan",
        "/children/{child}",
        "/children/{child}/chronology",
        "/meetings/{meeting}",
    ],
)
def test_no_page_shows_a_reckoned_day(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor, address: str
) -> None:

    child = rows.get_one(Child, case.child_id)
    meeting = make_meeting(rows, chair=cast.social_worker, note_taker=cast.nurse, cases=[case])
    client = client_for(cast.social_worker)
    answer = client.get(
        address.format(case=case.reference, child=child.reference, meeting=meeting.reference),
        follow_redirects=True,
    )
    assert answer.status_code == 200
    page = BeautifulSoup(answer.text, "html.parser").get_text(" ", strip=True)
    assert "Zadeline" in page
    for exact in EXACT:
        assert exact not in page


def test_no_template_shows_a_birth_date_but_by_the_one_way() -> None:
    """`dob | day` and its like forget whether it was reckoned."""
    wrong = [
        f"{file.relative_to(TEMPLATES)}: {line.strip()[:80]}"
        for file in TEMPLATES.rglob("*.html")
        for line in file.read_text("utf-8").splitlines()
        if ("dob | day" in line or "dob | short_day" in line) and file.name != "child.html"  # `ui.born_line`
    ]
    assert not wrong


def test_what_is_said_of_a_birth_date() -> None:
    assert born_day(BORN) == "1 July 2012"
    assert born_day(BORN, is_estimate=True) == "about 2012"
    assert born_day(None) == ""
