"""A duty to tell somebody of a meeting says when and where it is, and ends by itself once it is moot."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import clock
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.policy import current_policy
from portal.records.by_hand.model import ToldByHand
from portal.records.meetings import attendance, chairing, changes, invitations
from portal.records.meetings.attendance import Mark
from portal.records.meetings.invitations import Invitee
from portal.records.meetings.model import Meeting
from portal.records.meetings.telling import tell_invited
from portal.records.meetings.vocabulary import INVITED, Attendance
from portal.records.minutes import issues
from portal.records.people.model import User
from portal.reminders.forgetting import end_past_cancellations
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.client import Client
from tests.factories.meetings import make_meeting
from tests.meetings.calls import make_called_case
from tests.meetings.days import acted, make_day
from tests.meetings.recorded import make_recorded
from tests.reminders.conftest import engine  # noqa: F401 - a fixture
from tests.told import of_event, to_tell

ClientFor = Callable[[User | None], Client]
CARER = "Carla Quillcarrow"


def invites(rows: Session, cast: Cast, acting: Acting, meeting: Meeting) -> ToldByHand:
    """The chair asks a carer to come, and owes it to tell them."""
    with acting(cast.chair) as actor:
        invitations.invite(
            actor=actor,
            meeting=db.session.get_one(Meeting, meeting.id),
            invitee=Invitee(role="carer", name=CARER),
        )
    rows.rollback()
    return rows.query(ToldByHand).one()


def begins(rows: Session, meeting: Meeting) -> None:
    """The hour has come."""
    meeting = rows.get_one(Meeting, meeting.id)
    meeting.starts_at = clock.now() - timedelta(minutes=5)
    rows.commit()


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        (Attendance.PRESENT, "They came to the meeting"),
        (Mark(Attendance.PART, "the first half"), "They came to the meeting"),
        (Attendance.ABSENT, "The meeting is over"),
        (Attendance.WRITTEN, "The meeting is over"),
    ],
)
def test_once_the_meeting_was_held_nobody_has_to_be_told_of_it(
    rows: Session, cast: Cast, acting: Acting, mark: Attendance | Mark, reason: str
) -> None:
    day = make_day(rows, cast)
    with acting(cast.coordinator) as actor:
        meeting = acted(day.meeting)
        carer = db.session.get_one(type(day.carer), day.carer.id)
        tell_invited(actor=actor, meeting=meeting, invitation=carer, event=INVITED)
    assert to_tell(rows, "meeting_invited") == {(CARER, cast.coordinator.id, "open")}
    with acting(cast.chair) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks(carer=mark))
    assert to_tell(rows, "meeting_invited") == {(CARER, cast.coordinator.id, "cancelled")}
    told = rows.query(ToldByHand).one()
    assert (told.dropped_reason, told.dropped_by, told.told_on) == (reason, cast.chair.id, None)
    assert rows.query(Deadline).filter_by(kind="by_hand").one().move_reason == reason


def test_once_the_minutes_are_approved_nobody_has_to_be_told_of_their_draft(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    held = make_recorded(rows, cast)
    with acting(cast.coordinator) as actor:
        issues.circulate(actor=actor, meeting=acted(held.meeting), by_hand=[held.day.carer.id])
    assert to_tell(rows, "minutes_draft_sent") == {(CARER, cast.coordinator.id, "open")}
    with acting(cast.chair) as actor:
        issues.approve(actor=actor, meeting=acted(held.meeting))
    assert to_tell(rows, "minutes_draft_sent") == {(CARER, cast.coordinator.id, "cancelled")}
    assert rows.query(ToldByHand).one().dropped_reason == "The minutes are approved"


def test_whoever_owed_it_to_tell_of_a_draft_hears_that_the_portal_ended_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    held = make_recorded(rows, cast)
    with acting(cast.coordinator) as actor:
        issues.circulate(actor=actor, meeting=acted(held.meeting), by_hand=[held.day.carer.id])
    with acting(cast.chair) as actor:
        issues.approve(actor=actor, meeting=acted(held.meeting))
    assert of_event(rows, "by_hand_moot", last_word=True) == {
        (cast.coordinator.id, "portal", "no_longer_yours")
    }
    told = rows.query(ToldByHand).one()
    page = client_for(cast.coordinator).soup(f"/told-by-hand/{told.reference}").get_text(" ", strip=True)
    assert "No longer to be told: the minutes are approved" in page
    assert "Ended by The portal, " in page
    assert "Said by" not in page, "the chair said nothing of the kind"
    assert cast.chair.name not in page
    assert client_for(cast.stranger).get(f"/told-by-hand/{told.reference}").status_code == 404


def test_whoever_made_it_needless_themselves_is_not_told_so(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    held = make_recorded(rows, cast)
    with acting(cast.chair) as actor:
        issues.circulate(actor=actor, meeting=acted(held.meeting), by_hand=[held.day.carer.id])
        issues.approve(actor=actor, meeting=acted(held.meeting))
    assert of_event(rows, "by_hand_moot") == set()


def test_the_duty_says_when_and_where_the_meeting_is_and_what_ended_it(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = make_called_case(rows, cast)
    meeting = make_meeting(
        rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator, place="Room Quillvane"
    )
    told = invites(rows, cast, acting, meeting)
    chair, place = client_for(cast.chair), f"/told-by-hand/{told.reference}"
    day = f"{clock.local(meeting.starts_at):%-d %B %Y}"
    for page in (chair.soup(place).get_text(" "), chair.soup(f"{place}/told").get_text(" ")):
        assert day in page
        assert "Room Quillvane" in page
    assert client_for(cast.stranger).get(place).status_code == 404
    assert client_for(cast.neighbour).get(place).status_code == 404
    begins(rows, meeting)
    with acting(cast.chair) as actor:
        live = chairing.live_invitations(meeting.id)
        marks = {one.id: attendance.Marking(seen=Mark(), now=Mark(Attendance.PRESENT)) for one in live}
        attendance.hold(
            actor=actor,
            meeting=db.session.get_one(Meeting, meeting.id),
            marks=marks,
            quorum_reason="It could not wait",
        )
    page = chair.soup(place).get_text(" ")
    assert "No longer to be told: they came to the meeting" in page
    assert "Not told yet" not in page


def test_the_duty_to_tell_of_a_cancelled_meeting_ends_by_itself_a_day_after_its_time_and_says_so(
    rows: Session,
    cast: Cast,
    acting: Acting,
    client_for: ClientFor,
    engine: Engine,  # noqa: F811 - a fixture
) -> None:
    case = make_called_case(rows, cast)
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    invites(rows, cast, acting, meeting)
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        changes.cancel_meeting(actor=actor, meeting=record, reason="Ill", version=record.version)
    rows.rollback()

    def past(hours: float) -> set[tuple[str, UUID | None, str]]:
        ended = rows.get_one(Meeting, meeting.id, populate_existing=True)
        ended.starts_at = clock.now() - timedelta(hours=hours + 1)
        ended.ends_at = clock.now() - timedelta(hours=hours)
        rows.commit()
        with engine.begin() as connection:
            end_past_cancellations(connection)
        rows.rollback()
        return to_tell(rows, "meeting_cancelled")

    limit = current_policy().clocks.limits.cancelled_told.value
    assert past(-48) == past(limit - 1) == {(CARER, cast.coordinator.id, "open")}
    assert of_event(rows, "by_hand_moot", last_word=True) == {(cast.chair.id, "portal", "no_longer_yours")}
    assert past(limit + 1) == past(limit + 2) == {(CARER, cast.coordinator.id, "cancelled")}
    heard = of_event(rows, "by_hand_moot", last_word=True) - {(cast.chair.id, "portal", "no_longer_yours")}
    assert heard == {(cast.coordinator.id, "portal", "no_longer_yours")}, "whoever owed it, once"
    told = rows.query(ToldByHand).filter_by(event="meeting_cancelled").one()
    page = client_for(cast.coordinator).soup(f"/told-by-hand/{told.reference}").get_text(" ", strip=True)
    assert "No longer to be told: the time of the meeting that was cancelled is past" in page
    assert "The portal, " in page
    assert "None" not in page
    assert CARER not in client_for(cast.coordinator).soup("/work").get_text()
    assert client_for(cast.stranger).get(f"/told-by-hand/{told.reference}").status_code == 404


def test_what_is_owed_of_a_meeting_that_takes_place_or_was_said_is_not_ended_by_the_clock(
    rows: Session,
    cast: Cast,
    acting: Acting,
    engine: Engine,  # noqa: F811 - a fixture
) -> None:
    case = make_called_case(rows, cast)
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    invites(rows, cast, acting, meeting)
    kept = rows.get_one(Meeting, meeting.id)
    kept.starts_at, kept.ends_at = clock.now() - timedelta(days=9), clock.now() - timedelta(days=8)
    rows.commit()
    with engine.begin() as connection:
        assert end_past_cancellations(connection) == 0
    rows.rollback()
    assert to_tell(rows, "meeting_invited") == {(CARER, cast.chair.id, "open")}


def test_of_a_meeting_that_is_cancelled_there_is_one_duty_left_which_says_so(
    rows: Session, cast: Cast, acting: Acting, client_for: ClientFor
) -> None:
    case = make_called_case(rows, cast)
    meeting = make_meeting(rows, cases=[case], chair=cast.chair, note_taker=cast.coordinator)
    invited = invites(rows, cast, acting, meeting)
    chair = client_for(cast.chair)
    assert "Where" in chair.soup(f"/told-by-hand/{invited.reference}").get_text()
    with acting(cast.coordinator) as actor:
        record = db.session.get_one(Meeting, meeting.id)
        changes.cancel_meeting(actor=actor, meeting=record, reason="Ill", version=record.version)
    assert to_tell(rows, "meeting_invited") == {(CARER, cast.chair.id, "superseded")}
    assert to_tell(rows, "meeting_cancelled") == {(CARER, cast.coordinator.id, "open")}
    assert rows.query(Deadline).filter_by(kind="by_hand", state="open").count() == 1
    (owed,) = rows.query(ToldByHand).filter_by(event="meeting_cancelled").all()
    for told, stands in ((owed, "Not told yet"), (invited, "No longer to be told")):
        for person in (cast.coordinator, cast.chair):
            page = client_for(person).soup(f"/told-by-hand/{told.reference}").get_text(" ", strip=True)
            assert "Cancelled. It was to be on" in page
            assert "When the meeting is" not in page, "it is not"
            assert stands in page
    page = client_for(cast.coordinator).soup(f"/told-by-hand/{owed.reference}").get_text()
    assert "A meeting that somebody was invited to does not take place" in page
    assert f"What nobody has told them before {INVITED.label}" in " ".join(page.split())
    page = client_for(cast.chair).soup(f"/told-by-hand/{invited.reference}").get_text()
    assert "What nobody has told them before" not in page, "it is what was not told"
    assert client_for(cast.stranger).get(f"/told-by-hand/{owed.reference}").status_code == 404
    for person, due in ((cast.coordinator, True), (cast.chair, False)):
        assert (CARER in client_for(person).soup("/work").get_text()) is due, person.name
