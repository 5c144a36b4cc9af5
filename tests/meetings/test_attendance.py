"""The day of a meeting: who came, quorum, and what being held sets in motion."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.extensions import db
from portal.records.children.model import ChildScope
from portal.records.meetings import attendance, external_copies
from portal.records.meetings import changes as meeting_changes
from portal.records.meetings.attendance import BadMarks, Mark, Marking
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import Attendance, InvitationReply, MeetingState
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.factories.meetings import make_invitation
from tests.meetings.days import ABSENT, CAME, PRESENT, Day, acted, make_day


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast)


def fresh(rows: Session, meeting: Meeting) -> Meeting:
    rows.rollback()
    rows.expire_all()
    return rows.get_one(Meeting, meeting.id)


def kept(rows: Session, invitation: Invitation) -> tuple[str | None, str | None]:
    rows.rollback()
    rows.expire_all()
    found = rows.get_one(Invitation, invitation.id)
    return found.attendance, found.attendance_note


def test_a_meeting_that_was_held_is_done_and_the_reach_of_the_invited_gets_an_end(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    with time_machine.travel(datetime(2026, 12, 18, 14, 45, tzinfo=UTC), tick=False):
        day = make_day(rows, cast)
        with acting(cast.chair) as actor:
            meeting = acted(day.meeting)
            attendance.hold(actor=actor, meeting=meeting, marks=day.marks())
        held = fresh(rows, day.meeting)
        assert (held.state, held.held_at) == (MeetingState.HELD, clock.now())
        # ten working days after, over Christmas and New Year
        assert held.reach_until is not None
        assert clock.local(held.reach_until).date().isoformat() == "2027-01-06"
        of_meeting = select(Deadline).where(Deadline.meeting_id == held.id, Deadline.kind == "meeting")
        deadline = rows.scalars(of_meeting).one()
        assert deadline.state == DeadlineState.DONE


def test_whoever_was_invited_reads_who_the_child_is_until_that_end(
    rows: Session, cast: Cast, acting: Acting
) -> None:
    day = make_day(rows, cast)
    with acting(cast.chair) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    until = rows.scalars(
        select(ChildScope.until).where(
            ChildScope.child_id == day.case.child_id, ChildScope.reader == cast.council_team.id
        )
    ).one()
    assert until == fresh(rows, day.meeting).reach_until


def test_a_meeting_recorded_late_was_held_when_it_ended(rows: Session, cast: Cast, acting: Acting) -> None:
    day = make_day(rows, cast, starts_at=clock.now() - timedelta(days=3))
    with acting(cast.coordinator) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    assert fresh(rows, day.meeting).held_at == day.meeting.ends_at


def test_a_meeting_cannot_be_held_before_its_day(rows: Session, cast: Cast, acting: Acting) -> None:
    day = make_day(rows, cast, starts_at=clock.now() + timedelta(days=2))
    with acting(cast.chair) as actor, pytest.raises(DomainError, match="from that day on"):
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    assert fresh(rows, day.meeting).state == MeetingState.BOOKED


@pytest.mark.parametrize("state", [MeetingState.CANCELLED, MeetingState.HELD])
def test_a_meeting_that_is_over_is_not_held_again(
    rows: Session, cast: Cast, acting: Acting, state: MeetingState
) -> None:
    day = make_day(rows, cast, state=state)
    with acting(cast.chair) as actor, pytest.raises(DomainError):
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())


def test_each_way_of_taking_part_is_kept_apart_from_absence(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    marks = day.marks(
        police=Attendance.DEPUTY,
        health=Mark(Attendance.PART, "The first half hour"),
        council=Attendance.WRITTEN,
        carer=Mark(Attendance.APOLOGIES, "Could not get there"),
        note_taker=ABSENT,
    )
    with acting(cast.chair) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=marks)
    assert [kept(rows, one) for one in day.everyone] == [
        ("present", None),
        ("absent", None),
        ("deputy", CAME),
        ("part", "The first half hour"),
        ("written", None),
        ("apologies", "Could not get there"),
    ]


def test_nobody_is_left_without_a_mark_and_a_part_or_apologies_need_words(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    marks = day.marks(police=None, health=Attendance.PART, carer=Attendance.APOLOGIES)
    with acting(cast.chair) as actor, pytest.raises(BadMarks) as refused:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=marks)
    assert set(refused.value.faults) == {day.police.id, day.health.id, day.carer.id}
    assert kept(rows, day.council) == (None, None)


def test_that_a_team_was_there_says_of_nobody_that_they_were(acting: Acting, cast: Cast, day: Day) -> None:
    nameless = {day.police.id: Marking(Mark(), Mark(PRESENT)), day.council.id: Marking(Mark(), Mark(PRESENT))}
    with acting(cast.chair) as actor, pytest.raises(BadMarks) as refused:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks() | nameless)
    assert refused.value.faults == dict.fromkeys(nameless, "name who came for the team")


def test_somebody_who_is_not_on_the_sheet_yet_has_to_be_marked_too(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    marks = day.marks()
    late = make_invitation(rows, day.meeting, team=cast.school_team, by=cast.chair)
    with acting(cast.chair) as actor, pytest.raises(BadMarks) as refused:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=marks)
    assert set(refused.value.faults) == {late.id}


def test_part_of_the_sheet_can_be_kept_on_the_day(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    with acting(cast.chair) as actor:
        attendance.mark_attendance(
            actor=actor, meeting=acted(day.meeting), marks=day.marks(police=None, health=None)
        )
    assert kept(rows, day.council) == ("present", CAME)
    assert kept(rows, day.police) == (None, None)
    assert fresh(rows, day.meeting).state == MeetingState.BOOKED


def test_without_a_required_sector_it_is_held_only_with_a_reason(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    marks = day.marks(police=ABSENT)
    with acting(cast.chair) as actor, pytest.raises(DomainError, match="Police") as refused:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=marks)
    assert refused.value.field == "quorum_reason"
    assert fresh(rows, day.meeting).state == MeetingState.BOOKED
    with acting(cast.chair) as actor:
        attendance.hold(
            actor=actor,
            meeting=acted(day.meeting),
            marks=marks,
            quorum_reason="The child is missing now; police were told by phone",
        )
    held = fresh(rows, day.meeting)
    assert (held.state, held.quorum_reason) == (
        MeetingState.HELD,
        "The child is missing now; police were told by phone",
    )


def test_a_reason_is_not_kept_where_nobody_is_missing(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    with acting(cast.chair) as actor:
        attendance.hold(
            actor=actor,
            meeting=acted(day.meeting),
            marks=day.marks(police=Attendance.WRITTEN),
            quorum_reason="x",
        )
    assert fresh(rows, day.meeting).quorum_reason is None


def test_attendance_is_corrected_afterwards_and_a_lost_quorum_needs_a_reason_then_too(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    with acting(cast.chair) as actor:
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    change = {day.police.id: Marking(seen=Mark(PRESENT, CAME), now=Mark(ABSENT))}
    with acting(cast.chair) as actor, pytest.raises(DomainError, match="Police"):
        attendance.mark_attendance(actor=actor, meeting=acted(day.meeting), marks=change)
    with acting(cast.chair) as actor:
        attendance.mark_attendance(
            actor=actor, meeting=acted(day.meeting), marks=change, quorum_reason="They were called away"
        )
    assert kept(rows, day.police) == ("absent", None)
    assert fresh(rows, day.meeting).state == MeetingState.HELD


def test_of_two_people_who_mark_at_once_neither_undoes_the_other(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    theirs = {day.police.id: Marking(Mark(), Mark(ABSENT)), day.health.id: Marking(Mark(), Mark(PRESENT))}
    with acting(cast.coordinator) as actor:
        attendance.mark_attendance(actor=actor, meeting=acted(day.meeting), marks=theirs)
    untouched = day.marks(police=None)  # opened before, and the police not marked here
    with acting(cast.chair) as actor:
        attendance.mark_attendance(actor=actor, meeting=acted(day.meeting), marks=untouched)
    assert kept(rows, day.police) == ("absent", None)
    assert kept(rows, day.council) == ("present", CAME)


def test_two_different_marks_for_one_person_are_shown_to_the_second(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    with acting(cast.coordinator) as actor:
        attendance.mark_attendance(
            actor=actor,
            meeting=acted(day.meeting),
            marks={day.police.id: Marking(Mark(), Mark(ABSENT))},
        )
    with acting(cast.chair) as actor, pytest.raises(Conflict) as clash:
        attendance.mark_attendance(actor=actor, meeting=acted(day.meeting), marks=day.marks())
    assert clash.value.versions.theirs == {str(day.police.id): "Absent"}
    assert kept(rows, day.police) == ("absent", None)
    assert kept(rows, day.council) == (None, None)


@pytest.mark.parametrize("who", ["colleague", "nurse", "community_safety"])
def test_whoever_works_on_the_case_or_is_invited_does_not_record_the_day(
    acting: Acting, cast: Cast, day: Day, who: str
) -> None:
    with acting(getattr(cast, who)) as actor, pytest.raises(Forbidden):
        attendance.hold(actor=actor, meeting=acted(day.meeting), marks=day.marks())


def test_the_lead_professional_and_the_note_taker_record_it_too(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    for person in (cast.social_worker, cast.coordinator):
        with acting(person) as actor:
            attendance.mark_attendance(actor=actor, meeting=acted(day.meeting), marks=day.marks())


def test_somebody_with_an_account_walks_in_and_sees_the_meeting_from_then_on(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    with acting(cast.chair) as actor:
        teacher = db.session.get_one(User, cast.teacher.id)
        made = external_copies.add_walk_in(
            actor=actor, meeting=acted(day.meeting), role="school", person=teacher
        )
        made_id = made.id
    found = rows.get_one(Invitation, made_id)
    assert (found.walk_in, found.attendance, found.reply) == (True, "present", InvitationReply.COMING)
    assert (found.agency_id, found.user_id) == (cast.school.id, cast.teacher.id)


def test_somebody_without_an_account_walks_in_by_name(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    with acting(cast.chair) as actor:
        external_copies.add_walk_in(
            actor=actor, meeting=acted(day.meeting), role="advocate", outside="  Ada  Quilladvent "
        )
        with pytest.raises(DomainError, match="on the list already"):
            external_copies.add_walk_in(
                actor=actor, meeting=acted(day.meeting), role="advocate", outside="ada quilladvent"
            )
    found = rows.scalars(select(Invitation).where(Invitation.role == "advocate")).one()
    assert (found.external_name, found.agency_id, found.walk_in) == ("Ada Quilladvent", None, True)


@pytest.mark.parametrize("role", ["school", "chair", "nonsense"])
def test_a_role_has_to_fit_whoever_walks_in(acting: Acting, cast: Cast, day: Day, role: str) -> None:
    with acting(cast.chair) as actor, pytest.raises(DomainError) as refused:
        external_copies.add_walk_in(
            actor=actor, meeting=acted(day.meeting), role=role, outside="Ada Quilladvent"
        )
    assert refused.value.field == "role"


def test_nobody_walks_in_before_the_day(rows: Session, acting: Acting, cast: Cast) -> None:
    day = make_day(rows, cast, starts_at=clock.now() + timedelta(days=2))
    with acting(cast.chair) as actor, pytest.raises(DomainError):
        external_copies.add_walk_in(
            actor=actor, meeting=acted(day.meeting), role="advocate", outside="Ada Quilladvent"
        )


def test_who_came_in_vain_is_not_on_the_sheet_of_the_meeting_that_was_moved(
    rows: Session, acting: Acting, cast: Cast, day: Day
) -> None:
    with acting(cast.chair) as actor:
        attendance.refuse_to_hold(actor=actor, meeting=acted(day.meeting), marks=day.marks(police=ABSENT))
    assert kept(rows, day.council) == ("present", CAME)
    later = clock.now() + timedelta(days=3)
    with acting(cast.chair) as actor:
        meeting = acted(day.meeting)
        meeting_changes.move_meeting(
            actor=actor,
            meeting=meeting,
            starts_at=later,
            ends_at=later + timedelta(hours=1),
            reason="Police could not come",
            version=meeting.version,
        )
    assert {kept(rows, one) for one in day.everyone} == {(None, None)}
