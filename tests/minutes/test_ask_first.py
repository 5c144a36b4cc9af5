"""Whoever owes the family what came of minutes, and reads the case no more, is to ask before they ring."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.extensions import db
from portal.policy import current_policy
from portal.records.by_hand.facts import ASK_FIRST, NO_FAMILY_CONTACT, ask_first
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.model import Alert, Case
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert
from tests.factories.meetings import make_invitation
from tests.meetings.recorded import Recorded, make_recorded
from tests.minutes.test_by_hand import approves, distributes

ClientFor = Callable[[User], Client]
WHY = "Quillsecret"


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def words(client: Client, place: str) -> str:
    main = client.soup(place).select_one("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


def ends(rows: Session, alert: Alert, cast: Cast) -> None:
    found = rows.get_one(Alert, alert.id)
    found.ended_at, found.ended_by, found.end_reason = clock.now(), cast.social_worker.id, "Over"
    rows.commit()


def test_a_chair_whose_reach_ended_before_an_alert_was_set_is_told_to_ask_and_not_what_stands_against_it(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, client_for: ClientFor
) -> None:
    approves(acting, cast, held)
    distributes(acting, cast, held)
    chair, place = client_for(cast.chair), f"/told-by-hand/{rows.query(ToldByHand).one().reference}"
    for page in (place, f"{place}/told"):
        assert ASK_FIRST not in words(chair, page)
    rows.get_one(Case, held.case.id).sensitivity = int(Sensitivity.RESTRICTED)  # nor by their team
    alert = add_alert(rows, held.case, cast.social_worker, WHY)
    label = current_policy().cases.alerts.label(NO_FAMILY_CONTACT)
    for page in (place, f"{place}/told"):
        said = words(chair, page)
        assert f"{ASK_FIRST}." in said
        for hidden in (WHY, label, cast.social_worker.name, held.case.reference):
            assert hidden not in said, hidden
        assert f"The alert “{label}” stands" in words(client_for(cast.coordinator), page), "who reads it"
    for stranger in (cast.stranger, cast.neighbour):
        assert client_for(stranger).get(place).status_code == 404
    ends(rows, alert, cast)
    assert ASK_FIRST not in words(chair, place)


def test_of_somebody_who_is_no_family_nothing_has_to_be_asked_and_who_does_not_see_the_telling_learns_nothing(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    make_invitation(rows, held.meeting, outside="Ada Quilladvent", by=cast.chair, role="advocate")
    approves(acting, cast, held)
    distributes(acting, cast, held)
    add_alert(rows, held.case, cast.social_worker, WHY)
    asked = {}
    with acting(cast.chair):
        for told in db.session.scalars(select(ToldByHand)):
            asked[told.name] = ask_first(told)
    assert asked == {"Ada Quilladvent": "", "Carla Quillcarrow": ASK_FIRST}
    carla = rows.query(ToldByHand).filter_by(name="Carla Quillcarrow").one()
    rows.expunge(carla)
    for person in (cast.stranger, cast.neighbour, cast.teacher):
        with acting(person):
            assert ask_first(carla) == "", person.name
