"""What whoever watches over the portal asks to see: how the worker is, and what `/healthz` answers, a word
for each part and no data.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from portal import clock
from portal.documents import jobs as document_jobs
from portal.messages import reading as lives
from portal.messages import reading as messages
from portal.policy import current_policy
from portal.reminders import measures
from portal.web.uploads import scanner


@dataclass(frozen=True)
class Pulse:
    """Whether reminders run, and whether messages wait."""

    last_ran: datetime | None
    stopped: tuple[str, ...]
    oldest: datetime | None  # since when the message that has waited longest should have gone out
    too_long: bool
    unsealed: bool  # a row of the audit trail has waited too long, or where the trail stands is not noted


def pulse_now() -> Pulse:
    """How the worker is at this moment."""
    beats, oldest, now = messages.beats(), messages.oldest_waiting(), clock.now()
    stopped = measures.stopped(beats, now, patience=current_app.config["WORKER_SILENCE"])
    return Pulse(
        last_ran=measures.last_ran(beats),
        stopped=stopped,
        oldest=oldest,
        too_long=measures.waits_too_long(oldest, now, current_policy()),
        unsealed=not measures.KEEPING_TRAIL.isdisjoint(stopped)
        or messages.seal_lag() > current_app.config["AUDIT_SEAL_LAG"],
    )


def documents_stopped() -> bool:
    """Whether no process makes long documents: none has said for too long that it is there."""
    last = messages.beats().get(document_jobs.NAME)
    return last is None or clock.now() - last > current_app.config["WORKER_SILENCE"]


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
    now = pulse_now()
    worker = "stopped" if now.stopped else OK
    messages = "waiting too long" if now.too_long else OK
    files, audit = _scanner(), "not sealed" if now.unsealed else OK
    hub = "not told" if lives.hub_not_told() else OK
    documents = "stopped" if documents_stopped() else OK
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
