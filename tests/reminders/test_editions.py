"""Claims about a new edition of the policy: steps to come follow it, and nothing is told twice."""

from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.deadlines.model import Deadline
from portal.policy import Policy, current_policy
from portal.policy.telling import Ladder
from portal.reminders import owed
from portal.reminders.owed import look_again_for_policy
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.reminders.travel import at, open_duty, tick, told

OPENED, DUE = at("2026-12-01", "09:00"), at("2026-12-14", "23:59")
NEW_EDITION = at("2026-12-08", "10:00")


@pytest.fixture
def duty(rows: Session, cast: Cast) -> Deadline:
    """Of a worker, by the default ladder."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    worker = cast.social_worker.id
    return open_duty(
        rows, opened=OPENED, due=DUE, subject=case, case_id=case.id, owner_id=worker, given_by=worker
    )


def edition(days: int) -> Policy:
    """Another edition, in which the step of the day before falls so many working days before."""
    policy = current_policy()
    ladders = tuple(_changed(ladder, days) for ladder in policy.reminders.ladders)
    reminders = replace(policy.reminders, ladders=type(policy.reminders.ladders)(ladders))
    return replace(policy, version="2026-12-08.other", reminders=reminders)


def _changed(ladder: Ladder, days: int) -> Ladder:
    rungs = (replace(rung, value=days) if rung.code == "one_day" else rung for rung in ladder.rungs)
    return replace(ladder, rungs=tuple(rungs))


@pytest.mark.parametrize(
    ("days", "then"),
    [(3, at("2026-12-09")), (4, NEW_EDITION)],
    ids=["still to come", "passed already"],
)
def test_steps_follow_a_new_edition_within_the_next_look_and_what_was_told_is_not_told_again(
    engine: Engine,
    rows: Session,
    cast: Cast,
    duty: Deadline,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    then: object,
) -> None:
    tick(engine, at("2026-12-07"))
    changed = edition(days)
    monkeypatch.setattr(owed, "current_policy", lambda: changed)
    with time_machine.travel(NEW_EDITION, tick=False), engine.begin() as connection:
        assert look_again_for_policy(connection) >= 1
        assert look_again_for_policy(connection) == 0
    for moment in (NEW_EDITION, at("2026-12-09"), at("2026-12-10"), at("2026-12-11"), at("2026-12-14")):
        tick(engine, moment)
    assert [(rung, at_) for rung, at_, _ in told(rows, duty)] == [
        ("five_days", at("2026-12-07")),
        ("one_day", then),
        ("on_the_day", at("2026-12-14")),
    ]
