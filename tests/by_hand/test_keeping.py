"""Saying that somebody was told ends the duty; it is put right with what it said before, or is not needed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.permissions import Forbidden
from portal.changes.errors import Conflict, DomainError
from portal.deadlines.model import Deadline
from portal.records.by_hand.keeping import correct_telling, drop, record_telling
from portal.records.by_hand.model import ByHandChange, ToldByHand
from portal.records.by_hand.rules import Telling
from portal.records.by_hand.vocabulary import Way
from portal.records.people.model import User
from tests.by_hand.steps import Acting, now, to_be_told
from tests.cast import Cast

PHONE, LETTER = Way.PHONE, Way.LETTER


@pytest.fixture
def told(rows: Session, cast: Cast, acting: Acting) -> ToldByHand:
    return to_be_told(rows, cast, acting)


def said(way: Way = PHONE, days_ago: int = 0, by: str = "Corin Coordinator") -> Telling:
    return Telling(told_on=clock.today() - timedelta(days=days_ago), way=way, told_by=by)


def does(
    acting: Acting, who: User, told: ToldByHand, step: Callable[..., None], version: int, **more: Any
) -> None:
    with acting(who) as actor:
        step(actor=actor, told=now(told), version=version, **more)


def duty(rows: Session, told: ToldByHand) -> Deadline:
    rows.rollback()
    return rows.scalars(select(Deadline).filter_by(subject_id=told.id)).one()


def test_whoever_owes_it_says_that_they_told_them_and_owes_it_no_more(
    rows: Session, cast: Cast, acting: Acting, told: ToldByHand
) -> None:
    assert duty(rows, told).state == "open"
    does(acting, cast.coordinator, told, record_telling, 1, said=said())
    rows.rollback()
    found = rows.get_one(ToldByHand, told.id)
    assert (found.told_on, found.way, found.told_by) == (clock.today(), "phone", "Corin Coordinator")
    assert (found.recorded_by, found.version) == (cast.coordinator.id, 2)
    assert duty(rows, told).state == "done"


def test_the_same_said_twice_is_recorded_once_and_something_else_meanwhile_is_a_conflict(
    rows: Session, cast: Cast, acting: Acting, told: ToldByHand
) -> None:
    for _ in range(2):
        does(acting, cast.coordinator, told, record_telling, 1, said=said())
    with pytest.raises(Conflict):
        does(acting, cast.second_coordinator, told, record_telling, 1, said=said(LETTER))
    rows.rollback()
    assert rows.get_one(ToldByHand, told.id).way == "phone"


def test_what_was_recorded_is_put_right_and_what_it_said_before_stays(
    rows: Session, cast: Cast, acting: Acting, told: ToldByHand
) -> None:
    with pytest.raises(DomainError, match="Nothing is recorded yet"):
        does(acting, cast.coordinator, told, correct_telling, 1, said=said())
    does(acting, cast.coordinator, told, record_telling, 1, said=said())
    does(acting, cast.second_coordinator, told, correct_telling, 2, said=said(LETTER, by="Somebody else"))
    rows.rollback()
    before = rows.scalars(select(ByHandChange)).one()
    assert (before.way, before.told_by, before.recorded_by) == (
        "phone",
        "Corin Coordinator",
        cast.coordinator.id,
    )
    assert before.corrected_by == cast.second_coordinator.id
    assert rows.get_one(ToldByHand, told.id).way == "letter"


@pytest.mark.parametrize(
    ("telling", "why"),
    [
        (said(days_ago=-1), "in the past|past, or today"),
        (said(days_ago=1), "before there was anything"),
        (said(by=" "), "who told them"),
    ],
)
def test_what_cannot_be_so_is_refused(
    rows: Session, cast: Cast, acting: Acting, told: ToldByHand, telling: Telling, why: str
) -> None:
    with pytest.raises(DomainError, match=why):
        does(acting, cast.coordinator, told, record_telling, 1, said=telling)
    assert duty(rows, told).state == "open"


def test_who_need_not_be_told_is_dropped_with_a_reason_and_cannot_be_told_then(
    rows: Session, cast: Cast, acting: Acting, told: ToldByHand
) -> None:
    with pytest.raises(DomainError, match="Say why"):
        does(acting, cast.coordinator, told, drop, 1, reason=" ")
    does(acting, cast.coordinator, told, drop, 1, reason="The number does not exist")
    assert duty(rows, told).state == "cancelled"
    with pytest.raises(DomainError, match="said already why"):
        does(acting, cast.coordinator, told, record_telling, 2, said=said())


def test_who_was_told_is_not_dropped(rows: Session, cast: Cast, acting: Acting, told: ToldByHand) -> None:
    does(acting, cast.coordinator, told, record_telling, 1, said=said())
    with pytest.raises(DomainError, match="have been told"):
        does(acting, cast.coordinator, told, drop, 2, reason="Not needed")
    assert duty(rows, told).state == "done"


def test_another_agency_does_not_say_it(cast: Cast, acting: Acting, told: ToldByHand) -> None:
    for step, more in ((record_telling, {"said": said()}), (drop, {"reason": "No"})):
        with acting(cast.officer) as actor, pytest.raises(Forbidden):
            step(actor=actor, told=told, version=1, **more)
