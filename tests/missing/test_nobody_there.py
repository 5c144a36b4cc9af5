"""Who has to be told of a missing child and is not on the portal: the page says so, and whom to ring."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.messages.model import Untold
from portal.records.missing.model import MissingEpisode
from portal.records.missing.reporting import Who, report_missing
from portal.records.missing.steps import CHANGED, change_episode
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Desk
from tests.cast import Cast
from tests.missing.conftest import Acting, reports, returns, said, withdraws
from tests.missing.test_pages import ClientFor
from tests.told import page_words, untold

DAY, NIGHT = datetime(2027, 11, 25, 11, tzinfo=UTC), datetime(2027, 11, 25, 23, tzinfo=UTC)  # a Thursday
THERE, HERE = "derby", "derbyshire"
OF_THERE = (
    "Not told: children’s social care of Derby City (there is nobody who may be told)."
    " The hub has this on its list."
)
OPEN, CLOSED = "01632 960111", "01632 960112"
NAME = "Pellory Vantongue"
OF_HERE = ("01632 960121", "01632 960122")


@pytest.fixture(autouse=True)
def desks(rows: Session, cast: Cast) -> None:
    """The police have their desk, and the county its front door; of the city nobody is on the portal."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Team, cast.social_care_team.id).desks = [Desk.FRONT_DOOR]
    rows.get_one(Agency, cast.social_care.id).authority = HERE
    rows.commit()


def words_of_report(acting: Acting, person: User, **facts: Any) -> str:
    """What the page says of telling after somebody reported a child whom nobody knew."""
    who = Who(given_name="Pellory", family_name=f"Vantongue {uuid4()}", dob=None, nhs_number=None)
    with acting(person) as actor:
        report_missing(actor=actor, who=who, facts=said(**facts), once=uuid4())
        return page_words()


def changed(acting: Acting, person: User, episode: MissingEpisode, **facts: Any) -> str:
    """What the page says of telling after somebody put the report right."""
    with acting(person) as actor:
        held = db.session.get_one(MissingEpisode, episode.id)
        now = {name: getattr(held, name) for name in CHANGED} | facts
        change_episode(actor=actor, episode=held, facts=now, version=held.version)
        return page_words()


@pytest.mark.parametrize(("moment", "number", "other"), [(DAY, OPEN, CLOSED), (NIGHT, CLOSED, OPEN)])
def test_of_an_authority_without_a_team_the_page_says_so_with_its_number_that_is_answered_now(
    rows: Session, cast: Cast, acting: Acting, moment: datetime, number: str, other: str
) -> None:
    with time_machine.travel(moment):
        words = words_of_report(acting, cast.teacher, responsible_authority=THERE, host_authority=THERE)
    assert words.count(OF_THERE) == 1
    ring = words.partition(OF_THERE)[2]
    assert number in ring
    assert not [one for one in (other, *OF_HERE) if one in ring]
    assert untold(rows) == {("missing_reported", "social_care", "nobody")}


@pytest.mark.parametrize(
    ("responsible", "host", "grounds"),
    [
        (HERE, None, set()),
        (HERE, HERE, set()),
        (HERE, THERE, {"social_care_host"}),
        (THERE, HERE, {"social_care"}),
        (THERE, None, {"social_care"}),
        (None, THERE, {"social_care_host"}),
        (None, HERE, {"social_care"}),
        (None, None, {"social_care"}),
    ],
)
def test_it_is_said_of_the_authorities_that_were_named_and_of_each_where_nobody_said_whose_the_child_is(
    rows: Session, cast: Cast, acting: Acting, responsible: str | None, host: str | None, grounds: set[str]
) -> None:
    words = words_of_report(acting, cast.teacher, responsible_authority=responsible, host_authority=host)
    assert words.count(OF_THERE) == len(grounds)
    assert "Derbyshire County" not in words
    assert untold(rows) == {("missing_reported", ground, "nobody") for ground in grounds}


def test_a_front_door_that_reports_the_child_itself_is_there(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    assert "Not told" not in words_of_report(acting, cast.social_worker)
    assert untold(rows) == set()


def test_what_was_said_is_not_said_again_until_another_authority_is_named_or_more_happens(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, name=NAME)
    assert OF_THERE not in changed(acting, cast.officer, episode, wearing="A red coat")
    assert untold(rows) == set()
    assert OF_THERE in changed(acting, cast.officer, episode, host_authority=THERE)
    assert OF_THERE not in changed(acting, cast.officer, episode, wearing="A blue coat")
    assert len(rows.scalars(select(Untold)).all()) == 1
    assert OF_THERE in changed(acting, cast.officer, episode, grade="high")
    returns(acting, cast.officer, episode)
    events = ("missing_reported", "missing_grade_raised", "missing_returned")
    assert untold(rows) == {(event, "social_care_host", "nobody") for event in events}


def test_where_nobody_says_any_more_whose_the_child_is_it_is_said_of_all_that_were_not_named(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    episode = reports(acting, cast.officer, name=NAME, responsible_authority=HERE, host_authority=None)
    assert untold(rows) == set()
    assert OF_THERE in changed(acting, cast.officer, episode, responsible_authority=None)
    assert untold(rows) == {("missing_reported", "social_care", "nobody")}
    assert OF_THERE not in changed(acting, cast.officer, episode, host_authority=HERE), "it was said then"
    assert OF_THERE not in changed(acting, cast.officer, episode, host_authority=None)
    assert len(rows.scalars(select(Untold)).all()) == 1


def test_a_report_that_is_withdrawn_is_said_to_have_reached_nobody_there_too(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    withdraws(acting, cast.officer, reports(acting, cast.officer, name=NAME, responsible_authority=THERE))
    events = ("missing_reported", "missing_withdrawn")
    assert untold(rows) == {(event, "social_care", "nobody") for event in events}


def test_where_the_hub_has_no_team_the_page_says_so_and_whom_to_ring(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    rows.get_one(Team, cast.hub_team.id).active = False
    rows.commit()
    with time_machine.travel(DAY):
        episode = reports(acting, cast.officer, name=NAME)
        words = words_of_report(acting, cast.teacher)
        assert "Not told: the hub (there is nobody who may be told)" in words
        assert "01632 960101" in words.partition("Not told: the hub")[2]
        changed(acting, cast.officer, episode, grade="high")
        returns(acting, cast.officer, episode)
    events = ("missing_reported", "missing_grade_raised", "missing_returned")
    assert untold(rows) == {(event, "hub", "nobody") for event in events}


def test_the_list_of_the_hub_says_which_authority_it_is(
    cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    reports(acting, cast.teacher, name=NAME, responsible_authority=THERE)
    words = client_for(cast.coordinator).soup("/messages/untold").get_text()
    assert "Social care of the responsible authority, Derby City: A child was reported missing" in words
