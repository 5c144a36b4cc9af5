"""Each agency's part in a decision, and what only some of those at a meeting may read."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError, NotFound
from portal.extensions import db
from portal.records.meetings import attendance
from portal.records.meetings.chairing import cases_of
from portal.records.meetings.model import Meeting
from portal.records.meetings.vocabulary import MeetingState
from portal.records.minutes.meeting_decisions import (
    AgencyPart,
    BadParts,
    Saying,
    everybody_agrees,
    say_parts,
)
from portal.records.minutes.model import ClosedMinute, ClosedReader, Decision, DecisionPart
from portal.records.minutes.vocabulary import Stance
from portal.records.minutes.writing import (
    find_closed,
    name_reader,
    open_closed_part,
    unname_reader,
    write_closed_part,
)
from portal.records.people.model import User
from tests.cases.conftest import Acting
from tests.cast import Cast
from tests.meetings.days import ABSENT, Day, acted, make_day
from tests.meetings.test_recording import decides

Asking = Callable[[User | None], AbstractContextManager[Session]]
AGREES, DISSENTS = AgencyPart(Stance.AGREES), Stance.DISSENTS


@pytest.fixture
def day(rows: Session, cast: Cast) -> Day:
    return make_day(rows, cast)


@pytest.fixture
def decision(day: Day, cast: Cast, acting: Acting) -> Decision:
    return decides(acting, cast.coordinator, day.meeting)


def say(acting: Acting, who: User, decision: Decision, parts: dict[UUID, Saying]) -> None:
    with acting(who) as actor:
        kept = db.session.get_one(Decision, decision.id)
        meeting = db.session.get_one(Meeting, decision.meeting_id)
        say_parts(actor=actor, meeting=meeting, decision=kept, parts=parts)


def said(rows: Session) -> dict[UUID, AgencyPart]:
    rows.rollback()
    rows.expire_all()
    return {one.agency_id: AgencyPart.of(one) for one in rows.scalars(select(DecisionPart))}


def test_everybody_who_took_part_agrees_in_one_step_but_for_whom_something_is_said(
    rows: Session, cast: Cast, day: Day, decision: Decision, acting: Acting
) -> None:
    no = AgencyPart(DISSENTS, "Too early", "Head of service")
    say(acting, cast.coordinator, decision, {cast.police.id: Saying(AgencyPart(), no)})
    with acting(cast.coordinator) as actor:
        marks = day.marks(health=ABSENT)
        attendance.mark_attendance(actor=actor, meeting=acted(day.meeting), marks=marks)
        kept = db.session.get_one(Decision, decision.id)
        everybody_agrees(actor=actor, meeting=acted(day.meeting), decision=kept)
    assert said(rows) == {
        cast.police.id: no,
        cast.social_care.id: AGREES,
        cast.hub.id: AGREES,
        cast.council.id: AGREES,
    }


def test_agreement_of_everybody_needs_marks_of_who_came(
    cast: Cast, day: Day, decision: Decision, acting: Acting
) -> None:
    with (
        acting(cast.coordinator) as actor,
        pytest.raises(DomainError, match="nobody is recorded yet"),
    ):
        everybody_agrees(
            actor=actor, meeting=acted(day.meeting), decision=db.session.get_one(Decision, decision.id)
        )


def test_a_dissent_says_why_and_an_agency_that_is_not_of_the_meeting_has_no_part(
    rows: Session, cast: Cast, decision: Decision, acting: Acting
) -> None:
    with pytest.raises(BadParts) as refused:
        say(
            acting,
            cast.coordinator,
            decision,
            {cast.police.id: Saying(AgencyPart(), AgencyPart(DISSENTS, " "))},
        )
    assert refused.value.faults == {cast.police.id: "say why it does not agree"}
    with pytest.raises(NotFound):
        say(acting, cast.coordinator, decision, {cast.school.id: Saying(AgencyPart(), AGREES)})
    assert not said(rows)


def test_the_second_of_two_who_say_an_agencys_part_is_shown_both(
    rows: Session, cast: Cast, decision: Decision, acting: Acting
) -> None:
    say(acting, cast.coordinator, decision, {cast.police.id: Saying(AgencyPart(), AGREES)})
    no = AgencyPart(DISSENTS, "Too early")
    with pytest.raises(Conflict) as both:
        say(acting, cast.chair, decision, {cast.police.id: Saying(AgencyPart(), no)})
    assert both.value.versions.theirs == {str(cast.police.id): "Agrees"}
    say(acting, cast.chair, decision, {cast.police.id: Saying(AGREES, no)})
    assert said(rows) == {cast.police.id: no}


@pytest.mark.parametrize("who", ["officer", "nurse", "stranger"])
def test_nobody_says_what_their_agencys_part_was_who_does_not_run_the_meeting(
    rows: Session, cast: Cast, decision: Decision, acting: Acting, who: str
) -> None:
    with acting(getattr(cast, who)) as actor, pytest.raises(Forbidden):
        say_parts(
            actor=actor,
            meeting=rows.get_one(Meeting, decision.meeting_id),
            decision=rows.get_one(Decision, decision.id),
            parts={cast.police.id: Saying(AgencyPart(), AGREES)},
        )


def test_the_database_takes_no_part_in_anothers_name(cast: Cast, decision: Decision, acting: Acting) -> None:
    with acting(cast.officer), pytest.raises(DBAPIError, match="policy"):
        db.session.execute(
            insert(DecisionPart).values(
                decision_id=decision.id,
                agency_id=cast.police.id,
                stance="agrees",
                words="",
                escalation="",
                saved_by=cast.coordinator.id,
                saved_at=clock.now(),
            )
        )


@pytest.fixture
def closed(day: Day, cast: Cast, acting: Acting) -> UUID:
    """A closed part on the child, by the note-taker."""
    with acting(cast.coordinator) as actor:
        meeting = acted(day.meeting)
        return open_closed_part(
            actor=actor,
            meeting=meeting,
            heading="An arrest that is planned",
            text="On Friday",
            case=cases_of(meeting)[0],
        ).id


def names(acting: Acting, who: User, day: Day, closed: UUID, person: User) -> None:
    with acting(who) as actor:
        meeting = acted(day.meeting)
        part = find_closed(meeting=meeting, closed_id=closed)
        name_reader(actor=actor, meeting=meeting, closed=part, person=person)


def readers(cast: Cast, asking: Asking) -> set[str]:
    """Who of the cast reads it."""
    found = set()
    for name in (
        "chair",
        "coordinator",
        "social_worker",
        "officer",
        "nurse",
        "social_care_manager",
        "stranger",
    ):
        with asking(getattr(cast, name)) as session:
            if session.scalars(select(ClosedMinute.text)).all():
                found.add(name)
    return found


def test_a_closed_part_is_for_chair_note_taker_and_whom_they_name_as_long_as_they_are_named(
    cast: Cast, day: Day, closed: UUID, acting: Acting, asking: Asking
) -> None:
    assert readers(cast, asking) == {"chair", "coordinator"}
    names(acting, cast.chair, day, closed, cast.officer)
    assert readers(cast, asking) == {"chair", "coordinator", "officer"}
    with acting(cast.chair) as actor:
        meeting = acted(day.meeting)
        part = find_closed(meeting=meeting, closed_id=closed)
        unname_reader(actor=actor, meeting=meeting, closed=part, user_id=cast.officer.id, reason="x")
    assert readers(cast, asking) == {"chair", "coordinator"}


def test_only_somebody_of_the_meeting_or_of_the_case_is_named(
    cast: Cast, day: Day, closed: UUID, acting: Acting
) -> None:
    names(acting, cast.chair, day, closed, cast.nurse)
    with pytest.raises(DomainError, match="can be named"):
        names(acting, cast.chair, day, closed, cast.stranger)


def test_whoever_runs_the_meeting_otherwise_writes_no_closed_part_and_finds_none(
    cast: Cast, day: Day, closed: UUID, acting: Acting
) -> None:
    with acting(cast.social_worker) as actor:
        meeting = acted(day.meeting)
        with pytest.raises(NotFound):
            find_closed(meeting=meeting, closed_id=closed)
        with pytest.raises(Forbidden):
            open_closed_part(actor=actor, meeting=meeting, heading="H", text="T")


def test_somebody_who_is_named_reads_and_writes_nothing(
    cast: Cast, day: Day, closed: UUID, acting: Acting
) -> None:
    names(acting, cast.chair, day, closed, cast.officer)
    with acting(cast.officer) as actor:
        meeting = acted(day.meeting)
        part = find_closed(meeting=meeting, closed_id=closed)
        with pytest.raises(Forbidden):
            write_closed_part(
                actor=actor, meeting=meeting, closed=part, heading="H", text="T", version=part.version
            )
        written = db.session.execute(update(ClosedMinute).values(text="T").returning(ClosedMinute.id))
        assert not written.all()


def test_the_database_lets_nobody_name_themselves(cast: Cast, day: Day, closed: UUID, acting: Acting) -> None:
    with acting(cast.officer), pytest.raises(DBAPIError, match="policy"):
        db.session.execute(
            insert(ClosedReader).values(
                closed_id=closed,
                user_id=cast.officer.id,
                named_by=cast.officer.id,
                named_at=clock.now(),
            )
        )


def test_the_second_of_two_who_write_a_closed_part_is_shown_both(
    cast: Cast, day: Day, closed: UUID, acting: Acting
) -> None:
    def write(who: User, text: str) -> None:
        with acting(who) as actor:
            meeting = acted(day.meeting)
            part = find_closed(meeting=meeting, closed_id=closed)
            heading = part.heading
            write_closed_part(
                actor=actor, meeting=meeting, closed=part, heading=heading, text=text, version=1
            )

    write(cast.chair, "On Saturday")
    with pytest.raises(Conflict) as both:
        write(cast.coordinator, "On Sunday")
    assert both.value.versions.theirs["What was said"] == "On Saturday"


def test_a_closed_part_stands_once_the_minutes_are_approved(
    rows: Session, cast: Cast, day: Day, closed: UUID, acting: Acting
) -> None:
    for state in (MeetingState.HELD, MeetingState.MINUTES_IN_DRAFT, MeetingState.APPROVED):
        rows.execute(update(Meeting).where(Meeting.id == day.meeting.id).values(state=state))
    rows.commit()
    with acting(cast.chair) as actor:
        meeting = acted(day.meeting)
        part = find_closed(meeting=meeting, closed_id=closed)
        with pytest.raises(DomainError, match="approved"):
            write_closed_part(
                actor=actor, meeting=meeting, closed=part, heading="H", text="T", version=part.version
            )
    with acting(cast.chair), pytest.raises(DBAPIError, match="stands from approval on"):
        db.session.execute(update(ClosedMinute).values(text="T", saved_by=cast.chair.id))
