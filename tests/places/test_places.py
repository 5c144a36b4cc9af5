"""Who could watch a place, and what is known of it: said by those who look after places."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.concerns.model import Concern
from portal.records.people.model import User
from portal.records.places.model import Guardian, GuardianStep, PlaceFact
from tests.access.test_reach import Asking
from tests.access.test_writes import changed
from tests.cast import Cast
from tests.client import Client
from tests.factories.concerns import make_concern, release
from tests.factories.plans import make_action
from tests.statements import beside_the_context

ClientFor = Callable[[User | None], Client]

NAMED: dict[str, Any] = {
    "name": "Night staff of the arcade",
    "role": "staff",
    "can": "See who waits by the machines",
    "contact": "01632 960777",
    "state": "asked",
}
KNOWN = {"kind": "licence", "text": "Open until two on Fridays", "holder": "Quillon Arcades"}


@pytest.fixture
def place(rows: Session, cast: Cast) -> Concern:
    """A place in the borough that the police keep."""
    cast.council.districts = ["erewash", "high_peak"]
    rows.commit()
    return make_concern(rows, cast.officer, district="erewash", authority="derbyshire")


def name(client: Client, place: Concern, **said: Any) -> Any:
    return client.submit(f"/concerns/{place.reference}/watching/new", NAMED | {"once": str(uuid4())} | said)


def guardian_of(rows: Session) -> Guardian:
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(Guardian)).one()


def kinds(rows: Session) -> list[str]:
    return list(rows.scalars(select(GuardianStep.kind).order_by(GuardianStep.made_at, GuardianStep.id)))


def test_somebody_is_named_asked_and_agrees_and_each_step_stays(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor
) -> None:
    client = client_for(cast.community_safety)
    once = str(uuid4())
    for _ in range(2):
        assert name(client, place, once=once).status_code == 303
    one = guardian_of(rows)
    at = f"/concerns/{place.reference}/watching/{one.id}"
    assert client.submit(f"{at}/answer", {"state": "", "version": "1"}).status_code == 422
    said = {"state": "agreed", "words": "They ring us", "version": "1"}
    assert client.submit(f"{at}/answer", said).status_code == 303
    assert client.submit(f"{at}/answer", said).status_code == 409  # seen before it was answered
    put_right = NAMED | {"contact": "01632 960888", "version": "2"}
    assert client.submit(f"{at}/change", put_right).status_code == 303
    page = client.get(f"/concerns/{place.reference}/watching").get_data(as_text=True)
    for words in ("Agreed", "They ring us", "01632 960888", "Before: 01632 960777", "Cam Safety"):
        assert words in page
    assert client.submit(f"{at}/end", {"words": "It closed", "version": "3"}).status_code == 303
    assert client.submit(f"{at}/end", {"words": "It closed", "version": "4"}).status_code == 422
    assert kinds(rows) == ["named", "asked", "agreed", "changed", "ended"]


def test_a_day_that_is_still_to_come_and_a_missing_word_are_refused_and_what_was_typed_stays(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor
) -> None:
    client, later = client_for(cast.community_safety), clock.today() + timedelta(days=3)
    day = {"on-day": str(later.day), "on-month": str(later.month), "on-year": str(later.year)}
    for wrong in (day, {"can": " "}, {"role": "child"}):
        answer = name(client, place, **wrong)
        assert answer.status_code == 422
        assert NAMED["name"] in answer.get_data(as_text=True)
    assert rows.scalars(select(Guardian)).all() == []


def test_what_is_known_is_said_beside_what_was_said_and_taken_back_by_whoever_said_it(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor
) -> None:
    council, police = client_for(cast.community_safety), client_for(cast.officer)
    at = f"/concerns/{place.reference}/known"
    once = str(uuid4())
    for _ in range(2):
        assert council.submit(f"{at}/new", KNOWN | {"once": once}).status_code == 303
    assert council.submit(f"{at}/new", KNOWN | {"text": "", "once": once}).status_code == 422
    fact = rows.scalars(select(PlaceFact)).one()
    assert police.submit(f"{at}/{fact.id}/end", {"words": "No"}).status_code == 403
    assert council.submit(f"{at}/{fact.id}/end", {"words": ""}).status_code == 422
    assert council.submit(f"{at}/{fact.id}/end", {"words": "It was sold"}).status_code == 303
    page = police.get(f"/concerns/{place.reference}/watching").get_data(as_text=True)
    for words in ("Open until two", "Quillon Arcades", "No longer right: It was sold"):
        assert words in page


@pytest.mark.parametrize("who", ["nurse", "stranger", "teacher"])
def test_whoever_does_not_see_the_place_finds_none_of_its_pages(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor, who: str
) -> None:
    name(client_for(cast.officer), place)
    one = guardian_of(rows)
    client = client_for(getattr(cast, who))
    for page in ("watching", "watching/new", f"watching/{one.id}/answer", "known/new"):
        assert client.get(f"/concerns/{place.reference}/{page}").status_code == 404
    assert name(client, place).status_code == 404


def test_a_person_of_concern_and_a_guardian_of_another_place_are_answered_like_none(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor
) -> None:
    person = make_concern(rows, cast.officer, kind="person", name="Quimby Vosk")
    other = make_concern(rows, cast.officer, name="Zandvoort Yard")
    client = client_for(cast.officer)
    name(client, other)
    one = guardian_of(rows)
    assert client.get(f"/concerns/{person.reference}/watching").status_code == 404
    assert client.get(f"/concerns/{place.reference}/watching/{one.id}/end").status_code == 404


def test_an_agency_that_it_was_released_to_reads_and_adds_nothing_here(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor
) -> None:
    release(rows, place, cast.health, cast.officer)
    client = client_for(cast.nurse)
    page = client.get(f"/concerns/{place.reference}/watching")
    assert page.status_code == 200
    assert "Name somebody" not in page.get_data(as_text=True)
    assert name(client, place).status_code == 403


def test_the_database_takes_it_in_ones_own_name_of_a_place_and_never_written_over(
    rows: Session, cast: Cast, place: Concern, asking: Asking
) -> None:
    person = make_concern(rows, cast.officer, kind="person", name="Quimby Vosk")
    facts = {"role": "staff", "name": "x", "can": "x", "state": "asked"}
    mine = facts | {"agency_id": cast.police.id, "author_id": cast.officer.id}
    wrong = (
        {"concern_id": person.id},
        {"author_id": cast.colleague.id},
        {"agency_id": cast.council.id},
    )
    for change in wrong:
        with asking(cast.officer) as session:
            session.add(Guardian(**({"id": new_id(), "concern_id": place.id} | mine | change)))
            with pytest.raises(DBAPIError):
                session.flush()
    rows.add(Guardian(id=new_id(), concern_id=place.id, **mine))
    rows.commit()
    with asking(cast.nurse) as session:
        assert changed(session, update(Guardian).values(state="agreed")) == 0
    for table in ("guardian_step", "place_fact", "directory_change"):
        with asking(cast.officer) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(f"update {table} set id = id"))  # noqa: S608 - tables of ours


def test_the_board_shows_the_places_of_ones_districts_that_one_sees_and_counts_no_other(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor, statements: list[str]
) -> None:
    make_concern(rows, cast.officer, name="Ulverscroft Hostel", district="erewash", dwelling=True)
    make_concern(rows, cast.officer, name="Vandermeer Garage", district="erewash", sensitivity=1)
    make_concern(rows, cast.officer, name="Wexcombe Pier", district="derby")
    make_concern(rows, cast.officer, kind="person", name="Quimby Vosk", district="erewash")
    late = make_concern(rows, cast.officer, name="Yarnton Steps", district="high_peak")
    make_action(rows, late, cast.council_team, cast.officer, due_on=clock.today() - timedelta(days=2))
    name(client_for(cast.officer), place, state="agreed")
    client = client_for(cast.community_safety)
    statements.clear()
    page = client.soup("/council/places")
    assert len(beside_the_context(statements)) <= 4
    shown = [link.get_text(strip=True) for link in page.select("tbody th a")]
    assert shown == [late.name, place.name]
    assert "1 overdue" in page.get_text()
    assert "1 agreed" in page.get_text()
    for show, names in (("late", [late.name]), ("unwatched", [late.name]), ("review", [])):
        found = client.soup(f"/council/places?show={show}").select("tbody th a")
        assert [link.get_text(strip=True) for link in found] == names
    for address, most in ((f"/concerns/{place.reference}/watching", 8), ("/actions/places-and-people", 4)):
        statements.clear()
        assert client.get(address).status_code == 200
        assert len(beside_the_context(statements)) <= most, beside_the_context(statements)
    assert place.name not in client.get("/council/places?district=high_peak").get_data(as_text=True)
    assert "Places in your districts" in client.get("/council").get_data(as_text=True)


@pytest.mark.parametrize("who", ["officer", "social_worker", "nurse", "coordinator", "governance"])
def test_the_board_is_closed_to_every_other_sector(cast: Cast, client_for: ClientFor, who: str) -> None:
    assert client_for(getattr(cast, who)).get("/council/places").status_code == 403


def test_what_is_done_about_places_and_people_is_listed_for_ones_agency_and_for_all_that_one_sees(
    rows: Session, cast: Cast, place: Concern, client_for: ClientFor
) -> None:
    ours = make_action(rows, place, cast.council_team, cast.officer, what="Read the licence again")
    theirs = make_action(rows, place, cast.colleague, cast.officer, what="Walk by on Fridays")
    hidden = make_concern(rows, cast.officer, kind="person", name="Quimby Vosk")
    secret = make_action(rows, hidden, cast.colleague, cast.officer, what="Speak with him")
    client = client_for(cast.community_safety)
    mine = client.get("/actions/places-and-people").get_data(as_text=True)
    assert ours.what in mine
    assert theirs.what not in mine
    every = client.get("/actions/places-and-people?whose=all").get_data(as_text=True)
    assert theirs.what in every
    assert secret.what not in every
    assert secret.what in client_for(cast.officer).get("/actions/places-and-people").get_data(as_text=True)
