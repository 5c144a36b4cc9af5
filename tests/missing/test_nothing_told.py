"""What follows on a report does not say whether the child is known, on a sealed case or reported before."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.messages.told import HIDDEN
from tests.cast import Cast
from tests.missing.conftest import Acting, reports
from tests.missing.test_pages import ClientFor, reported
from tests.missing.test_reporting import NAME, hide, known

SUNDAY_NIGHT = datetime(2027, 11, 28, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("who", ["teacher", "officer", "nurse"])
def test_what_is_owed_does_not_tell_who_reported_a_child_whether_it_is_on_a_case(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor, who: str
) -> None:
    """Of a child whom nobody knows the hub sees to it, of one of a sealed case somebody named on that."""
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    reporter = getattr(cast, who)
    sealed, unknown = (
        reports(acting, reporter, name=name, responsible_authority=None, host_authority=None)
        for name in (NAME, "Pellory Vantongue")
    )
    rows.rollback()
    owed = {
        one.subject_id: one
        for one in rows.scalars(select(Deadline).where(Deadline.subject_id.in_((sealed.id, unknown.id))))
    }
    assert owed[sealed.id].owner_id == cast.second_coordinator.id
    assert (owed[unknown.id].owner_agency_id, owed[unknown.id].owner_team_id) == (cast.hub.id, None)
    work = client_for(reporter).get("/work").text
    for one in (sealed, unknown):
        assert one.reference not in work
    assert unknown.reference in client_for(cast.coordinator).get("/work").text


@time_machine.travel(SUNDAY_NIGHT, tick=False)
def test_the_page_says_the_same_of_a_child_who_was_reported_by_others_and_again_and_again(
    rows: Session, cast: Cast, client_for: ClientFor
) -> None:
    hide(rows, known(rows, cast), by=cast.second_coordinator)
    said = set()
    for person in (cast.teacher, cast.officer, cast.nurse, cast.community_safety):
        client = client_for(person)
        words = client.soup(client.submit("/missing/report", reported()).location).get_text(" ", strip=True)
        assert HIDDEN in words
        said |= set(re.findall(r"Whoever it is hears of it [^.]*\.", words))
    assert said == {
        "Whoever it is hears of it by e-mail now, and in the portal, also if they are named here."
    }
