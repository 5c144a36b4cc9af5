"""What must not be disclosed is held back of a return interview where who wrote it was not asked (ADR 34)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
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
    assert client_for(cast.stranger).get(page).status_code == 404
    for person in (cast.nurse, cast.coordinator, cast.stranger):
        assert client_for(person).get(f"{page}/pdf").status_code == 404, person.name
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


def test_that_its_words_are_held_back_and_whom_to_ask_stands_in_the_place_of_the_interview(
    rows: Session,
    cast: Cast,
    case: Case,
    episode: MissingEpisode,
    city: User,
    client_for: Browser,
    asking: Asking,
) -> None:
    """The lead professional is of health, which is not named for the address."""
    case = rows.get_one(Case, case.id)
    case.lead_professional_id = cast.nurse.id
    talk = {"accepted": True, "done_at": clock.now(), "independent": True, "offered_at": clock.now()}
    interview = make_interview(rows, [episode], city, offered="yes", offered_how="phone", **talk)
    page, child = f"/return-interviews/{interview.reference}", rows.get_one(Child, case.child_id).reference
    assert writes(rows, client_for(city), interview, LIVES) == 303
    rows.refresh(interview)
    ends = {"assessment": "yes", "assessment_words": "He names a man", "version": str(interview.version)}
    assert client_for(city).submit(f"{page}/complete", ends).status_code == 303
    told = "Its words are held back from you"
    places = (page, f"/children/{child}/return-interviews", f"/missing/{episode.reference}")
    for person in (cast.nurse, cast.coordinator):
        for place in places:
            seen = client_for(person).soup(place).get_text(" ", strip=True)
            assert "words are held back from you" in seen, (person.name, place)
            assert interview.reference in seen, (person.name, place)
            assert "City social care" in seen
            assert "Larkspur" not in seen, (person.name, place)
        seen = client_for(person).soup(page).get_text(" ", strip=True)
        assert told in seen
        assert "completed on" in seen
        assert "Cyra City, City social care, wrote this" in seen
        assert "do not ask them. Ask the police on" in seen, "whoever wrote it does not know of the alert"
    for person in (cast.social_worker, cast.officer, city):
        assert told not in client_for(person).get(page).text, person.name
        assert "Larkspur" in client_for(person).get(page).text, person.name
    for event, person in (("interview_completed", cast.nurse), ("interview_shared", cast.coordinator)):
        sent = select(OutboxMessage).filter_by(event=event, kind="interview_shared")
        message = next(
            one for one in rows.scalars(sent) if person is cast.coordinator or one.recipient_id == person.id
        )
        assert client_for(person).get(f"/go/{message.id}").location == page, (
            "whoever leads it, and the hub that is asked"
        )
    for person, finds in (
        (cast.nurse, 1),
        (cast.coordinator, 1),
        (cast.stranger, 0),
        (cast.teacher, 0),
        (cast.officer, 0),
        (city, 0),
    ):
        assert len(withheld(asking, person, interview)) == finds, person.name
    for handling in (
        "own",
        "agencies",
    ):  # by its handling they are not let in: they learn no more than of any
        rows.execute(update(ReturnInterview).values(handling=handling, listed_agencies=[cast.police.id]))
        rows.commit()
        for person in (cast.nurse, cast.coordinator, cast.stranger, cast.teacher):
            assert withheld(asking, person, interview) == [], (handling, person.name)
            assert client_for(person).get(page).status_code == 404, (handling, person.name)
            assert interview.reference not in client_for(person).get(places[1]).text


def withheld(asking: Asking, person: User, interview: ReturnInterview) -> list[str]:
    """What the database says in the place of an interview, asked by its id and by its reference."""
    found = set()
    with asking(person) as session:
        for by in ((interview.id, None), (None, interview.reference)):
            found |= {str(row) for row in session.execute(select(func.ctx.interview_withheld(*by)))}
    assert not any("Larkspur" in one for one in found)
    return list(found)


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
