"""History is settled once, before the worker has ever run."""

from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import Heartbeat
from portal.demo.content import acting
from portal.demo.seed import settle
from portal.messages.vocabulary import MessageState
from tests.cast import Cast
from tests.factories.messages import make_message


def test_before_the_worker_ran_what_waits_is_history(rows: Session, cast: Cast) -> None:
    message = make_message(rows, cast.nurse, not_before=clock.now() - acting.DAY)
    settle(rows)
    rows.refresh(message)
    assert message.state == MessageState.ACCEPTED
    assert message.address == cast.nurse.email


def test_once_the_worker_has_run_what_waits_is_its_own(rows: Session, cast: Cast) -> None:
    message = make_message(rows, cast.nurse, not_before=clock.now() - acting.DAY)
    rows.add(Heartbeat(tick="any", beat_at=clock.now()))
    rows.commit()
    settle(rows)
    rows.refresh(message)
    assert message.state == MessageState.OWED
