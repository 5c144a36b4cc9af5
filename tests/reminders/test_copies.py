"""Minutes that were given and not opened: whoever chaired has it in a morning message, once for a meeting."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.access.principal import Principal
from portal.messages.model import MessagePreference, OutboxMessage, OutboxSubject
from portal.policy import current_policy
from portal.records.minutes import issues
from portal.records.minutes.model import MinutesCopy
from portal.records.people.model import User
from portal.reminders import mornings, unopened
from portal.reminders.digests import queue_digests
from tests.cast import Cast
from tests.meetings.days import acted
from tests.meetings.recorded import Recorded, make_recorded
from tests.reminders.conftest import engine
from tests.reminders.travel import at

__all__ = ["engine"]

Acting = Callable[[User], AbstractContextManager[Principal]]

WEDNESDAY = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
LAST_DAY, AFTER = "2026-12-09", "2026-12-10"


@pytest.fixture
def given(rows: Session, cast: Cast, acting: Acting) -> Recorded:
    """Minutes that were approved and given on a Wednesday to whom the council sent."""
    held = make_recorded(rows, cast)
    with acting(cast.chair) as actor:
        issues.approve(actor=actor, meeting=acted(held.meeting))
        issues.distribute(
            actor=actor, meeting=acted(held.meeting), invitation_ids=[held.council.id, held.day.chair.id]
        )
    for copy in rows.scalars(select(MinutesCopy)):
        copy.given_at = WEDNESDAY
    rows.commit()
    return held


def look(engine: Engine, moment: datetime) -> int:
    with time_machine.travel(moment, tick=False), engine.begin() as connection:
        return unopened.queue_unopened(connection)


def told(rows: Session) -> list[OutboxMessage]:
    rows.expire_all()
    return list(rows.scalars(select(OutboxMessage).filter_by(kind="minutes_unopened")))


def test_whoever_chaired_hears_after_five_working_days_that_somebody_has_not_opened_them(
    rows: Session, cast: Cast, engine: Engine, given: Recorded
) -> None:
    for day in ("2026-12-03", LAST_DAY):
        look(engine, at(day, "23:00"))
        assert told(rows) == [], day
    for moment in (at(AFTER, "00:10"), at(AFTER, "00:20"), at("2026-12-17", "09:00")):
        look(engine, moment)
    (one,) = told(rows)
    assert (one.recipient_id, one.channel) == (cast.chair.id, "digest")
    about = rows.get_one(OutboxSubject, one.id)
    assert (about.subject_kind, about.subject_id) == ("meeting", given.meeting.id)
    assert about.reference == given.meeting.reference
    with time_machine.travel(at(AFTER, "07:30"), tick=False), engine.begin() as connection:
        queue_digests(connection)
        lines = [line.words for line in mornings.news_lines(connection, cast.chair.id)]
    assert "Minutes that somebody has not opened: 1" in lines
    morning = select(OutboxMessage.recipient_id).filter_by(kind="digest")
    assert cast.chair.id in set(rows.scalars(morning))


def test_what_was_opened_in_time_or_is_the_own_copy_of_whoever_chaired_is_no_news(
    rows: Session, cast: Cast, engine: Engine, given: Recorded
) -> None:
    for copy in rows.scalars(select(MinutesCopy).filter_by(invitation_id=given.council.id)):
        copy.opened_at, copy.opened_by = at("2026-12-04"), cast.community_safety.id
    rows.commit()
    look(engine, at(AFTER, "09:00"))
    assert told(rows) == []


def test_whoever_has_switched_it_off_finds_it_in_the_portal_alone(
    rows: Session, cast: Cast, engine: Engine, given: Recorded
) -> None:
    rows.add(MessagePreference(user_id=cast.chair.id, kind="minutes_unopened", by_mail=False))
    rows.commit()
    look(engine, at(AFTER, "00:10"))
    assert [(one.recipient_id, one.channel) for one in told(rows)] == [(cast.chair.id, "portal")]


def test_whoever_chaired_and_has_left_is_not_told(
    rows: Session, cast: Cast, engine: Engine, given: Recorded
) -> None:
    rows.get_one(User, cast.chair.id).active = False
    rows.commit()
    assert look(engine, at(AFTER, "09:00")) == 0
    assert told(rows) == []


def test_old_minutes_are_nobodys_news(rows: Session, engine: Engine, given: Recorded) -> None:
    assert look(engine, at("2027-02-01", "09:00")) == 0


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 12, 10), date(2026, 12, 3)),  # given on the Wednesday before, its time is up
        (date(2026, 12, 12), date(2026, 12, 7)),  # what was given at the weekend counts from the Monday
        (date(2027, 1, 4), date(2026, 12, 23)),  # three days of Christmas and the weekends do not count
    ],
)
def test_working_days_are_counted_back(app: object, today: date, first: date) -> None:
    assert app
    assert unopened._first_day_in_time(current_policy().reminders.minutes_unopened, today) == first
