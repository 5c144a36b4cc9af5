"""Claims about digests: one a working day, only when something is due, by choice; weekly for a manager."""

from datetime import datetime
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.messages.model import MessagePreference, OutboxMessage
from portal.messages.vocabulary import CancelReason
from portal.records.cases.model import Case
from portal.records.people.model import Team, User
from portal.reminders.claims import Cancel, HandOn, Send
from portal.reminders.digests import DigestLine, lines, queue_digests
from portal.reminders.mail import write
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.reminders.conftest import ENVELOPE
from tests.reminders.travel import at, away, judged, open_duty, tick

MONDAY, TUESDAY = "2026-12-14", "2026-12-15"


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    found = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, found, cast.social_care_team, by=cast.coordinator)
    for duty in rows.scalars(select(Deadline)):  # of the factory, by the real time
        duty.due_at = at("2099-01-05")
    rows.commit()
    return found


@pytest.fixture
def duty(rows: Session, cast: Cast, case: Case) -> Deadline:
    """Due on the Monday, of one worker."""
    return open_duty(
        rows,
        opened=at("2026-12-07"),
        due=at(MONDAY, "23:59"),
        subject=case,
        case_id=case.id,
        owner_id=cast.social_worker.id,
    )


def look(engine: Engine, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        queue_digests(connection)


def queued(rows: Session) -> list[tuple[str, object]]:
    rows.expire_all()
    found = rows.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.key))
    return [(one.kind, one.recipient_id) for one in found]


def said(engine: Engine, person: User, kind: str, moment: datetime) -> list[DigestLine]:
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        return lines(connection, person.id, kind)


def test_one_digest_on_each_working_day_on_which_something_is_due(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    mine = ("digest", cast.social_worker.id)
    for moment, expected in (
        (at("2026-12-11", "09:00"), 0),  # nothing is due yet
        (at(MONDAY, "07:29"), 0),
        (at(MONDAY, "07:30"), 1),
        (at(MONDAY, "07:31"), 1),
        (at(MONDAY, "12:00"), 1),
        (at(TUESDAY, "07:30"), 2),
    ):
        look(engine, moment)
        assert queued(rows).count(mine) == expected, moment
    look(engine, at("2026-12-19", "09:00"))
    look(engine, at("2026-12-25", "09:00"))
    assert queued(rows).count(mine) == 2, "none on a Saturday or on Christmas Day"


def test_a_digest_says_what_is_due_by_reference_and_kind_and_nothing_else(
    engine: Engine, cast: Cast, case: Case, duty: Deadline
) -> None:
    due = DigestLine(case.reference, "Finish the risk assessment", at(MONDAY, "23:59"), overdue=False)
    assert said(engine, cast.social_worker, "digest", at(MONDAY, "07:30")) == [due]
    (late,) = said(engine, cast.social_worker, "digest", at(TUESDAY, "07:30"))
    assert late.overdue


def test_the_e_mail_of_a_digest_lists_what_is_due(
    engine: Engine, rows: Session, cast: Cast, case: Case, duty: Deadline
) -> None:
    for day, due in ((MONDAY, "due today"), (TUESDAY, "overdue since 14 December 2026")):
        moment = at(day, "07:30")
        look(engine, moment)
        (waiting,) = (one for one, found in judged(engine, moment) if isinstance(found, Send))
        with time_machine.travel(moment, tick=False), engine.begin() as connection:
            mail = write(connection, waiting, to=cast.social_worker.email, envelope=ENVELOPE, at=moment)
        assert f"\n{case.reference}: Finish the risk assessment, {due}\n" in mail.get_content()


def test_a_duty_of_a_team_is_in_the_digest_of_its_people(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    team = cast.social_care_team
    open_duty(
        rows,
        opened=at("2026-12-07"),
        due=at(MONDAY, "23:59"),
        subject=case,
        case_id=case.id,
        owner_team_id=team.id,
    )
    look(engine, at(MONDAY, "07:30"))
    assert {who for kind, who in queued(rows) if kind == "digest"} == {
        cast.social_worker.id,
        cast.social_care_manager.id,
        cast.chair.id,
    }
    assert said(engine, cast.officer, "digest", at(MONDAY, "07:30")) == []


def test_what_somebody_owned_for_an_agency_that_they_left_is_in_no_digest_of_theirs_but_of_its_managers(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    involve(rows, case, cast.health_team, by=cast.coordinator)
    rows.get_one(Team, cast.health_team.id).manager_id = cast.second_coordinator.id
    rows.commit()
    open_duty(
        rows,
        opened=at("2026-12-07"),
        due=at("2026-12-11", "10:00"),
        subject=case,
        case_id=case.id,
        owner_id=cast.nurse.id,
        owned_for_id=cast.social_care.id,
    )
    look(engine, at(TUESDAY, "07:30"))
    assert queued(rows) == [("team_digest", cast.social_care_manager.id)]
    assert said(engine, cast.nurse, "digest", at(TUESDAY, "07:30")) == []
    assert said(engine, cast.second_coordinator, "team_digest", at(TUESDAY, "07:30")) == []
    assert len(said(engine, cast.social_care_manager, "team_digest", at(TUESDAY, "07:30"))) == 1


FIVE_BEFORE = "2026-12-07"  # working days before the Monday on which it is due


def test_what_is_due_later_is_said_on_the_morning_of_its_reminder_and_mailed_by_itself_on_the_day(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    """As the worker looks: a little after midnight, in the morning and while people are at work."""
    open_duty(
        rows,
        opened=at("2026-11-30"),
        due=at(MONDAY, "23:59"),
        subject=case,
        case_id=case.id,
        owner_id=cast.social_worker.id,
        given_by=cast.social_worker.id,
    )
    mails = {}
    for day in ("2026-12-04", FIVE_BEFORE, "2026-12-08", "2026-12-11", MONDAY):
        for hour in ("00:05", "07:30", "08:00"):
            tick(engine, at(day, hour))
            look(engine, at(day, hour))
        mails[day] = [
            one.kind
            for one, found in judged(engine, at(day, "08:01"))
            if isinstance(found, Send) and one.created_at >= at(day, "00:00")
        ]
    assert mails == {
        "2026-12-04": [],
        FIVE_BEFORE: ["digest"],
        "2026-12-08": [],
        "2026-12-11": ["digest"],
        MONDAY: ["digest", "due"],
    }
    (line,) = said(engine, cast.social_worker, "digest", at("2026-12-11", "07:30"))
    assert line.words == f"{case.reference}: Finish the risk assessment, due on 14 December 2026"


def remind_five_days_before(engine: Engine, rows: Session, case: Case, **owner: UUID) -> None:
    """A duty that is due on the Monday, and the first look at it on the morning of its reminder."""
    open_duty(
        rows,
        opened=at("2026-11-30"),
        due=at(MONDAY, "23:59"),
        subject=case,
        case_id=case.id,
        given_by=owner.get("owner_id"),
        **owner,
    )
    tick(engine, at(FIVE_BEFORE, "00:05"))


@pytest.mark.parametrize("kind", ["digest", "due"])
def test_whoever_has_no_morning_message_is_reminded_by_e_mail(
    engine: Engine, rows: Session, cast: Cast, case: Case, kind: str
) -> None:
    """A kind that nobody can switch off counts as wanted, whatever stands there."""
    rows.add(MessagePreference(user_id=cast.social_worker.id, kind=kind, by_mail=False))
    rows.commit()
    remind_five_days_before(engine, rows, case, owner_id=cast.social_worker.id)
    found = [one for _, one in judged(engine, at(FIVE_BEFORE))]
    assert found == ([Send(cast.social_worker.email)] if kind == "digest" else [])


def test_a_deputy_is_reminded_before_the_day_of_what_somebody_who_is_away_has_to_do(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    away(rows, cast.social_worker, FIVE_BEFORE, MONDAY, cover=case, by=cast.chair)
    remind_five_days_before(engine, rows, case, owner_id=cast.social_worker.id)
    ((_, found),) = judged(engine, at(FIVE_BEFORE))
    assert isinstance(found, HandOn)
    assert found.user_id == cast.chair.id


def test_a_reminder_of_a_team_is_said_to_its_people_and_not_mailed_to_its_duty_address(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    remind_five_days_before(engine, rows, case, owner_team_id=cast.social_care_team.id)
    assert judged(engine, at(FIVE_BEFORE)) == []
    for person, lines_of in ((cast.social_worker, 1), (cast.chair, 1), (cast.officer, 0)):
        assert len(said(engine, person, "digest", at(FIVE_BEFORE, "07:30"))) == lines_of


@pytest.mark.parametrize("what", ["done", "moved", "handed over"])
def test_what_is_done_moved_or_handed_over_before_the_morning_is_not_said(
    engine: Engine, rows: Session, cast: Cast, case: Case, what: str
) -> None:
    remind_five_days_before(engine, rows, case, owner_id=cast.social_worker.id)
    (duty,) = rows.scalars(select(Deadline).where(Deadline.owner_id == cast.social_worker.id))
    assert said(engine, cast.social_worker, "digest", at(FIVE_BEFORE, "07:30"))
    if what == "done":
        duty.state = DeadlineState.DONE
    elif what == "moved":
        duty.due_at = at("2026-12-18", "23:59")
    else:
        duty.owner_id = cast.chair.id
    rows.commit()
    assert said(engine, cast.social_worker, "digest", at(FIVE_BEFORE, "07:30")) == []


def test_a_reminder_is_said_on_one_morning_only(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    remind_five_days_before(engine, rows, case, owner_id=cast.social_worker.id)
    look(engine, at(FIVE_BEFORE, "07:30"))
    assert said(engine, cast.social_worker, "digest", at("2026-12-08", "07:30")) == []


def test_whoever_wants_none_gets_none(engine: Engine, rows: Session, cast: Cast, duty: Deadline) -> None:
    rows.add(MessagePreference(user_id=cast.social_worker.id, kind="digest", by_mail=False))
    rows.commit()
    look(engine, at(MONDAY, "07:30"))
    assert queued(rows) == []


def test_what_arrives_during_the_day_makes_no_digest_of_that_day(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    open_duty(
        rows,
        opened=at(MONDAY, "10:00"),
        due=at(MONDAY, "18:00"),
        subject=case,
        case_id=case.id,
        owner_id=cast.social_worker.id,
    )
    look(engine, at(MONDAY, "10:01"))
    assert queued(rows) == []


def test_after_downtime_todays_digest_is_sent_and_yesterdays_is_not(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    look(engine, at(MONDAY, "07:30"))  # and the mail server was down until the next day
    look(engine, at(TUESDAY, "11:00"))
    found = [one for message, one in judged(engine, at(TUESDAY, "11:00")) if message.kind == "digest"]
    assert found == [Cancel(CancelReason.PAST_DAY), Send(cast.social_worker.email)]


def test_a_digest_with_nothing_left_to_say_is_not_sent(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    look(engine, at(MONDAY, "07:30"))
    duty.state = DeadlineState.DONE
    rows.commit()
    ((_, found),) = judged(engine, at(MONDAY, "07:31"))
    assert found == Cancel(CancelReason.NOTHING_DUE)


def test_nobody_reads_a_digest_for_somebody_who_is_away(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    look(engine, at(MONDAY, "07:30"))
    away(rows, cast.social_worker, MONDAY, MONDAY)
    ((_, found),) = judged(engine, at(MONDAY, "07:31"))
    assert found == Cancel(CancelReason.AWAY)


def test_a_manager_gets_what_is_overdue_in_the_team_once_a_week(
    engine: Engine, rows: Session, cast: Cast, case: Case, duty: Deadline
) -> None:
    weekly = ("team_digest", cast.social_care_manager.id)
    for moment, expected in (
        (at(MONDAY, "07:30"), 0),  # due today, and not overdue
        (at(TUESDAY, "07:30"), 0),
        (at("2026-12-21", "07:29"), 0),
        (at("2026-12-21", "07:30"), 1),
        (at("2026-12-22", "07:30"), 1),
        (at("2026-12-28", "09:00"), 1),  # a bank holiday
        (at("2026-12-29", "07:30"), 2),
    ):
        look(engine, moment)
        assert queued(rows).count(weekly) == expected, moment
    (late,) = said(engine, cast.social_care_manager, "team_digest", at("2026-12-21", "07:30"))
    assert (late.reference, late.overdue) == (case.reference, True)


def test_a_monday_that_was_missed_is_made_up_for_within_the_week(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    look(engine, at("2026-12-23", "10:00"))
    weekly = {
        message.recipient_id: found
        for message, found in judged(engine, at("2026-12-23", "10:00"))
        if message.kind == "team_digest"
    }
    assert weekly == {cast.social_care_manager.id: Send(cast.social_care_manager.email)}
