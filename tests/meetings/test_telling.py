"""Who is told of a meeting: the rows of the policy, to exactly those whom they name, and nobody more."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.messages.model import CaseNews, OutboxSubject
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.meetings import (
    agenda,
    attendance,
    calling,
    changes,
    external_copies,
    invitations,
    preparing,
)
from portal.records.meetings.calling import Plan
from portal.records.meetings.invitations import Answer, Invitee
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.preparing import Report
from portal.records.meetings.vocabulary import Attendance, InvitationReply
from portal.records.people.model import Team, User
from portal.records.requests import answering
from portal.records.requests.model import InformationRequest
from portal.vocabulary import Sensitivity
from tests.cast import Cast
from tests.client import Client
from tests.factories.cases import grant
from tests.factories.meetings import make_invitation, make_meeting
from tests.meetings.calls import make_called_case
from tests.meetings.days import make_day
from tests.told import of_event, page_words, told

Acting = Callable[[User], AbstractContextManager[Principal]]
ClientFor = Callable[[User | None], Client]
MAIL, BELL, DIGEST = "mail", "portal", "digest"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    return make_called_case(rows, cast)


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    """A meeting to which the police’s team, a nurse by name and a carer are invited."""
    made = make_meeting(
        rows,
        cases=[case],
        chair=cast.chair,
        note_taker=cast.coordinator,
        place="Room 1",
        required_sectors=["social_care", "police", "health"],
    )
    make_invitation(rows, made, team=cast.police_team, by=cast.chair, role="police")
    make_invitation(rows, made, person=cast.nurse, by=cast.chair, role="health")
    make_invitation(rows, made, outside="Carla Quillcarrow", by=cast.chair, role="carer")
    rows.commit()
    return made


def calls(acting: Acting, cast: Cast, case: Case, *teams: Team, by: User | None = None) -> None:
    start = clock.now() + timedelta(days=9)
    with acting(by or cast.coordinator) as actor:
        calling.call_meeting(
            actor=actor,
            plan=Plan(
                kind="first",
                starts_at=start,
                ends_at=start + timedelta(hours=1),
                chair=db.session.get_one(User, cast.chair.id),
                note_taker=db.session.get_one(User, cast.coordinator.id),
                place="Room 1",
            ),
            cases=[db.session.get_one(Case, case.id)],
            invitees=[Invitee(role="police", team=db.session.get_one(Team, one.id)) for one in teams],
        )


def does(acting: Acting, who: User, meeting: Meeting, change: Callable[..., object], **said: Any) -> None:
    with acting(who) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        change(actor=actor, meeting=record, **({"version": record.version} | said))


def invitation_of(rows: Session, meeting: Meeting, role: str) -> Invitation:
    found = select(Invitation).filter_by(meeting_id=meeting.id, role=role, withdrawn_at=None)
    return rows.scalars(found).one()


def answers(
    rows: Session,
    acting: Acting,
    meeting: Meeting,
    who: User,
    role: str,
    reply: InvitationReply,
    reason: str = "",
    deputy: UUID | None = None,
) -> None:
    invitation = invitation_of(rows, meeting, role)
    with acting(who) as actor:
        invitations.reply(
            actor=actor,
            meeting=db.session.get_one(Meeting, meeting.id),
            invitation=db.session.get_one(Invitation, invitation.id),
            answer=Answer(
                reply=reply,
                reason=reason,
                deputy=db.session.get_one(User, deputy) if deputy else None,
                version=invitation.version,
            ),
        )


def test_a_team_its_worker_by_name_and_whoever_leads_the_case_hear_of_a_meeting(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    calls(acting, cast, case, cast.police_team)
    assert of_event(rows, "meeting_invited") == {
        (cast.chair.id, MAIL, "invited"),
        (cast.coordinator.id, MAIL, "invited"),
        (cast.police_team.id, MAIL, "invited"),
        (cast.officer.id, MAIL, "invited"),
        (cast.colleague.id, BELL, "invited"),
        (cast.police_manager.id, BELL, "invited"),
    }
    assert of_event(rows, "meeting_called") == {(cast.social_worker.id, MAIL, "case_news")}
    assert rows.scalars(select(CaseNews.event).filter_by(case_id=case.id)).all() == ["meeting_called"]


def test_an_invitation_carries_its_one_case_so_that_whoever_covers_it_gets_it(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    calls(acting, cast, case, cast.police_team)
    rows.rollback()
    found = rows.scalars(select(OutboxSubject.case_id).where(OutboxSubject.subject_kind == "invitation"))
    assert set(found) == {case.id}


def test_the_hub_sees_that_a_sector_is_not_invited_unless_the_case_is_closely_held(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    calls(acting, cast, case, cast.police_team, by=cast.social_worker)
    found = of_event(rows, "meeting_sector_not_invited")
    assert (cast.second_coordinator.id, BELL, "sector_missing") in found
    assert {way for _, way, _ in found} == {BELL}


def test_of_a_restricted_case_the_hub_hears_nothing_of_a_sector_that_is_missing(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    grant(rows, case, cast.social_worker, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.RESTRICTED)
    rows.commit()
    calls(acting, cast, case, by=cast.social_worker)
    assert of_event(rows, "meeting_sector_not_invited") == set()
    assert of_event(rows, "meeting_invited") == {
        (cast.chair.id, MAIL, "invited"),
        (cast.coordinator.id, MAIL, "invited"),
    }


def test_everybody_invited_and_the_worker_of_an_invited_team_hear_that_it_moves(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    start = clock.now() + timedelta(days=12)
    does(
        acting,
        cast.chair,
        meeting,
        changes.move_meeting,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        reason="The room is taken",
    )
    assert of_event(rows, "meeting_changed") == {
        (cast.chair.id, MAIL, "meeting_changed"),
        (cast.coordinator.id, MAIL, "meeting_changed"),
        (cast.police_team.id, MAIL, "meeting_changed"),
        (cast.officer.id, MAIL, "meeting_changed"),
        (cast.colleague.id, BELL, "meeting_changed"),
        (cast.police_manager.id, BELL, "meeting_changed"),
        (cast.nurse.id, MAIL, "meeting_changed"),
    }


def test_a_cancelled_meeting_is_told_to_everybody_invited_and_to_whoever_leads_the_case(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    does(acting, cast.chair, meeting, changes.cancel_meeting, reason="The child moved away")
    assert {who for who, _, _ in of_event(rows, "meeting_cancelled")} == {
        *(cast.chair.id, cast.coordinator.id, cast.nurse.id),
        *(cast.police_team.id, cast.officer.id, cast.colleague.id, cast.police_manager.id),
    }
    assert of_event(rows, "meeting_called_off") == {(cast.social_worker.id, MAIL, "case_news")}


def test_whoever_is_no_longer_invited_alone_hears_it(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting, client_for: ClientFor
) -> None:
    held = invitation_of(rows, meeting, "health").id
    with acting(cast.chair) as actor:
        invitations.withdraw(
            actor=actor,
            meeting=db.session.get_one(Meeting, meeting.id),
            invitation=db.session.get_one(Invitation, held),
            reason="Another nurse comes",
        )
    assert of_event(rows, "meeting_uninvited") == {(cast.nurse.id, MAIL, "meeting_uninvited")}
    nurse = client_for(cast.nurse)
    link = nurse.soup("/messages").select("main a[href^='/go/']")[0]
    assert "You are no longer invited to a meeting" in link.text
    page = nurse.get(str(link["href"]), follow_redirects=True)
    assert page.request.path.startswith("/meetings/"), "she works on the case, and reads it"


def test_nor_does_the_worker_of_a_team_that_is_no_longer_invited_stay_unaware(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    held = invitation_of(rows, meeting, "police").id
    with acting(cast.chair) as actor:
        record, invitation = (
            db.session.get_one(Meeting, meeting.id),
            db.session.get_one(Invitation, held),
        )
        invitations.withdraw(actor=actor, meeting=record, invitation=invitation, reason="Not needed")
    assert (cast.officer.id, MAIL, "meeting_uninvited") in of_event(rows, "meeting_uninvited")


def test_apologies_of_the_only_one_of_a_sector_are_told_to_chair_and_lead_professional(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    answers(rows, acting, meeting, cast.nurse, "health", InvitationReply.APOLOGIES, reason="A clinic")
    assert of_event(rows, "meeting_answered") == {(cast.chair.id, MAIL, "meeting_reply")}
    assert of_event(rows, "meeting_sector_lost") == {
        (cast.chair.id, MAIL, "sector_missing"),
        (cast.social_worker.id, MAIL, "sector_missing"),
    }


def test_whoever_called_it_hears_that_its_chair_cannot_come_and_that_it_was_not_held(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast)
    rows.get_one(Meeting, day.meeting.id).called_by = cast.second_coordinator.id
    rows.commit()
    answers(rows, acting, day.meeting, cast.chair, "chair", InvitationReply.APOLOGIES, reason="Ill")
    assert (cast.second_coordinator.id, MAIL, "meeting_reply") in of_event(rows, "meeting_answered")
    with acting(cast.chair) as actor:
        attendance.refuse_to_hold(
            actor=actor,
            meeting=db.session.get_one(Meeting, day.meeting.id),
            marks=day.marks(police=Attendance.ABSENT),
        )
    assert (cast.second_coordinator.id, MAIL, "meeting_not_held") in of_event(rows, "meeting_not_held")


def test_while_another_of_the_sector_is_expected_the_chair_alone_hears_of_apologies(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    make_invitation(rows, meeting, team=cast.health_team, by=cast.chair, role="school_nurse")
    rows.commit()
    answers(rows, acting, meeting, cast.nurse, "health", InvitationReply.APOLOGIES, reason="A clinic")
    assert of_event(rows, "meeting_sector_lost") == set()


def test_a_deputy_is_invited_and_nobody_else_with_them(
    rows: Session, cast: Cast, meeting: Meeting, acting: Acting
) -> None:
    answers(rows, acting, meeting, cast.officer, "police", InvitationReply.DEPUTY, deputy=cast.colleague.id)
    assert of_event(rows, "meeting_invited") == {(cast.colleague.id, MAIL, "invited")}


def test_a_meeting_that_could_not_be_held_is_told_to_whoever_leads_and_managers_of_those_who_did_not_come(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast)
    rows.commit()
    with acting(cast.chair) as actor:
        attendance.refuse_to_hold(
            actor=actor,
            meeting=db.session.get_one(Meeting, day.meeting.id),
            marks=day.marks(police=Attendance.ABSENT),
        )
    found = of_event(rows, "meeting_not_held")
    assert (cast.social_worker.id, MAIL, "meeting_not_held") in found
    assert (cast.second_coordinator.id, DIGEST, "meeting_not_held") in found
    assert of_event(rows, "meeting_did_not_come") == {(cast.police_manager.id, MAIL, "did_not_come")}


def test_whoever_leads_the_case_and_was_not_there_hears_that_the_meeting_was_held(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast)
    rows.commit()
    with acting(cast.chair) as actor:
        record = db.session.get_one(Meeting, day.meeting.id)
        attendance.hold(actor=actor, meeting=record, marks=day.marks())
    assert of_event(rows, "meeting_held") == {(cast.social_worker.id, BELL, "case_news")}


def news_of(rows: Session, event: str) -> set[tuple[UUID, UUID]]:
    """Of which case, and by whom, an event is news; to nobody is it said by a message."""
    assert of_event(rows, event) == set()
    return {(one.case_id, one.by_id) for one in rows.scalars(select(CaseNews).filter_by(event=event))}


def test_that_somebody_comes_is_news_on_the_case_whether_or_not_they_read_it(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting, client_for: Callable[..., Client]
) -> None:
    make_invitation(rows, meeting, person=cast.community_safety, by=cast.chair, role="council")
    rows.commit()
    answers(rows, acting, meeting, cast.officer, "police", InvitationReply.COMING)
    answers(rows, acting, meeting, cast.community_safety, "council", InvitationReply.COMING)
    assert news_of(rows, "meeting_coming") == {
        (case.id, cast.officer.id),
        (case.id, cast.community_safety.id),
    }
    said = "Somebody said that they come to a meeting"
    assert said in client_for(cast.chair).get(f"/cases/{case.reference}").text
    for other in (cast.community_safety, cast.stranger):
        assert said not in client_for(other).get("/changes").text


def test_nobody_leaves_news_of_a_meeting_to_which_they_are_not_invited(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting
) -> None:
    left = text("select ctx.leave_news(:case, :event, 'meeting', :meeting, now())")
    for who, event in ((cast.stranger, "meeting_coming"), (cast.nurse, "level_raised")):
        with acting(who):
            db.session.execute(left, {"case": case.id, "event": event, "meeting": meeting.id})
            db.session.commit()
    rows.rollback()
    assert rows.scalars(select(CaseNews.id)).all() == []


def test_another_agenda_is_one_line_of_news_however_often_it_changes(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting, client_for: Callable[..., Client]
) -> None:
    with acting(cast.chair) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        first = agenda.add_item(actor=actor, meeting=record, heading="Transport")
        agenda.add_item(actor=actor, meeting=record, heading="School", case_id=case.id)
        agenda.move_item(actor=actor, meeting=record, item_id=first.id, up=False)
        agenda.reword_item(actor=actor, meeting=record, item_id=first.id, heading="Buses", version=1)
        agenda.remove_item(actor=actor, meeting=record, item_id=first.id)
    assert news_of(rows, "meeting_agenda_changed") == {(case.id, cast.chair.id)}
    assert len(rows.scalars(select(CaseNews.id)).all()) == 5
    client, said = client_for(cast.nurse), "The agenda of a meeting was changed"
    assert client.get("/changes").text.count(said) == 1
    assert client.get(f"/cases/{case.reference}").text.count(said) == 1
    assert said not in client.get("/changes").text, "one look clears them all"
    assert said not in client_for(cast.stranger).get("/changes").text


def test_a_heading_that_is_added_while_the_meeting_is_written_up_is_no_news(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast)
    with acting(cast.chair) as actor:
        record = db.session.get_one(Meeting, day.meeting.id)
        attendance.hold(actor=actor, meeting=record, marks=day.marks())
        agenda.add_item(actor=actor, meeting=record, heading="What came up")
    assert news_of(rows, "meeting_agenda_changed") == set()


def test_whoever_walked_in_and_has_an_account_alone_is_told_in_the_portal(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast)
    with acting(cast.chair) as actor:
        record = db.session.get_one(Meeting, day.meeting.id)
        person = db.session.get_one(User, cast.neighbour.id)
        external_copies.add_walk_in(actor=actor, meeting=record, role="police", person=person)
        words = page_words()
        external_copies.add_walk_in(actor=actor, meeting=record, role="carer", outside="Wanetta Quillcarrow")
    assert of_event(rows, "meeting_walked_in") == {(cast.neighbour.id, BELL, "meeting_came")}
    assert cast.neighbour.name in words


def test_a_report_for_a_meeting_is_news_on_the_case_whoever_wrote_it(
    rows: Session, cast: Cast, case: Case, meeting: Meeting, acting: Acting, client_for: Callable[..., Client]
) -> None:
    invited = make_invitation(rows, meeting, team=cast.council_team, by=cast.chair, role="council")
    rows.commit()
    assert invited
    with acting(cast.chair) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        made = preparing.ask_for_reports(
            actor=actor, meeting=record, report=Report("What do you know?", "It is first")
        )
        (asked,) = [one.id for one in made if one.asked_team_id == cast.council_team.id]
    with acting(cast.community_safety) as actor:
        request = db.session.get_one(InformationRequest, asked)
        answering.answer(actor=actor, request=request, text="Nothing new", handling=Handling.NETWORK)
    assert (cast.chair.id, MAIL, "answered") in of_event(rows, "question_answered")
    found = rows.scalars(select(CaseNews).filter_by(event="question_answered")).one()
    assert (found.case_id, found.by_id) == (case.id, cast.community_safety.id)
    said = "question was answered"
    assert said in client_for(cast.coordinator).get(f"/cases/{case.reference}").text.lower()


def test_whoever_is_invited_by_name_is_not_told_again_with_their_team(
    rows: Session, cast: Cast, case: Case, acting: Acting
) -> None:
    calls(acting, cast, case, cast.social_care_team)
    heard = [one for one in told(rows, "invited") if one.recipient_id == cast.chair.id]
    assert [one.channel for one in heard] == [MAIL]
