"""What pages say of somebody without an account: that they are not told, until somebody says when and how."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.web import date_boxes
from portal.web.filters import day
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.client import Client
from tests.factories.by_hand import make_told

ClientFor = Callable[[User], Client]
NOT_YET = "ot told yet – tell them yourself"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return case_of_three(rows, cast)


@pytest.fixture
def told(rows: Session, cast: Cast, case: Case) -> ToldByHand:
    """The social worker has to tell somebody of the case."""
    return make_told(rows, cast.social_worker, case_id=case.id)


def at(told: ToldByHand, step: str = "") -> str:
    return f"/told-by-hand/{told.reference}{step}"


def said(version: int = 1, *, on: date | None = None, **answers: str) -> dict[str, str]:
    """A complete answer to the form."""
    day_of_it = date_boxes.posted("told_on", on or clock.today())
    return {"version": str(version), "way": "phone", "told_by": "Wilma Whoever", **day_of_it, **answers}


def text(client: Client, address: str) -> str:
    return " ".join(client.soup(address).get_text(" ").split())


def test_it_stands_under_what_is_due_and_leads_to_where_one_says_that_they_were_told(
    client_for: ClientFor, cast: Cast, case: Case, told: ToldByHand
) -> None:
    client = client_for(cast.social_worker)
    due = client.soup("/work")
    assert "Tell somebody who has no account" in str(due)
    link = due.find("a", href=at(told))
    assert link is not None
    assert f"{told.name} (case of Ada Fictional)" in " ".join(link.get_text(" ").split()), (
        "whose case, and whom"
    )
    assert NOT_YET in text(client, at(told))
    assert NOT_YET in text(client, f"/cases/{case.reference}/told")
    assert f"Tell somebody who has no account: {told.name}" in text(client, f"/cases/{case.reference}")
    assert cast.social_worker.name in str(client.soup(at(told, "/told")).find(id="told_by"))
    assert client.submit(at(told, "/told"), said()).location == at(told)
    words = f"old on {day(clock.today())} by phone, by Wilma Whoever"
    for page in (at(told), f"/cases/{case.reference}/told"):
        shown = text(client, page)
        assert words in shown
        assert NOT_YET not in shown
    assert client.soup("/work").find("a", href=at(told)) is None


def test_what_was_recorded_is_corrected_and_both_are_read(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    told = make_told(rows, cast.social_worker, case_id=case.id, way="phone")
    client = client_for(cast.social_care_manager)
    sent = said(way="letter", told_by="Somebody Else")
    assert client.submit(at(told, "/correct"), sent).location == at(told)
    shown = text(client, at(told))
    assert f"old on {day(clock.today())} by letter, by Somebody Else" in shown
    assert f"by phone, by {cast.social_worker.name}. Corrected by {cast.social_care_manager.name}" in shown


def test_who_need_not_be_told_is_not_said_to_be_told(
    client_for: ClientFor, cast: Cast, told: ToldByHand
) -> None:
    client = client_for(cast.social_worker)
    sent = {"version": "1", "reason": "The number does not exist"}
    assert client.submit(at(told, "/not-needed"), sent).location == at(told)
    assert "ot told: The number does not exist" in text(client, at(told))


def test_a_day_to_come_is_refused_and_nothing_typed_is_lost(
    client_for: ClientFor, cast: Cast, told: ToldByHand
) -> None:
    client = client_for(cast.social_worker)
    answer = client.submit(at(told, "/told"), said(on=clock.today() + timedelta(days=2)))
    assert answer.status_code == 422
    assert "Wilma Whoever" in answer.text


def test_another_agency_of_the_case_reads_it_a_stranger_finds_nothing(
    client_for: ClientFor, cast: Cast, told: ToldByHand
) -> None:
    read = text(client_for(cast.officer), at(told))
    assert f"ot told yet – {cast.social_worker.name}, {cast.social_care.name}, tells them" in read
    assert client_for(cast.officer).get(at(told, "/told")).status_code == 403
    assert client_for(cast.social_care_manager).get(at(told, "/told")).status_code == 200
    for page in ("", "/told", "/not-needed"):
        assert client_for(cast.stranger).get(at(told, page)).status_code == 404


def test_it_says_who_owes_it_where_somebody_else_made_it_happen(
    rows: Session, client_for: ClientFor, cast: Cast, case: Case
) -> None:
    told = make_told(rows, cast.social_care_manager, teller=cast.social_worker, case_id=case.id)
    owes, asked = (
        f"{one.name}, {cast.social_care.name}" for one in (cast.social_worker, cast.social_care_manager)
    )
    for person in (cast.social_worker, cast.social_care_manager, cast.officer):
        page = client_for(person).soup(at(told))
        keys, values = (page.select(f".govuk-summary-list__{one}") for one in ("key", "value"))
        said_of = {
            key.get_text(strip=True): value.get_text(strip=True)
            for key, value in zip(keys, values, strict=True)
        }
        assert said_of["Who is to tell them"] == owes, person.name
        assert said_of["Given by"].startswith(asked), person.name
        stands = "tell them yourself" if person is cast.social_worker else f"{owes}, tells them"
        assert said_of["Where it stands"] == f"Not told yet – {stands}", person.name
    assert client_for(cast.stranger).get(at(told)).status_code == 404
