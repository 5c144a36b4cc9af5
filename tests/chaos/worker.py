"""`flask worker` in a hurry: the worker of a deployment, with shorter pauses between runs and attempts."""

from dataclasses import replace
from datetime import timedelta

from flask.cli import FlaskGroup

from portal.reminders import outbox
from portal.reminders import worker as clockwork
from portal.reminders.worker import AnyTick
from wsgi import app

SECONDS = 1  # between the starts of two runs of a tick
STEPS = 5  # of which each takes at most MAIL_TIMEOUT: a lease


def _run_in_a_hurry(database_url: str, ticks: tuple[AnyTick, ...] = ()) -> None:
    _run(database_url, tuple(replace(tick, seconds=SECONDS) for tick in ticks))


if __name__ == "__main__":
    outbox.FIRST = timedelta(seconds=1)
    outbox.LONGEST = timedelta(seconds=4)
    outbox.LONGEST_URGENT = timedelta(seconds=2)
    outbox.STEPS = STEPS
    _run, clockwork.run = clockwork.run, _run_in_a_hurry
    FlaskGroup(create_app=lambda: app).main(["worker"])
