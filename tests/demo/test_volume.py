"""How many mails a working week of the demonstration brings, played by the clock through the real worker.

Nobody does anything in that week, so that everything that is owed comes to be due and late: it counts ladders
and digests alone. What people do brings mails of events besides, which are counted of the months before.
Noise is a fault too: nobody who works with children gets more than fifteen mails of either, but urgent ones.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, create_engine, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.demo import seed
from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import CancelReason, MessageChannel, MessageState
from portal.pathway.calendar import add_working_days, at_local, is_working_day
from portal.records.people.model import Agency, User
from portal.reminders.outbox import Outbox
from portal.reminders.worker import SENDING, TICKS, LongTick, run_once
from portal.vocabulary import Role, Sector
from tests import database
from tests.demo.addresses import set_addresses
from tests.reminders.conftest import outbox_at
from tests.reminders.mail_server import Arrived, Behaviour, listening

AT_MOST = 15
#: When the worker looks on each day: as it begins, for the morning message, for the day's reminders, and
#: while people are at work.
HOURS = (time(0, 1), time(7, 31), time(8, 1), time(10, 1), time(13, 1), time(16, 1))


@dataclass(frozen=True)
class Week:
    """What the mail server took in a week, by the address that it went to: the subjects of its e-mails."""

    mails: dict[str, Counter[str]]
    urgent: dict[str, int]


def mondays(day: date) -> Iterator[date]:
    """The Mondays after a day that begin a week of five working days."""
    first = day + timedelta(days=7 - day.weekday())
    for week in range(8):
        monday = first + timedelta(weeks=week)
        if all(is_working_day(monday + timedelta(days=number)) for number in range(5)):
            yield monday


@pytest.fixture(scope="module")
def loaded(session_app: Flask, owner: Engine) -> Iterator[Session]:
    """The demonstration, for this week alone: it goes on from where it was loaded."""
    with pytest.MonkeyPatch.context() as patch:
        set_addresses(patch)
        with database.owner_session(owner) as rows:
            seed.load(rows, session_app)
            yield rows
    database.empty(owner)


@pytest.fixture(scope="module")
def week(session_app: Flask, loaded: Session) -> Week:
    """The worker at work until the end of the first whole working week.

    What people did as the demonstration was made, and what of it waits for the morning, is not of that week,
    whichever day of the week that was: it goes nowhere.
    """
    engine = create_engine(session_app.config["DATABASE_WORKER_URL"])
    behaviour = Behaviour()
    monday = next(mondays(clock.today()))
    with listening(behaviour) as port:
        outbox = outbox_at(port, timeout=10)
        evening = at_local(monday - timedelta(days=1), time(20))
        waits = update(OutboxMessage).where(OutboxMessage.state == MessageState.OWED)
        loaded.execute(
            waits.values(state=MessageState.CANCELLED, settled_at=evening, outcome=CancelReason.DONE)
        )
        loaded.commit()
        play(engine, outbox, evening)
        for number in range(5):
            for hour in HOURS:
                play(engine, outbox, at_local(monday + timedelta(days=number), hour))
    engine.dispose()
    return counted(behaviour.arrived)


def play(engine: Engine, outbox: Outbox, moment: datetime) -> None:
    """Everything that the worker does, at one moment."""
    with time_machine.travel(moment, tick=False):
        for tick in (*TICKS, LongTick(SENDING, 5, outbox.send)):
            run_once(engine, tick)


def counted(arrived: list[Arrived]) -> Week:
    """What was urgent apart."""
    mails, urgent = defaultdict[str, Counter[str]](Counter), Counter[str]()
    for one in arrived:
        (address,), subject = one.to, str(one.message["Subject"])
        if one.message["Importance"] == "high":
            urgent[address] += 1
        else:
            mails[address][subject.removeprefix("OFFICIAL: ").partition(" (")[0]] += 1
    return Week(dict(mails), dict(urgent))


def test_what_is_due_and_late_brings_nobody_who_works_with_children_more_than_fifteen_mails_in_a_week(
    loaded: Session, week: Week
) -> None:
    people = loaded.execute(
        select(User.name, User.email, User.roles, Agency.sector)
        .join(Agency, Agency.id == User.agency_id)
        .where(User.active)
        .order_by(Agency.sector, User.name)
    ).all()
    count = {one.email: sum(week.mails.get(one.email, {}).values()) for one in people}
    for one in people:
        if count[one.email]:
            of = ", ".join(f"{subject}: {times}" for subject, times in week.mails[one.email].most_common())
            roles = "+".join(one.roles)
            print(f"{one.sector:14} {roles:24} {one.name:24} {count[one.email]:3} ({of})")
    practitioners = [one for one in people if set(one.roles) == {Role.PRACTITIONER.value}]
    assert any(one.sector == Sector.SOCIAL_CARE and count[one.email] for one in practitioners)
    assert {one.name: count[one.email] for one in practitioners if count[one.email] > AT_MOST} == {}


def test_what_lies_before_the_day_is_said_in_the_morning_and_not_mailed_one_by_one(
    loaded: Session, week: Week
) -> None:
    """Of everything that was mailed to a person in that week nothing was due after the next working day."""
    told = (
        select(OutboxMessage.channel, OutboxMessage.created_at, OutboxSubject.due_at)
        .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
        .where(
            OutboxMessage.recipient_id.is_not(None),
            OutboxMessage.state != MessageState.CANCELLED,
            ~OutboxMessage.urgent,
            OutboxMessage.kind.in_(["due", "meeting_soon"]),
            OutboxMessage.created_at > clock.now(),  # in the week that was played
        )
    )
    loaded.expire_all()
    found = Counter(
        row.channel
        for row in loaded.execute(told)
        if clock.local(row.due_at).date() > add_working_days(clock.local(row.created_at).date(), 1)
    )
    assert found.keys() == {MessageChannel.DIGEST}
    assert found[MessageChannel.DIGEST] > len(week.mails) // 2, "there was something to say"


def test_what_people_did_in_the_months_of_the_demonstration_brings_as_few_mails_of_events(
    loaded: Session,
) -> None:
    """Mails of events, urgent ones apart, that were queued for whoever works in social care, by weeks back
    from the day that it was loaded, whichever day of the week that is.
    """
    now = clock.now()
    queued = (
        select(User.name, OutboxMessage.created_at)
        .join(User, User.id == OutboxMessage.recipient_id)
        .join(Agency, Agency.id == User.agency_id)
        .where(
            OutboxMessage.event.is_not(None),
            OutboxMessage.created_at <= now,  # not in the week that was played
            OutboxMessage.channel == MessageChannel.MAIL,
            ~OutboxMessage.urgent,
            Agency.sector == Sector.SOCIAL_CARE,
            User.roles == [Role.PRACTITIONER.value],
        )
    )
    count = Counter((name, (now - at).days // 7) for name, at in loaded.execute(queued))
    print(count.most_common(10))
    assert len({week for _, week in count}) > 4, "of months, not of a day"
    assert {one: times for one, times in count.items() if times > AT_MOST} == {}
