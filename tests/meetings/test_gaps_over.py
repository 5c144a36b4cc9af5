"""Whoever was told that a meeting lacks somebody hears that it does not take place."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.model import OutboxMessage
from portal.records.cases.model import Case
from portal.records.meetings import changes
from portal.records.meetings.model import Invitation, Meeting
from tests.cast import Cast
from tests.factories.cases import grant
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


def test_of_a_gap_by_apologies_of_which_the_hub_never_heard_it_hears_nothing(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    calls(
        acting, cast, case, cast.police_team, cast.health_team, cast.social_care_team, by=cast.social_worker
    )
    meeting = rows.scalars(select(Meeting)).one()
    meeting.required_sectors = ["police", "health"]
    told = update(OutboxMessage).where(OutboxMessage.event == "meeting_sector_not_invited")
    rows.execute(told.values(event="meeting_called"))  # every sector was invited
    police = select(Invitation).filter_by(meeting_id=meeting.id, agency_id=cast.police.id)
    for one in rows.scalars(police):
        one.reply, one.replied_at, one.replied_by = "apologies", clock.now(), cast.officer.id
    rows.commit()
    does(acting, cast.chair, meeting, changes.cancel_meeting, reason="The child moved away")
    assert of_event(rows, "meeting_gap_over") == set()


@pytest.mark.parametrize(("held", "hears"), [(1, True), (2, False)])
def test_where_the_case_is_held_more_closely_since_the_hub_hears_as_far_as_it_may_see_the_meeting(
    rows: Session, cast: Cast, case: Case, acting: Acting, held: int, hears: bool
) -> None:
    calls(acting, cast, case, cast.police_team, by=cast.social_worker)
    for person in (cast.social_worker, cast.chair, cast.coordinator):
        grant(rows, case, person, by=cast.coordinator)
    rows.get_one(Case, case.id).sensitivity = held
    rows.commit()
    meeting = rows.scalars(select(Meeting)).one()
    does(acting, cast.chair, meeting, changes.cancel_meeting, reason="The child moved away")
    heard = {(cast.second_coordinator.id, BELL, "sector_missing_over")} if hears else set()
    assert of_event(rows, "meeting_gap_over") == heard
