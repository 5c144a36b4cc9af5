"""Claims about what is owed: every rung once, in order, at its time, however often and late one looks."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.models import Case
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.reminders.travel import at, open_duty, ticks, told


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
