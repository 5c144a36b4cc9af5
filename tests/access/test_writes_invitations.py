"""What the application may not write of invitations and answers: each of them lets somebody know a child."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.changes.errors import DomainError
from portal.model import new_id
from portal.records.cases.model import Case
from portal.records.children.model import Child
from portal.records.meetings.external_copies import add_walk_in
from portal.records.meetings.invitations import Invitee, invite
from portal.records.meetings.model import Invitation, Meeting
from portal.records.people.model import Team, User
from portal.records.requests.model import InformationAnswer
from portal.vocabulary import Sensitivity
from tests.access.test_reach import Asking
from tests.access.test_writes import changed, refused
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.children import ask
from tests.factories.meetings import make_invitation, make_meeting
from tests.meetings.days import acted


@pytest.fixture
def siblings(rows: Session, cast: Cast) -> tuple[Case, Case]:
    """Two cases of police and social care, of which the younger one's is restricted."""
    cases = []
    for name in ("Ada", "Ben"):
        case = make_case(
            rows,
            make_child(rows, name),
            lead=cast.social_care,
            opened_by=cast.coordinator,
            lead_professional_id=cast.officer.id,
        )
        involve(rows, case, cast.police_team, by=cast.coordinator, worker=cast.officer)
        cases.append(case)
    cases[1].sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    return cases[0], cases[1]


@pytest.fixture
def meeting(rows: Session, cast: Cast, siblings: tuple[Case, Case]) -> Meeting:
    """A meeting on both, which the officer runs as lead professional, reading one of them."""
    return make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=siblings)


def asked(meeting: Meeting, by: User, whom: User | Team | None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "reference": f"INV-{new_id()}",
        "meeting_id": meeting.id,
        "agency_id": whom.agency_id if whom else None,
        "user_id": whom.id if isinstance(whom, User) else None,
        "team_id": whom.id if isinstance(whom, Team) else None,
        "external_name": None if whom else "Quilla Outwood",
        "role": "other",
        "required": False,
        "invited_by": by.id,
        "invited_at": clock.now(),
        "reply": "waiting",
        "walk_in": False,
        "version": 1,
    }


def test_nobody_invites_to_a_meeting_on_a_child_whose_case_they_do_not_read(
    cast: Cast, meeting: Meeting, asking: Asking
) -> None:
    """Whoever is invited comes to know the child; and they could invite themselves."""
    for closed in (cast.officer, cast.police_team, cast.nurse):
        refused(asking, cast.officer, Invitation(**asked(meeting, cast.officer, closed)))
    allowed: list[tuple[User, User | Team | None]] = [
        (cast.officer, None),
        (cast.chair, cast.nurse),
        (cast.coordinator, cast.health_team),
    ]
    for by, whom in allowed:
        with asking(by) as session:
            session.execute(insert(Invitation).inline(), asked(meeting, by, whom))


def test_whoever_reads_one_of_two_cases_is_told_to_ask_the_chair(
    cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    with acting(cast.officer) as actor, pytest.raises(DomainError, match="Ask its chair"):
        invite(actor=actor, meeting=acted(meeting), invitee=Invitee(role="health", person=cast.nurse))
    with acting(cast.officer) as actor:
        invite(actor=actor, meeting=acted(meeting), invitee=Invitee(role="carer", name="Quorvan Ellthwick"))
    with acting(cast.chair) as actor:
        invite(actor=actor, meeting=acted(meeting), invitee=Invitee(role="health", person=cast.nurse))


def test_nobody_walks_into_a_meeting_on_a_child_whose_case_their_host_does_not_read(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    meeting.starts_at = clock.now()
    rows.commit()
    with acting(cast.officer) as actor, pytest.raises(DomainError, match="Ask its chair"):
        add_walk_in(actor=actor, meeting=acted(meeting), role="police", person=cast.colleague)
    with acting(cast.officer) as actor:
        add_walk_in(actor=actor, meeting=acted(meeting), role="carer", outside="Quorvan Ellthwick")


def test_who_comes_for_a_team_is_not_said_by_whoever_runs_the_meeting(
    rows: Session, cast: Cast, meeting: Meeting, asking: Asking
) -> None:
    """Else whoever reads one of two cases would come for their own team, and know both children."""
    given = make_invitation(rows, meeting, team=cast.police_other_team, by=cast.chair)
    comes = update(Invitation).where(Invitation.id == given.id).values(comes_id=cast.officer.id)
    for person in (cast.officer, cast.coordinator, cast.chair):
        with asking(person) as session, pytest.raises(DBAPIError, match="says who comes"):
            session.execute(comes)
    with asking(cast.neighbour) as session:
        assert changed(session, comes) == 1
        session.commit()
    with asking(cast.officer) as session:
        assert set(session.scalars(select(Child.given_name))) == {"Ada", "Ben"}


def test_an_invitation_that_was_withdrawn_stays_so(
    rows: Session, cast: Cast, meeting: Meeting, asking: Asking
) -> None:
    given = make_invitation(rows, meeting, team=cast.health_team, by=cast.chair, withdrawn_at=clock.now())
    again = update(Invitation).where(Invitation.id == given.id).values(withdrawn_at=None)
    for person in (cast.officer, cast.coordinator, cast.chair):
        with asking(person) as session, pytest.raises(DBAPIError, match="stays so"):
            session.execute(again)
    with asking(cast.nurse) as session:
        assert changed(session, again) == 0


def test_the_reach_of_a_meeting_ends_once_and_is_never_lengthened(
    rows: Session, cast: Cast, meeting: Meeting, asking: Asking
) -> None:
    meeting.reach_until = clock.now()
    rows.commit()
    for later in (None, clock.now() + timedelta(days=9999)):
        with asking(cast.coordinator) as session, pytest.raises(DBAPIError, match="never lengthened"):
            session.execute(update(Meeting).values(reach_until=later))
    with asking(cast.coordinator) as session:
        assert changed(session, update(Meeting).values(reach_until=clock.now() - timedelta(days=2000))) == 1


@pytest.mark.parametrize("who", ["officer", "coordinator", "social_care_manager", "stranger"])
def test_nobody_answers_for_those_who_are_asked(
    rows: Session, cast: Cast, siblings: tuple[Case, Case], asking: Asking, who: str
) -> None:
    """An answer ends the clock: those who were asked would not be reminded again."""
    case, _ = siblings
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    question = ask(rows, rows.get_one(Child, case.child_id), cast.health_team, by=cast.coordinator, case=case)

    def answer(by: User) -> InformationAnswer:
        return InformationAnswer(
            id=new_id(),
            request_id=question.id,
            case_id=case.id,
            author_id=by.id,
            agency_id=by.agency_id,
            nothing_held=True,
            text="",
            handling="network",
            listed_agencies=[],
            answered_at=clock.now(),
        )

    refused(asking, getattr(cast, who), answer(getattr(cast, who)))
    with asking(cast.nurse) as session:
        session.add(answer(cast.nurse))
        session.flush()
        session.rollback()
    question.withdrawn_at = clock.now()
    rows.commit()
    refused(asking, cast.nurse, answer(cast.nurse))
