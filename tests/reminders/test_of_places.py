"""Reminders of an action on a place, and of a contact that has to be looked at again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.deadlines.model import Deadline
from portal.messages.vocabulary import HandReason
from portal.pathway.calendar import add_working_days, at_local
from portal.records.people.model import User
from portal.records.places.directory import add_contact
from portal.records.places.rules import Contact
from portal.reminders.claims import HandOn, Send
from tests.cast import Cast
from tests.factories.concerns import make_concern
from tests.plans.test_on_concerns import gives
from tests.reminders.travel import judged, tick, told

Acting = Callable[[User], AbstractContextManager[Principal]]


def test_whoever_owes_something_on_a_place_is_reminded_though_they_do_not_see_it(
    rows: Session, cast: Cast, acting: Acting, engine: Engine
) -> None:
    place = make_concern(rows, cast.officer)
    due = add_working_days(clock.today() + timedelta(days=10), 1)
    action = gives(acting, cast.officer, place, cast.nurse, due_on=due)
    duty = rows.scalars(select(Deadline).where(Deadline.subject_id == action.id)).one()
    morning = at_local(due, time(8, 30))
    _only(rows, duty)
    tick(engine, morning)
    assert [(rung, to) for rung, _, to in told(rows, duty)] == [("on_the_day", {cast.nurse.id})]
    assert Send(cast.nurse.email) in {standing for _, standing in judged(engine, morning)}
    place.sensitivity = 1  # nobody hears of what they may not see any more
    rows.commit()
    of_the_duty = {standing for message, standing in judged(engine, morning) if message.deadline_id}
    assert [one.reason for one in of_the_duty if isinstance(one, HandOn)] == [HandReason.NO_REACH]
    assert Send(cast.nurse.email) not in of_the_duty


def test_an_agency_is_reminded_of_its_contact_at_its_duty_address(
    rows: Session, cast: Cast, acting: Acting, engine: Engine
) -> None:
    said = Contact(district="erewash", role="community_safety", name="Quenby Tarrant", phone="01632 960321")
    with acting(cast.community_safety) as actor:
        entry_id = add_contact(actor=actor, said=said).id
    duty = rows.scalars(select(Deadline).where(Deadline.directory_id == entry_id)).one()
    _only(rows, duty)
    tick(engine, _morning_of(duty))
    assert [(rung, to) for rung, _, to in told(rows, duty)] == [("on_the_day", {cast.council_team.id})]


def _morning_of(duty: Deadline) -> datetime:
    return at_local(add_working_days(clock.local(duty.due_at).date() - timedelta(days=1), 1), time(8, 30))


def _only(rows: Session, duty: Deadline) -> None:
    """Nothing else is looked at."""
    rows.execute(
        text("update reminder_plan set look_at = '9999-01-01' where deadline_id <> :duty"), {"duty": duty.id}
    )
    rows.commit()
