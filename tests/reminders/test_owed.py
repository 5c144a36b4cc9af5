"""Claims about what is owed: every rung once, in order, at its time, however often and late one looks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.deadlines import rules as deadlines
from portal.deadlines.model import Deadline
from portal.deadlines.rules import DueStep, Duty
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageChannel
from portal.policy.telling import Ladder, SendingHours
from portal.records.cases.model import Case
from portal.reminders.receivers import Directory
from portal.reminders.writing import Receiver
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.reminders.travel import at, look_from, open_duty, tick, ticks, told


@pytest.fixture
def case(rows: Session, cast: Cast) -> Case:
    found = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, found, cast.social_care_team, by=cast.coordinator)
    return found


def test_every_rung_of_the_default_ladder_is_told_once_in_order(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    worker, manager = cast.social_worker.id, cast.social_care_manager.id
    duty = open_duty(
        rows,
        opened=at("2026-12-07", "09:00"),
        due=at("2026-12-21", "23:59"),
        subject=case,
        case_id=case.id,
        owner_id=worker,
        given_by=cast.coordinator.id,
    )
    start = at("2026-12-07", "09:00")
    ticks(engine, (start + timedelta(hours=hours) for hours in range(24 * 25)))
    assert told(rows, duty) == [
        ("given", at("2026-12-07", "09:00"), {worker}),
        ("five_days", at("2026-12-14"), {worker}),
        ("one_day", at("2026-12-18"), {worker}),
        ("on_the_day", at("2026-12-21"), {worker}),
        ("manager", at("2026-12-24"), {worker, manager}),
        ("lead", at("2026-12-30"), {manager}),
    ]


OPENED, DUE = at("2026-12-07", "09:00"), at("2026-12-21", "23:59")


def duty_of(rows: Session, cast: Cast, case: Case, *, due: datetime = DUE) -> Deadline:
    return open_duty(
        rows,
        opened=OPENED,
        due=due,
        subject=case,
        case_id=case.id,
        owner_id=cast.social_worker.id,
        given_by=cast.coordinator.id,
    )


def no_steps(patch: pytest.MonkeyPatch, broken: Deadline) -> None:
    steps, due = deadlines.steps, broken.due_at

    def some(ladder: Ladder, hours: SendingHours, duty: Duty) -> tuple[DueStep, ...]:
        if duty.due_at == due:
            raise OverflowError
        return steps(ladder, hours, duty)

    patch.setattr(deadlines, "steps", some)


def no_receivers(patch: pytest.MonkeyPatch, broken: Deadline) -> None:
    of, number = Directory.of, broken.id

    def some(self: Directory, duty: Any, wanted: Any) -> list[Receiver]:
        if duty.id == number:
            raise KeyError(number)
        return of(self, duty, wanted)

    patch.setattr(Directory, "of", some)


@pytest.mark.parametrize("fault", [no_steps, no_receivers])
def test_a_duty_that_cannot_be_told_of_holds_up_no_other_and_is_told_of_when_it_can_be(
    fault: Callable[[pytest.MonkeyPatch, Deadline], None],
    engine: Engine,
    rows: Session,
    cast: Cast,
    case: Case,
) -> None:
    broken = duty_of(rows, cast, case, due=DUE - timedelta(minutes=1))
    others = [duty_of(rows, cast, case) for _ in range(5)]
    for duty in (broken, *others):
        look_from(rows, duty, OPENED)
    with pytest.MonkeyPatch.context() as patch:
        fault(patch, broken)
        tick(engine, OPENED)
    assert all(told(rows, duty) for duty in others)
    assert not told(rows, broken)
    tick(engine, OPENED + timedelta(minutes=59))
    assert not told(rows, broken), "not before somebody may have mended it"
    tick(engine, OPENED + timedelta(hours=1))
    assert [rung for rung, _, _ in told(rows, broken)] == ["given"], "it was taken to have been told"


def test_a_tick_that_can_write_nothing_fails_so_that_the_health_page_says_so(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    broken = duty_of(rows, cast, case)
    with pytest.MonkeyPatch.context() as patch:
        no_receivers(patch, broken)
        with pytest.raises(RuntimeError):
            tick(engine, OPENED)
    tick(engine, OPENED)
    assert told(rows, broken)


def test_whoever_is_written_to_as_the_manager_is_not_shown_the_same_duty_as_one_of_the_team(
    engine: Engine, rows: Session, cast: Cast, case: Case
) -> None:
    """After days without a worker the manager is owed an earlier step than the team: each is told once."""
    duty = open_duty(
        rows,
        opened=at("2026-11-02", "09:00"),
        due=at("2026-12-20", "23:59"),  # a Sunday: what is told on the day is told on the Friday before
        subject=case,
        case_id=case.id,
        kind="order_expiry",
        owner_team_id=cast.social_care_team.id,
    )
    ticks(engine, [at("2026-12-18", "12:00")])
    ((_, _, mailed), *_) = [one for one in told(rows, duty) if one[0] == "five_days"]
    assert cast.social_care_manager.id in mailed
    shown = rows.scalars(
        select(OutboxMessage.recipient_id)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(OutboxSubject.deadline_id == duty.id, OutboxMessage.channel == MessageChannel.PORTAL)
    ).all()
    assert cast.social_worker.id in shown
    assert cast.social_care_manager.id not in shown
