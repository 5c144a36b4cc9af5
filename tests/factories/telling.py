"""What people were told, and what stands around messages: addresses that came back, the heartbeat."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.access.model import Heartbeat
from portal.documents import jobs as document_jobs
from portal.messages.model import AddressSuspension, OutboxMessage
from portal.messages.vocabulary import MessageState
from portal.model import new_id
from portal.records.people.model import Team, User
from portal.reminders.measures import EXPECTED
from tests.factories.messages import make_message


def was_told(
    rows: Session,
    to: User | Team,
    *,
    kind: str = "asked",
    subject: tuple[str, UUID] | None = None,
    reference: str | None = None,
    case_id: UUID | None = None,
    deadline_id: UUID | None = None,
    state: MessageState = MessageState.ACCEPTED,
    at: datetime | None = None,
    **columns: Any,
) -> OutboxMessage:
    """A message to a person or a team; by default about a record that nobody sees."""
    moment = at or clock.now()
    about_kind, about_id = subject or ("information_request", new_id())
    about = {
        "subject_kind": about_kind,
        "subject_id": about_id,
        "reference": reference,
        "case_id": case_id,
        "deadline_id": deadline_id,
    }
    times = dict.fromkeys(("created_at", "not_before", "next_try_at"), moment)
    return make_message(rows, to, kind=kind, about=about, state=state, **{**times, **columns})


def suspend(rows: Session, person: User, *, reason: str = "550") -> AddressSuspension:
    """The mail server refused a person's address for good."""
    found = AddressSuspension(
        id=new_id(),
        user_id=person.id,
        agency_id=person.agency_id,
        address=person.email,
        reason=reason,
        suspended_at=clock.now(),
    )
    rows.add(found)
    rows.commit()
    return found


def beat(rows: Session, *, ago: timedelta = timedelta(0), without: str = "") -> None:
    """The worker has run every tick, a while ago, and documents are made."""
    for tick in (*EXPECTED, document_jobs.NAME):
        if tick != without:
            rows.merge(Heartbeat(tick=tick, beat_at=clock.now() - ago))
    rows.commit()
