"""Three ways in which somebody would come to a child by a step that somebody else took for them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.model import new_id
from portal.records.cases.grants import answer_access
from portal.records.cases.model import AccessGrant, Case
from portal.records.meetings.invitations import Answer, Invitee, invite, reply
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import Team, User
from portal.records.requests.model import AccessRequest
from portal.vocabulary import Sensitivity
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting
from tests.meetings.days import acted


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
    return case


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    return make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case])


def test_a_deputy_is_a_colleague_and_nobody_of_another_agency(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    given = make_invitation(rows, meeting, person=cast.nurse, by=cast.chair)
    with acting(cast.nurse) as actor, pytest.raises(DomainError, match="colleague of your agency"):
        reply(
            actor=actor,
            meeting=acted(meeting),
            invitation=db.session.get_one(Invitation, given.id),
            answer=Answer(
                reply=InvitationReply.DEPUTY, deputy=db.session.get_one(User, cast.stranger.id), version=1
            ),
        )
    assert rows.get_one(Invitation, given.id).comes_id is None


def test_no_team_is_invited_to_a_meeting_on_a_sealed_case(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting
) -> None:
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    with acting(cast.chair) as actor:
        team = db.session.get_one(Team, cast.health_team.id)
        with pytest.raises(DomainError, match="by name, not a team"):
            invite(actor=actor, meeting=acted(meeting), invitee=Invitee(role="health", team=team))
        person = db.session.get_one(User, cast.nurse.id)
        assert invite(actor=actor, meeting=acted(meeting), invitee=Invitee(role="health", person=person))


def test_whoever_asked_for_access_and_moved_to_another_agency_is_not_let_in(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    asked = AccessRequest(
        id=new_id(),
        case_id=case.id,
        asked_by=cast.nurse.id,
        asked_agency_id=cast.health.id,
        reason="x",
        asked_at=clock.now(),
    )
    rows.add(asked)
    rows.flush()
    cast.nurse.agency_id = cast.council.id
    rows.commit()
    with acting(cast.coordinator) as actor, pytest.raises(DomainError, match="moved to another agency"):
        answer_access(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            request_id=asked.id,
            granted=True,
            answer="Because",
        )
    assert not rows.scalars(select(AccessGrant).where(AccessGrant.user_id == cast.nurse.id)).all()
