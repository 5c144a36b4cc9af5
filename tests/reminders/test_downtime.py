"""Claims about workers that are down for a while, whenever that is: it delays reminders, and loses none."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.messages.model import OutboxMessage, OutboxSubject
from portal.messages.vocabulary import MessageChannel, MessageState, TellBy
from portal.policy import load
from portal.policy.telling import Ladder
from tests.cast import Cast
from tests.policy.editing import SHIPPED
from tests.reminders import almanac
from tests.reminders.scene import Scene, make_scene
from tests.reminders.travel import at, tick

REMINDERS = load(SHIPPED).reminders
OPENED, DUE, END = at("2027-02-22", "09:00"), at("2027-03-30", "17:00"), at("2027-05-01")
PAUSES = (timedelta(minutes=5), timedelta(hours=7), timedelta(hours=48), timedelta(days=6))


@pytest.fixture
def scene(rows: Session, cast: Cast) -> Scene:
    return make_scene(rows, cast)


def moments(number: int) -> Iterator[datetime]:
    """When a worker happens to look: sometimes every few minutes, sometimes not for days; at last it does."""
    chance, moment = Random(number), OPENED  # noqa: S311 - the same at every run
    while moment < END:
        yield moment
        moment += chance.choice(PAUSES)
    yield END


@pytest.mark.parametrize("ladder", REMINDERS.ladders.offered, ids=lambda ladder: ladder.code)
def test_whenever_workers_look_everybody_is_told_how_it_stands_and_nobody_twice(
    engine: Engine, rows: Session, scene: Scene, ladder: Ladder
) -> None:
    for number in range(4):
        duty = scene.open(ladder, DUE, OPENED)
        looks = list(moments(number))
        for moment in looks:
            tick(engine, moment)
        rows.expire_all()
        written = rows.execute(
            select(OutboxMessage, OutboxSubject.rung)
            .join(OutboxSubject, OutboxSubject.message_id == OutboxMessage.id)
            .where(OutboxSubject.deadline_id == duty.id, OutboxMessage.channel != MessageChannel.PORTAL)
        ).all()
        by_rung = {
            (rung, message.recipient_id or message.recipient_team_id): message for message, rung in written
        }
        assert len(by_rung) == len(written), "each rung once to each receiver"
        expected: dict[tuple[str | None, UUID | None], datetime] = {
            (rung.code, receiver): almanac.falls(rung, REMINDERS.hours, due=DUE, opened=OPENED)
            for rung in ladder.rungs
            for recipient in rung.to
            for receiver in (scene.people if rung.by is TellBy.MAIL else scene.people | scene.in_the_morning)[
                recipient
            ]
        }
        assert by_rung.keys() == expected.keys(), "nothing is lost"
        for key, message in by_rung.items():
            first_look = next(look for look in looks if look >= expected[key])
            assert message.created_at == first_look, "what fell while nobody looked is owed at the next look"
        live = [  # that a paper lacks is another thing than that the meeting is soon
            (receiver, message.created_at, message.kind)
            for (_, receiver), message in by_rung.items()
            if message.state != MessageState.CANCELLED
        ]
        assert set(Counter(live).values()) == {1}, "one message of a kind at a time to one person"
        order = [rung.code for rung in ladder.rungs]
        for receiver in {receiver for _, receiver in expected}:
            last = max(
                (key for key in expected if key[1] == receiver),
                key=lambda key: (expected[key], order.index(str(key[0]))),
            )
            by = by_rung[last].channel
            waits = MessageState.OWED if by == MessageChannel.MAIL else MessageState.SHOWN
            assert by_rung[last].state == waits, "how it stands at last is told"
