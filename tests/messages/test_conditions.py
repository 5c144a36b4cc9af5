"""What must be told reaches somebody, whatever stands in the way, or is said to have reached nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Engine, select

from portal.messages.model import OutboxMessage
from portal.messages.vocabulary import CancelReason, HandReason
from portal.policy import current_policy
from portal.policy.telling import Tell
from portal.records.children.model import Child
from portal.records.people.model import Agency, Team, User
from portal.reminders.claims import Cancel, HandOn, Send, Standing, Waiting
from portal.vocabulary import Desk, RiskLevel, Sensitivity
from tests.assessments.conftest import assessed
from tests.factories.cases import grant
from tests.messages.crowd import Crowd, crowd
from tests.messages.test_rows_of_cases import warns
from tests.missing.conftest import reports
from tests.reminders.conftest import MORNING, behaviour, engine, morning, outbox, send
from tests.reminders.travel import away, judged, suspend
from tests.safety_plans.steps import begun, holds
from tests.told import page_words, untold

__all__ = ["behaviour", "crowd", "engine", "morning", "outbox", "send"]

#: A Sunday at one in the morning.
NIGHT = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)


def warning(crowd: Crowd) -> None:
    warns(crowd, "no_family_contact")


def level(crowd: Crowd) -> None:
    assessed(crowd.acting, crowd.cast.coordinator, crowd.case, RiskLevel.HIGH)


def safety_plan(crowd: Crowd) -> None:
    plan = begun(crowd.acting, crowd.cast.coordinator, crowd.case)
    holds(crowd.acting, crowd.cast.coordinator, crowd.case, plan)


def missing(crowd: Crowd) -> None:
    rows, cast = crowd.rows, crowd.cast
    rows.get_one(Team, cast.police_other_team.id).desks = [Desk.MISSING]
    rows.get_one(Agency, cast.social_care.id).authority = "derbyshire"
    rows.commit()
    reports(crowd.acting, cast.coordinator, child=rows.get_one(Child, crowd.case.child_id))


#: What happens, by the event that tells of it.
SCENES: dict[str, Callable[[Crowd], None]] = {
    "warning_set": warning,
    "level_raised": level,
    "safety_plan_in_force": safety_plan,
    "missing_reported": missing,
}
each = pytest.mark.parametrize("event", SCENES)


def becomes(
    crowd: Crowd, engine: Engine, event: str, at: datetime = MORNING
) -> list[tuple[Waiting, Standing]]:
    """What is to become of each e-mail of an event a minute after it was written."""
    found = judged(engine, at + timedelta(minutes=1))
    return [(message, standing) for message, standing in found if message.event == event]


def of(found: list[tuple[Waiting, Standing]], who: UUID) -> Standing:
    """What becomes of the one that was written for somebody."""
    (standing,) = [one for message, one in found if who in {message.recipient_id, message.recipient_team_id}]
    return standing


@each
@pytest.mark.usefixtures("morning")
def test_on_a_working_morning_everything_is_sent(crowd: Crowd, engine: Engine, event: str) -> None:
    SCENES[event](crowd)
    found = becomes(crowd, engine, event)
    assert found
    assert all(isinstance(one, Send) for _, one in found)


@each
@pytest.mark.usefixtures("morning")
def test_whoever_does_it_is_not_told(crowd: Crowd, event: str) -> None:
    SCENES[event](crowd)
    assert not [one for one in crowd.heard(event) if one.startswith("coordinator mail")]


@each
@pytest.mark.usefixtures("morning")
def test_for_whoever_is_away_it_goes_to_who_covers_the_case_else_to_their_team(
    crowd: Crowd, engine: Engine, event: str
) -> None:
    cast = crowd.cast
    away(crowd.rows, cast.nurse, "2026-11-24", "2026-11-27")
    away(crowd.rows, cast.officer, "2026-11-24", "2026-11-27", cover=crowd.case, by=cast.colleague)
    SCENES[event](crowd)
    found = becomes(crowd, engine, event)
    for person, stands_in in ((cast.nurse, cast.health_team.id), (cast.officer, cast.colleague.id)):
        standing = of(found, person.id)
        assert isinstance(standing, HandOn), standing
        assert (standing.reason, _to(standing)) == (HandReason.AWAY, stands_in)


@each
@pytest.mark.parametrize("reason", [HandReason.LEFT, HandReason.ADDRESS])
@pytest.mark.usefixtures("morning")
def test_for_whoever_left_or_whose_address_came_back_it_goes_to_their_team(
    crowd: Crowd, engine: Engine, event: str, reason: HandReason
) -> None:
    if reason is HandReason.ADDRESS:
        suspend(crowd.rows, crowd.cast.nurse)
    else:
        crowd.rows.get_one(User, crowd.cast.nurse.id).active = False
        crowd.rows.commit()
    SCENES[event](crowd)
    standing = of(becomes(crowd, engine, event), crowd.cast.nurse.id)
    assert isinstance(standing, HandOn), standing
    assert (standing.reason, _to(standing)) == (reason, crowd.cast.health_team.id)


@each
@pytest.mark.parametrize("held", [Sensitivity.RESTRICTED, Sensitivity.SEALED])
def test_of_a_case_that_is_held_closely_since_only_those_hear_who_read_it_and_the_hub_that_others_do_not(
    crowd: Crowd, engine: Engine, send: Callable[[], int], event: str, held: Sensitivity
) -> None:
    cast = crowd.cast
    SCENES[event](crowd)
    for person in (cast.social_worker, cast.coordinator):
        grant(crowd.rows, crowd.case, person, by=cast.coordinator)
    crowd.rows.get_one(type(crowd.case), crowd.case.id).sensitivity = int(held)
    crowd.rows.commit()
    found = becomes(crowd, engine, event)
    assert isinstance(of(found, cast.social_worker.id), Send)
    standing = of(found, cast.nurse.id)
    assert standing == Cancel(CancelReason.NO_REACH)
    send()
    assert (event, "worker", "no_reach") in untold(crowd.rows), "it is not dropped in silence"


def _to(standing: HandOn) -> UUID | None:
    return standing.user_id or standing.team_id


@pytest.mark.usefixtures("morning")
def test_where_there_is_nobody_the_page_says_so_and_the_hub_is_told(crowd: Crowd) -> None:
    cast = crowd.cast
    with crowd.acting(cast.coordinator):
        reports(crowd.acting, cast.coordinator, child=crowd.rows.get_one(Child, crowd.case.child_id))
        words = page_words()
    assert ("missing_reported", "police_desk", "nobody") in untold(crowd.rows)
    kinds = crowd.rows.scalars(select(OutboxMessage.kind).filter_by(recipient_team_id=cast.hub_team.id)).all()
    assert "nobody_told_urgent" in kinds
    assert "Not told: police missing desk" in words or words == ""


@each
def test_on_a_sunday_night_only_what_is_urgent_goes_out(crowd: Crowd, event: str) -> None:
    with time_machine.travel(NIGHT):
        SCENES[event](crowd)
        found = crowd.rows.scalars(select(OutboxMessage).filter_by(event=event, channel="mail")).all()
    assert found
    opens = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    for one in found:
        assert one.not_before == opens if not one.urgent else one.not_before < NIGHT + timedelta(minutes=5)


@contextmanager
def without(event: str, row: Tell) -> Iterator[None]:
    """The policy without one of its rows."""
    rows = current_policy().telling._by_event
    kept = rows[event]
    rows[event] = tuple(one for one in kept if one != row)  # type: ignore[index]  # a test changes what the program does not
    try:
        yield
    finally:
        rows[event] = kept  # type: ignore[index]  # likewise


ROWS = [(event, place) for event in SCENES for place in range(7)]


@pytest.mark.parametrize(("event", "place"), ROWS)
@pytest.mark.usefixtures("morning")
def test_without_its_row_nobody_on_a_ground_hears_of_it(crowd: Crowd, event: str, place: int) -> None:
    """So the test that drives the row (`rows.csv`) fails: it does not find what it is named for."""
    rows = [one for one in current_policy().telling.of(event) if one.kind]
    if place >= len(rows):
        pytest.skip("the event has no more rows")
    with without(event, rows[place]):
        SCENES[event](crowd)
    crowd.rows.rollback()
    told = set(crowd.rows.scalars(select(OutboxMessage.ground).filter_by(event=event)))
    assert told
    assert rows[place].to not in told
