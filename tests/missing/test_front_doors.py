"""Front doors are told of a child of whom nobody said whose it is, and open what they are told of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access import install
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child, ChildRecord
from portal.records.missing.model import MissingEpisode
from portal.records.missing.moving import move_episode
from portal.records.missing.steps import CHANGED, change_episode
from portal.records.people.model import Team, User
from portal.reminders.claims import Cancel, Send
from portal.vocabulary import Desk, Sector, Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant, involve, make_case, make_child
from tests.factories.missing import make_episode
from tests.factories.people import make_agency, make_team, make_user
from tests.missing.conftest import Acting, reports, returns
from tests.missing.test_reporting import NAME, hide, known
from tests.reminders.conftest import engine
from tests.reminders.travel import judged
from tests.told import look_at, page_words

__all__ = ["engine"]

ClientFor = Callable[[User | None], Client]
Asking = Callable[..., Any]

NIGHT = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
NOBODY_SAID: dict[str, Any] = {"responsible_authority": None, "host_authority": None}


@dataclass(frozen=True)
class Doors:
    """The front doors of two authorities, and who is not at them."""

    county: User
    city: User
    colleague: User  # of the county's social care, in another team
    city_team: Team


@pytest.fixture
def doors(rows: Session, cast: Cast) -> Doors:
    """The county's front door has a desk; the city's social care named no team."""
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    others = make_team(rows, cast.social_care, "Children in care")
    city = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    city_team = make_team(rows, city, "City team")
    return Doors(
        cast.social_worker,
        make_user(rows, city, "Cyra City", teams=(city_team,)),
        make_user(rows, cast.social_care, "Orla Others", teams=(others,)),
        city_team,
    )


def told_teams(rows: Session) -> set[Any]:
    rows.rollback()
    return {one.recipient_team_id for one in look_at(rows.scalars(select(OutboxMessage)))}


def test_each_front_door_is_told_and_reads_it_until_somebody_says_whose_the_child_is(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, doors: Doors
) -> None:
    episode = reports(acting, cast.teacher, name=NAME, **NOBODY_SAID)
    assert {cast.social_care_team.id, doors.city_team.id} <= told_teams(rows)
    page = f"/missing/{episode.reference}"
    for person in (doors.county, doors.city):
        assert NAME in client_for(person).soup(page).get_text(), person.name
        assert NAME in client_for(person).soup("/missing").get_text(), person.name
    for person in (doors.colleague, cast.nurse, cast.stranger):
        assert client_for(person).get(page).status_code == 404, person.name

    with acting(doors.city) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        facts = {name: getattr(held, name) for name in CHANGED}
        said = facts | {"responsible_authority": "derby", "host_authority": "derby"}
        change_episode(actor=actor, episode=held, facts=said, version=held.version)
    assert client_for(doors.city).get(page).status_code == 200
    county = client_for(doors.county).get(page)
    assert (county.status_code, county.location[:4]) == (
        303,
        "/go/",
    )  # they were told, and learn whom to ring
    assert NAME not in client_for(doors.county).soup(county.location).get_text()


def says(acting: Acting, person: User, episode: MissingEpisode, **changes: object) -> None:
    """Somebody adds to what an episode says."""
    with acting(person) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        facts = {name: getattr(held, name) for name in CHANGED} | changes
        change_episode(actor=actor, episode=held, facts=facts, version=held.version)


def mailed(rows: Session, event: str) -> list[Any]:
    """Whom an event was told by e-mail, each as often as they were."""
    rows.rollback()
    found = look_at(rows.scalars(select(OutboxMessage).filter_by(event=event, channel="mail")))
    return [one.recipient_team_id or one.recipient_id for one in found]


def test_a_front_door_of_another_authority_gets_a_last_word_and_no_news_and_the_hub_has_nothing_to_do(
    rows: Session, cast: Cast, acting: Acting, engine: Engine, doors: Doors
) -> None:
    """Whose it is and that the risk is higher are said at once: it is not for whoever was told in case."""
    county, city = cast.social_care_team.id, doors.city_team.id
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.commit()
    episode = reports(acting, cast.teacher, name=NAME, **NOBODY_SAID)
    says(acting, cast.officer, episode, responsible_authority="derby", host_authority="derby", grade="high")
    assert mailed(rows, "missing_not_theirs") == [county]
    assert city in mailed(rows, "missing_grade_raised")
    assert county not in mailed(rows, "missing_grade_raised")
    waits = judged(engine, clock.now() + timedelta(minutes=1))
    of_county = {sent.event: to for sent, to in waits if sent.recipient_team_id == county}
    assert isinstance(of_county["missing_not_theirs"], Send)
    assert not [sent for sent, to in waits if sent.event != "missing_reported" and isinstance(to, Cancel)]
    returns(acting, cast.officer, episode)
    assert county not in mailed(rows, "missing_returned")


def test_a_front_door_that_is_named_after_all_is_told_anew(
    rows: Session, cast: Cast, acting: Acting, doors: Doors
) -> None:
    county = cast.social_care_team.id
    episode = reports(acting, cast.teacher, name=NAME, **NOBODY_SAID)
    says(acting, cast.officer, episode, responsible_authority="derby", host_authority="derby")
    before = mailed(rows, "missing_reported")
    says(acting, cast.officer, episode, host_authority="derbyshire")
    after = mailed(rows, "missing_reported")
    assert sorted(after, key=str) == sorted([*before, county], key=str), "that one alone"
    says(acting, cast.officer, episode, grade="high")
    assert county in mailed(rows, "missing_grade_raised")


def test_whoever_reported_a_child_is_not_told_of_that_and_hears_how_it_goes_on(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    child = rows.get_one(Child, case.child_id)
    episode = reports(acting, cast.nurse, child=child)
    says(acting, cast.officer, episode, grade="high")
    assert cast.nurse.id not in mailed(rows, "missing_reported")
    assert cast.nurse.id in mailed(rows, "missing_grade_raised")
    returns(acting, cast.officer, episode)
    assert cast.nurse.id in mailed(rows, "missing_returned")
    assert cast.stranger.id not in mailed(rows, "missing_returned")


@pytest.mark.parametrize("held", list(Sensitivity))
@pytest.mark.parametrize("by", ["officer", "nurse", "teacher"])
def test_on_the_right_child_an_episode_says_whose_it_is_to_whoever_knows_the_child_unless_it_is_held_closely(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, doors: Doors, held: Sensitivity, by: str
) -> None:
    """The police look for every child and health work with this one; the school does not know it."""
    case = known(rows, cast)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    record = rows.get_one(ChildRecord, case.child_id)
    record.responsible_authority = record.host_authority = "derbyshire"
    grant(rows, case, cast.coordinator, by=cast.coordinator)
    case.sensitivity = int(held)
    rows.commit()
    reporter = getattr(cast, by)
    episode = reports(acting, reporter, name="Pellory Vantongue", **NOBODY_SAID)
    page = f"/missing/{episode.reference}"
    at = clock.now() + timedelta(minutes=1)
    with time_machine.travel(at, tick=False):  # the page says since how many minutes
        before = client_for(reporter).soup(page).get_text()
    with acting(cast.coordinator) as actor:
        moved = db.session.get_one(MissingEpisode, episode.id)
        right = db.session.get_one(Child, case.child_id).reference
        move_episode(actor=actor, episode=moved, reference=right, words="Mixed up", version=moved.version)
    rows.rollback()
    now = rows.get_one(MissingEpisode, episode.id, populate_existing=True)
    is_open = held is Sensitivity.NORMAL and by != "teacher"
    assert (now.responsible_authority, now.host_authority) == (
        ("derbyshire", "derbyshire") if is_open else (None, None)
    )
    assert mailed(rows, "missing_not_theirs") == ([doors.city_team.id] if is_open else [])
    for person in (cast.stranger, cast.community_safety):
        assert client_for(person).get(page).status_code == 404, person.name
    if by == "teacher":
        with time_machine.travel(at, tick=False):
            assert client_for(reporter).soup(page).get_text() == before, "they read what they said"
    reads = {who: client_for(getattr(doors, who)).get(page).status_code == 200 for who in ("city", "county")}
    in_case = held is Sensitivity.NORMAL and not is_open
    assert reads == {"city": in_case, "county": in_case or is_open}


def test_what_whoever_reported_adds_then_names_the_front_doors_as_before(
    rows: Session, cast: Cast, acting: Acting, doors: Doors
) -> None:
    case = known(rows, cast)
    record = rows.get_one(ChildRecord, case.child_id)
    record.responsible_authority = record.host_authority = "derbyshire"
    rows.commit()
    said = []
    for moves in (False, True):
        episode = reports(acting, cast.teacher, name=f"Pellory {moves}", **NOBODY_SAID)
        if moves:
            with acting(cast.coordinator) as actor:
                held = db.session.get_one(MissingEpisode, episode.id)
                to = db.session.get_one(Child, case.child_id).reference
                version = held.version
                move_episode(actor=actor, episode=held, reference=to, words="Mixed up", version=version)
        with acting(cast.teacher) as actor:
            held = db.session.get_one(MissingEpisode, episode.id)
            facts = {name: getattr(held, name) for name in CHANGED} | {"wearing": "A red coat"}
            change_episode(actor=actor, episode=held, facts=facts, version=held.version)
            said.append(page_words())
    assert said[0] == said[1]


def test_of_a_child_whom_the_police_choose_the_authority_on_the_record_is_told_and_no_other(
    rows: Session, cast: Cast, acting: Acting, doors: Doors
) -> None:
    """They look for the child, so they know who it is; they read no record of it."""
    case = known(rows, cast)
    record = rows.get_one(ChildRecord, case.child_id)
    record.responsible_authority = record.host_authority = "derbyshire"
    child = rows.get_one(Child, case.child_id)
    since = clock.now() - timedelta(days=9)
    make_episode(rows, child, cast.officer, since=since, returned_at=since + timedelta(hours=2))
    rows.commit()
    episode = reports(acting, cast.neighbour, child=child, **NOBODY_SAID)
    assert (episode.responsible_authority, episode.host_authority) == ("derbyshire", "derbyshire")
    told = mailed(rows, "missing_reported")
    assert cast.social_care_team.id in told
    assert doors.city_team.id not in told
    by_school = reports(acting, cast.teacher, name="Pellory Vantongue", **NOBODY_SAID)
    assert by_school.responsible_authority is None, "of a child whom they only name it tells nothing"


@pytest.mark.parametrize(
    ("who", "held", "filled"),
    [
        ("neighbour", Sensitivity.NORMAL, True),
        ("nurse", Sensitivity.NORMAL, True),
        ("teacher", Sensitivity.NORMAL, False),
        ("stranger", Sensitivity.NORMAL, False),
        ("neighbour", Sensitivity.RESTRICTED, False),
    ],
)
def test_of_a_child_whom_they_name_for_certain_it_is_the_same_for_the_police_and_whoever_reads_the_record(
    rows: Session, cast: Cast, acting: Acting, doors: Doors, who: str, held: Sensitivity, filled: bool
) -> None:
    """Of one who is closely held the police are shown what they are of a child whom nobody knows."""
    case = known(rows, cast)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    rows.get_one(ChildRecord, case.child_id).responsible_authority = "derbyshire"
    rows.get_one(ChildRecord, case.child_id).host_authority = "derbyshire"
    case.sensitivity = int(held)
    rows.commit()
    episode = reports(acting, getattr(cast, who), name=NAME, **NOBODY_SAID)
    now = rows.get_one(MissingEpisode, episode.id)
    assert now.child_id == case.child_id
    assert (now.responsible_authority, now.host_authority) == (
        ("derbyshire",) * 2 if filled else (None, None)
    )
    assert (doors.city_team.id in mailed(rows, "missing_reported")) is not filled


def test_a_front_door_reads_what_was_reported_and_not_who_the_child_is_known_to_be(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking, doors: Doors
) -> None:
    child = rows.get_one(Child, case.child_id)
    reports(acting, cast.officer, child=child, responsible_authority="derbyshire", host_authority=None)
    with asking(doors.city) as session:
        assert [one.child_id for one in session.scalars(select(MissingEpisode))] == [child.id]
        assert session.scalars(select(Child)).all() == []


def test_beside_its_message_a_front_door_reads_that_a_child_whom_it_may_not_know_is_missing_now(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor, doors: Doors
) -> None:
    child = rows.get_one(Child, case.child_id)
    said: dict[str, Any] = {"grade": "high", "police_reference": "PC-7711", "responsible_authority": None}
    episode = reports(acting, cast.officer, child=child, **said)

    def marks(person: User) -> list[str]:
        listed = client_for(person).soup("/messages?view=all").select(".app-messages__item .app-missing-mark")
        return [" ".join(one.get_text(" ", strip=True).split()) for one in listed]

    for person in (doors.city, doors.county):
        (words, *_) = marks(person)
        for part in ("Missing now", "high", "PC-7711"):
            assert part in words, (person.name, part)
    returns(acting, cast.officer, episode)
    assert marks(doors.city) == [], "the child is back"


def test_of_a_child_who_is_held_closely_a_front_door_is_told_whom_to_ring(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, doors: Doors
) -> None:
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    episode = reports(acting, cast.teacher, name=NAME, **NOBODY_SAID)
    assert doors.city_team.id in told_teams(rows)
    city = client_for(doors.city)
    message = rows.scalars(select(OutboxMessage.id).filter_by(recipient_id=doors.city.id)).one()
    assert city.get(f"/missing/{episode.reference}").location == f"/go/{message}"
    words = " ".join(city.soup(f"/go/{message}").get_text().split())
    assert "Ring them and give the reference" in words
    assert "Tess Teacher, School" in words
    assert episode.reference in words
    assert NAME not in words


def test_an_upgrade_gives_front_doors_what_they_were_told_of(
    rows: Session, cast: Cast, acting: Acting, asking: Asking, owner: Engine, doors: Doors
) -> None:
    episode = reports(acting, cast.teacher, name=NAME, **NOBODY_SAID)
    with owner.begin() as connection:
        connection.execute(
            text("delete from missing_scope where reader = ctx.audience_key('desk', 'front_door')")
        )
    with asking(doors.city) as session:
        assert session.scalars(select(MissingEpisode)).all() == []
    with owner.begin() as connection:
        install.install(connection)
    with asking(doors.city) as session:
        assert [one.id for one in session.scalars(select(MissingEpisode))] == [episode.id]


def test_whose_the_child_is_by_the_record_reads_whoever_may_know_the_child_and_nobody_else(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, doors: Doors
) -> None:
    """The school does not know the child and names no authority; health work with them."""
    case = known(rows, cast)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    child, record = rows.get_one(Child, case.child_id), rows.get_one(ChildRecord, case.child_id)
    record.responsible_authority = "derbyshire"
    rows.commit()
    named = f"{child.given_name} {child.family_name}"
    episode = reports(acting, cast.teacher, name=named, dob=child.dob, **NOBODY_SAID)
    assert rows.get_one(MissingEpisode, episode.id).child_id == child.id, "it is the known child"
    by_record = "Derbyshire County, by the child’s record. The report does not say so"
    page = f"/missing/{episode.reference}"
    knows = (cast.nurse, cast.coordinator, cast.neighbour)  # the last, of the police, looks for the child
    shown = {who.id: client_for(who).soup(page).get_text() for who in knows}
    assert all(by_record in said for said in shown.values())
    for who in (cast.nurse, cast.neighbour):
        lines = client_for(who).soup("/missing").select("td[data-label=Authority]")
        assert [one.get_text(strip=True) for one in lines] == ["Derbyshire County"], "in the list, too"
    with time_machine.travel(NIGHT, tick=False):
        city, county = "Derby social care, evenings", "Derbyshire social care, evenings"
        pages = (client_for(one).soup(page) for one in (cast.neighbour, doors.city))
        desk, door = (" ".join(one.get_text().split()) for one in pages)
        assert county in desk
        assert city not in desk
        assert city in door, "whoever may not know it rings either"
        assert county in door
    for who in (cast.teacher, doors.city):
        assert "by the child’s record" not in client_for(who).soup(page).get_text()
    for who in (cast.stranger, cast.community_safety):
        assert client_for(who).get(page).status_code == 404


def test_other_times_under_another_spelling_are_for_whoever_knows_that_it_is_the_same_child(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    """The school reported twice, in two spellings; that both are of one child only others know."""
    case = known(rows, cast)
    involve(rows, case, cast.health_team, by=cast.coordinator)
    right = rows.get_one(Child, case.child_id).reference
    rows.commit()
    episodes = []
    for name in ("Pellory Vantongue", "Pelory Van Tong"):
        episode = reports(acting, cast.teacher, name=name)
        with acting(cast.coordinator) as actor:
            held = db.session.get_one(MissingEpisode, episode.id)
            move_episode(actor=actor, episode=held, reference=right, words="The same", version=held.version)
        returns(acting, cast.teacher, episode)
        episodes.append(episode)
    one, other = (f"/missing/{each.reference}" for each in episodes)
    for page in (one, other):
        assert "Other times" in client_for(cast.nurse).soup(page).get_text()
        assert "Other times" not in client_for(cast.teacher).soup(page).get_text()
    # and the school works with another child, who was missing too
    other_child = make_child(rows, "Ossian", "Brackenthwaite")
    another = make_case(rows, other_child, lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, another, cast.school_team, by=cast.coordinator)
    make_episode(rows, other_child, cast.officer)
    rows.commit()
    assert "2 times in 30 days" in client_for(cast.nurse).soup("/missing?show=returned").get_text()
    assert "2 times in 30 days" not in client_for(cast.teacher).soup("/missing?show=returned").get_text()
