"""Who merely reports or looks for a child writes what must not be disclosed: it is held back (ADR 34)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.children.model import Child, HeldWords
from portal.records.missing.model import MissingChange, MissingEnquiry, MissingEpisode
from portal.records.missing.presenter.words import HELD_HERE
from portal.records.missing.steps import CHANGED, add_enquiry, change_episode
from portal.records.people.model import User
from portal.vocabulary import Desk, Sector, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.documents.conftest import Take, take  # noqa: F401 - a fixture
from tests.factories.cases import add_held_alert, grant
from tests.factories.children import say
from tests.factories.missing import make_episode
from tests.factories.people import make_agency, make_team, make_user
from tests.missing.conftest import Acting, reports
from tests.told import heard

ClientFor = Callable[[User | None], Client]
Asking = Callable[[User | None], AbstractContextManager[Session]]

ADDRESS, PHONE, SCHOOL = "7 Larkspur Hidden Mews, Ripley", "07700 900717", "Hidden Fern School"
HELD = "It is held back from you"
NOBODY_SAID: dict[str, Any] = {"responsible_authority": None, "host_authority": None}


@pytest.fixture
def child(rows: Session, case: Case) -> Child:
    """The child of the case."""
    return rows.get_one(Child, case.child_id)


@pytest.fixture
def city(rows: Session) -> User:
    """At the front door of another authority, which reads the report in case the child is theirs."""
    agency = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    team = make_team(rows, agency, "City team")
    team.desks = [Desk.FRONT_DOOR]
    rows.commit()
    return make_user(rows, agency, "Cyra City", teams=(team,))


@pytest.fixture
def at_school(rows: Session, cast: Cast) -> User:
    """Another in the team that reported."""
    return make_user(rows, cast.school, "Tara Teacher", teams=(cast.school_team,))


@pytest.fixture
def held(rows: Session, cast: Cast, case: Case, child: Child) -> None:
    """An alert whose owner does not lead the case. Social care knows the address, health the phone number,
    the police the school.
    """
    add_held_alert(rows, case, cast.social_care_manager)
    say(rows, child, cast.social_worker, ADDRESS, do_not_disclose=True)
    say(rows, child, cast.nurse, PHONE, kind="phone", do_not_disclose=True)
    say(rows, child, cast.officer, SCHOOL, kind="school", do_not_disclose=True)


@pytest.fixture
def episode(cast: Cast, acting: Acting, child: Child, city: User, held: None) -> MissingEpisode:
    """The school, which works on no case, reported the child by name and date of birth."""
    return reports(acting, cast.teacher, name=named(child), dob=child.dob, **NOBODY_SAID)


def named(child: Child) -> str:
    return f"{child.given_name} {child.family_name}"


def page(episode: MissingEpisode) -> str:
    return f"/missing/{episode.reference}"


def enquires(acting: Acting, person: User, episode: MissingEpisode, words: str) -> None:
    with acting(person) as actor:
        found = db.session.get_one(MissingEpisode, episode.id)
        add_enquiry(actor=actor, episode=found, at=None, by="Duty", words=words, once=uuid4())


def changes(acting: Acting, person: User, episode: MissingEpisode, **said: str) -> None:
    with acting(person) as actor:
        found = db.session.get_one(MissingEpisode, episode.id)
        facts = {name: getattr(found, name) for name in CHANGED if name != "grade"}
        change_episode(actor=actor, episode=found, facts=facts | said, version=found.version)


def readers(
    client_for: ClientFor, people: dict[str, User], address: str, words: str
) -> dict[str, bool | None]:
    """Who reads some words on a page; None of whom there is no such page."""
    found: dict[str, bool | None] = {}
    for name, person in people.items():
        answer = client_for(person).get(address)
        found[name] = words in answer.text if answer.status_code == 200 else None
    return found


def filled(soup: BeautifulSoup) -> dict[str, str]:
    """What a form sends as it stands."""
    inputs = soup.select(
        "main input[type=text], main input[type=hidden], main input[checked], main option[selected]"
    )
    sent = {}
    for one in inputs:
        named = one.find_parent("select") if one.name == "option" else one
        assert isinstance(named, Tag)
        sent[str(named.get("name"))] = str(one.get("value", ""))
    return sent | {str(one["name"]): one.get_text().strip("\n") for one in soup.select("main textarea")}


def everybody(cast: Cast, **more: User) -> dict[str, User]:
    names = ("teacher", "social_worker", "officer", "neighbour", "nurse", "coordinator", "stranger")
    return {name: getattr(cast, name) for name in names} | more


def test_an_enquiry_that_names_the_address_is_held_back_from_whoever_may_not_know_it(
    rows: Session,
    cast: Cast,
    acting: Acting,
    client_for: ClientFor,
    episode: MissingEpisode,
    city: User,
    at_school: User,
) -> None:
    said = {"made_by": "Tess", "words": f"Her aunt says she is at {ADDRESS}"}
    answer = client_for(cast.teacher).submit(f"{page(episode)}/enquiry", said)
    assert answer.status_code == 303, "whoever wrote it is asked nothing"
    people = everybody(cast, city=city, colleague=at_school)
    assert readers(client_for, people, page(episode), "Larkspur") == {
        "teacher": True,
        "colleague": True,
        "social_worker": True,
        "officer": True,
        "neighbour": True,
        "nurse": False,
        "coordinator": False,
        "city": False,
        "stranger": None,
    }
    log = "#enquiries ~ .moj-timeline .moj-timeline__item"
    # Whoever knows of the child by the report alone sees no place that something is held back from.
    assert not client_for(city).soup(page(episode)).select(log)
    assert more_for_the_police(client_for(city), episode)
    for person in (cast.nurse, cast.coordinator):
        (one,) = client_for(person).soup(page(episode)).select(log)
        assert f"{cast.teacher.name}, {cast.school.name}, wrote this. {HELD}" in one.get_text(" ", strip=True)
        assert "do not ask them. Ask the police on 101" in one.get_text(" ", strip=True)
    for person in (cast.teacher, at_school, cast.officer, cast.social_worker):
        assert HELD not in client_for(person).get(page(episode)).text


def more_for_the_police(client: Client, found: MissingEpisode) -> bool:
    """Whether somebody is told that the police may read more of what was done, and to ask them."""
    text = client.soup(page(found)).get_text(" ", strip=True)
    told = "The police may read more of it than you: ring" in text
    assert told is ("Nothing was recorded of it yet" not in text)
    return told


def test_everybody_but_the_police_is_told_of_any_child_that_the_police_may_read_more_of_what_was_done(
    cast: Cast, acting: Acting, client_for: ClientFor, city: User
) -> None:
    nobody = reports(acting, cast.teacher, name="Pellory Vantongue", **NOBODY_SAID)
    for person in (city, cast.teacher, cast.coordinator):
        assert more_for_the_police(client_for(person), nobody)
    assert not more_for_the_police(client_for(cast.officer), nobody)


def test_so_is_what_the_report_says_and_each_agency_reads_what_is_its_own(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, child: Child, city: User, held: None
) -> None:
    words: dict[str, Any] = {
        "circumstances": f"Rang {PHONE}",
        "last_seen": f"At {ADDRESS}",
        "wearing": "A coat",
    }
    found = reports(acting, cast.teacher, name=named(child), dob=child.dob, **words, **NOBODY_SAID)
    address, phone = (
        readers(client_for, everybody(cast, city=city), page(found), one) for one in ("Larkspur", "900717")
    )
    all_of_it = {"teacher": True, "officer": True, "neighbour": True, "stranger": None}
    none_of_it = {"coordinator": False, "city": False}
    assert address == all_of_it | none_of_it | {"social_worker": True, "nurse": False}
    assert phone == all_of_it | none_of_it | {"social_worker": False, "nurse": True}
    for person, why in ((cast.nurse, True), (city, False)):
        text = client_for(person).get(page(found)).text
        assert "A coat" in text
        assert (HELD in text) is why, "why would say to the front door that the portal knows the child"
    assert "The police may read it: ring 101" in client_for(city).get(page(found)).text


def test_what_it_was_changed_from_and_to_is_held_back_with_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, episode: MissingEpisode, city: User
) -> None:
    changes(acting, city, episode, last_seen=f"On a bus to {SCHOOL}")
    changes(acting, cast.officer, episode, last_seen="In the park")
    for person, reads in (
        (city, True), (cast.officer, True),
        (cast.teacher, False), (cast.nurse, False), (cast.social_worker, False),
    ):  # fmt: skip
        soup = client_for(person).soup(page(episode))
        history = soup.select_one("section[aria-labelledby=history]")
        assert history is not None
        assert (history.get_text().count(SCHOOL) == 2) is reads, person.name
        assert ("Held back from you → In the park" in history.get_text()) is not reads
        assert (SCHOOL in soup.get_text()) is reads
        known = soup.select_one("section[aria-labelledby=known]")
        assert known is not None
        assert "In the park" in known.get_text()


def test_whoever_may_not_read_it_is_not_asked_it_and_leaves_it_as_it_is(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, episode: MissingEpisode, city: User
) -> None:
    changes(acting, city, episode, last_seen=f"On a bus to {SCHOOL}")
    nurse, address = client_for(cast.nurse), f"{page(episode)}/change"
    soup = nurse.soup(address)
    assert soup.select_one("[name=last_seen]") is None
    assert "Held back from you, and so not asked here: “Last seen where”" in soup.get_text()
    sent = filled(soup) | {"wearing": "A red hat"}
    assert nurse.submit(address, sent).status_code == 303
    rows.expire_all()
    now = rows.get_one(MissingEpisode, episode.id)
    assert (now.last_seen, now.wearing) == (f"On a bus to {SCHOOL}", "A red hat")


def test_it_stands_on_no_chronology_print_or_file_for_nobody(
    rows: Session,
    cast: Cast,
    acting: Acting,
    client_for: ClientFor,
    take: Take,  # noqa: F811 - a fixture
    case: Case,
    child: Child,
    held: None,
) -> None:
    words: dict[str, Any] = {"circumstances": f"She is said to be at {ADDRESS}"}
    found = reports(acting, cast.teacher, name=named(child), dob=child.dob, **words, **NOBODY_SAID)
    assert "Larkspur" in client_for(cast.officer).get(page(found)).text
    for person in (cast.officer, cast.social_worker, cast.nurse):
        read = client_for(person)
        pages = [
            f"/children/{child.reference}/chronology?words=full",
            f"/children/{child.reference}/chronology/print",
        ]
        said = [read.soup(one).get_text(" ", strip=True) for one in pages]
        said.append(" ".join(take(person, f"/children/{child.reference}/chronology.pdf").text.split()))
        for one in said:
            assert "Larkspur" not in one
            assert HELD_HERE in one


def test_it_does_not_come_out_of_the_database_by_a_statement_of_whoever_may_not_read_it(
    rows: Session,
    cast: Cast,
    acting: Acting,
    asking: Asking,
    episode: MissingEpisode,
    city: User,
    at_school: User,
) -> None:
    changes(acting, cast.teacher, episode, last_seen=f"At {ADDRESS}")
    enquires(acting, cast.teacher, episode, f"At {ADDRESS}")
    for person, reads in (
        (cast.teacher, True), (at_school, True), (cast.social_worker, True), (cast.officer, True),
        (cast.nurse, False), (cast.coordinator, False), (city, False), (cast.stranger, None),
    ):  # fmt: skip
        with asking(person) as session:
            said = session.scalars(select(MissingEpisode.last_seen)).all()
            enquired = session.scalars(select(MissingEnquiry.words)).all()
            changed = session.scalars(select(MissingChange.after)).all()
            by_key = session.execute(
                text("select ctx.episode_words(:id, array['last_seen']) ->> 'last_seen'"), {"id": episode.id}
            ).scalar()
        whole = [] if reads is None else [f"At {ADDRESS}" if reads else None]
        assert said == enquired == whole, person.name
        assert by_key == (f"At {ADDRESS}" if reads else None)
        after = f"At {ADDRESS}" if reads else {"held": True}
        assert [one["last_seen"] for one in changed] == ([] if reads is None else [after])
        for statement in (
            "select last_seen from missing_episode", "select words from missing_enquiry",
            "select * from missing_episode", "select after from missing_change",
            "select asked from missing_enquiry", "update missing_episode set wearing = last_seen",
            "select 1 from missing_enquiry where words like '%Lark%'",
        ):  # fmt: skip
            with asking(person) as session, pytest.raises(DBAPIError, match="permission denied"):
                session.execute(text(statement))


def test_whoever_knows_of_the_child_is_asked_and_what_they_let_stand_everybody_reads(
    rows: Session, cast: Cast, client_for: ClientFor, episode: MissingEpisode, city: User
) -> None:
    nurse, address = client_for(cast.nurse), f"{page(episode)}/enquiry"
    said = {"made_by": "Nell", "words": f"She is at {ADDRESS}"}
    assert nurse.submit(address, said).status_code == 422
    why = {"held_because": "The police have to look there"}
    assert nurse.submit(address, said | why).status_code == 303
    assert rows.scalars(select(HeldWords)).one().said_by == cast.nurse.id
    for person in (cast.teacher, city, cast.coordinator):
        assert "Larkspur" in client_for(person).get(page(episode)).text
    assert heard(rows, cast, "missing_gives_away") == set()


def test_whoever_reports_a_child_whom_they_chose_is_asked_and_what_is_added_to_a_report_too(
    rows: Session, cast: Cast, client_for: ClientFor, child: Child, held: None
) -> None:
    nurse, address = client_for(cast.nurse), f"/missing/report?child={child.reference}"
    since = clock.local(clock.now() - timedelta(hours=3))
    said = {
        "status": "missing", "since_on-day": str(since.day), "since_on-month": str(since.month),
        "since_on-year": str(since.year), "since_at": f"{since:%H:%M}", "last_seen": f"At {ADDRESS}",
    }  # fmt: skip
    asked = nurse.submit(address, said)
    assert asked.status_code == 422
    assert "Why may these words stand?" in asked.text
    done = nurse.submit(address, said | {"held_because": "She may be there"})
    assert done.status_code == 303
    assert "Larkspur" in client_for(cast.coordinator).get(done.location).text
    reference = done.location.split("/missing/")[1].split("?")[0]
    assert nurse.submit(address, said | {"add_to": reference}).status_code == 422


def test_what_was_written_before_is_held_back_from_then_on_and_stands_again_once_it_may(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, case: Case, child: Child, city: User
) -> None:
    found = reports(acting, cast.teacher, name=named(child), dob=child.dob, **NOBODY_SAID)
    enquires(acting, cast.teacher, found, f"She is at {ADDRESS}")
    assert "Larkspur" in client_for(cast.nurse).get(page(found)).text
    stated = say(rows, child, cast.social_worker, ADDRESS)
    assert "Larkspur" in client_for(cast.nurse).get(page(found)).text, "it may be known"
    stated.do_not_disclose = True
    rows.commit()
    assert "Larkspur" not in client_for(cast.nurse).get(page(found)).text
    stated.named_agencies = [cast.health.id]
    rows.commit()
    assert "Larkspur" in client_for(cast.nurse).get(page(found)).text


def test_what_the_police_and_a_front_door_wrote_before_the_alert_is_held_back_and_what_workers_did_is_not(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, case: Case, child: Child, city: User
) -> None:
    """They know who the child is because they look for it, and were asked nothing: there was no alert."""
    place: dict[str, Any] = {"responsible_authority": "derbyshire", "host_authority": "derby"}
    ago = {name: clock.now() - timedelta(hours=hours) for name, hours in (("since", 30), ("returned_at", 20))}
    make_episode(rows, child, cast.teacher, team=cast.school_team, **ago, **place)
    found = reports(acting, cast.neighbour, child=child, circumstances=f"Is often at {ADDRESS}", **place)
    enquires(acting, cast.neighbour, found, f"Seen near {ADDRESS}")
    changes(acting, cast.neighbour, found, last_seen=f"At {ADDRESS}")
    enquires(acting, city, found, f"Told us of {SCHOOL}")
    enquires(acting, cast.nurse, found, f"Rang {PHONE}")
    people = everybody(cast, city=city)
    everyone = dict.fromkeys(people, True) | {"stranger": None, "teacher": None}
    for words in ("Larkspur", SCHOOL, PHONE):
        assert readers(client_for, people, page(found), words) == everyone
    add_held_alert(rows, case, cast.social_care_manager)
    for kind, value in (("address", ADDRESS), ("school", SCHOOL), ("phone", PHONE)):
        say(rows, child, cast.social_worker, value, kind=kind, do_not_disclose=True)
    police = everyone | dict.fromkeys(("nurse", "coordinator", "city"), False)
    assert readers(client_for, people, page(found), "Larkspur") == police
    assert readers(client_for, people, page(found), SCHOOL) == police | {"city": True}
    assert readers(client_for, people, page(found), PHONE) == everyone, "who works with the child wrote it"


def test_whoever_merely_looks_for_the_child_does_not_learn_by_trying_that_an_address_is_theirs(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, child: Child, held: None, city: User
) -> None:
    place: dict[str, Any] = {"responsible_authority": "derbyshire", "host_authority": "derby"}
    found = reports(acting, cast.social_worker, child=child, **place)
    for who in (cast.neighbour, city):
        client = client_for(who)
        assert named(child) in client.get(page(found)).text
        for words in (ADDRESS, "1 Wrongly Guessed Mews"):
            said = {"made_by": "Ned", "words": f"Was at {words}"}
            assert client.submit(f"{page(found)}/enquiry", said).status_code == 303, (who.name, words)
    assert not rows.scalars(select(HeldWords)).all()
    assert "social_care_manager mail missing_gives_away" in heard(rows, cast, "missing_gives_away")
    said = {"made_by": "Ola", "words": f"At {ADDRESS}"}
    assert client_for(cast.colleague).submit(f"{page(found)}/enquiry", said).status_code == 422, (
        "works with the child"
    )
    for who, reads in ((cast.neighbour, True), (cast.colleague, True), (city, True), (cast.nurse, False)):
        assert ("Larkspur" in client_for(who).get(page(found)).text) is reads, who.name
    assert client_for(cast.stranger).get(page(found)).status_code == 404


def test_where_a_case_is_sealed_whoever_recorded_it_reads_what_they_read_before(
    rows: Session,
    cast: Cast,
    acting: Acting,
    client_for: ClientFor,
    case: Case,
    episode: MissingEpisode,
    city: User,
) -> None:
    enquires(acting, city, episode, f"She is at {ADDRESS}")
    enquires(acting, cast.teacher, episode, f"So the school has it: {ADDRESS}")
    before = client_for(cast.teacher).soup(page(episode)).main
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    after = client_for(cast.teacher).soup(page(episode)).main
    assert before is not None
    assert after is not None
    assert after.get_text() == before.get_text()
    assert client_for(city).get(page(episode)).status_code != 200
