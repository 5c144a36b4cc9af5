"""Who has the record of a meeting open, as others there are told."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.records.people.model import User
from tests.cast import Cast
from tests.client import Client
from tests.meetings.days import make_day
from tests.meetings.typed import heading
from tests.statements import noted


def test_that_somebody_is_there_is_written_when_they_come_go_to_another_box_and_every_ten_seconds(
    app: Flask, rows: Session, cast: Cast, client_for: Callable[[User], Client]
) -> None:
    day = make_day(rows, cast)
    why, knows = (heading(rows, day.meeting, words) for words in ("Why we meet", "What each agency knows"))
    first, second = client_for(cast.coordinator), client_for(cast.chair)
    news = f"/meetings/{day.meeting.reference}/record/news"
    page, other = new_id(), new_id()

    def writes(box: UUID, *, seconds: int) -> bool:
        with time_machine.travel(began + timedelta(seconds=seconds), tick=False), noted(app) as sent:
            first.get(f"{news}?page={page}&in={box}")
        return any("INSERT INTO meeting_presence" in one for one in sent)

    began = clock.now()
    assert [writes(why, seconds=at) for at in (0, 4, 8, 12, 16)] == [True, False, False, True, False]
    assert writes(knows, seconds=17)
    told = second.get(f"{news}?page={other}").json or {}
    assert told["here"] == [f"{cast.coordinator.name} is writing in What each agency knows"]
