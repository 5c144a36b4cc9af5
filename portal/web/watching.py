"""What whoever watches over the portal asks to see: messages, how the worker is, and what `/healthz`
answers, a word for each part and no data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, url_for

from portal import clock
from portal.documents import jobs as document_jobs
from portal.messages import reading as lives
from portal.messages import reading as messages
from portal.messages.reading import Wanted
from portal.messages.vocabulary import MessageState
from portal.pathway.characters import identifier
from portal.pathway.references import read_reference
from portal.policy import current_policy
from portal.reminders import measures
from portal.web.uploads import scanner

#: In which order the states are offered: first what needs somebody.
_STATES = (
    MessageState.DEAD,
    MessageState.REFUSED,
    MessageState.OWED,
    MessageState.QUEUED,
    MessageState.ACCEPTED,
    MessageState.CANCELLED,
    MessageState.SHOWN,
)


@dataclass(frozen=True)
class Asked:
    """What somebody asked to see, as the filter shows it again."""

    wanted: Wanted
    reference: str  # as it was typed

    @property
    def known(self) -> bool:
        """Whether what was typed can be a reference at all."""
        return not self.reference or self.wanted.reference is not None

    @property
    def chosen(self) -> bool:
        """Whether anything was chosen or typed."""
        return self.wanted.chosen or bool(self.reference)

    @property
    def query(self) -> dict[str, str]:
        """What stands in the address of the page."""
        wanted = self.wanted
        said = {
            "state": wanted.state.value if wanted.state else "",
            "kind": wanted.kind or "",
            "team": str(wanted.team_id or ""),
            "reference": wanted.reference or self.reference,
        }
        return {name: value for name, value in said.items() if value}

    @property
    def recorded(self) -> dict[str, str]:
        """What goes on the audit trail: never what was typed and is no reference."""
        return self.query if self.known else {**self.query, "reference": "none that there can be"}

    def address(self, *, after: UUID | None = None) -> str:
        """The page that shows it, from the beginning or after a message."""
        values: dict[str, Any] = {**self.query, "after": after}
        return url_for("messages.watch", **values)


def read(typed: Mapping[str, str]) -> Asked:
    """What stands in the address; choices that make no sense are left out."""
    state, kind, reference = (typed.get(name, "").strip() for name in ("state", "kind", "reference"))
    return Asked(
        Wanted(
            state=MessageState(state) if state in set(MessageState) else None,
            kind=kind if current_policy().reminders.kinds.get(kind) else None,
            team_id=identifier(typed.get("team", "")),
            reference=read_reference(reference),
        ),
        reference[:40],
    )


def choices(teams: Sequence[Any], *, everywhere: bool) -> dict[str, list[tuple[str, str]]]:
    """What the filter offers, by the name of its field: value and label.

    Args:
        teams: rows of `portal.messages.reading.teams_watched`.
        everywhere: the teams are of many agencies.
    """
    return {
        "state": [(state.value, state.label) for state in _STATES],
        "kind": [(kind.code, kind.label) for kind in current_policy().reminders.kinds.offered],
        "team": [(str(row.id), f"{row.agency}: {row.name}" if everywhere else row.name) for row in teams],
    }


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
