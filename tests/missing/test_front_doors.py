"""Front doors are told of a child of whom nobody said whose it is, and open what they are told of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.access import install
from portal.extensions import db
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.missing.steps import CHANGED, change_episode
from portal.records.people.model import Team, User
from portal.vocabulary import Desk, Sector
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_agency, make_team, make_user
from tests.missing.conftest import Acting, reports
from tests.missing.test_reporting import NAME, hide, known
from tests.told import look_at

ClientFor = Callable[[User | None], Client]
Asking = Callable[..., Any]

NOBODY_SAID = {"responsible_authority": None, "host_authority": None}


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


def test_a_front_door_reads_what_was_reported_and_not_who_the_child_is_known_to_be(
    rows: Session, cast: Cast, case: Case, acting: Acting, asking: Asking, doors: Doors
) -> None:
    child = rows.get_one(Child, case.child_id)
    reports(acting, cast.officer, child=child, responsible_authority="derbyshire", host_authority=None)
    with asking(doors.city) as session:
        assert [one.child_id for one in session.scalars(select(MissingEpisode))] == [child.id]
        assert session.scalars(select(Child)).all() == []


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
