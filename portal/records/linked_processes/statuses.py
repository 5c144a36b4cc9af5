"""The child’s status that begins and ends with a process, such as being on a child protection plan."""

from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.children.model import Child, ChildStatus
from portal.records.children.records import add_status, end_status
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.policy import LinkedKind
from portal.services.errors import DomainError


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
