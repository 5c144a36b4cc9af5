"""Two records found to be the same child: linked with a reason, and unlinked again, without copying."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.records.children.model import Child, ChildLink
from portal.services.errors import DomainError
from portal.services.versions import lock_row, take_turns


def link_children(*, actor: Principal, child: Child, other: Child, reason: str) -> ChildLink:
    """Say that two records are of one child. Both stay as they are; each shows the other.

    Raises:
        Forbidden: only coordinators link.
        DomainError: no reason, the same record twice, or they are linked already.
    """
    require(actor, "child:link")
    if child.id == other.id:
        raise DomainError("This is the reference of the record that you are on", field="other")
    if not reason.strip():
        raise DomainError("Say how you know that they are the same child", field="reason")
    first, second = sorted((child.id, other.id))
    take_turns("link", first, second)
    if db.session.scalar(select(ChildLink.id).where(_between(first, second)).limit(1)):
        raise DomainError("These two records are linked already", field="other")
    link = ChildLink(
        id=new_id(), child_a=first, child_b=second, reason=reason.strip(), linked_by=actor.user_id
    )
    db.session.add(link)
    db.session.flush()
    for one in (child, other):
        audit.record("child:link", subject_kind="child_link", subject_id=link.id, child_id=one.id)
    return link


def unlink_children(*, actor: Principal, link: ChildLink, reason: str) -> None:
    """Say that they are two children after all. That they were linked, and why, stays on record.

    Raises:
        Forbidden: only coordinators unlink.
        DomainError: no reason, or they are no longer linked.
    """
    require(actor, "child:link")
    if not reason.strip():
        raise DomainError("Say how you know that they are two children", field="reason")
    lock_row(link)
    if link.unlinked_at is not None:
        raise DomainError("These two records are no longer linked")
    link.unlinked_at = clock.now()
    link.unlinked_by = actor.user_id
    link.unlink_reason = reason.strip()
    db.session.flush()
    for child_id in (link.child_a, link.child_b):
        audit.record("child:unlink", subject_kind="child_link", subject_id=link.id, child_id=child_id)


def _between(first: UUID, second: UUID) -> ColumnElement[bool]:
    return (ChildLink.child_a == first) & (ChildLink.child_b == second) & ChildLink.unlinked_at.is_(None)
