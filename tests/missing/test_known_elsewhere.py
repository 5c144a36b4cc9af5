"""One who is known by another record, or another authority than the report names: they hear too."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.messages.told import HIDDEN
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildLink, ChildRecord
from portal.records.children.records import unlink_children
from portal.records.missing.model import MissingEpisode
from portal.records.missing.moving import move_episode
from portal.records.missing.steps import CHANGED, change_episode
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sector, Sensitivity
from tests.cast import Cast
from tests.factories.cases import grant, make_case, make_child
from tests.factories.missing import make_episode
from tests.factories.people import make_agency, make_team, make_user
from tests.missing.conftest import Acting, finds, reports, returns, says_hurt, withdraws
from tests.missing.test_limited import words_of
from tests.missing.test_linked_records import links
from tests.missing.test_pages import ClientFor
from tests.safety_plans.steps import WORDS, begun, holds
from tests.told import of_event, page_words

HERE, THERE = "derbyshire", "derby"
PHONE = "01632 960771"
LINKED, RECORD = "linked", "social_care_record"
#: A report that names the county alone.
NAMED: dict[str, Any] = {"responsible_authority": HERE, "host_authority": HERE}
Reporting = Callable[..., MissingEpisode]


@pytest.fixture
def one(rows: Session, cast: Cast, case: Case) -> Child:
    """A child with a case on which health works; whoever reports has a phone."""
    rows.get_one(User, cast.teacher.id).phone = PHONE
    rows.commit()
    return rows.get_one(Child, case.child_id)


@pytest.fixture
def other(rows: Session) -> Child:
    """A second record of the child, without a case."""
    return make_child(rows, "Sorrelby", "Thackeroy")


@pytest.fixture
def city(rows: Session, cast: Cast) -> User:
    """At the front door of the city."""
    agency = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority=THERE)
    team = make_team(rows, agency, "City front door")
    team.desks = [Desk.FRONT_DOOR]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.commit()
    return make_user(rows, agency, "Cyra City", teams=(team,))


@pytest.fixture
def reporting(acting: Acting, cast: Cast) -> Reporting:
    """A school reports a child by name and date of birth, of whose records it sees none."""

    def report(child: Child, by: User | None = None) -> MissingEpisode:
        name = f"{child.given_name} {child.family_name}"
        return reports(acting, by or cast.teacher, name=name, dob=child.dob, **NAMED)

    return report


def on_ground(rows: Session, event: str, ground: str) -> set[tuple[UUID | None, str]]:
    """Who was told of an event on a ground, and by which way."""
    of_event(rows, event, last_word=None)
    found = rows.scalars(select(OutboxMessage).filter_by(event=event, ground=ground))
    return {(one.recipient_id or one.recipient_team_id, one.channel) for one in found}


def graded(acting: Acting, person: User, episode: MissingEpisode) -> str:
    """The police grade the risk as high; what the page says of telling."""
    with acting(person) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        facts = {name: getattr(held, name) for name in CHANGED} | {"grade": "high"}
        change_episode(actor=actor, episode=held, facts=facts, version=held.version)
        return page_words()


def held_closely(rows: Session, cast: Cast, child: Child, reader: User) -> Case:
    """A sealed case of a child, which one person reads."""
    found = make_case(rows, child, lead=cast.social_care, opened_by=cast.coordinator)
    grant(rows, found, reader, by=cast.coordinator)
    found.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    return found


def test_whoever_works_with_the_child_on_a_linked_record_hears_of_it_to_the_end(
    rows: Session, cast: Cast, one: Child, other: Child, acting: Acting, reporting: Reporting
) -> None:
    episode = reporting(other)
    links(acting, cast, one, other)
    expected = {(cast.nurse.id, "mail"), (cast.health_team.id, "mail"), (cast.officer.id, "mail")}
    assert expected <= on_ground(rows, "missing_reported", LINKED)
    words = graded(acting, cast.officer, episode)
    assert HIDDEN in words
    assert cast.nurse.name not in words
    expected = {(cast.nurse.id, "mail"), (cast.health_team.id, "mail")}
    assert expected <= on_ground(rows, "missing_grade_raised", LINKED)
    finds(acting, cast.officer, episode)
    assert expected <= on_ground(rows, "missing_found", LINKED)
    returns(acting, cast.officer, episode)
    assert expected <= on_ground(rows, "missing_returned", LINKED)
    says_hurt(acting, cast.officer, episode)
    assert expected <= on_ground(rows, "missing_hurt", LINKED)
    told = {
        who
        for event in ("missing_reported", "missing_returned", "missing_hurt")
        for who, *_ in of_event(rows, event, last_word=None)
    }
    assert told.isdisjoint(
        {cast.stranger.id, cast.community_safety.id, cast.school_team.id, cast.council_team.id}
    )


def test_whoever_hears_of_it_by_a_linked_record_learns_whose_child_it_is_and_whom_to_ring(
    rows: Session,
    cast: Cast,
    case: Case,
    one: Child,
    other: Child,
    acting: Acting,
    reporting: Reporting,
    client_for: ClientFor,
) -> None:
    episode = reporting(other)
    links(acting, cast, one, other)
    nurse = client_for(cast.nurse)
    there = nurse.get(f"/missing/{episode.reference}")
    assert (there.status_code, there.location[:4]) == (303, "/go/")
    words = words_of(nurse, there.location)
    for said in (case.reference, PHONE, "Tess Teacher", episode.reference):
        assert said in words, said
    assert "You work with this child." in words
    assert "Sorrelby" not in words
    assert nurse.get(f"/cases/{case.reference}").status_code == 200
    for person in (cast.stranger, cast.community_safety):
        assert client_for(person).get(f"/missing/{episode.reference}").status_code == 404, person.name
        assert client_for(person).get(there.location).status_code == 404, person.name
    with acting(cast.coordinator) as actor:
        unlink_children(actor=actor, link=db.session.scalars(select(ChildLink)).one(), reason="Two children")
    words = words_of(nurse, there.location)
    assert "Tess Teacher" not in words
    assert case.reference not in words


def test_of_a_record_that_is_held_as_closely_or_more_those_hear_who_read_its_case_and_no_others(
    rows: Session,
    cast: Cast,
    one: Child,
    other: Child,
    acting: Acting,
    reporting: Reporting,
    client_for: ClientFor,
) -> None:
    held = held_closely(rows, cast, other, cast.community_safety)
    rows.add(
        ChildLink(
            child_a=min(one.id, other.id),
            child_b=max(one.id, other.id),
            reason="",
            linked_by=cast.coordinator.id,
        )
    )
    rows.commit()
    episode = reporting(one)
    assert on_ground(rows, "missing_reported", LINKED) == {(cast.community_safety.id, "mail")}
    client = client_for(cast.community_safety)
    words = words_of(client, client.get(f"/missing/{episode.reference}").location)
    assert held.reference in words
    assert "Tess Teacher" in words


def test_of_a_child_who_is_held_closely_nobody_hears_by_a_record_that_is_held_less_so(
    rows: Session, cast: Cast, one: Child, other: Child, acting: Acting, reporting: Reporting
) -> None:
    held_closely(rows, cast, other, cast.community_safety)
    rows.add(
        ChildLink(
            child_a=min(one.id, other.id),
            child_b=max(one.id, other.id),
            reason="",
            linked_by=cast.coordinator.id,
        )
    )
    rows.get_one(ChildRecord, other.id).responsible_authority = THERE
    rows.commit()
    reporting(other)
    assert on_ground(rows, "missing_reported", LINKED) == set()
    assert on_ground(rows, "missing_reported", "reader") == {(cast.community_safety.id, "mail")}


def test_records_that_are_linked_while_the_child_is_missing_tell_whoever_works_with_it(
    rows: Session, cast: Cast, one: Child, other: Child, acting: Acting, reporting: Reporting
) -> None:
    reporting(other)
    assert on_ground(rows, "missing_reported", LINKED) == set()
    links(acting, cast, one, other)
    assert (cast.nurse.id, "mail") in on_ground(rows, "missing_reported", LINKED)


def test_the_front_door_of_the_authority_on_the_record_hears_of_it_to_the_end(
    rows: Session,
    cast: Cast,
    one: Child,
    city: User,
    acting: Acting,
    reporting: Reporting,
    client_for: ClientFor,
) -> None:
    record = rows.get_one(ChildRecord, one.id)
    record.responsible_authority = THERE
    others = make_user(
        rows, cast.social_care, "Orla Others", teams=(make_team(rows, cast.social_care, "In care"),)
    )
    rows.commit()
    episode = reporting(one)
    doors = {
        (city.id, "portal"),
        (rows.scalars(select(Team.id).filter_by(name="City front door")).one(), "mail"),
    }
    assert on_ground(rows, "missing_reported", RECORD) == doors
    assert "City" not in graded(acting, cast.officer, episode)
    assert on_ground(rows, "missing_grade_raised", RECORD) == doors
    finds(acting, cast.officer, episode)
    assert on_ground(rows, "missing_found", RECORD) == doors
    client = client_for(city)
    words = words_of(client, client.get(f"/missing/{episode.reference}").location)
    assert "Tess Teacher" in words
    assert one.family_name not in words
    assert client_for(cast.stranger).get(f"/missing/{episode.reference}").status_code == 404
    assert others.id not in {who for who, *_ in of_event(rows, "missing_reported", last_word=None)}
    returns(acting, cast.officer, episode)
    assert on_ground(rows, "missing_returned", RECORD) == doors
    says_hurt(acting, cast.officer, episode)
    assert on_ground(rows, "missing_hurt", RECORD) == doors


@pytest.mark.parametrize("sensitivity", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_of_a_child_who_is_held_closely_the_front_door_on_the_record_hears_nothing(
    rows: Session,
    cast: Cast,
    case: Case,
    one: Child,
    city: User,
    acting: Acting,
    reporting: Reporting,
    client_for: ClientFor,
    sensitivity: Sensitivity,
) -> None:
    rows.get_one(ChildRecord, one.id).responsible_authority = THERE
    rows.commit()
    before = reporting(one)
    client = client_for(city)
    page = client.get(f"/missing/{before.reference}").location
    grant(rows, case, cast.community_safety, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = int(sensitivity)
    rows.commit()
    assert "Tess Teacher" not in words_of(client, page), "nor any more of what it was told before"
    withdraws(acting, cast.teacher, before)
    told = select(func.count()).select_from(OutboxMessage).filter_by(event="missing_reported", ground=RECORD)
    before_that = rows.scalar(told)
    reporting(one)
    assert rows.scalar(told) == before_that


@pytest.mark.parametrize(
    ("event", "twice"),
    [("withdrawn", None), ("still", None), ("withdrawn_twice", True), ("withdrawn_over", False)],
)
def test_a_report_that_was_none_or_a_double_is_said_to_have_been_that(
    rows: Session,
    cast: Cast,
    one: Child,
    other: Child,
    city: User,
    acting: Acting,
    reporting: Reporting,
    event: str,
    twice: bool | None,
) -> None:
    rows.get_one(ChildRecord, other.id).host_authority = THERE
    rows.commit()
    episode = reporting(other)
    links(acting, cast, one, other)
    back = None if twice in {None, True} else clock.now()
    second = make_episode(rows, other, cast.stranger, returned_at=back) if event != "withdrawn" else None
    by, double = (cast.teacher, "") if second is None or twice is None else (cast.officer, second.reference)
    withdraws(acting, by, episode, double_of=double)
    assert (cast.nurse.id, "mail") in on_ground(rows, f"missing_{event}", LINKED)
    assert (city.id, "portal") in on_ground(rows, f"missing_{event}", RECORD)


def test_put_on_the_right_child_it_is_told_as_of_every_report(
    rows: Session, cast: Cast, one: Child, other: Child, city: User, acting: Acting, reporting: Reporting
) -> None:
    rows.get_one(ChildRecord, other.id).responsible_authority = THERE
    rows.commit()
    links(acting, cast, one, other)
    episode = reporting(make_child(rows, "Pellory", "Vantongue"))
    assert on_ground(rows, "missing_reported", LINKED) | on_ground(rows, "missing_reported", RECORD) == set()
    with acting(cast.coordinator) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        to: dict[str, Any] = {"reference": other.reference, "words": "Mixed up", "version": held.version}
        move_episode(actor=actor, episode=held, **to)
    assert (cast.nurse.id, "mail") in on_ground(rows, "missing_moved_now", LINKED)
    assert (city.id, "portal") in on_ground(rows, "missing_moved_now", RECORD)


def test_the_safety_plan_of_a_linked_record_stands_on_the_episode_for_whoever_reads_it(
    rows: Session,
    cast: Cast,
    case: Case,
    one: Child,
    other: Child,
    acting: Acting,
    reporting: Reporting,
    client_for: ClientFor,
) -> None:
    plan = begun(acting, cast.coordinator, case, WORDS | {"missing_enquiries": "Try the boathouse first"})
    holds(acting, cast.coordinator, case, plan)
    page = f"/missing/{reporting(other).reference}"
    links(acting, cast, one, other)
    assert "Try the boathouse first" in client_for(cast.coordinator).soup(page).get_text()
    for person in (cast.teacher, cast.neighbour):
        assert "boathouse" not in client_for(person).soup(page).get_text(), person.name
