"""Claims about several rungs that are owed at once: nobody is told twice in a minute, and nobody left out."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import CancelReason, HandReason, MessageChannel, MessageState, TellBy
from portal.policy import Policy, current_policy
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.reminders import owed
from portal.reminders.claims import Cancel, HandOn, Send
from portal.reminders.returns import address_failed
from portal.vocabulary import Role
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.messages import make_message
from tests.factories.people import make_user
from tests.reminders.travel import at, hand_over, judged, look_from, open_duty, tick, told

OPENED, DUE = at("2026-12-01", "09:00"), at("2026-12-14", "23:59")
FIVE_BEFORE, ON_THE_DAY = at("2026-12-07"), at("2026-12-14")


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    found = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, found, cast.social_care_team, by=cast.coordinator)
    return found


@pytest.fixture
def lead(rows: Session, cast: Cast) -> User:
    """Of social care, who is not the manager of its team."""
    found = make_user(rows, cast.social_care, "Lee Lead", Role.MANAGER)
    cast.social_care.lead_id = found.id
    rows.commit()
    return found


@pytest.fixture
def duty(rows: Session, cast: Cast, case: Case, lead: User) -> Deadline:
    """By the default ladder: five days and one day before, on the day, then the manager and the lead."""
    worker = cast.social_worker.id
    return open_duty(
        rows, opened=OPENED, due=DUE, subject=case, case_id=case.id, owner_id=worker, given_by=worker
    )


def by_rung(rows: Session, channel: MessageChannel = MessageChannel.MAIL) -> dict[str | None, set[str]]:
    """What became of the messages on each rung."""
    rows.expire_all()
    found: dict[str | None, set[str]] = {}
    for state, outcome, rung in rows.execute(
        select(OutboxMessage.state, OutboxMessage.outcome, OutboxSubject.rung)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(OutboxMessage.channel == channel)
    ):
        found.setdefault(rung, set()).add(f"{state} {outcome or ''}".strip())
    return found


def test_after_days_without_a_worker_one_message_tells_how_it_stands_now(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    late = at("2026-12-14", "09:30")
    tick(engine, late)
    assert told(rows, duty) == [("on_the_day", late, {cast.social_worker.id})]
    assert by_rung(rows) == {"on_the_day": {"owed"}}
    assert by_rung(rows, MessageChannel.DIGEST) == {
        "five_days": {"cancelled newer"},
        "one_day": {"cancelled newer"},
    }, "the others are kept, and say why they were not told"


def test_forty_eight_hours_of_downtime_delay_and_lose_nothing(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    tick(engine, FIVE_BEFORE)
    back = at("2026-12-13", "08:00")  # a Sunday, 48 hours after the next rung
    tick(engine, back)
    tick(engine, ON_THE_DAY)
    worker = {cast.social_worker.id}
    assert told(rows, duty) == [
        ("five_days", FIVE_BEFORE, worker),
        ("on_the_day", ON_THE_DAY, worker),
        ("one_day", ON_THE_DAY, worker),
    ]
    found = {message.rung: one for message, one in judged(engine, ON_THE_DAY)}
    assert found == {"on_the_day": Send(cast.social_worker.email)}, "by e-mail one, and on Monday"


def test_each_receiver_is_told_by_the_last_rung_that_names_them(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline, lead: User
) -> None:
    moment = at("2026-12-29", "10:00")
    tick(engine, moment)
    assert told(rows, duty) == [
        ("lead", moment, {lead.id}),
        ("manager", moment, {cast.social_worker.id, cast.social_care_manager.id}),
    ]


def test_the_people_of_a_team_are_shown_the_same_one(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    team = cast.social_care_team.id
    open_duty(rows, opened=OPENED, due=DUE, subject=case, case_id=case.id, owner_team_id=team)
    tick(engine, at("2026-12-14", "09:30"))
    assert by_rung(rows, MessageChannel.PORTAL) == {"on_the_day": {"shown"}}


def test_what_was_not_sent_because_of_a_later_rung_is_not_told_afterwards(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    tick(engine, at("2026-12-14", "09:30"))
    before = told(rows, duty)
    look_from(rows, duty, at("2026-12-14", "09:31"), told_until=None)  # as a change of the duty has it
    tick(engine, at("2026-12-14", "09:31"))
    assert told(rows, duty) == before


def test_a_mail_server_that_was_away_for_days_takes_the_last_one_only(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    for moment in (FIVE_BEFORE, ON_THE_DAY, at("2026-12-17")):
        tick(engine, moment)
    worker = cast.social_worker
    found = {
        message.rung: one
        for message, one in judged(engine, at("2026-12-17", "11:00"))
        if message.recipient_id == worker.id
    }
    assert found == {"on_the_day": Cancel(CancelReason.NEWER), "manager": Send(worker.email)}


def test_one_to_somebody_else_does_not_stand_for_it(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    tick(engine, ON_THE_DAY)
    tick(engine, at("2026-12-17"))
    tick(engine, at("2026-12-21"))
    found = {(message.rung, message.recipient_id): one for message, one in judged(engine, at("2026-12-21"))}
    assert found["manager", cast.social_care_manager.id] == Send(cast.social_care_manager.email)
    assert found["manager", cast.social_worker.id] == Send(cast.social_worker.email)


def test_one_that_waits_for_the_hours_does_not_stand_for_an_urgent_one(
    engine: Engine, rows: Session, cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owed, "current_policy", _with_an_urgent_second_rung(current_policy()))
    worker = cast.social_worker.id
    duty = open_duty(
        rows, opened=OPENED, due=DUE, subject=case, case_id=case.id, owner_id=worker, given_by=worker
    )
    night = at("2026-12-14", "02:00")
    tick(engine, night)
    assert told(rows, duty) == [("one_day", night, {worker})]


def _with_an_urgent_second_rung(policy: Policy) -> Callable[[], Policy]:
    default = next(ladder for ladder in policy.reminders.ladders if ladder.code == "default")
    rungs = tuple(
        replace(rung, kind="due_urgent", by=TellBy.MAIL) if rung.code == "one_day" else rung
        for rung in default.rungs
    )
    assert rungs != default.rungs
    others = [ladder for ladder in policy.reminders.ladders if ladder.code != "default"]
    ladders = type(policy.reminders.ladders)((*others, replace(default, rungs=rungs)))
    return lambda: replace(policy, reminders=replace(policy.reminders, ladders=ladders))


def test_a_reminder_that_came_back_goes_to_the_next_and_is_still_known_for_whom_it_was(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    tick(engine, ON_THE_DAY)
    (message,) = rows.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.OWED))
    message.address = cast.social_worker.email
    for state in (MessageState.QUEUED, MessageState.REFUSED):
        message.state = state
        rows.commit()
    later = at("2026-12-14", "08:05")
    with time_machine.travel(later, tick=False), engine.begin() as connection:
        address_failed(connection, message.id, code="550 5.1.1")
    (again,) = (one for waiting, one in judged(engine, later) if waiting.key == f"{message.key}:again")
    assert isinstance(again, HandOn)
    assert (again.team_id, again.reason) == (cast.social_care_team.id, HandReason.ADDRESS)
    hand_over(rows, duty, when=at("2026-12-14", "08:06"), owner_id=cast.chair.id)
    (again,) = (one for waiting, one in judged(engine, later) if waiting.key == f"{message.key}:again")
    assert again == Cancel(CancelReason.HANDED_OVER)


def test_whoever_leads_a_case_from_now_on_is_told_of_the_whole_and_not_of_each_duty(
    engine: Engine, rows: Session, cast: Cast, case: Case, duty: Deadline
) -> None:
    given = at("2026-12-02", "10:00")
    hand_over(rows, duty, when=given, by=cast.coordinator.id, owner_id=cast.chair.id)
    tick(engine, given)

    def of_duty() -> list[object]:
        return [found for waiting, found in judged(engine, given) if waiting.deadline_id == duty.id]

    assert of_duty() == [Send(cast.chair.email)]
    about = {"subject_kind": "cre_case", "subject_id": case.id, "case_id": case.id}
    make_message(rows, cast.chair, kind="lead_given", about=about, created_at=given, next_try_at=given)
    assert of_duty() == [Cancel(CancelReason.TOLD_ALREADY)]
