"""Of a meeting on two children each is handed its own version, once, and who reads one learns of the other
nothing by it.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.form_tokens import KEY
from portal.changes.errors import DomainError
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.records.by_hand.model import ToldByHand
from portal.records.cases.model import Case
from portal.records.meetings.external_copies import hand_out
from portal.records.meetings.model import Invitation, MeetingCase, MeetingHandout
from portal.records.minutes.model import MinutesIssue
from portal.records.people.model import User
from portal.vocabulary import Sensitivity
from portal.web.date_boxes import posted
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import add_alert, grant, involve, make_case, make_child
from tests.factories.meetings import make_invitation
from tests.meetings.days import acted
from tests.meetings.recorded import Recorded, make_recorded
from tests.minutes.test_by_hand import approves, distributes, versions_for_family
from tests.minutes.test_family_version import AUNT, choose, confirm, make, standing
from tests.told import to_tell

ClientFor = Callable[[User], Client]
OF_VERSION, OF_MINUTES = "minutes_family_version", "minutes_for_outside"


@pytest.fixture
def held(rows: Session, cast: Cast) -> Recorded:
    return make_recorded(rows, cast)


@pytest.fixture
def sister(rows: Session, cast: Cast, held: Recorded) -> Case:
    """A second child of the meeting, on whose case the school works and nobody of the other’s."""
    found = make_case(
        rows,
        make_child(rows, "Beatrix", "Quillsister"),
        lead=cast.school,
        opened_by=cast.coordinator,
        lead_professional_id=cast.teacher.id,
    )
    involve(rows, found, cast.school_team, by=cast.coordinator)
    for person in (cast.chair, cast.coordinator):
        grant(rows, found, person, by=cast.coordinator)
    rows.add(MeetingCase(meeting_id=held.meeting.id, case_id=found.id, child_id=found.child_id))
    rows.commit()
    return found


def invited_child(rows: Session, cast: Cast, held: Recorded, name: str) -> Invitation:
    return make_invitation(rows, held.meeting, outside=name, by=cast.chair, role="child")


def hands(
    acting: Acting, cast: Cast, held: Recorded, issue: MinutesIssue, *, to: Invitation | Case
) -> list[MeetingHandout]:
    said: dict[str, Any] = {"what": "", "way": "in_person", "on": clock.today()}
    with acting(cast.chair) as actor:
        return hand_out(
            actor=actor,
            meeting=acted(held.meeting),
            invitation=db.session.get_one(Invitation, to.id) if isinstance(to, Invitation) else None,
            case_ids=[to.id] if isinstance(to, Case) else [],
            issue=db.session.get_one(MinutesIssue, issue.id),
            **said,
        )


def test_who_reads_one_child_of_a_meeting_does_not_learn_that_something_is_handed_to_the_other(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, sister: Case, client_for: ClientFor
) -> None:
    versions_for_family(rows, cast, acting, held)
    place = f"/told-by-hand/{rows.query(ToldByHand).one().reference}"
    meeting = f"/meetings/{held.meeting.reference}"
    answer = {"version": "1", "way": "in_person", "told_by": "Wanda", **posted("told_on", clock.today())}
    teacher = client_for(cast.teacher)
    seen = teacher.get(meeting)
    assert seen.status_code == 200
    assert place not in seen.text
    assert "Told by hand" not in seen.text
    assert teacher.get(place).status_code == 404
    assert teacher.get(f"{place}/told").status_code == 404
    for stranger in (cast.stranger, cast.neighbour, cast.community_safety):
        assert client_for(stranger).get(place).status_code == 404
    for reader in (cast.officer, cast.social_worker, cast.coordinator):
        assert client_for(reader).get(place).status_code == 200, reader.name
    assert client_for(cast.social_worker).submit(f"{place}/told", answer).status_code == 303


def test_what_one_child_was_handed_is_not_recorded_of_the_other(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, sister: Case
) -> None:
    issue = versions_for_family(rows, cast, acting, held)
    with pytest.raises(DomainError, match="about another child") as refused:
        hands(acting, cast, held, issue, to=sister)
    assert refused.value.field == "issue"
    rows.rollback()
    assert rows.query(MeetingHandout).count() == 0
    assert to_tell(rows, OF_VERSION) == {("Ada, the child", cast.social_worker.id, "open")}


@pytest.mark.parametrize("held_as", [Sensitivity.NORMAL, Sensitivity.RESTRICTED])
def test_no_byte_of_the_page_says_that_a_child_is_left_out_whose_case_its_reader_does_not_read(
    rows: Session, cast: Cast, held: Recorded, sister: Case, client_for: ClientFor, held_as: Sensitivity
) -> None:
    """Of a child out of reach the answer is that to none (design, “Who sees what”)."""
    rows.get_one(Case, sister.id).sensitivity = int(held_as)
    rows.commit()
    lead = client_for(cast.social_worker)

    def page() -> str:
        answer = lead.get(f"/meetings/{held.meeting.reference}/hand-out")
        assert answer.status_code == 200
        return re.sub(rf'(name="(?:csrf_token|{KEY})" value=)"[^"]*"', r"\1", answer.text)

    with_sister = page()
    assert f'value="child:{held.case.id}"' in with_sister
    rows.execute(delete(MeetingCase).where(MeetingCase.case_id == sister.id))
    rows.commit()
    assert page() == with_sister


@pytest.mark.parametrize(
    ("name", "stands"),
    [("Beatrix Quillsister", "open"), ("ada  fictional", "cancelled"), ("Ada", "cancelled")],
)
def test_of_two_children_only_what_a_child_is_handed_of_its_own_ends_the_duty(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, sister: Case, name: str, stands: str
) -> None:
    invited = invited_child(rows, cast, held, name)
    issue = versions_for_family(rows, cast, acting, held)
    hands(acting, cast, held, issue, to=invited)
    assert to_tell(rows, OF_VERSION) == {("Ada, the child", cast.social_worker.id, stands)}


def test_a_child_to_whom_its_version_is_owed_is_not_owed_the_minutes_besides(
    rows: Session, cast: Cast, acting: Acting, held: Recorded
) -> None:
    invited_child(rows, cast, held, "Ada Fictional")
    versions_for_family(rows, cast, acting, held)
    assert "Ada Fictional" not in distributes(acting, cast, held)
    assert to_tell(rows, OF_MINUTES) == {("Carla Quillcarrow", cast.chair.id, "open")}


def test_a_child_that_was_handed_its_version_without_an_invitation_is_owed_nothing_more(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, sister: Case
) -> None:
    for name in ("Ada Fictional", "Beatrix Quillsister"):
        invited_child(rows, cast, held, name)
    issue = versions_for_family(rows, cast, acting, held)
    hands(acting, cast, held, issue, to=held.case)
    distributes(acting, cast, held)
    assert {one for one, _, _ in to_tell(rows, OF_MINUTES)} == {"Beatrix Quillsister", "Carla Quillcarrow"}


@pytest.mark.parametrize("who", ["Ada Fictional", "Carla Quillcarrow"])
def test_who_is_handed_their_version_after_the_minutes_went_out_is_owed_them_no_more(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, who: str
) -> None:
    for person in (cast.chair, cast.coordinator):
        grant(rows, held.case, person, by=cast.coordinator)
    invited_child(rows, cast, held, "Ada Fictional")
    choose(acting, cast.coordinator, held, AUNT)
    confirm(acting, cast.chair, held, standing(rows))
    approves(acting, cast, held)
    distributes(acting, cast, held)
    both = {("Ada Fictional", cast.chair.id, "open"), ("Carla Quillcarrow", cast.chair.id, "open")}
    assert to_tell(rows, OF_MINUTES) == both
    make(acting, cast.chair, held)
    carla = ("Carla Quillcarrow", cast.chair.id, "open")
    assert to_tell(rows, OF_MINUTES) == {("Ada Fictional", cast.chair.id, "cancelled"), carla}
    assert to_tell(rows, OF_VERSION) == {("Ada, the child", cast.social_worker.id, "open")}
    issue = rows.scalars(select(MinutesIssue).filter_by(kind="family_safe")).one()
    invited = rows.scalars(select(Invitation).filter_by(external_name=who)).one()
    hands(acting, cast, held, issue, to=invited)
    still_open = {one for one, _, stands in to_tell(rows, OF_MINUTES) if stands == "open"}
    assert still_open == {"Carla Quillcarrow"} - {who}


def test_an_alert_that_is_set_later_is_said_where_somebody_is_to_hand_it_over_and_bars_that(
    rows: Session, cast: Cast, acting: Acting, held: Recorded, client_for: ClientFor
) -> None:
    versions_for_family(rows, cast, acting, held)
    distributes(acting, cast, held)
    lead, barred = client_for(cast.social_worker), "nothing is handed to the child"
    owed = {one.event: f"/told-by-hand/{one.reference}" for one in rows.query(ToldByHand).all()}
    assert set(owed) == {OF_VERSION, OF_MINUTES}
    for place in owed.values():
        assert barred not in lead.get(place).text
    alert = add_alert(rows, held.case, cast.social_worker)
    alert.created_at = clock.now() - timedelta(days=2)
    for one in rows.query(ToldByHand).all():
        one.created_at = clock.now() - timedelta(days=3)
    rows.commit()
    for place in owed.values():
        assert barred in lead.get(place).text
    today = {"version": "1", "way": "in_person", "told_by": "Wanda", **posted("told_on", clock.today())}
    refused = lead.submit(f"{owed[OF_VERSION]}/told", today)
    assert refused.status_code == 422
    assert barred in refused.text
    rows.rollback()
    assert {one.state for one in rows.query(Deadline).filter_by(kind="by_hand")} == {"open"}
    before = {**today, **posted("told_on", clock.today() - timedelta(days=2))}
    assert lead.submit(f"{owed[OF_VERSION]}/told", before).status_code == 303, "it was before the alert"
    assert to_tell(rows, OF_VERSION) == {("Ada, the child", cast.social_worker.id, "done")}
    assert barred not in lead.get(owed[OF_VERSION]).text
    alert.ended_at = clock.now()
    rows.commit()
    assert barred not in lead.get(owed[OF_MINUTES]).text
