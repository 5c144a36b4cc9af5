"""What must not be disclosed is held back of a return interview where who wrote it was not asked (ADR 34)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.records.cases.model import Case
from portal.records.children.model import Child, HeldWords
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import User
from portal.records.return_interviews.model import ReturnAttempt, ReturnChange, ReturnInterview
from portal.vocabulary import Desk, Sector
from portal.web.date_boxes import posted
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_held_alert
from tests.factories.children import say
from tests.factories.interviews import make_interview, make_return
from tests.factories.people import make_agency, make_team, make_user
from tests.missing.conftest import case
from tests.missing.test_gives_away import ADDRESS
from tests.told import heard

__all__ = ["case"]

Browser = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]
LIVES = f"She says that she lives at {ADDRESS}"


@pytest.fixture
def city(rows: Session) -> User:
    """At the front door of the authority that is said to be responsible: on no case, and not asked."""
    agency = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    team = make_team(rows, agency, "City team")
    team.desks = [Desk.FRONT_DOOR]
    rows.commit()
    return make_user(rows, agency, "Cyra City", teams=(team,))


@pytest.fixture
def episode(rows: Session, cast: Cast, case: Case) -> MissingEpisode:
    """The child of the case is back; an alert holds back an address that its social care knows."""
    child = rows.get_one(Child, case.child_id)
    add_held_alert(rows, case, cast.social_care_manager)
    say(rows, child, cast.social_worker, ADDRESS, do_not_disclose=True)
    team = cast.police_team.id
    return make_return(rows, child, cast.officer, recorded_team_id=team, responsible_authority="derby")


def held_by(rows: Session, by: User, episode: MissingEpisode) -> ReturnInterview:
    return make_interview(rows, [episode], by, offered="yes", offered_how="phone")


def writes(rows: Session, client: Client, interview: ReturnInterview, words: str) -> int:
    """What comes of it where somebody writes what the child said."""
    rows.refresh(interview)
    sent = {"where": words, "version": str(interview.version)}
    return client.submit(f"/return-interviews/{interview.reference}/write", sent).status_code


def readers(cast: Cast, client_for: Browser, page: str, words: str, **more: User) -> set[str]:
    names = ("social_worker", "officer", "nurse", "coordinator", "stranger")
    people = {name: getattr(cast, name) for name in names} | more
    return {name for name, person in people.items() if words in client_for(person).get(page).text}


def test_words_of_who_merely_looks_for_the_child_are_read_by_who_may_know_the_address_and_told(
    rows: Session,
    cast: Cast,
    case: Case,
    episode: MissingEpisode,
    city: User,
    client_for: Browser,
    asking: Asking,
) -> None:
    interview = held_by(rows, city, episode)
    page = f"/return-interviews/{interview.reference}"
    everybody = {"city", "social_worker", "officer", "nurse", "coordinator"}
    assert writes(rows, client_for(city), interview, "In the park") == 303
    assert readers(cast, client_for, page, "In the park", city=city) == everybody
    assert heard(rows, cast, "missing_gives_away") == set()
    for words in ("At 1 Wrongly Guessed Mews", LIVES):
        assert writes(rows, client_for(city), interview, words) == 303, (
            "they are not asked, and learn nothing"
        )
    assert not rows.scalars(select(HeldWords)).all()
    assert readers(cast, client_for, page, "Larkspur", city=city) == {"city", "social_worker", "officer"}
    for person in (cast.nurse, cast.coordinator, cast.stranger):
        assert client_for(person).get(page).status_code == 404, person.name
        assert "Larkspur" not in client_for(person).get(f"/missing/{episode.reference}").text
        with asking(person) as session:
            for table in (ReturnInterview, ReturnChange):
                found = session.scalars(select(table.id).where(table.child_id == case.child_id)).all()
                assert found == [], person.name
    told = heard(rows, cast, "missing_gives_away")
    assert told == {f"{one} mail missing_gives_away" for one in ("social_care_manager", "social_worker")}
    with asking(city) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(select(ReturnChange.asked))
    assert writes(rows, client_for(city), interview, "At home") == 303
    assert readers(cast, client_for, page, "At home", city=city) == everybody, "nothing gives it away now"
    assert readers(cast, client_for, page, "Larkspur", city=city) <= {"city", "social_worker", "officer"}
    for person, sees in ((cast.nurse, False), (cast.coordinator, False), (cast.social_worker, True)):
        with asking(person) as session:
            said = [str(one) for one in session.scalars(select(ReturnChange.after))]
            assert any("Larkspur" in one for one in said) is sees, person.name


def test_so_is_an_attempt_alone(
    rows: Session, cast: Cast, episode: MissingEpisode, city: User, client_for: Browser
) -> None:
    interview = held_by(rows, city, episode)
    page = f"/return-interviews/{interview.reference}"
    for words in ("Rang, nobody there", f"Went to {ADDRESS}"):
        said = {**posted("on", clock.today()), "clock_time": "00:01", "way": "phone", "words": words}
        assert client_for(city).submit(f"{page}/attempt", said).status_code == 303
    assert readers(cast, client_for, page, "nobody there", city=city) >= {"city", "nurse", "coordinator"}
    assert readers(cast, client_for, page, "Larkspur", city=city) == {"city", "social_worker", "officer"}
    assert len(rows.scalars(select(ReturnAttempt)).all()) == 2
    assert "social_care_manager mail missing_gives_away" in heard(rows, cast, "missing_gives_away")


def test_what_whoever_works_with_the_child_lets_stand_is_read_by_all(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: Browser
) -> None:
    interview = held_by(rows, cast.social_worker, episode)
    page = f"/return-interviews/{interview.reference}"
    sent = {"where": LIVES, "version": str(interview.version)}
    worker = client_for(cast.social_worker)
    assert "must not be disclosed" in worker.submit(f"{page}/write", sent).text
    assert worker.submit(f"{page}/write", sent | {"held_because": "All of them know"}).status_code == 303
    assert {"nurse", "coordinator", "officer"} <= readers(cast, client_for, page, "Larkspur")
    assert heard(rows, cast, "missing_gives_away") == set()
