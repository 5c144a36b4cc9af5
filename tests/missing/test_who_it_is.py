"""Whoever looks for a missing child hears at any hour that the report is about another child than it said."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage
from portal.policy import current_policy
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Desk, Sector, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, make_case, make_child
from tests.factories.people import make_agency, make_team, make_user
from tests.missing.conftest import Acting, reports, returns
from tests.missing.test_pages import ClientFor
from tests.told import look_at

SUNDAY = datetime(2027, 11, 28, 3, tzinfo=UTC)
SAID, IS = "Quillory Zvantongue", "Sorrelby Thackeroy"
SUBJECT = "is another than was thought"
NEUTRAL = "Go on by that"


@pytest.fixture
def city(rows: Session, cast: Cast) -> User:
    """At the front door of the other authority; the police have their desk, and the county its front door."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(Agency, cast.social_care.id).authority = "derbyshire"
    agency = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    team = make_team(rows, agency, "City front door")
    team.desks = [Desk.FRONT_DOOR]
    rows.commit()
    return make_user(rows, agency, "Cyra City", teams=(team,))


@pytest.fixture
def right(rows: Session, cast: Cast) -> Case:
    """Of the child whose episode it is: a case that community safety leads."""
    child = make_child(rows, *IS.split())
    lead = cast.community_safety
    return make_case(rows, child, lead=cast.council, opened_by=cast.coordinator, lead_professional_id=lead.id)


def listed(reader: Client) -> str:
    """What somebody reads of what they were told."""
    return " ".join(one.get_text() for one in reader.soup("/messages").select(".app-messages__item"))


def mailed(rows: Session) -> list[OutboxMessage]:
    """The e-mails that say it is another."""
    rows.rollback()
    found = select(OutboxMessage).filter_by(event="missing_moved_now", kind="missing_another", channel="mail")
    return look_at(rows.scalars(found))


@pytest.mark.parametrize("held", [Sensitivity.NORMAL, Sensitivity.SEALED])
@time_machine.travel(SUNDAY, tick=False)
def test_whoever_looks_for_a_child_hears_at_once_that_it_is_another(
    rows: Session,
    cast: Cast,
    city: User,
    right: Case,
    acting: Acting,
    client_for: ClientFor,
    held: Sensitivity,
) -> None:
    episode = reports(acting, cast.teacher, name=SAID, host_authority="derby")
    for reader in (cast.coordinator, cast.community_safety):
        grant(rows, right, reader, by=cast.coordinator)
    right.sensitivity = int(held)
    rows.commit()
    page, hub = f"/missing/{episode.reference}", client_for(cast.coordinator)
    reference = rows.get_one(Child, right.child_id).reference
    sent = {"other": reference, "words": "The aunt rang", "told": "y", "version": "1"}
    moved = hub.submit(f"{page}/move", sent)
    said = hub.soup(moved.headers["Location"]).get_text(" ", strip=True)
    assert f"Told by e-mail now, and in the portal: {cast.police_other_team.name}" in said
    assert cast.hub_team.name in said
    messages = mailed(rows)
    doors = {cast.social_care_team.id, *city_team(rows, city)}
    assert {one.recipient_team_id for one in messages} == {
        cast.police_other_team.id,
        cast.hub_team.id,
        *doors,
    }
    assert {(one.urgent, one.not_before) for one in messages} == {(True, SUNDAY)}
    for person in (cast.neighbour, cast.social_worker, city, cast.second_coordinator):
        reads = client_for(person)
        assert SUBJECT in listed(reads), person.name
        assert (IS in reads.get(page, follow_redirects=True).text) is (held is Sensitivity.NORMAL), (
            person.name
        )
    for person in (cast.teacher, cast.stranger, cast.colleague, cast.nurse):
        assert SUBJECT not in listed(client_for(person)), person.name
        shown = client_for(person).get(page, follow_redirects=True).text
        police = person == cast.colleague and held is Sensitivity.NORMAL  # they read whom the police look for
        assert (IS in shown) is police, person.name


def test_a_desk_that_recorded_the_report_itself_hears_it_too_and_without_a_desk_the_page_says_so(
    rows: Session, cast: Cast, city: User, right: Case, acting: Acting, client_for: ClientFor
) -> None:
    other = make_team(rows, cast.police, "Missing from the city")
    other.desks = [Desk.MISSING]
    rows.commit()
    first = reports(acting, cast.neighbour, name=SAID)
    assert first.recorded_team_id == cast.police_other_team.id
    hub = client_for(cast.coordinator)
    puts(hub, rows, first, right)
    assert {other.id, cast.police_other_team.id} <= {one.recipient_team_id for one in mailed(rows)}
    for team in (other.id, cast.police_other_team.id):
        rows.get_one(Team, team).desks = []
    rows.commit()
    second = reports(acting, cast.teacher, name="Ossiwen Brackenthwaite")
    moved = puts(hub, rows, second, right)
    assert "Not told: police missing desk (there is nobody who may be told)" in hub.soup(moved).get_text(
        " ", strip=True
    )


def puts(hub: Client, rows: Session, episode: MissingEpisode, right: Case) -> str:
    """The hub puts an episode on the child of a case; where it is led then."""
    reference = rows.get_one(Child, right.child_id).reference
    said = {"other": reference, "words": "The aunt rang", "told": "y", "version": "1"}
    moved = hub.submit(f"/missing/{episode.reference}/move", said)
    assert moved.status_code == 303
    return str(moved.headers["Location"])


def city_team(rows: Session, city: User) -> set[Any]:
    """The team of the front door of the city."""
    return set(rows.scalars(select(Team.id).filter_by(agency_id=city.agency_id)))


@pytest.mark.parametrize("held", [Sensitivity.NORMAL, Sensitivity.SEALED])
def test_once_it_is_over_the_desk_and_the_front_doors_hear_whose_it_was(
    rows: Session,
    cast: Cast,
    city: User,
    right: Case,
    acting: Acting,
    client_for: ClientFor,
    held: Sensitivity,
) -> None:
    """The desk owes the talk with the child who was back. Whoever merely reported hears nothing of it."""
    episode = reports(acting, cast.teacher, name=SAID, host_authority="derby")
    returns(acting, cast.officer, episode)
    for reader in (cast.coordinator, cast.community_safety):
        grant(rows, right, reader, by=cast.coordinator)
    right.sensitivity = int(held)
    rows.commit()
    page, hub = f"/missing/{episode.reference}", client_for(cast.coordinator)
    reference = rows.get_one(Child, right.child_id).reference
    version = str(rows.get_one(MissingEpisode, episode.id).version)
    moved = hub.submit(f"{page}/move", {"other": reference, "words": "The aunt rang", "version": version})
    said = hub.soup(moved.headers["Location"]).get_text(" ", strip=True)
    assert cast.police_other_team.name in said
    rows.rollback()
    messages = look_at(rows.scalars(select(OutboxMessage).filter_by(event="missing_moved", channel="mail")))
    doors = {cast.social_care_team.id, *city_team(rows, city)}
    told = {one.recipient_team_id for one in messages} - {None}
    assert told == {cast.police_other_team.id, *doors}
    assert not any(one.urgent for one in messages)
    for person in (cast.neighbour, cast.social_worker, city, cast.second_coordinator):
        assert "An episode was put on the right child" in listed(client_for(person)), person.name
    for person in (cast.teacher, cast.stranger, cast.colleague, cast.nurse):
        assert "put on the right child" not in listed(client_for(person)), person.name


@pytest.mark.parametrize("over", [False, True])
@time_machine.travel(SUNDAY, tick=False)
def test_a_front_door_that_is_told_so_and_reads_only_what_was_reported_is_told_that_on_the_page(
    rows: Session, cast: Cast, city: User, right: Case, acting: Acting, client_for: ClientFor, over: bool
) -> None:
    """Nobody said whose the child is: both front doors are told in case, and may not know who it is."""
    episode = reports(acting, cast.teacher, name=SAID, responsible_authority=None)
    grant(rows, right, cast.coordinator, by=cast.coordinator)
    page, says = f"/missing/{episode.reference}", "that the child is another than was thought. Who the child"
    doors, others = (city, cast.social_worker), (cast.teacher, cast.neighbour, cast.coordinator)

    def shown(person: User) -> str:
        return client_for(person).soup(page).get_text(" ", strip=True)

    if over:
        returns(acting, cast.officer, episode)
    for person in (*doors, *others):
        assert says not in shown(person), f"{person.name} was told nothing yet"
    hub = client_for(cast.coordinator)
    reference = rows.get_one(Child, right.child_id).reference
    version = str(rows.get_one(MissingEpisode, episode.id, populate_existing=True).version)
    moved = {"other": reference, "words": "The aunt rang", "version": version}
    assert hub.submit(f"{page}/move", moved).status_code == 303
    for person in doors:
        assert SAID in (said := shown(person)), person.name
        assert IS not in said, person.name
        assert f"{says} is now thought to be is not shown to you" in said, person.name
        assert NEUTRAL in said, person.name
        assert "Ask the police" not in said, person.name
    for person in others:
        assert says not in shown(person), f"{person.name} was told nothing, or reads who it is"
    assert client_for(cast.stranger).get(page).status_code == 404


@pytest.mark.parametrize("held", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
@pytest.mark.parametrize("who", ["neighbour", "social_worker"])
def test_whoever_recorded_a_report_that_came_to_a_closely_held_child_is_sent_to_nobody_who_may_not_say(
    rows: Session,
    cast: Cast,
    city: User,
    right: Case,
    acting: Acting,
    client_for: ClientFor,
    held: Sensitivity,
    who: str,
) -> None:
    """Their own team's report they read on. Of a sealed child neither the police nor the hub know who it is,
    and the words are the same however closely the child is held.
    """
    recorder = getattr(cast, who)
    episode = reports(acting, recorder, name=SAID, host_authority="derby")
    for reader in (cast.coordinator, cast.community_safety):
        grant(rows, right, reader, by=cast.coordinator)
    right.sensitivity = int(held)
    rows.commit()
    puts(client_for(cast.coordinator), rows, episode, right)
    assert SUBJECT in listed(client_for(recorder))
    shown = client_for(recorder).soup(f"/missing/{episode.reference}").get_text(" ", strip=True)
    line = current_policy().reminders.kinds["missing_another"].line
    assert line.endswith("If that is not shown to you, go on by what was reported.")
    assert "ask the police" not in line.lower()
    assert f"what stands here is what was reported. {NEUTRAL}." in shown
    for word in (IS, "Ask the police", "101,", "or the hub"):
        assert word not in shown, word
    stranger = client_for(cast.stranger)
    assert stranger.get(f"/missing/{episode.reference}").status_code == 404
    assert SUBJECT not in listed(stranger)
