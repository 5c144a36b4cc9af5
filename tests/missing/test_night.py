"""Children are missing at night too: whom to ring then, and the night in which clocks show an hour twice."""

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.pathway.calendar import as_meant
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Team
from tests.cast import Cast
from tests.factories.missing import make_episode
from tests.missing.test_pages import ClientFor, reported, typed


def at(hour: int, minute: int) -> datetime:
    """A moment of the night of 31 October 2027, in UTC: at 1:00 clocks go back from 2:00 to 1:00."""
    return datetime(2027, 10, 31, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "after", "meant"),
    [
        (at(0, 10), at(0, 50), at(1, 10)),  # 1:10 comes after 1:50, so it is the second 1:10
        (at(0, 55), at(0, 50), at(0, 55)),
        (at(0, 10), at(1, 50), at(0, 10)),  # both are too early: it is not for us to say
        (at(3, 10), at(3, 50), at(3, 10)),  # this hour is shown once
    ],
)
def test_what_came_after_is_read_as_the_second_time_where_the_first_is_too_early(
    given: datetime, after: datetime, meant: datetime
) -> None:
    assert as_meant(given, after=after) == meant


def test_the_police_say_in_that_hour_that_a_child_is_back_and_that_they_talked(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    with time_machine.travel(at(0, 52)):
        officer = client_for(cast.officer)
        report = reported() | typed("since_on", at(0, 10), "since_at")
        assert officer.submit("/missing/report", report).status_code == 303
        page = f"/missing/{rows.scalars(select(MissingEpisode)).one().reference}"
        found = {"how": "police", "injuries": "None seen", "version": "1"}
        found |= typed("found_on", at(0, 45), "found_at")
        assert officer.submit(f"{page}/found", found).status_code == 303
    with time_machine.travel(at(1, 20)):
        talk = {"held_by": "PC Marl", "words": "Wanted to see friends", "handling": "own", "version": "2"}
        answer = officer.submit(f"{page}/prevention", talk | typed("held_on", at(1, 15), "held_at"))
        assert answer.status_code == 303
    rows.expire_all()
    episode = rows.scalars(select(MissingEpisode)).one()
    assert (episode.returned_at, episode.prevention_at) == (at(0, 45), at(1, 15))


@pytest.mark.parametrize(
    ("moment", "at_night", "named"),
    [
        (datetime(2027, 11, 25, 2, 0, tzinfo=UTC), False, True),
        (datetime(2027, 11, 25, 2, 0, tzinfo=UTC), True, False),  # the team answers at every hour
        (datetime(2027, 11, 25, 11, 0, tzinfo=UTC), False, False),
    ],
)
def test_the_banner_and_the_mark_name_who_answers_now_where_the_team_that_recorded_it_does_not(
    rows: Session,
    cast: Cast,
    case: Case,
    client_for: ClientFor,
    moment: datetime,
    at_night: bool,
    named: bool,
) -> None:
    with time_machine.travel(moment, tick=False):
        rows.get_one(Team, cast.school_team.id).answers_at_night = at_night
        child = rows.get_one(Child, case.child_id)
        make_episode(rows, child, cast.teacher, team=cast.school_team, responsible_authority="derby")
        client = client_for(cast.officer)
        for page, place in ((f"/children/{child.reference}", "app-missing"), ("/cases", "app-missing-mark")):
            band = client.soup(page).find(class_=place)
            assert band is not None
            words = band.get_text(" ", strip=True)
            assert cast.school_team.name in words
            assert ("Derby social care, evenings, nights and weekends, 01632 960112" in words) is named, page
            assert "960122" not in words, "another authority"
