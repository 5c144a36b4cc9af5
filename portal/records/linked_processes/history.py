"""What a linked process leaves on record: its own history, and the child’s status that goes with it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.records.children.model import Child, ChildStatus
from portal.records.children.records import add_status, end_status
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.linked_processes.model import LinkedNote, LinkedProcess
from portal.records.linked_processes.policy import LinkedKind
from portal.records.linked_processes.vocabulary import LinkedNoteKind
from portal.vocabulary import Use


def write_note(
    *,
    actor: Principal,
    process: LinkedProcess,
    kind: LinkedNoteKind,
    words: str = "",
    before: str = "",
    after: str = "",
) -> LinkedNote:
    """Add to the history of a process."""
    note = LinkedNote(
        process_id=process.id,
        case_id=process.case_id,
        kind=kind,
        before=before,
        after=after,
        words=words.strip(),
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        written_at=clock.now(),
    )
    return insert_now(note)


def record(process: LinkedProcess, verb: str, **details: Any) -> None:
    """A row in the trail."""
    audit.record(verb, process, child_id=process.child_id, case_id=process.case_id, **details)


def refuse_held(actor: Principal, case_id: UUID, words: str) -> None:
    """Everybody who works on the case reads what is said of a process: what an entry holds back is not typed
    into it again.

    Raises:
        DomainError: it is.
    """
    check_no_restricted_quotes(
        texts={"words": words}, use=Use.CITE, case_ids=[case_id], holder=actor.agency_id
    )


def begin_status(actor: Principal, process: LinkedProcess, rule: LinkedKind, chosen: str | None) -> None:
    """The child's status is written by the service that says so; somebody else records the process alone."""
    if not rule.statuses or actor.sector not in rule.keepers:
        return
    status = chosen or (rule.statuses[0] if len(rule.statuses) == 1 else None)
    if status not in rule.statuses:
        raise DomainError("Choose the child’s status", field="status")
    child = db.session.get_one(Child, process.child_id)
    current = db.session.scalar(
        select(ChildStatus).where(
            ChildStatus.child_id == child.id,
            ChildStatus.status == status,
            ChildStatus.agency_id == actor.agency_id,
            ChildStatus.ends_on.is_(None),
        )
    )
    found = current or add_status(
        actor=actor, child=child, status=status, starts_on=clock.local(process.started_at).date()
    )
    process.status_id = found.id
    db.session.flush()


def end_with(actor: Principal, process: LinkedProcess, ended_at: datetime) -> None:
    """The child’s status that began with a process ends with it; its own agency says so.

    Raises:
        Forbidden: another agency said it.
    """
    status = db.session.get(ChildStatus, process.status_id) if process.status_id else None
    if status is None or status.ends_on is not None:
        return
    child = db.session.get_one(Child, process.child_id)
    last = clock.local(ended_at).date()
    if status.starts_on is not None:
        last = max(last, status.starts_on)
    end_status(actor=actor, child=child, status=status, ends_on=last)
