"""Outside office hours the page says who was told and may not read it, and which number is answered then."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy.orm import Session

from portal.records.people.model import Agency, Team, User
from portal.vocabulary import Desk, Sector
from tests.cast import Cast
from tests.client import Client
from tests.factories.people import make_agency, make_team
from tests.missing.test_pages import reported
from tests.reminders.travel import suspend

ClientFor = Callable[[User | None], Client]
SUNDAY, MONDAY = datetime(2027, 11, 28, 14, tzinfo=UTC), datetime(2027, 11, 29, 11, tzinfo=UTC)
OFFICE, NIGHT = "01632 960111", "01632 960112"
MAYBE = "It is outside office hours, and it may be that nobody reads it now at"


@pytest.fixture
def door(rows: Session, cast: Cast) -> Team:
    """The front door of the city, whose number is that of its office, and the desk of the police."""
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    agency = make_agency(rows, "City social care", Sector.SOCIAL_CARE, authority="derby")
    team = make_team(rows, agency, "City front door")
    team.desks, team.duty_phone = [Desk.FRONT_DOOR], OFFICE
    rows.commit()
    return team


def says(client: Client) -> str:
    """What the page says of telling after a child was reported missing."""
    answer = client.submit(
        "/missing/report", reported() | {"responsible_authority": "derby", "host_authority": "derby"}
    )
    assert answer.status_code == 303
    banners = client.soup(answer.location).select(".govuk-notification-banner")
    return " ".join(" ".join(one.get_text(" ").split()) for one in banners)


@pytest.mark.parametrize(("moment", "number", "other"), [(SUNDAY, NIGHT, OFFICE), (MONDAY, OFFICE, NIGHT)])
def test_of_a_front_door_whose_address_failed_the_number_is_named_that_is_answered_now(
    rows: Session, cast: Cast, door: Team, client_for: ClientFor, moment: datetime, number: str, other: str
) -> None:
    suspend(rows, door)
    with time_machine.travel(moment):
        said = says(client_for(cast.teacher))
    ring = (
        said.partition("City front door cannot be reached by e-mail")[2]
        .partition("Told")[0]
        .partition("It is")[0]
    )
    assert f"Or ring {number}" in ring
    assert other not in ring


def test_whoever_is_told_at_once_and_may_not_read_it_before_monday_is_named_with_who_answers(
    rows: Session, cast: Cast, door: Team, client_for: ClientFor
) -> None:
    with time_machine.travel(SUNDAY):
        said = says(client_for(cast.teacher))
    names, _, ring = said.partition(MAYBE)[2].partition(". If it cannot wait, ring ")
    for team in (door, rows.get_one(Team, cast.hub_team.id), rows.get_one(Team, cast.police_other_team.id)):
        assert team.name in names, team.name
    assert NIGHT in ring
    assert OFFICE not in ring


def test_on_a_working_day_whoever_is_told_reads_it(
    rows: Session, cast: Cast, door: Team, client_for: ClientFor
) -> None:
    with time_machine.travel(MONDAY):
        said = says(client_for(cast.teacher))
    assert door.name in said
    assert MAYBE not in said


def test_of_a_team_that_reads_at_every_hour_it_is_not_said(
    rows: Session, cast: Cast, door: Team, client_for: ClientFor
) -> None:
    door.answers_at_night = True
    rows.commit()
    with time_machine.travel(SUNDAY):
        said = says(client_for(cast.teacher))
    assert door.name not in said.partition(MAYBE)[2].partition(". If it cannot wait")[0]
    assert rows.get_one(Agency, door.agency_id).authority == "derby"
