"""Whoever answers for a team hears that it is reached elsewhere now, or is at a desk no more."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.records.people import agencies
from portal.records.people.model import Team
from portal.vocabulary import Desk
from tests.cast import Cast
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


def test_another_name_tells_nobody(rows: Session, cast: Cast, acting: Acting, led: Team) -> None:
    changes(acting, cast, led, name="Youth team")
    assert of_event(rows, "team_reached_elsewhere") == of_event(rows, "team_left_desk") == set()
