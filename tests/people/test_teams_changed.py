"""Whoever answers for a team hears that it is reached elsewhere now, or is at a desk no more."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.people import agencies
from portal.records.people.model import Team
from portal.vocabulary import Desk, Sector
from tests.cast import Cast
from tests.factories.people import make_agency, make_team
from tests.people.test_telling import Acting
from tests.told import of_event, page_words

MAIL, BELL = "mail", "portal"
FACTS = ("name", "duty_email", "duty_phone", "manager_id", "desks", "answers_at_night", "active", "version")


@pytest.fixture
def led(rows: Session, cast: Cast) -> Team:
    """A team of the police at the missing persons desk, with a manager; another leads the agency."""
    cast.police.lead_id = cast.colleague.id
    cast.police_team.manager_id = cast.police_manager.id
    cast.police_team.desks = [Desk.MISSING.value]
    rows.commit()
    return cast.police_team


def changes(acting: Acting, cast: Cast, team: Team, **other: Any) -> str:
    with acting(cast.administrator) as actor:
        now = db.session.get_one(Team, team.id)
        said = {one: getattr(now, one) for one in FACTS}
        agencies.change_team(actor=actor, team_id=team.id, **(said | other))
        return page_words()


@pytest.mark.parametrize(
    "other", [{"duty_email": "elsewhere@police.example"}, {"duty_phone": "01632 960000"}]
)
def test_whoever_answers_for_a_team_hears_that_it_is_reached_elsewhere(
    rows: Session, cast: Cast, acting: Acting, led: Team, other: dict[str, str]
) -> None:
    words = changes(acting, cast, led, **other)
    kind = "team_reached_elsewhere"
    assert of_event(rows, kind) == {
        (cast.police_manager.id, MAIL, kind),
        (cast.colleague.id, MAIL, kind),
        (cast.second_administrator.id, BELL, kind),
    }
    assert cast.police_manager.name in words
    assert of_event(rows, "team_left_desk") == set()


def test_that_a_desk_has_no_team_is_told_who_answers_for_it_and_the_hub(
    rows: Session, cast: Cast, acting: Acting, led: Team
) -> None:
    words = changes(acting, cast, led, desks=[])
    kind = "team_left_desk"
    assert {one for one in of_event(rows, kind) if one[1] == MAIL} == {
        (cast.police_manager.id, MAIL, kind),
        (cast.colleague.id, MAIL, kind),
        (cast.hub_team.id, MAIL, kind),
    }
    assert (cast.second_administrator.id, BELL, kind) in of_event(rows, kind)
    assert cast.hub_team.name in words
    assert of_event(rows, "team_reached_elsewhere") == set()


def test_where_another_team_is_at_the_desk_the_hub_hears_nothing(
    rows: Session, cast: Cast, acting: Acting, led: Team
) -> None:
    cast.police_other_team.desks = [Desk.MISSING.value]
    rows.commit()
    changes(acting, cast, led, desks=[])
    heard = of_event(rows, "team_left_desk")
    assert (cast.police_manager.id, MAIL, "team_left_desk") in heard
    assert cast.hub_team.id not in {who for who, _, _ in heard}


@pytest.fixture
def door(rows: Session, cast: Cast) -> Team:
    """The only team of its authority, at its front door; another authority has one of its own."""
    cast.social_care_team.desks = [Desk.FRONT_DOOR.value]
    elsewhere = make_agency(rows, "City care", Sector.SOCIAL_CARE, authority="derby")
    make_team(rows, elsewhere, "City front door").desks = [Desk.FRONT_DOOR.value]
    rows.commit()
    return cast.social_care_team


@pytest.mark.parametrize("whole", [False, True])
def test_that_a_front_door_is_empty_the_hub_hears_although_another_authority_has_one(
    rows: Session, cast: Cast, acting: Acting, door: Team, whole: bool
) -> None:
    if whole:
        with acting(cast.administrator) as actor:
            agencies.switch_off(actor=actor, agency_id=cast.social_care.id, reason="It was merged")
            words = page_words()
    else:
        words = changes(acting, cast, door, active=False)
    told = of_event(rows, "team_left_desk")
    assert (cast.hub_team.id, MAIL, "team_left_desk") in told
    assert not {cast.stranger.id, cast.nurse.id, cast.social_worker.id} & {who for who, *_ in told}
    assert cast.hub_team.name in words


def test_of_two_teams_at_a_front_door_one_may_go_without_a_word_to_the_hub(
    rows: Session, cast: Cast, acting: Acting, door: Team
) -> None:
    make_team(rows, cast.social_care, "Locality").desks = [Desk.FRONT_DOOR.value]
    rows.commit()
    changes(acting, cast, door, desks=[])
    told = of_event(rows, "team_left_desk")
    assert (cast.social_care_manager.id, MAIL, "team_left_desk") in told
    assert cast.hub_team.id not in {who for who, *_ in told}


def test_a_team_that_has_the_front_door_because_none_is_named_has_not_left_it(
    rows: Session, cast: Cast, acting: Acting, door: Team
) -> None:
    changes(acting, cast, door, desks=[])
    assert of_event(rows, "team_left_desk") == set()
    changes(acting, cast, door, active=False)
    assert (cast.hub_team.id, MAIL, "team_left_desk") in of_event(rows, "team_left_desk")


def test_of_an_agency_that_is_switched_off_each_desk_is_told(
    rows: Session, cast: Cast, acting: Acting, led: Team
) -> None:
    with acting(cast.administrator) as actor:
        agencies.switch_off(actor=actor, agency_id=cast.police.id, reason="It was merged")
    told = of_event(rows, "team_left_desk")
    assert (cast.hub_team.id, MAIL, "team_left_desk") in told
    assert (cast.second_administrator.id, BELL, "team_left_desk") in told


def test_another_name_tells_nobody(rows: Session, cast: Cast, acting: Acting, led: Team) -> None:
    changes(acting, cast, led, name="Youth team")
    assert of_event(rows, "team_reached_elsewhere") == of_event(rows, "team_left_desk") == set()
