"""The hub hears in the morning that a date of a level passed and nobody looked at it again."""

from datetime import datetime

import pytest
import time_machine
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineState
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.reminders.digests import lines
from portal.vocabulary import Sensitivity
from tests.assessments.conftest import case_of_three
from tests.cast import Cast
from tests.factories.cases import grant
from tests.reminders.travel import at, mailed, open_duty, tick, told

DUE = at("2026-12-16", "23:59")  # a Wednesday
NEXT_MORNING = at("2026-12-17", "08:00")


def owed(rows: Session, cast: Cast, case: Case, kind: str) -> Deadline:
    return open_duty(
        rows,
        opened=at("2026-12-01", "09:00"),
        due=DUE,
        subject=case,
        case_id=case.id,
        kind=kind,
        source="levels.high",
        owner_id=cast.social_worker.id,
        given_by=cast.coordinator.id,
    )


def in_the_digest(engine: Engine, moment: datetime, person: User) -> list[str]:
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        return [line.words for line in lines(connection, person.id, "digest")]


@pytest.mark.parametrize("kind", ["review", "meeting"])
def test_the_hub_hears_in_the_morning_that_the_date_of_a_level_has_passed(
    engine: Engine, rows: Session, cast: Cast, kind: str
) -> None:
    case = case_of_three(rows, cast)
    duty = owed(rows, cast, case, kind)
    tick(engine, DUE)
    hub = {cast.coordinator.id, cast.second_coordinator.id}
    assert not any(to & hub for _, _, to in told(rows, duty)), "until then it is in time"
    tick(engine, NEXT_MORNING)
    assert ("hub", NEXT_MORNING, hub) in told(rows, duty)
    assert "hub" not in mailed(rows, duty), "it is a line of the morning message"
    (line,) = in_the_digest(engine, NEXT_MORNING, cast.coordinator)
    assert case.reference in line
    assert "overdue since 16 December 2026" in line


def test_where_it_was_looked_at_the_hub_reads_nothing_of_it(
    engine: Engine, rows: Session, cast: Cast
) -> None:
    duty = owed(rows, cast, case_of_three(rows, cast), "review")
    tick(engine, NEXT_MORNING)
    duty.state, duty.ended_at = DeadlineState.DONE, NEXT_MORNING
    rows.commit()
    assert in_the_digest(engine, NEXT_MORNING, cast.coordinator) == []


def test_of_a_sealed_case_the_hub_reads_nothing(engine: Engine, rows: Session, cast: Cast) -> None:
    case = case_of_three(rows, cast)
    for person in (cast.social_worker, cast.second_coordinator):
        grant(rows, case, person, by=cast.coordinator)
    case.sensitivity = int(Sensitivity.SEALED)
    rows.commit()
    owed(rows, cast, case, "review")
    tick(engine, NEXT_MORNING)
    assert in_the_digest(engine, NEXT_MORNING, cast.coordinator) == []
    assert in_the_digest(engine, NEXT_MORNING, cast.officer) == []
