"""Who gets nothing of minutes from the portal: that they are handed theirs is owed, and on record."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.records.by_hand.model import ToldByHand
from portal.records.meetings.external_copies import hand_out
from portal.records.meetings.model import Invitation, MeetingHandout
from portal.records.minutes import issues
from portal.records.minutes.model import MinutesIssue
from portal.records.minutes.vocabulary import MinutesKind
from portal.records.people.model import User
from portal.web.date_boxes import posted
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert
from tests.factories.meetings import make_invitation
from tests.meetings.days import acted
from tests.meetings.recorded import Recorded, make_recorded
from tests.minutes.test_family_version import AUNT, choose, confirm, make, standing
from tests.told import page_words, to_tell

ClientFor = Callable[[User], Client]


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


def approves(acting: Acting, cast: Cast, held: Recorded) -> None:
    with acting(cast.chair) as actor:
        issues.approve(actor=actor, meeting=acted(held.meeting))


def versions_for_family(rows: Session, cast: Cast, acting: Acting, held: Recorded) -> MinutesIssue:
    choose(acting, cast.coordinator, held, AUNT)
    confirm(acting, cast.chair, held, standing(rows))
    approves(acting, cast, held)
    make(acting, cast.chair, held)
    rows.rollback()
    return rows.scalars(select(MinutesIssue).filter_by(kind=MinutesKind.FAMILY_SAFE)).one()


def test_that_the_version_is_to_be_handed_to_the_child_stands_in_the_work_and_in_what_is_due(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, client_for: ClientFor
) -> None:
    versions_for_family(rows, cast, acting, held)
    place = f"/told-by-hand/{rows.query(ToldByHand).one().reference}"
    lead = client_for(cast.social_worker)
    assert place in str(lead.soup("/work"))
    owed = lead.soup(f"/cases/{held.case.reference}").find("h2", id="owed")
    assert owed is not None
    panel = owed.find_next("table")
    assert panel is not None
    said = " ".join(panel.get_text(" ").split())
    assert "Tell somebody who has no account" in said
    assert "Ada, the child" in said
    answer = {"version": "1", "way": "in_person", "told_by": "Wilma", **posted("told_on", clock.today())}
    assert lead.submit(f"{place}/told", answer).status_code == 303
    assert to_tell(rows, "minutes_family_version") == {("Ada, the child", cast.social_worker.id, "done")}
    for stranger in (cast.stranger, cast.neighbour):
        assert client_for(stranger).get(place).status_code == 404


def test_the_child_is_among_those_to_whom_it_was_handed_though_nobody_invited_them(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, client_for: ClientFor
) -> None:
    issue = versions_for_family(rows, cast, acting, held)
    chair, place = client_for(cast.chair), f"/meetings/{held.meeting.reference}/hand-out"
    assert client_for(cast.stranger).get(place).status_code == 404
    page = chair.soup(f"{place}?issue={issue.reference}")
    chosen = page.find("input", {"name": "to", "value": f"child:{held.case.id}"})
    assert chosen is not None
    answer = {"to": f"child:{held.case.id}", "issue": issue.reference, "way": "in_person"}
    answer |= posted("on", clock.today())
    for _ in range(2):
        assert chair.submit(place, answer).status_code == 303
    rows.rollback()
    one = rows.query(MeetingHandout).one()
    assert (one.invitation_id, one.case_id, one.issue_id) == (None, held.case.id, issue.id)
    shown = " ".join(chair.soup(f"/meetings/{held.meeting.reference}").get_text(" ").split())
    assert "The child Minutes" in shown
    assert to_tell(rows, "minutes_family_version") == {("Ada, the child", cast.social_worker.id, "cancelled")}


def test_the_child_is_not_handed_what_is_for_professionals(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    approves(acting, cast, held)
    with acting(cast.chair) as actor:
        issue = db.session.scalars(select(MinutesIssue).filter_by(kind=MinutesKind.PROFESSIONAL)).one()
        said: dict[str, Any] = {"what": "", "way": "in_person", "on": clock.today(), "case_ids": []}
        with pytest.raises(DomainError, match="version for the family"):
            hand_out(actor=actor, meeting=acted(held.meeting), invitation=None, issue=issue, **said)


def distributes(acting: Acting, cast: Cast, held: Recorded) -> str:
    """The chair gives the minutes out; what their page says of telling."""
    with acting(cast.chair) as actor:
        issues.distribute(actor=actor, meeting=acted(held.meeting), invitation_ids=[held.council.id])
        return page_words()


def test_whoever_distributes_owes_it_to_tell_those_without_an_account_who_have_no_copy(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, client_for: ClientFor
) -> None:
    has_it = make_invitation(rows, held.meeting, outside="Ada Quilladvent", by=cast.chair, role="advocate")
    approves(acting, cast, held)
    with acting(cast.chair) as actor:
        issue = db.session.scalars(select(MinutesIssue).filter_by(kind=MinutesKind.PROFESSIONAL)).one()
        invitation = db.session.get_one(Invitation, has_it.id)
        given: dict[str, Any] = {
            "what": "",
            "way": "in_person",
            "on": clock.today(),
            "issue": issue,
            "case_ids": [],
        }
        hand_out(actor=actor, meeting=acted(held.meeting), invitation=invitation, **given)
    before = client_for(cast.chair).soup(f"/meetings/{held.meeting.reference}/versions/distribute")
    said = " ".join(before.get_text(" ").split())
    assert "were handed any of it: Carla Quillcarrow. From then on you owe it to each of them" in said
    assert to_tell(rows, "minutes_for_outside") == set(), "nothing is distributed yet"
    words = distributes(acting, cast, held)
    assert to_tell(rows, "minutes_for_outside") == {("Carla Quillcarrow", cast.chair.id, "open")}
    assert "Not told yet – tell them yourself: Carla Quillcarrow" in words
    owed = rows.query(ToldByHand).one()
    chair, place = client_for(cast.chair), f"/told-by-hand/{owed.reference}"
    assert place in str(chair.soup("/work")), "their reach through the meeting has ended, not the duty"
    assert "What is theirs of the minutes that were distributed" in chair.soup(place).get_text()
    answer = {"version": "1", "way": "phone", "told_by": "Chair", **posted("told_on", clock.today())}
    assert chair.submit(f"{place}/told", answer).status_code == 303
    assert to_tell(rows, "minutes_for_outside") == {("Carla Quillcarrow", cast.chair.id, "done")}
    for stranger in (cast.stranger, cast.neighbour):
        assert client_for(stranger).get(place).status_code == 404


def test_nobody_owes_it_to_tell_the_family_of_minutes_while_an_alert_stands_against_it(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, client_for: ClientFor
) -> None:
    approves(acting, cast, held)
    add_alert(rows, held.case, cast.coordinator)
    page = client_for(cast.chair).soup(f"/meetings/{held.meeting.reference}/versions/distribute").get_text()
    assert "Nobody has to tell them of these minutes" in page
    assert "Carla Quillcarrow" not in page
    assert "Carla Quillcarrow" not in distributes(acting, cast, held)
    assert to_tell(rows, "minutes_for_outside") == set()
