"""Of a child whose case is held closely each desk hears at once, and from whom to learn who the child is."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve
from tests.missing.conftest import Acting, reports
from tests.missing.test_pages import reported, typed
from tests.missing.test_reporting import NAME, hide, known

ClientFor = Callable[[User | None], Client]

NIGHT, DAY = (datetime(2027, 11, 25, hour, tzinfo=UTC) for hour in (2, 10))  # a Thursday
PHONE, TEAM_PHONE = "01632 960771", "01632 960772"


@pytest.fixture
def episode(rows: Session, cast: Cast, acting: Acting) -> MissingEpisode:
    """A school reports the child of a sealed case, on which the second coordinator is named."""
    rows.get_one(User, cast.teacher.id).phone = PHONE
    rows.get_one(Team, cast.school_team.id).duty_phone = TEAM_PHONE
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    case = known(rows, cast)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    hide(rows, case, by=cast.second_coordinator)
    return reports(acting, cast.teacher, name=NAME)


def message_to(rows: Session, person: User, **of: object) -> UUID:
    rows.rollback()
    about = {"recipient_id": person.id, "event": "missing_reported"} | of
    return rows.scalars(select(OutboxMessage.id).filter_by(**about)).one()


def words_of(client: Client, page: str) -> str:
    return " ".join(client.soup(page).get_text(" ").split())


def test_whoever_is_told_and_may_not_read_it_learns_who_reported_the_child_and_their_numbers(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    for person in (cast.neighbour, cast.coordinator, cast.social_worker):
        client = client_for(person)
        page = f"/go/{message_to(rows, person)}"
        there = client.get(f"/missing/{episode.reference}")
        assert (there.status_code, there.location) == (303, page), person.name
        words = words_of(client, page)
        for said in ("Tess Teacher", cast.school.name, cast.school_team.name, PHONE, TEAM_PHONE):
            assert said in words, (person.name, said)
        assert episode.reference in words
        for name in NAME.split():
            assert name not in words
        assert client.soup("/messages").find("a", href=page) is not None
    to_team = message_to(rows, cast.neighbour, recipient_id=None, recipient_team_id=cast.police_other_team.id)
    assert PHONE in words_of(client_for(cast.neighbour), f"/go/{to_team}")


@time_machine.travel(NIGHT, tick=False)
def test_the_hub_is_not_told_to_ring_the_hub_and_others_ring_it_while_it_is_open(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    hub = words_of(client_for(cast.coordinator), f"/go/{message_to(rows, cast.coordinator)}")
    assert "ask the other coordinators" in hub
    assert "ring the hub" not in hub
    police = words_of(client_for(cast.neighbour), f"/go/{message_to(rows, cast.neighbour)}")
    assert "ring the hub when it is open again (" in police
    ring = "before then, Derby social care, evenings, nights and weekends, 01632 960112"
    assert f"if a child may come to harm {ring} (an example, not given yet) or" in police
    with time_machine.travel(DAY):
        police = words_of(client_for(cast.neighbour), f"/go/{message_to(rows, cast.neighbour)}")
    assert "ring the hub on 01632 960101 and give the reference" in police


def test_nobody_else_learns_that_there_is_such_a_report(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    message = message_to(rows, cast.neighbour)
    for person in (cast.colleague, cast.stranger, cast.nurse, cast.police_manager):
        client = client_for(person)
        assert client.get(f"/missing/{episode.reference}").status_code == 404, person.name
        assert client.get(f"/go/{message}").status_code == 404, person.name


def test_whoever_is_named_on_the_case_and_whoever_recorded_it_read_it(
    rows: Session, cast: Cast, episode: MissingEpisode, client_for: ClientFor
) -> None:
    for person in (cast.second_coordinator, cast.teacher):
        assert NAME in words_of(client_for(person), f"/missing/{episode.reference}")


def test_whoever_read_it_on_a_hidden_ground_and_no_more_is_not_told_who_reported_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = known(rows, cast)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    rows.commit()
    reports(acting, cast.teacher, name=NAME)
    message = message_to(rows, cast.nurse)
    hide(rows, rows.get_one(type(case), case.id), by=cast.second_coordinator)
    words = words_of(client_for(cast.nurse), f"/go/{message}")
    assert "Tess Teacher" not in words
    assert "If you need it, ring" in words


def test_of_a_restricted_case_a_front_door_that_is_not_named_learns_whom_to_ring(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(User, cast.teacher.id).phone = PHONE
    case = known(rows, cast)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    hide(rows, case, by=cast.second_coordinator, sensitivity=Sensitivity.RESTRICTED)
    episode = reports(acting, cast.teacher, name=NAME)
    words = words_of(client_for(cast.social_worker), f"/go/{message_to(rows, cast.social_worker)}")
    assert "Tess Teacher" in words
    assert PHONE in words
    assert NAME in words_of(client_for(cast.coordinator), f"/missing/{episode.reference}")


@pytest.mark.parametrize("numbers", [True, False])
def test_the_reporter_reads_that_some_who_are_told_will_ring_and_whom(
    rows: Session, cast: Cast, client_for: ClientFor, numbers: bool
) -> None:
    """The same of a child whom nobody knew as of one who is held closely."""
    rows.get_one(User, cast.teacher.id).phone = PHONE if numbers else ""
    rows.get_one(Team, cast.school_team.id).duty_phone = TEAM_PHONE if numbers else ""
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    client = client_for(cast.teacher)
    said = []
    for name in (NAME, "Pellory Vantongue"):
        sent = reported() | dict(zip(("given_name", "family_name"), name.split(), strict=True))
        answer = client.submit("/missing/report", sent)
        banner = client.soup(answer.location).find(class_="govuk-notification-banner")
        assert banner is not None
        words = " ".join(banner.get_text(" ").split())
        said.append(re.sub(r"MIS(-\w+)+", "REFERENCE", words))
    assert len(set(said)) == 1, said
    assert "If you have not rung the police about it, ring them now" in said[0]
    assert f"They are asked to ring you or {cast.school_team.name}" in said[0]
    ring = f"on {PHONE} or {TEAM_PHONE}: be ready"
    assert (ring in said[0]) is numbers
    assert ("The portal has no number for you" in said[0]) is not numbers


def test_the_police_are_not_told_to_ring_the_police(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    rows.get_one(Team, cast.school_team.id).duty_phone = TEAM_PHONE
    episode = reports(acting, cast.teacher, name=NAME)
    officer = client_for(cast.officer)
    for page in ("/missing/report", f"/missing/{episode.reference}", "/missing", "/police"):
        words = words_of(officer, page)
        assert "ing the police" not in words, page
        assert "Ring 101" not in words, page
    assert TEAM_PHONE in words_of(officer, f"/missing/{episode.reference}")
    sent = reported(given_name="Pellory", family_name="Vantongue")
    after = words_of(officer, officer.submit("/missing/report", sent).location)
    assert "Reported" in after
    assert "rung the police" not in after
    teacher = words_of(client_for(cast.teacher), f"/missing/{episode.reference}")
    assert "Ring the police on 101" in teacher


def test_the_bell_names_the_child_as_reported_for_whoever_reads_the_report(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    """Before anybody said whose the child is, a front door reads the report and not who the child is."""
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    nobody_said = {"responsible_authority": None, "host_authority": None}
    reports(acting, cast.teacher, name="Pellory Vantongue", **nobody_said)
    reports(acting, cast.teacher, name=NAME, **nobody_said)
    words = words_of(client_for(cast.social_worker), "/messages")
    assert "about Pellory Vantongue" in words
    assert NAME not in words, "of a child who is held closely nobody at the door learns the name"


def returned() -> dict[str, str]:
    """That a child is back, as it is typed."""
    at = typed("found_on", clock.now() - timedelta(minutes=5), "found_at")
    return {"how": "police", "injuries": "None seen", "version": "1"} | at


def test_whoever_owes_the_return_interview_is_named_and_led_to_begin_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = known(rows, cast)
    child = rows.get_one(Child, case.child_id)
    for team in (cast.police_team, cast.social_care_team):
        involve(rows, case, team, by=cast.coordinator)
    rows.commit()
    episode = reports(acting, cast.officer, child=child)
    officer = client_for(cast.officer)
    at = returned()
    after = words_of(officer, officer.submit(f"/missing/{episode.reference}/found", at).location)
    assert "Saved. A return interview is due by" in after
    assert after.count(f", from {cast.social_care_team.name}") == 2, "on the banner and on the page"
    begin = f"/children/{child.reference}/return-interviews/new"
    page = f"/missing/{episode.reference}"
    assert officer.soup(page).find("a", href=begin) is None, "the police hold no return interviews"
    worker = client_for(cast.social_worker)
    assert worker.soup(page).find("a", href=begin) is not None
    assert worker.get(begin).status_code == 200
    for person in (cast.nurse, cast.stranger):
        assert client_for(person).get(page).status_code == 404, person.name


@pytest.mark.parametrize("authority", [None, "derbyshire"])
def test_who_owes_the_return_interview_is_not_said_to_whoever_may_not_know_the_child(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, authority: str | None
) -> None:
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    said = []
    for name in (NAME, "Pellory Vantongue"):
        episode = reports(acting, cast.teacher, name=name, responsible_authority=authority)
        client = client_for(cast.teacher)
        answer = client.submit(f"/missing/{episode.reference}/found", returned())
        words = words_of(client, answer.location)
        assert "Saved. A return interview is due by" in words
        said.append(", from " in words.partition("Return interview")[2])
    assert said == [False, False]
