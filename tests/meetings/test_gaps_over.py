"""Whoever was told that a meeting lacks somebody hears that it does not take place."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.cases.model import Case
from portal.records.meetings import changes
from portal.records.meetings.model import Meeting
from tests.cast import Cast
from tests.meetings.calls import make_called_case
from tests.meetings.test_telling import BELL, Acting, ClientFor, calls, does
from tests.told import of_event


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return make_called_case(rows, cast)


def test_the_hub_that_heard_of_a_missing_sector_hears_that_the_meeting_does_not_take_place(
    rows: Session, cast: Cast, case: Case, acting: Acting, client_for: ClientFor
) -> None:
    calls(acting, cast, case, cast.police_team, by=cast.social_worker)
    meeting = rows.scalars(select(Meeting)).one()
    does(acting, cast.chair, meeting, changes.cancel_meeting, reason="The child moved away")
    assert of_event(rows, "meeting_gap_over") == {
        (cast.second_coordinator.id, BELL, "sector_missing_over"),
    }, "whoever is invited hears it as that"
    says = "A meeting that lacked an agency does not take place"
    for person in (cast.second_coordinator, cast.officer, cast.colleague, cast.nurse, cast.stranger):
        titles = client_for(person).soup("/messages").select(".app-messages__title")
        heard = any(says in one.get_text() for one in titles)
        assert heard is (person is cast.second_coordinator), person.name
