"""What `/healthz` answers: a word for each part, and no data."""

from dataclasses import dataclass

from flask import current_app

from portal import clock
from portal.policy import current_policy
from portal.queries import message_life as lives
from portal.reminders import pulse

OK = "ok"


@dataclass(frozen=True)
class Health:
    """The state of each part, in a word."""

    signs: dict[str, str]
    well: bool


def vital_signs() -> Health:
    """Ask the database, when the worker last ran, and how long messages have waited."""
    if not lives.database_answers():
        return Health({"status": "failing", "database": "no answer"}, well=False)
    now = clock.now()
    worker = "stopped" if pulse.stopped(lives.beats(), now) else OK
    late = pulse.waits_too_long(lives.oldest_waiting(), now, current_policy())
    messages = "waiting too long" if late else OK
    well = worker == messages == OK
    mail = OK if current_app.config.get("SMTP_HOST") else "not configured"
    signs = {"database": OK, "worker": worker, "messages": messages, "mail": mail}
    return Health({"status": OK if well else "failing", **signs}, well)
