"""Who hears of what is done in a place of concern, and of what is known of it."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.policy import current_policy
from portal.records.concerns.model import Concern
from portal.records.people.model import User
from portal.records.places import guardians
from portal.records.places.model import Guardian, PlaceFact
from portal.records.places.policy import Guardianship
from portal.records.places.vocabulary import GuardianState
from tests.cast import Cast
from tests.concerns.conftest import Acting
from tests.factories.concerns import make_concern, release
from tests.told import of_event

BELL = "portal"


@pytest.fixture
def place(rows: Session, cast: Cast) -> Concern:
    """A place that a police team answers for, and that the council sees."""
    made = make_concern(rows, cast.officer, owner_team_id=cast.police_team.id)
    release(rows, made, cast.council, cast.officer)
    return made


def does(acting: Acting, who: User, place: Concern, step: Any, **said: Any) -> None:
    """Somebody takes a step on the place."""
    with acting(who) as actor:
        record = db.session.get_one(Concern, place.id)
        for name, shape in (("guardian", Guardian), ("fact", PlaceFact)):
            if said.get(name):
                said[name] = db.session.query(shape).one()
        if said.get("guardian") is not None:
            said["version"] = said["guardian"].version
        step(actor=actor, concern=record, **said)


def test_the_team_that_answers_for_a_place_sees_each_step_with_whoever_watches_it(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    role = current_policy().of(Guardianship).roles.offered[0].code
    who = {"role": role, "name": "The manager", "can": "Sees who comes"}
    team = {(one.id, BELL, "place_news") for one in (cast.officer, cast.police_manager)}
    does(acting, cast.colleague, place, guardians.name_guardian, **who)
    assert of_event(rows, "place_guardian_step") == team, "nor the council, which sees it, nor whoever did it"
    does(
        acting, cast.officer, place, guardians.answer_for_guardian, guardian=True, state=GuardianState.AGREED
    )
    both = team | {(cast.colleague.id, BELL, "place_news")}
    assert of_event(rows, "place_guardian_step") == both
    does(acting, cast.officer, place, guardians.end_guardian, guardian=True, words="Moved away")
    assert {kind for _, _, kind in of_event(rows, "place_unwatched")} == {"concern_news"}


def test_the_team_that_answers_for_a_place_sees_what_others_know_of_it(
    rows: Session, cast: Cast, place: Concern, acting: Acting
) -> None:
    kind = current_policy().of(Guardianship).facts.offered[0].code
    does(acting, cast.community_safety, place, guardians.say_of_place, kind=kind, text="Open all night")
    people = (cast.officer, cast.colleague, cast.police_manager)
    team = {(one.id, BELL, "place_news") for one in people}
    assert of_event(rows, "place_described") == team
    does(acting, cast.community_safety, place, guardians.take_back, fact=True, reason="It is closed")
    assert of_event(rows, "place_described") == team
