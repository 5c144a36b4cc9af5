"""The directory: whom to ask in a district, and which contacts have grown old."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.records.people.model import Agency, User
from portal.records.places.model.directory import DirectoryChange, DirectoryEntry
from portal.vocabulary.deadlines import DeadlineKind, DeadlineState

Rows = Sequence[Any]  # rows named by their columns
MOST = 500


def contacts(
    *,
    districts: Collection[str] = (),
    roles: Collection[str] = (),
    agency_id: UUID | None = None,
    checked_before: date | None = None,
) -> Rows:
    """Contacts, by district, role and agency.

    Args:
        districts, roles: only these; without any, all.
        agency_id: only those of one agency.
        checked_before: only those that nobody has looked at since.
    """
    checker = aliased(User)
    found = (
        select(
            DirectoryEntry.id,
            DirectoryEntry.agency_id,
            DirectoryEntry.district,
            DirectoryEntry.role,
            DirectoryEntry.name,
            DirectoryEntry.job,
            DirectoryEntry.phone,
            DirectoryEntry.email,
            DirectoryEntry.hours,
            DirectoryEntry.words,
            DirectoryEntry.checked_on,
            DirectoryEntry.version,
            Agency.name.label("agency"),
            checker.name.label("checker"),
        )
        .join(Agency, Agency.id == DirectoryEntry.agency_id)
        .join(checker, checker.id == DirectoryEntry.checked_by)
        .where(DirectoryEntry.ended_at.is_(None), Agency.active)
    )
    if districts:
        found = found.where(DirectoryEntry.district.in_(districts))
    if roles:
        found = found.where(DirectoryEntry.role.in_(roles))
    if agency_id:
        found = found.where(DirectoryEntry.agency_id == agency_id)
    if checked_before:
        found = found.where(DirectoryEntry.checked_on < checked_before)
    ordered = found.order_by(
        DirectoryEntry.district, DirectoryEntry.role, Agency.name, DirectoryEntry.name, DirectoryEntry.id
    )
    return db.session.execute(ordered.limit(MOST)).all()


def find_entry(*, entry_id: UUID) -> DirectoryEntry | None:
    """A contact that is in the directory."""
    return db.session.scalar(
        select(DirectoryEntry).where(DirectoryEntry.id == entry_id, DirectoryEntry.ended_at.is_(None))
    )


def changes_of(*, entry_id: UUID) -> Rows:
    """What a contact said before, the latest first; only its own agency finds any."""
    return db.session.execute(
        select(
            DirectoryChange.kind,
            DirectoryChange.before,
            DirectoryChange.after,
            DirectoryChange.changed_at,
            User.name.label("by"),
        )
        .join(User, User.id == DirectoryChange.changed_by)
        .where(DirectoryChange.entry_id == entry_id)
        .order_by(DirectoryChange.changed_at.desc(), DirectoryChange.id.desc())
        .limit(50)
    ).all()


def to_check(person: Principal) -> Select[Any]:
    """The contacts of a person's agency that have to be looked at again, for `workspace_tasks`."""
    return select(Deadline.id).where(
        Deadline.kind == DeadlineKind.DIRECTORY_CHECK,
        Deadline.state == DeadlineState.OPEN,
        Deadline.owner_agency_id == person.agency_id,
        Deadline.due_at <= clock.now(),
    )
