"""Claims about what is lacking a working day before a meeting: papers, and answers of those whom it needs."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.messages.vocabulary import CancelReason
from portal.records.cases.model import Case
from portal.records.meetings.model import Invitation, Meeting, MeetingPaper
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import Agency, User
from portal.reminders.claims import Cancel, Send
from portal.vocabulary import Role
from tests.cast import Cast
from tests.factories.cases import add_entry, involve, make_case, make_child
from tests.factories.meetings import do_without_papers, make_invitation, make_meeting
from tests.factories.people import make_user
from tests.reminders.test_of_meetings import FIRST, before
from tests.reminders.travel import judged, tick, told

DAY_BEFORE = before(FIRST, 1)


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    found = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    for team in (cast.social_care_team, cast.health_team, cast.police_team):
        involve(rows, found, team, by=cast.coordinator)
    rows.execute(text("update reminder_plan set look_at = '9999-01-01'"))
    return found


@pytest.fixture
def meeting(rows: Session, cast: Cast, case: Case) -> Meeting:
    """It needs the police, whose two teams are invited; the nurses come although nobody needs them."""
    found = make_meeting(
        rows,
        chair=cast.chair,
        note_taker=cast.social_worker,
        cases=[case],
        starts_at=FIRST,
        required_sectors=["police"],
    )
    make_invitation(rows, found, by=cast.chair, team=cast.police_team, role="police")
    make_invitation(rows, found, by=cast.chair, team=cast.health_team, role="health")
    rows.commit()
    return found


@pytest.fixture
def duty(rows: Session, meeting: Meeting) -> Deadline:
    return rows.scalars(select(Deadline).where(Deadline.meeting_id == meeting.id)).one()


def lacking(rows: Session, duty: Deadline) -> dict[str, set[UUID | None]]:
    """Who was told what is lacking."""
    return {str(rung): to for rung, _, to in told(rows, duty) if rung in {"papers", "unanswered"}}


def answered(rows: Session, meeting: Meeting, agency: Agency, reply: InvitationReply) -> None:
    rows.execute(
        update(Invitation)
        .where(Invitation.meeting_id == meeting.id, Invitation.agency_id == agency.id)
        .values(reply=reply)
    )
    rows.commit()


def lead_of(rows: Session, agency: Agency) -> User:
    lead = make_user(rows, agency, "Lee Lead", Role.MANAGER)
    agency.lead_id = lead.id
    rows.commit()
    return lead


def test_a_working_day_before_the_chair_alone_hears_that_a_paper_is_missing(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    tick(engine, DAY_BEFORE - timedelta(days=1))
    assert "papers" not in lacking(rows, duty), "until then there is time"
    tick(engine, DAY_BEFORE)
    assert lacking(rows, duty)["papers"] == {cast.chair.id}
    assert [one for rung, _, one in told(rows, duty) if rung == "one_day"], "that it comes is said beside it"


def test_nobody_hears_where_every_paper_is_there_not_needed_or_in_the_portal(
    engine: Engine, rows: Session, cast: Cast, case: Case, meeting: Meeting, duty: Deadline
) -> None:
    do_without_papers(rows, meeting)
    rows.execute(text("delete from meeting_paper where kind = 'chronology'"))
    add_entry(rows, case, cast.officer, "Seen at the bus station")
    rows.commit()
    tick(engine, DAY_BEFORE)
    assert "papers" not in lacking(rows, duty)


def test_one_paper_that_was_said_to_be_missing_after_all_is_enough(
    engine: Engine, rows: Session, cast: Cast, meeting: Meeting, duty: Deadline
) -> None:
    do_without_papers(rows, meeting)
    rows.execute(update(MeetingPaper).where(MeetingPaper.kind == "plan").values(not_needed_reason=None))
    rows.commit()
    tick(engine, DAY_BEFORE)
    assert lacking(rows, duty)["papers"] == {cast.chair.id}


def test_what_comes_in_before_the_e_mail_goes_out_is_not_asked_for(
    engine: Engine, rows: Session, cast: Cast, meeting: Meeting, duty: Deadline
) -> None:
    lead = lead_of(rows, cast.police)
    tick(engine, DAY_BEFORE)
    assert becomes(engine, DAY_BEFORE) == {"papers": Send(cast.chair.email), "unanswered": Send(lead.email)}
    do_without_papers(rows, meeting)
    answered(rows, meeting, cast.police, InvitationReply.COMING)
    assert becomes(engine, DAY_BEFORE) == {
        "papers": Cancel(CancelReason.DONE),
        "unanswered": Cancel(CancelReason.ANSWERED),
    }


def becomes(engine: Engine, moment: datetime) -> dict[str | None, object]:
    """What becomes of what waits to be said of what is lacking."""
    return {one.rung: found for one, found in judged(engine, moment) if one.rung in {"papers", "unanswered"}}


def test_the_lead_of_an_agency_that_is_needed_hears_that_nobody_of_it_answered(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    lead = lead_of(rows, cast.police)
    tick(engine, DAY_BEFORE)
    assert lacking(rows, duty)["unanswered"] == {lead.id}, "nobody needs the nurses"


def test_where_an_agency_has_no_lead_whoever_manages_there_hears_it(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    tick(engine, DAY_BEFORE)
    assert lacking(rows, duty)["unanswered"] == {cast.police_manager.id}


@pytest.mark.parametrize("reply", [InvitationReply.COMING, InvitationReply.DEPUTY, InvitationReply.APOLOGIES])
def test_whoever_answered_is_asked_no_more(
    engine: Engine, rows: Session, cast: Cast, meeting: Meeting, duty: Deadline, reply: InvitationReply
) -> None:
    answered(rows, meeting, cast.police, reply)
    tick(engine, DAY_BEFORE)
    assert "unanswered" not in lacking(rows, duty)


def test_an_invitation_that_is_needed_itself_is_asked_for_whoever_else_of_the_sector_comes(
    engine: Engine, rows: Session, cast: Cast, meeting: Meeting, duty: Deadline
) -> None:
    rows.execute(update(Invitation).where(Invitation.agency_id == cast.health.id).values(required=True))
    answered(rows, meeting, cast.police, InvitationReply.COMING)
    lead = lead_of(rows, cast.health)
    tick(engine, DAY_BEFORE)
    assert lacking(rows, duty)["unanswered"] == {lead.id}
