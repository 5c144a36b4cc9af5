"""Whoever is named for a closed part of minutes finds it from their home and the case; nobody else does."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.minutes.model import ClosedReader
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.factories.minutes import make_closed_minute
from tests.meetings.days import Day, make_day
from tests.meetings.test_recording_asides import let_read

Browser = Callable[[User | None], Client]


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast, kind="review")


def home(client: Client) -> str:
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 200
    return str(answer.text)


def test_a_named_reader_finds_a_closed_part_from_their_home_once_a_meeting_and_nobody_else_does(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    parts = [make_closed_minute(rows, day.meeting, f"On Friday {n}", case=day.case) for n in range(2)]
    for part in parts:
        let_read(rows, part, cast.nurse)
    way = f"/meetings/{day.meeting.reference}/closed"
    nurse = client_for(cast.nurse)
    assert home(nurse).count(f'href="{way}"') == 1
    assert "On Friday" not in home(nurse), "not even its heading"
    assert len(nurse.soup(way).select("main a[href*='/closed/']")) == 2
    for other in (cast.social_worker, cast.officer, cast.stranger, cast.social_care_manager):
        assert "losed part" not in home(client_for(other)), other.name
    for part in parts:
        rows.delete(rows.get_one(ClosedReader, (part.id, cast.nurse.id)))
    rows.commit()
    assert "losed part" not in home(nurse), "they are named no more"


def test_it_is_found_from_the_case_by_whoever_may_read_it_alone(
    rows: Session, cast: Cast, day: Day, client_for: Browser
) -> None:
    part = make_closed_minute(rows, day.meeting, "On Friday", case=day.case)
    let_read(rows, part, cast.nurse)
    place = f"/cases/{rows.get_one(Case, day.case.id).reference}/meetings"
    way = f"/meetings/{day.meeting.reference}/closed"
    for who in (cast.nurse, cast.chair):
        page = client_for(who).soup(place)
        assert page.select_one(f"a[href='{way}']"), who.name
        assert "On Friday" not in page.get_text()
    for other in (cast.social_worker, cast.officer):
        assert "losed part" not in client_for(other).get(place).text, other.name
