"""What `/healthz` answers: a word for each part, and no data."""

from dataclasses import dataclass

from flask import current_app

from portal.queries import message_life as lives
from portal.web import watching

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
    now = watching.pulse_now()
    worker = "stopped" if now.stopped else OK
    messages = "waiting too long" if now.too_long else OK
    well = worker == messages == OK
    mail = OK if current_app.config.get("SMTP_HOST") else "not configured"
    signs = {"database": OK, "worker": worker, "messages": messages, "mail": mail}
    return Health({"status": OK if well else "failing", **signs}, well)
