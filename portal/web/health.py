"""What `/healthz` answers: a word for each part, and no data."""

from dataclasses import dataclass

from flask import current_app

from portal.messages import reading as lives
from portal.web import watching
from portal.web.uploads import scanner

OK, AWAY, NOT_THERE = "ok", "no answer", "not configured"


@dataclass(frozen=True)
class Health:
    """The state of each part, in a word."""

    signs: dict[str, str]
    well: bool


def vital_signs() -> Health:
    """Ask the database, when the worker last ran, what has waited too long, whether the hub was
    told whom nobody could tell, and the virus scanner.
    """
    if not lives.database_answers():
        return Health({"status": "failing", "database": AWAY}, well=False)
    now = watching.pulse_now()
    worker = "stopped" if now.stopped else OK
    messages = "waiting too long" if now.too_long else OK
    files, audit = _scanner(), "not sealed" if now.unsealed else OK
    hub = "not told" if lives.hub_not_told() else OK
    documents = "stopped" if watching.documents_stopped() else OK
    well = worker == messages == hub == audit == documents == OK and files != AWAY
    mail = OK if current_app.config.get("SMTP_HOST") else NOT_THERE
    signs = {
        "database": OK,
        "worker": worker,
        "messages": messages,
        "hub": hub,
        "audit": audit,
        "documents": documents,
        "mail": mail,
        "scanner": files,
    }
    return Health({"status": OK if well else "failing", **signs}, well)


def _scanner() -> str:
    """While it is away nobody can open a file that was added since."""
    asked = scanner()
    if asked is None:
        return NOT_THERE
    return OK if asked.is_there() else AWAY
