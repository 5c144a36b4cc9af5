"""A duty with everybody around it whom a rung of a ladder may name, each of them somebody else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.messages.vocabulary import MessageRecipient
from portal.model import new_id
from portal.policy.telling import Ladder
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import Case
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import Team, User
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Role
from tests.cast import Cast
from tests.factories.assessments import make_assessment
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import make_invitation, make_meeting
from tests.factories.people import make_user
from tests.reminders.travel import at, open_duty

OF_LATER_DAYS = "a_kind_of_later_days"
People = dict[MessageRecipient, set[UUID]]


@dataclass(frozen=True)
class Scene:
    """What a duty can be about, and who holds which place where one worker owns it; `in_the_morning` where
    those whose morning message tells it are others: the people of a team.
    """

    rows: Session
    case: Case
    records: dict[str, Case | Meeting | InformationRequest | RiskAssessment]
    links: dict[str, UUID]
    worker: UUID
    giver: UUID
    people: People
    in_the_morning: People

    def open(self, ladder: Ladder, due: datetime, opened: datetime, **owner: UUID) -> Deadline:
        """A duty that goes by a ladder; of one worker, unless told otherwise."""
        return open_duty(
            self.rows,
            opened=opened,
            due=due,
            subject=self.records.get(ladder.about or "cre_case", self.case),
            kind=ladder.deadline or OF_LATER_DAYS,
            source=f"clocks.{ladder.clock}" if ladder.clock else "set by a person",
            given_by=self.giver,
            **self.links,
            **(owner or {"owner_id": self.worker}),
        )


def make_scene(rows: Session, cast: Cast) -> Scene:
    """Write it into the database."""
    lead = make_user(rows, cast.social_care, "Lee Lead", Role.MANAGER)
    cast.social_care.lead_id = lead.id
    professional = make_user(rows, cast.health, "Lena Professional", teams=(cast.health_team,))
    case = make_case(
        rows,
        make_child(rows),
        lead=cast.social_care,
        opened_by=cast.coordinator,
        lead_professional_id=professional.id,
    )
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    meeting = make_meeting(rows, chair=cast.chair, note_taker=cast.second_coordinator, cases=[case])
    for who, reply in ((cast.nurse, InvitationReply.WAITING), (cast.teacher, InvitationReply.APOLOGIES)):
        make_invitation(rows, meeting, by=cast.chair, person=who, reply=reply)
    make_invitation(rows, meeting, by=cast.chair, team=cast.council_team)
    request = _question(rows, case, cast.social_care_team, by=cast.officer)
    return Scene(
        rows=rows,
        case=case,
        records={
            "meeting": meeting,
            "information_request": request,
            "risk_assessment": make_assessment(rows, case, cast.social_worker),
        },
        links={"case_id": case.id, "meeting_id": meeting.id, "request_id": request.id},
        worker=cast.social_worker.id,
        giver=cast.coordinator.id,
        people={
            MessageRecipient.OWNER: {cast.social_worker.id},
            MessageRecipient.OWNER_MANAGER: {cast.social_care_manager.id},
            MessageRecipient.AGENCY_LEAD: {lead.id},
            MessageRecipient.ASKER: {cast.officer.id},
            MessageRecipient.CHAIR: {cast.chair.id},
            MessageRecipient.INVITED: {
                cast.chair.id,
                cast.second_coordinator.id,
                cast.nurse.id,
                cast.council_team.id,
            },
            MessageRecipient.CHAIR_LACKS_PAPER: {cast.chair.id},
            MessageRecipient.LEADS_UNANSWERED: set(),
            MessageRecipient.INVITED_UNANSWERED: {
                cast.chair.id,
                cast.second_coordinator.id,
                cast.nurse.id,
                cast.council_team.id,
            },
            MessageRecipient.LEAD_PROFESSIONAL: {professional.id},
            MessageRecipient.HUB: {cast.hub_team.id},
            MessageRecipient.NETWORK: {cast.social_care_team.id},
        },
        in_the_morning={
            MessageRecipient.INVITED: {
                cast.chair.id,
                cast.second_coordinator.id,
                cast.nurse.id,
                cast.community_safety.id,
            },
            MessageRecipient.INVITED_UNANSWERED: {
                cast.chair.id,
                cast.second_coordinator.id,
                cast.nurse.id,
                cast.community_safety.id,
            },
            MessageRecipient.HUB: {cast.coordinator.id, cast.second_coordinator.id},
        },
    )


def _question(rows: Session, case: Case, team: Team, *, by: User) -> InformationRequest:
    found = InformationRequest(
        id=new_id(),
        reference="REQ-TEST",
        case_id=case.id,
        child_id=case.child_id,
        asked_agency_id=team.agency_id,
        asked_team_id=team.id,
        asked_by=by.id,
        asked_at=at("2026-11-02"),
        question="Made for a test",
        why="Made for a test",
        due_at=at("2027-12-01"),
    )
    rows.add(found)
    rows.commit()
    return found
