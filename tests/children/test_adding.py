"""What agencies add to a child: statements, statuses, numbers, names; never over what another said."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildIdentifier, ChildStatement, ChildStatus, NameKey
from portal.records.people.model import User
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve
from tests.factories.children import say

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]


def test_a_status_is_ended_by_the_agency_that_recorded_it_alone(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str
) -> None:
    worker = client_for(cast.social_worker)
    worker.submit(f"{page}/statuses/add", {"status": "cin", **posted("starts_on", date(2026, 1, 7))})
    status = rows.scalars(select(ChildStatus)).one()
    end = f"{page}/statuses/{status.id}/end"
    assert client_for(cast.officer).submit(end, dict(posted("ends_on", date(2026, 3, 1)))).status_code == 403
    wrong = worker.submit(end, dict(posted("ends_on", date(2025, 3, 1))))
    assert wrong.status_code == 422
    assert "must not be before the first" in wrong.text
    assert worker.submit(end, dict(posted("ends_on", date(2026, 3, 1)))).status_code == 303
    assert "7 January 2026 to 1 March 2026" in worker.soup(page).get_text()
    again = worker.submit(f"{page}/statuses/add", {"status": "cin"})
    assert again.status_code == 303, "it can begin again once it has ended"


def test_each_agency_says_what_it_knows_and_nothing_is_overwritten(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str
) -> None:
    worker, officer = client_for(cast.social_worker), client_for(cast.officer)
    address = {"value": "1 Invented Street\nMadeup", "postcode": "de12fs", "code": "home"}
    assert worker.submit(f"{page}/address/add", address).status_code == 303
    assert officer.submit(f"{page}/address/add", {"value": "2 Other Road"}).status_code == 303
    said = rows.scalars(select(ChildStatement).where(ChildStatement.postcode == "DE1 2FS")).one()
    restate = f"{page}/statements/{said.id}"
    assert officer.get(restate).status_code == 403, "only its own agency says a thing again"
    ended = worker.submit(restate, address | dict(posted("ends_on", date(2026, 2, 1))))
    assert ended.status_code == 303
    text = officer.soup(page).get_text()
    assert "2 Other Road" in text
    assert text.count("1 Invented Street") >= 2, "what was said earlier stays beside what is said now"
    assert "Said earlier" in text
    assert len(rows.scalars(select(ChildStatement)).all()) == 3


def test_a_wrong_postcode_is_said_at_its_box_and_what_was_typed_stays(
    cast: Cast, client_for: Browser, case: Case, page: str
) -> None:
    response = client_for(cast.officer).submit(
        f"{page}/address/add", {"value": "1 Invented Street", "postcode": "nonsense"}
    )
    assert response.status_code == 422
    found = BeautifulSoup(response.text, "html.parser")
    assert found.select_one('.govuk-error-summary a[href="#postcode"]') is not None
    assert "1 Invented Street" in response.text
    assert 'value="nonsense"' in response.text


def test_an_address_not_to_be_disclosed_is_for_those_named_and_never_printed(
    rows: Session, cast: Cast, client_for: Browser, asking: Asking, child: Child, case: Case, page: str
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator)
    sent = client_for(cast.social_worker).submit(
        f"{page}/address/add",
        {
            "value": "9 Hidden Lane", "postcode": "DE1 2FS", "do_not_disclose": "y",
            "named_agencies": [str(cast.health.id)],
        },
    )  # fmt: skip
    assert sent.status_code == 303, sent.text
    for person, sees in (
        (cast.social_worker, True), (cast.nurse, True), (cast.officer, False), (cast.coordinator, False),
    ):  # fmt: skip
        found = client_for(person).soup(page)
        assert ("Hidden Lane" in found.get_text()) is sees, person.name
        if sees:
            line = next(one for one in found.select("li") if "Hidden Lane" in one.get_text())
            assert "app-no-print" in (line.get("class") or []), "it must not come out of a printer"
        with asking(person) as session:
            assert bool(session.scalars(select(ChildStatement)).all()) is sees
    assert not rows.scalars(select(NameKey).where(NameKey.key.like("home:%"))).all(), (
        "an address that must not be disclosed gives no key to find the child by"
    )


def test_holding_an_address_back_hides_it_wherever_it_was_said(
    rows: Session, cast: Cast, client_for: Browser, child: Child, case: Case, page: str
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator)
    first = say(rows, child, cast.officer, "9 Hidden Lane", postcode="DE1 2FS")
    say(rows, child, cast.nurse, "9  hidden lane", postcode="DE1 2FS")
    worker = client_for(cast.social_worker)
    assert worker.submit(f"{page}/statements/{first.id}/hold-back").status_code == 303
    assert "hidden lane" in worker.soup(page).get_text().lower(), "whoever holds it back is named for it"
    assert "hidden lane" not in client_for(cast.coordinator).soup(page).get_text().lower()
    officer = client_for(cast.officer)
    assert "hidden lane" in officer.soup(page).get_text().lower(), "police said it themselves"
    let_go = f"{page}/statements/{first.id}/let-go"
    assert worker.submit(let_go, {"reason": "It is known"}).status_code == 403
    assert officer.submit(let_go, {"reason": ""}).status_code == 422, "nobody lets it be seen without a word"
    assert officer.submit(let_go, {"reason": "The family moved"}).status_code == 303
    assert "May be seen because: The family moved (Ola Officer" in worker.soup(page).get_text()


@pytest.mark.parametrize(
    ("scheme", "value", "status"),
    [
        ("upn", "H801200001001", 303),
        ("upn", "H801200001002", 422),
        ("police", "nx 4471", 303),
        ("nhs_number", "9434765919", 422),
    ],
)
def test_numbers_are_checked_by_their_check_digit(
    rows: Session,
    cast: Cast,
    client_for: Browser,
    case: Case,
    page: str,
    scheme: str,
    value: str,
    status: int,
) -> None:
    response = client_for(cast.officer).submit(f"{page}/numbers/add", {"scheme": scheme, "value": value})
    assert response.status_code == status, response.text[:300]
    assert len(rows.scalars(select(ChildIdentifier)).all()) == (1 if status == 303 else 0)


def test_a_number_that_is_wrong_is_marked_and_stays(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str
) -> None:
    officer = client_for(cast.officer)
    officer.submit(f"{page}/numbers/add", {"scheme": "police", "value": "NX 4471"})
    number = rows.scalars(select(ChildIdentifier)).one()
    end = f"{page}/numbers/{number.id}/end"
    assert client_for(cast.social_worker).submit(end).status_code == 403
    assert officer.submit(end).status_code == 303
    assert "No longer used" in officer.soup(page).get_text()


def test_another_name_finds_the_child_from_then_on(
    rows: Session, cast: Cast, client_for: Browser, case: Case, page: str, child: Child
) -> None:
    officer = client_for(cast.officer)
    assert officer.submit(f"{page}/names/add", {"name": "Mouse", "kind": "nickname"}).status_code == 303
    assert "Mouse" in officer.soup(page).get_text()
    assert child.reference in officer.submit("/search", {"sought": "mouse"}).text
