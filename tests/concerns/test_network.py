"""The network of a case and of a place: two steps out, and nothing of what its reader may not see."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import involve, make_case, make_child
from tests.factories.concerns import link, make_concern, release

ClientFor = Callable[[User | None], Client]


class Scene:
    """A child; a place and a person linked to them; a second child by the person; a car by the place."""

    def __init__(self, rows: Session, cast: Cast, case: Case) -> None:
        self.child = rows.get_one(Child, case.child_id)
        self.place = make_concern(rows, cast.officer, district="erewash")
        self.person = make_concern(
            rows,
            cast.officer,
            kind="person",
            name="Zed Grubb",
            sensitivity=1,
            owner_team_id=cast.police_team.id,
        )
        self.car = make_concern(rows, cast.officer, kind="vehicle", name="Silver Marrowby")
        self.second = make_child(rows, "Quillon", "Harrowgate")
        other = make_case(rows, self.second, lead=cast.social_care, opened_by=cast.coordinator)
        involve(rows, other, cast.police_team, by=cast.coordinator)
        involve(rows, other, cast.police_other_team, by=cast.coordinator)
        link(rows, self.place, self.child, cast.officer, role="seen_there")
        link(rows, self.person, self.child, cast.officer, role="harmed_by")
        link(rows, self.person, self.second, cast.officer, role="harmed_by")
        link(rows, self.car, self.place, cast.officer, role="seen_at")
        self.far = make_concern(rows, cast.officer, kind="phone", name="07700 900999")
        link(rows, self.far, self.car, cast.officer, role="uses")  # three steps from the child


@pytest.fixture
def scene(rows: Session, cast: Cast, case: Case) -> Scene:
    involve(rows, case, cast.police_other_team, by=cast.coordinator)
    return Scene(rows, cast, case)


def words(page: BeautifulSoup) -> str:
    """What the page says anywhere, in the picture too."""
    return page.main.get_text(" ", strip=True) if page.main else ""


def marks(page: BeautifulSoup) -> set[str]:
    """The names in the picture."""
    return {one.get_text(strip=True) for one in page.select(".app-net__name")}


def test_whoever_sees_all_of_it_finds_it_in_the_table_and_in_the_picture(
    cast: Cast, case: Case, scene: Scene, client_for: ClientFor
) -> None:
    page = client_for(cast.officer).soup(f"/cases/{case.reference}/network")
    own = f"{scene.child.given_name} {scene.child.family_name}"
    assert marks(page) == {own, "Zubrowka Arcade", "Zed Grubb", "Silver Marrowby", "Quillon Harrowgate"}
    assert "1 child and 3 places, people and things that you may see" in words(page)
    assert scene.far.name not in words(page)
    picture = page.select_one("svg[role=img]")
    assert picture is not None
    named = str(picture["aria-labelledby"]).split()
    assert all(picture.find(id=one) for one in named)
    assert not page.select("script[src*=network]")
    assert len(page.select("svg line")) == 4


def test_a_hidden_person_between_two_children_joins_nobody(
    cast: Cast, case: Case, scene: Scene, client_for: ClientFor
) -> None:
    """The neighbour reads both children and sees the place, and not the person who is held closely."""
    page = client_for(cast.neighbour).soup(f"/cases/{case.reference}/network")
    assert marks(page) == {
        f"{scene.child.given_name} {scene.child.family_name}",
        "Zubrowka Arcade",
        "Silver Marrowby",
    }
    assert "Grubb" not in page.get_text()
    assert "Harrowgate" not in page.get_text()
    assert "2 places, people and things that you may see" in words(page)
    assert len(page.select("svg line")) == 2
    assert scene.person.reference not in str(page)


def test_a_reader_of_the_place_who_reads_no_child_finds_things_only(
    rows: Session, cast: Cast, scene: Scene, client_for: ClientFor, districts: None
) -> None:
    page = client_for(cast.community_safety).soup(f"/concerns/{scene.place.reference}/network")
    assert "Nothing that may be shown here is linked" in words(page)
    assert page.select("svg[role=img]") == []
    release(rows, scene.car, cast.council, cast.officer)
    page = client_for(cast.community_safety).soup(f"/concerns/{scene.place.reference}/network")
    assert marks(page) == {"Zubrowka Arcade", "Silver Marrowby"}
    assert scene.child.family_name not in page.get_text()
    listed = client_for(cast.community_safety).soup("/concerns?kind=place").get_text(" ", strip=True)
    assert "0 children, 1 other" in listed
    own = client_for(cast.officer).soup("/concerns?kind=place").get_text(" ", strip=True)
    assert "1 child, 1 other" in own


def test_a_child_who_is_held_closely_is_gone_from_the_network_of_a_place(
    rows: Session, cast: Cast, case: Case, scene: Scene, client_for: ClientFor
) -> None:
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    page = client_for(cast.officer).soup(f"/concerns/{scene.place.reference}/network")
    assert scene.child.family_name not in page.get_text()
    assert client_for(cast.officer).get(f"/cases/{case.reference}/network").status_code == 403
    assert client_for(cast.stranger).get(f"/cases/{case.reference}/network").status_code == 404


def test_a_link_for_one_agency_alone_is_in_nobody_else_s_network(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    place = make_concern(rows, cast.officer)
    link(rows, place, rows.get_one(Child, case.child_id), cast.officer, handling="own")
    assert "Zubrowka" in client_for(cast.officer).soup(f"/cases/{case.reference}/network").get_text()
    assert "Zubrowka" not in client_for(cast.coordinator).soup(f"/cases/{case.reference}/network").get_text()


def test_more_than_a_picture_holds_stands_in_the_table(
    rows: Session, cast: Cast, case: Case, client_for: ClientFor
) -> None:
    child = rows.get_one(Child, case.child_id)
    for n in range(45):
        link(rows, make_concern(rows, cast.officer, name=f"Zubrowka {n:02}"), child, cast.officer)
    page = client_for(cast.officer).soup(f"/cases/{case.reference}/network")
    assert "Zubrowka 44" in page.get_text()
    assert len(marks(page)) == 41
    assert "leaves out 5" in words(page)


def test_an_ended_link_is_in_no_network(rows: Session, cast: Cast, case: Case, client_for: ClientFor) -> None:
    place: Concern = make_concern(rows, cast.officer)
    made = link(rows, place, rows.get_one(Child, case.child_id), cast.officer)
    made.ended_at, made.ended_by, made.ended_reason = made.created_at, cast.officer.id, "Wrong child"
    rows.commit()
    assert "Zubrowka" not in client_for(cast.officer).soup(f"/cases/{case.reference}/network").get_text()
