"""Claims about a due time that is moved: its reminders follow it, also where it comes near or lies back."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.records.people.model import User
from portal.records.referrals.model import Referral
from portal.records.triage.working import set_colour
from portal.vocabulary import TriageColour
from tests.cast import Cast
from tests.factories.cases import involve, make_case, make_child
from tests.factories.referrals import make_sent_referral
from tests.reminders.travel import at, look_from, move, open_duty, tick, told

Acting = Callable[[User], AbstractContextManager[Principal]]
OPENED, DUE = at("2026-12-01", "09:00"), at("2026-12-21", "23:59")


@pytest.fixture
def duty(rows: Session, cast: Cast) -> Deadline:
    """Of a worker, by the default ladder."""
    case = make_case(rows, make_child(rows), lead=cast.social_care, opened_by=cast.coordinator)
    involve(rows, case, cast.social_care_team, by=cast.coordinator)
    worker = cast.social_worker.id
    return open_duty(
        rows, opened=OPENED, due=DUE, subject=case, case_id=case.id, owner_id=worker, given_by=worker
    )


def test_to_later_begins_its_ladder_anew(engine: Engine, rows: Session, cast: Cast, duty: Deadline) -> None:
    tick(engine, at("2026-12-14"))
    move(rows, duty, at("2027-01-12", "23:59"), when=at("2026-12-15", "10:00"))
    for day in ("2026-12-15", "2026-12-18", "2026-12-21", "2027-01-05", "2027-01-11"):
        tick(engine, at(day, "10:00"))
    assert [(rung, moment) for rung, moment, _ in told(rows, duty)] == [
        ("five_days", at("2026-12-14")),
        ("five_days", at("2027-01-05", "10:00")),
        ("one_day", at("2027-01-11", "10:00")),
    ]


def test_to_the_very_day_is_brought_to_mind_at_once(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    noon = at("2026-12-08", "12:00")
    move(rows, duty, at("2026-12-08", "23:59"), when=noon)
    tick(engine, noon)
    assert told(rows, duty) == [("on_the_day", noon, {cast.social_worker.id})]


def test_to_a_day_that_is_over_tells_everybody_who_would_have_been_told_by_now(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    noon = at("2026-12-08", "12:00")
    move(rows, duty, at("2026-12-03", "23:59"), when=noon)
    tick(engine, noon)
    assert told(rows, duty) == [("manager", noon, {cast.social_worker.id, cast.social_care_manager.id})]
    tick(engine, at("2026-12-10"))
    assert told(rows, duty)[-1][:2] == ("lead", at("2026-12-10"))


def test_to_a_day_that_leaves_fewer_days_does_not_say_that_there_were_more(
    engine: Engine, rows: Session, cast: Cast, duty: Deadline
) -> None:
    noon = at("2026-12-08", "12:00")
    move(rows, duty, at("2026-12-10", "23:59"), when=noon)
    tick(engine, noon)
    assert told(rows, duty) == []
    tick(engine, at("2026-12-09"))
    assert [rung for rung, _, _ in told(rows, duty)] == ["one_day"]


RECEIVED = at("2026-12-08", "09:00")


@pytest.fixture
def form(rows: Session, cast: Cast) -> Deadline:
    """The duty to look at a green form that nobody has taken yet."""
    with time_machine.travel(RECEIVED, tick=False):
        referral = make_sent_referral(rows, cast.officer, colour=TriageColour.GREEN)
    return rows.scalars(
        select(Deadline).where(Deadline.kind == DeadlineKind.TRIAGE, Deadline.referral_id == referral.id)
    ).one()


@pytest.mark.parametrize(
    ("turned_red", "then"),
    [
        ("10:00", [("half_time", at("2026-12-08", "11:00")), ("late", at("2026-12-08", "13:00"))]),
        ("14:00", [("late", at("2026-12-08", "14:00"))]),
    ],
    ids=["in time", "after a red one would have been due"],
)
def test_a_form_that_turns_red_goes_by_the_ladder_of_red_forms(
    engine: Engine,
    rows: Session,
    cast: Cast,
    acting: Acting,
    form: Deadline,
    turned_red: str,
    then: list[object],
) -> None:
    moment = at("2026-12-08", turned_red)
    with time_machine.travel(moment, tick=False), acting(cast.coordinator) as actor:
        set_colour(
            actor=actor,
            referral=db.session.get_one(Referral, form.referral_id),
            colour=TriageColour.RED,
            reason="An adult waits outside the school",
            seen=TriageColour.GREEN,
        )
    look_from(rows, form, moment, since=moment)
    for hour in ("10:00", "11:00", "12:00", "13:00", "14:00"):
        tick(engine, at("2026-12-08", hour))
    assert [(rung, at_) for rung, at_, _ in told(rows, form)] == then
