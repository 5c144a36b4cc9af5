"""What the tests of sending share: a mail server, the database as the worker, a moment within the hours."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, create_engine

from portal.reminders.mail import Envelope
from portal.reminders.outbox import Outbox
from portal.reminders.smtp import MailServer
from tests.reminders.mail_server import HOST, Behaviour, listening

MORNING = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)  # a Wednesday
ENVELOPE = Envelope(
    portal="https://portal.example",
    service="Derby and Derbyshire CRE portal",
    sender="portal@portal.example",
    returns="returns@portal.example",
    organiser="meetings@portal.example",
    secret="for tests only, and long enough to be one",
)


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    """The database as the worker."""
    engine = create_engine(app.config["DATABASE_WORKER_URL"])
    yield engine
    engine.dispose()


@pytest.fixture
def morning() -> Iterator[time_machine.Traveller]:
    """A working day at ten, which goes on as fast as it does."""
    with time_machine.travel(MORNING) as traveller:
        yield traveller


@pytest.fixture
def behaviour() -> Behaviour:
    """What the mail server does, and what it took."""
    return Behaviour()


@pytest.fixture
def outbox(behaviour: Behaviour) -> Iterator[Outbox]:
    """Sending to that mail server."""
    with listening(behaviour) as port:
        yield outbox_at(port)


def outbox_at(port: int, *, timeout: int = 1) -> Outbox:
    """Sending to a mail server on this machine."""
    server = MailServer(
        host=HOST,
        port=port,
        security="none",
        user="",
        password="",
        ca=None,
        timeout=timeout,
        domain="portal.example",
    )
    return Outbox(server, ENVELOPE)


Send = Callable[[], int]


@pytest.fixture
def send(outbox: Outbox, engine: Engine, morning: time_machine.Traveller) -> Send:
    """One run of the worker's tick, on a working morning."""
    return lambda: outbox.send(engine)
