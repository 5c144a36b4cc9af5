"""Claims about reminders of a meeting: they follow its date, end with it, and go to whoever comes."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.changes import move_deadline
from portal.deadlines.model import Deadline
from portal.extensions import db
from portal.messages.model import MessagePreference
from portal.pathway.calendar import add_working_days, at_local, subtract_working_days
from portal.records.meetings.changes import cancel_meeting, change_chair, move_meeting
from portal.records.meetings.invitations import Answer, reply
from portal.records.meetings.model import Invitation, Meeting
from portal.records.meetings.vocabulary import InvitationReply
from portal.records.people.model import User
from portal.reminders.claims import Send
from portal.reminders.digests import lines
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.meetings import do_without_papers, make_invitation, make_meeting
from tests.factories.people import make_user
from tests.reminders.travel import judged, mailed, tick, told

Acting = Callable[[User], AbstractContextManager[Principal]]


def day(working_days: int, hour: int = 10) -> datetime:
    """An hour on a working day to come, counted from today: services write by the real clock."""
    return at_local(add_working_days(clock.today(), working_days), time(hour))


def before(moment: datetime, working_days: int) -> datetime:
    """The morning so many working days before."""
    return at_local(subtract_working_days(clock.local(moment).date(), working_days), time(8))


FIRST, SECOND = day(12), day(20)


@pytest.fixture
def meeting(rows: Session, cast: Cast) -> Meeting:
    """On one child; the nurse and a council's team, in which is one person, are invited besides the chair and
    the note-taker.
    """
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    for team in (cast.social_care_team, cast.health_team):
        involve(rows, case, team, by=cast.coordinator)
    rows.execute(text("update reminder_plan set look_at = '9999-01-01'"))
    found = make_meeting(rows, chair=cast.chair, note_taker=cast.social_worker, cases=[case], starts_at=FIRST)
    make_invitation(rows, found, by=cast.chair, person=cast.nurse)
    make_invitation(rows, found, by=cast.chair, team=cast.council_team)
    do_without_papers(rows, found)
    return found


@pytest.fixture
def duty(rows: Session, meeting: Meeting) -> Deadline:
    return rows.scalars(select(Deadline).where(Deadline.meeting_id == meeting.id)).one()


@pytest.fixture
def everyone(cast: Cast) -> set[UUID]:
    return {cast.chair.id, cast.social_worker.id, cast.nurse.id, cast.community_safety.id}


@pytest.fixture
def answer(acting: Acting, meeting: Meeting) -> Callable[..., None]:
    """Somebody answers the invitation that names them."""

    def say(person: User, what: InvitationReply, deputy: User | None = None) -> None:
        with acting(person) as actor:
            invitation = db.session.scalars(
                select(Invitation).where(Invitation.meeting_id == meeting.id, Invitation.user_id == person.id)
            ).one()
            reply(
                actor=actor,
                meeting=db.session.get_one(Meeting, meeting.id),
                invitation=invitation,
                answer=Answer(
                    reply=what,
                    reason="In court",
                    deputy=db.session.get_one(User, deputy.id) if deputy else None,
                    version=invitation.version,
                ),
            )

    return say


def moved(acting: Acting, cast: Cast, meeting: Meeting, to: datetime) -> None:
    with acting(cast.chair) as actor:
        found = db.session.get_one(Meeting, meeting.id)
        move_meeting(
            actor=actor,
            meeting=found,
            starts_at=to,
            ends_at=to + timedelta(hours=1),
            reason="The school cannot come",
            version=found.version,
        )


def in_the_morning(engine: Engine, moment: datetime, people: Iterable[UUID]) -> set[UUID]:
    """Whose morning message has a line on the meeting that is coming up."""
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        said = {one: lines(connection, one, "digest") for one in people}
    return {
        one
        for one, found in said.items()
        if any("A meeting is coming up, on" in line.words for line in found)
    }


def test_everyone_invited_is_reminded_before_it(
    engine: Engine, rows: Session, duty: Deadline, everyone: set[UUID]
) -> None:
    for moment in (before(FIRST, 6), before(FIRST, 5), before(FIRST, 2), before(FIRST, 1), FIRST):
        tick(engine, moment)
    assert told(rows, duty) == [
        ("five_days", before(FIRST, 5), everyone),
        ("one_day", before(FIRST, 1), everyone),
    ]


def test_five_days_before_it_whoever_answered_is_left_alone(
    engine: Engine,
    rows: Session,
    cast: Cast,
    answer: Callable[..., None],
    duty: Deadline,
    everyone: set[UUID],
) -> None:
    answer(cast.nurse, InvitationReply.COMING)
    tick(engine, before(FIRST, 5))
    assert told(rows, duty) == [("five_days", before(FIRST, 5), everyone - {cast.nurse.id})]
    assert in_the_morning(engine, before(FIRST, 5), everyone) == everyone - {cast.nurse.id}
    answer(cast.social_worker, InvitationReply.COMING)  # since, and before their morning message
    left = everyone - {cast.nurse.id, cast.social_worker.id}
    assert in_the_morning(engine, before(FIRST, 5), everyone) == left
    tick(engine, before(FIRST, 1))
    assert told(rows, duty)[-1] == ("one_day", before(FIRST, 1), everyone), "the day is for all who come"


def test_where_everybody_answered_nobody_is_reminded_five_days_before(
    engine: Engine, rows: Session, meeting: Meeting, duty: Deadline
) -> None:
    for one in rows.scalars(select(Invitation).where(Invitation.meeting_id == meeting.id)):
        one.reply = InvitationReply.COMING
    rows.commit()
    tick(engine, before(FIRST, 5))
    assert told(rows, duty) == [], "nor is the hub, which hears where a reminder reaches nobody"


def test_each_can_be_told_where_they_are(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline, everyone: set[UUID]
) -> None:
    moment = before(FIRST, 1)
    tick(engine, moment)
    assert mailed(rows, duty) == set()
    assert in_the_morning(engine, moment, {*everyone, cast.officer.id}) == everyone


def test_who_has_no_morning_message_is_written_to(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline, everyone: set[UUID]
) -> None:
    """The nurse has switched it off, and of the council's team nobody is there."""
    rows.add(MessagePreference(user_id=cast.nurse.id, kind="digest", by_mail=False))
    rows.get_one(User, cast.community_safety.id).active = False
    rows.commit()
    moment = before(FIRST, 1)
    tick(engine, moment)
    assert {found for _, found in judged(engine, moment)} == {
        Send(cast.nurse.email),
        Send(cast.council_team.duty_email),
    }
    assert in_the_morning(engine, moment, everyone) == {cast.chair.id, cast.social_worker.id}


def test_moving_it_replaces_its_reminders(
    engine: Engine,
    rows: Session,
    cast: Cast,
    acting: Acting,
    meeting: Meeting,
    duty: Deadline,
    everyone: set[UUID],
) -> None:
    tick(engine, before(FIRST, 5))
    moved(acting, cast, meeting, SECOND)
    assert in_the_morning(engine, before(FIRST, 5), everyone) == set()
    for moment in (before(FIRST, 1), before(SECOND, 5), before(SECOND, 1)):
        tick(engine, moment)
    assert [(rung, moment) for rung, moment, _ in told(rows, duty)] == [
        ("five_days", before(FIRST, 5)),
        ("five_days", before(SECOND, 5)),
        ("one_day", before(SECOND, 1)),
    ]


def test_cancelling_it_ends_them(
    engine: Engine,
    rows: Session,
    cast: Cast,
    acting: Acting,
    meeting: Meeting,
    duty: Deadline,
    everyone: set[UUID],
) -> None:
    tick(engine, before(FIRST, 5))
    with acting(cast.chair) as actor:
        found = db.session.get_one(Meeting, meeting.id)
        cancel_meeting(actor=actor, meeting=found, reason="No longer needed", version=found.version)
    assert in_the_morning(engine, before(FIRST, 5), everyone) == set()
    for moment in (before(FIRST, 1), day(16), day(18)):
        tick(engine, moment)
    assert [rung for rung, _, _ in told(rows, duty)] == ["five_days"]


def test_whoever_sent_apologies_is_not_reminded_until_it_moves(
    engine: Engine,
    rows: Session,
    cast: Cast,
    acting: Acting,
    answer: Callable[..., None],
    meeting: Meeting,
    duty: Deadline,
    everyone: set[UUID],
) -> None:
    tick(engine, before(FIRST, 5))
    answer(cast.nurse, InvitationReply.APOLOGIES)
    assert in_the_morning(engine, before(FIRST, 5), everyone) == everyone - {cast.nurse.id}
    tick(engine, before(FIRST, 1))
    assert told(rows, duty)[-1] == ("one_day", before(FIRST, 1), everyone - {cast.nurse.id})
    moved(acting, cast, meeting, SECOND)
    tick(engine, before(SECOND, 1))
    assert told(rows, duty)[-1][2] == everyone, "at the new time they may be able to come"


def test_the_deputy_who_comes_instead_is_reminded(
    engine: Engine,
    rows: Session,
    cast: Cast,
    answer: Callable[..., None],
    duty: Deadline,
    everyone: set[UUID],
) -> None:
    deputy = make_user(rows, cast.health, "Dee Deputy", teams=(cast.health_team,))
    rows.commit()
    answer(cast.nurse, InvitationReply.DEPUTY, deputy)
    moment = before(FIRST, 1)
    tick(engine, moment)
    assert told(rows, duty)[-1][2] == everyone - {cast.nurse.id} | {deputy.id}
    assert in_the_morning(engine, moment, [deputy.id]) == {deputy.id}


def test_after_another_chair_took_over_the_reminders_are_theirs(
    engine: Engine, rows: Session, cast: Cast, acting: Acting, meeting: Meeting, duty: Deadline
) -> None:
    with acting(cast.chair) as actor:
        found = db.session.get_one(Meeting, meeting.id)
        change_chair(
            actor=actor,
            meeting=found,
            person=db.session.get_one(User, cast.social_care_manager.id),
            reason="On leave",
            version=found.version,
        )
    tick(engine, before(FIRST, 1))
    _, _, to = told(rows, duty)[-1]
    assert cast.social_care_manager.id in to
    assert cast.chair.id not in to


def test_it_goes_on_to_be_brought_to_mind_until_it_is_on_record(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    for later in range(12, 17):
        tick(engine, at_local(add_working_days(clock.today(), later), time(8)))
    late = [(rung, to) for rung, _, to in told(rows, duty) if rung in {"record", "manager"}]
    assert late == [("record", {cast.chair.id}), ("manager", {cast.chair.id})]


def test_a_case_that_owes_a_meeting_reminds_whoever_has_to_call_it(
    engine: Engine, rows: Session, cast: Cast, meeting: Meeting, duty: Deadline
) -> None:
    case = make_case(rows, make_child(rows, "Bea"), lead=cast.social_care, opened_by=cast.coordinator)
    owes = rows.scalars(select(Deadline).where(Deadline.case_id == case.id)).one()
    rows.add(
        Deadline(
            **{name: getattr(owes, name) for name in ("subject_kind", "subject_id", "case_id", "state")},
            **{"id": case.id, "kind": "meeting", "source": "levels.high", "owner_id": cast.social_worker.id},
            **dict.fromkeys(("due_at", "original_due_at"), FIRST),
            **{"started_at": clock.now(), "confirmed": False, "policy_version": "test"},
        )
    )
    rows.commit()
    rows.execute(
        text("update reminder_plan set look_at = '9999-01-01' where deadline_id <> :id"), {"id": case.id}
    )
    rows.commit()
    owed = rows.get_one(Deadline, case.id)
    for moment in (before(FIRST, 5), before(FIRST, 1)):
        tick(engine, moment)
    assert [(rung, to) for rung, _, to in told(rows, owed)] == [
        ("given", {cast.social_worker.id}),
        ("one_day", {cast.social_worker.id}),
    ], "that it is theirs, and not five days before at the same moment"


def test_moving_any_duty_replaces_its_reminders(
    engine: Engine, rows: Session, cast: Cast, acting: Acting, meeting: Meeting, duty: Deadline
) -> None:
    tick(engine, before(FIRST, 5))
    with acting(cast.chair) as actor:
        owed = db.session.get_one(Deadline, duty.id)
        move_deadline(actor=actor, deadline=owed, due_at=SECOND, reason="Time was given")
    for moment in (before(FIRST, 1), before(SECOND, 5)):
        tick(engine, moment)
    assert [(rung, moment) for rung, moment, _ in told(rows, duty)] == [
        ("five_days", before(FIRST, 5)),
        ("five_days", before(SECOND, 5)),
    ]
