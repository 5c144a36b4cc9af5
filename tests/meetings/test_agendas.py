"""The agenda that a meeting starts with."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.policy import current_policy
from portal.policy.telling import MeetingOn
from portal.records.meetings.model import AgendaItem
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.meetings.calls import make_called_case, typed


def test_a_called_meeting_starts_with_the_headings_of_the_policy_those_on_a_child_under_that_child(
    client_for: Callable[[User | None], Client], cast: Cast, rows: Session
) -> None:
    case = make_called_case(rows, cast)
    client_for(cast.social_worker).submit(f"/meetings/call/case/{case.reference}", typed(cast))
    rows.rollback()
    found = {one.heading: one.case_id for one in rows.scalars(select(AgendaItem))}
    wanted = [one for one in current_policy().meetings.agenda.offered if MeetingOn.CASES in one.on]
    assert found == {one.label: case.id if one.per_child else None for one in wanted}
