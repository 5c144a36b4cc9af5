"""Two records that look alike: somebody looked, and they are not the same. It can be undone."""

from uuid import UUID

from sqlalchemy import or_, select

from portal import clock
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.model import new_id
from portal.records.concerns.model import Concern, ConcernDifference
from portal.records.concerns.records import record
from portal.services.errors import DomainError, NotFound
from portal.services.limits import check_length
from portal.services.versions import lock_row, take_turns


def tell_apart(*, actor: Principal, concern: Concern, other: Concern, reason: str = "") -> ConcernDifference:
    """Say that two records are not about the same thing. They are no longer offered to each other.

    Raises:
        DomainError: it is the same record.
    """
    require(actor, "concern:compare")
    if other.id == concern.id:
        raise DomainError("Choose another one")
    check_length(reason, "reason")
    take_turns("apart", *sorted((concern.id, other.id)))
    said_before = db.session.scalar(
        select(ConcernDifference)
        .where(
            ConcernDifference.undone_at.is_(None),
            ConcernDifference.concern_id.in_((concern.id, other.id)),
            ConcernDifference.other_id.in_((concern.id, other.id)),
        )
        .limit(1)
    )
    if said_before is not None:
        return said_before
    said = ConcernDifference(
        id=new_id(),
        concern_id=concern.id,
        other_id=other.id,
        reason=reason.strip(),
        said_by=actor.user_id,
        agency_id=actor.agency_id,
        said_at=clock.now(),
    )
    db.session.add(said)
    db.session.flush()
    record(concern, "concern:tell_apart", other=str(other.id))
    return said


def undo(*, actor: Principal, concern: Concern, difference_id: UUID) -> None:
    """They may be the same after all: offer them to each other again.

    Raises:
        NotFound: nobody said so of this record.
    """
    require(actor, "concern:compare")
    found = db.session.scalar(
        select(ConcernDifference).where(
            ConcernDifference.id == difference_id,
            ConcernDifference.undone_at.is_(None),
            or_(ConcernDifference.concern_id == concern.id, ConcernDifference.other_id == concern.id),
        )
    )
    if found is not None:
        lock_row(found)
    if found is None or found.undone_at is not None:
        raise NotFound("Nobody said so")
    found.undone_at, found.undone_by = clock.now(), actor.user_id
    db.session.flush()
    record(concern, "concern:undo_tell_apart")
