"""What the application may not write of meetings and requests for access, whatever Python lets through."""

from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.meetings.model import (
    AgendaItem,
    Invitation,
    Meeting,
    MeetingCase,
    MeetingChange,
    MeetingHandout,
    MeetingPaper,
)
from portal.records.people.model import User
from portal.records.requests.model import AccessRequest
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.access.test_writes import changed, refused
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    """A case that the police work on."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    """A meeting on the case, with the health team invited."""
    return make_meeting(
        rows,
        chair=cast.social_worker,
        note_taker=cast.social_care_manager,
        cases=[case],
        called_by=cast.coordinator,
    )


@pytest.fixture
def invitation(rows: Session, cast: Cast, meeting: Meeting) -> Invitation:
    return make_invitation(rows, meeting, by=cast.coordinator, team=cast.health_team)


@pytest.mark.parametrize(
    "change",
    [
        {"attendance": "present"},
        {"role": "chair"},
        {"required": True},
        {"withdrawn_reason": "x"},
        {"agency_id": None, "external_name": "x"},
    ],
)
def test_whoever_is_invited_answers_and_changes_nothing_else(
    cast: Cast, invitation: Invitation, asking: Asking, change: dict[str, Any]
) -> None:
    del invitation
    answer = {
        "reply": "coming",
        "replied_by": cast.nurse.id,
        "replied_at": clock.now(),
        "comes_id": cast.nurse.id,
    }
    with asking(cast.nurse) as session:
        assert changed(session, update(Invitation).values(answer)) == 1
        with pytest.raises(DBAPIError, match=r"changes nothing else|permission denied"):
            session.execute(update(Invitation).values(change))


def test_nobody_answers_in_the_name_of_another(cast: Cast, invitation: Invitation, asking: Asking) -> None:
    other = update(Invitation).where(Invitation.id == invitation.id).values(replied_by=cast.officer.id)
    for person in (cast.nurse, cast.coordinator):
        with asking(person) as session, pytest.raises(DBAPIError, match="in the name of another"):
            session.execute(other)
    for person in (cast.stranger, cast.teacher, cast.governance, cast.administrator):
        with asking(person) as session:
            assert changed(session, update(Invitation).values(reply="coming")) == 0


def test_whoever_is_invited_puts_no_case_on_the_meeting(
    rows: Session, cast: Cast, invitation: Invitation, asking: Asking
) -> None:
    """Their own case would open the whole meeting to them."""
    own = make_case(rows, make_child(rows, "Ben"), lead=cast.health, opened_by=cast.coordinator)
    involve(rows, own, cast.health_team, by=cast.coordinator)
    row = MeetingCase(meeting_id=invitation.meeting_id, case_id=own.id, child_id=own.child_id)
    refused(asking, cast.nurse, row)


def test_a_meeting_takes_on_no_case_that_one_does_not_reach(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, asking: Asking
) -> None:
    sealed = make_case(rows, make_child(rows, "Eve"), lead=cast.health, opened_by=cast.coordinator)
    sealed.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    for child_id in (sealed.child_id, case.child_id):
        row = MeetingCase(meeting_id=meeting.id, case_id=sealed.id, child_id=child_id)
        refused(asking, cast.coordinator, row)
    other = make_child(rows, "Ben")
    refused(asking, cast.coordinator, MeetingCase(meeting_id=meeting.id, case_id=case.id, child_id=other.id))


def test_a_meeting_is_called_invited_to_and_recorded_in_ones_own_name(
    cast: Cast, case: Case, invitation: Invitation, asking: Asking
) -> None:
    meeting_id, now = invitation.meeting_id, clock.now()
    about: dict[str, Any] = {"kind": "moved", "before": {}, "after": {}, "reason": "x", "changed_at": now}
    handed: dict[str, Any] = {"invitation_id": invitation.id, "what": "x", "way": "by_hand", "handed_at": now}
    asked: dict[str, Any] = {
        "reference": f"INV-{new_id()}",
        "agency_id": cast.health.id,
        "user_id": cast.nurse.id,
        "role": "other",
        "required": False,
        "invited_at": now,
        "reply": "waiting",
        "walk_in": False,
    }
    for person, name in (
        (cast.coordinator, cast.officer),
        (cast.nurse, cast.nurse),
        (cast.stranger, cast.stranger),
    ):
        hangs_on = {"id": new_id(), "meeting_id": meeting_id}
        refused(asking, person, MeetingChange(**hangs_on, **about, changed_by=name.id))
        refused(asking, person, MeetingHandout(**hangs_on, **handed, handed_by=name.id))
        refused(asking, person, Invitation(**hangs_on, **asked, invited_by=name.id))
    for person in (cast.nurse, cast.stranger, cast.governance, cast.administrator):
        hangs_on = {"id": new_id(), "meeting_id": meeting_id, "case_id": case.id}
        refused(asking, person, AgendaItem(**hangs_on, position=1, heading="x"))
        refused(asking, person, MeetingPaper(**hangs_on, kind="report"))
    for person in (cast.nurse, cast.stranger):
        hangs_on = {"id": new_id(), "meeting_id": meeting_id, "case_id": case.id}
        refused(asking, person, MeetingHandout(**hangs_on, **handed, handed_by=person.id))


def test_nothing_is_handed_out_about_a_sibling_whose_case_one_does_not_read(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    other = make_case(rows, make_child(rows, "Bea"), lead=cast.social_care, opened_by=cast.coordinator)
    met = make_meeting(rows, cases=[case, other], chair=cast.chair, note_taker=cast.coordinator)
    carer = make_invitation(rows, met, outside="Carla Quillcarrow", role="carer", by=cast.coordinator)
    handed: dict[str, Any] = {"invitation_id": carer.id, "what": "x", "way": "post", "handed_at": clock.now()}
    on = {"id": new_id(), "meeting_id": met.id, "handed_by": cast.officer.id}
    refused(asking, cast.officer, MeetingHandout(**on, **handed, case_id=other.id))


@pytest.mark.parametrize(
    "column", ["called_by", "called_agency_id", "district", "reference", "policy_version"]
)
def test_what_a_meeting_is_on_and_who_called_it_stands(
    cast: Cast, meeting: Meeting, asking: Asking, column: str
) -> None:
    del meeting
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(f"update meeting set {column} = null"))  # noqa: S608 - names above


def test_whoever_is_invited_moves_no_meeting(cast: Cast, invitation: Invitation, asking: Asking) -> None:
    del invitation
    with asking(cast.nurse) as session:
        assert session.scalar(select(Meeting.state)) == "booked"
        assert changed(session, update(Meeting).values(place="Elsewhere")) == 0


def test_access_is_asked_for_by_whoever_sees_a_notice_and_no_more(
    rows: Session, cast: Cast, case: Case, asking: Asking
) -> None:
    def ask(person: User, by: User) -> AccessRequest:
        return AccessRequest(
            id=new_id(),
            case_id=case.id,
            asked_by=by.id,
            asked_agency_id=person.agency_id,
            reason="x",
            asked_at=clock.now(),
        )

    for person in (cast.officer, cast.coordinator, cast.stranger, cast.governance, cast.administrator):
        refused(asking, person, ask(person, person))
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    refused(asking, cast.officer, ask(cast.officer, cast.colleague))
    answered = ask(cast.officer, cast.officer)
    answered.granted, answered.answered_by = True, cast.coordinator.id
    refused(asking, cast.officer, answered)
    rows.add(ask(cast.officer, cast.officer))
    rows.commit()
    with asking(cast.officer) as session:  # may ask, and does not answer
        answer = {"answered_by": cast.officer.id, "answered_at": clock.now(), "granted": True}
        assert changed(session, update(AccessRequest).values(answer)) == 0
    with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(update(AccessRequest).values({**answer, "answered_by": cast.second_coordinator.id}))
