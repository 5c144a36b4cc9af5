"""In the night in which clocks go back they show an hour twice; children are missing in that night too."""

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.pathway.calendar import as_meant
from portal.records.missing.model import MissingEpisode
from tests.cast import Cast
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
        talk = {"held_by": "PC Marl", "words": "Wanted to see friends", "version": "2"}
        answer = officer.submit(f"{page}/prevention", talk | typed("held_on", at(1, 15), "held_at"))
        assert answer.status_code == 303
    rows.expire_all()
    episode = rows.scalars(select(MissingEpisode)).one()
    assert (episode.returned_at, episode.prevention_at) == (at(0, 45), at(1, 15))
