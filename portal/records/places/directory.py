"""The directory: whom to ask in a district. Each agency keeps its own contacts and says that they still hold.

A contact that nobody has looked at for the time of policy `directory.check_after` is due for a check: a duty
of the agency whose contact it is.
"""

from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid5

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_length
from portal.changes.versions import count_change, insert_once, lock
from portal.deadlines.changes import Owner, cancel_deadlines, finish_deadlines, open_deadline
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import DeadlineKind
from portal.extensions import db
from portal.model import new_id
from portal.policy import Size, current_policy
from portal.records.places.model import DirectoryChange, DirectoryEntry
from portal.records.places.policy import DirectoryRules
from portal.records.places.rules import Contact
from portal.records.places.vocabulary import DirectoryChangeKind


def add_contact(*, actor: Principal, said: Contact, once: UUID | None = None) -> DirectoryEntry:
    """Add a contact of one's own agency. It counts as checked today.

    Args:
        once: made when the page was made, so that sending it twice adds it once.

    Raises:
        DomainError: something is missing or not of the policy; `field` says what.
    """
    require(actor, "directory:keep", Facts(own_agency=True))
    facts = _facts(said, actor)
    entry_id = uuid5(once, str(actor.agency_id)) if once else new_id()
    entry = DirectoryEntry(
        id=entry_id,
        agency_id=actor.agency_id,
        **facts,
        checked_on=clock.today(),
        checked_by=actor.user_id,
        created_by=actor.user_id,
    )
    if (kept := insert_once(entry)) is not entry:
        return kept
    _start_clock(entry)
    _note(actor, entry, DirectoryChangeKind.ADDED, {}, facts)
    return entry


def change_contact(*, actor: Principal, entry: DirectoryEntry, said: Contact, version: int) -> None:
    """Put a contact right. It counts as checked today; what it said before stays with the agency.

    Raises:
        Forbidden: it is another agency's.
        Conflict: somebody changed it meanwhile.
        DomainError: it was taken out, or something is missing.
    """
    facts = _facts(said, actor)
    _hold(actor, entry, version, facts)
    before = asdict(contact_of(entry))
    if facts == before:
        _look_again(actor, entry)
        return
    for name, value in facts.items():
        setattr(entry, name, value)
    entry.version += 1
    _look_again(actor, entry, DirectoryChangeKind.CHANGED, before, facts)


def check_contact(*, actor: Principal, entry: DirectoryEntry, version: int) -> None:
    """Say that a contact is still right. Saying it twice on one day is saying it once.

    Raises:
        Forbidden, Conflict: as for `change_contact`.
        DomainError: it was taken out.
    """
    if entry.ended_at is None and entry.checked_on == clock.today() and entry.checked_by == actor.user_id:
        require(actor, "directory:keep", directory_facts(actor, entry))
        return
    _hold(actor, entry, version, {})
    entry.version += 1
    _look_again(actor, entry)


def end_contact(*, actor: Principal, entry: DirectoryEntry, version: int) -> None:
    """Take a contact out of the directory. Its agency can still read what it said.

    Raises:
        Forbidden, Conflict, DomainError: as for `check_contact`.
    """
    _hold(actor, entry, version, {})
    entry.ended_at, entry.ended_by = clock.now(), actor.user_id
    count_change(entry)
    cancel_deadlines(subject=entry, kind=DeadlineKind.DIRECTORY_CHECK, reason="Taken out of the directory")
    _note(actor, entry, DirectoryChangeKind.ENDED, asdict(contact_of(entry)), {})


def contact_of(entry: DirectoryEntry) -> Contact:
    """What a contact says now."""
    return Contact(**{name: getattr(entry, name) for name in Contact.__dataclass_fields__})


def directory_facts(actor: Principal, entry: DirectoryEntry) -> Facts:
    """What decides who keeps a contact."""
    return Facts(own_agency=entry.agency_id == actor.agency_id)


def _look_again(
    actor: Principal,
    entry: DirectoryEntry,
    kind: DirectoryChangeKind = DirectoryChangeKind.CHECKED,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    entry.checked_on, entry.checked_by = clock.today(), actor.user_id
    db.session.flush()
    finish_deadlines(subject=entry, kind=DeadlineKind.DIRECTORY_CHECK)
    _start_clock(entry)
    _note(actor, entry, kind, before or {}, after or {})


def _start_clock(entry: DirectoryEntry) -> None:
    figure = current_policy().of(DirectoryRules).check_after
    open_deadline(
        kind=DeadlineKind.DIRECTORY_CHECK,
        subject=entry,
        owner=Owner(agency_id=entry.agency_id),
        due_at=due(figure, clock.now()),
        source="directory.check_after",
        confirmed=figure.confirmed,
    )


def _facts(said: Contact, actor: Principal) -> dict[str, str]:
    policy = current_policy()
    facts = {name: value.strip() for name, value in asdict(said).items()}
    if facts["district"] not in {one.code for one in policy.areas.districts.offered}:
        raise DomainError("Choose the district", field="district")
    if facts["role"] not in {one.code for one in policy.of(DirectoryRules).roles_of(actor.sector)}:
        raise DomainError("Choose what they are asked for", field="role")
    if not facts["name"]:
        raise DomainError("Write the name of the person or team", field="name")
    if not facts["phone"] and not facts["email"]:
        raise DomainError("Enter a phone number or an e-mail address", field="phone")
    for name, value in facts.items():
        check_length(value, name, Size.NOTE if name == "words" else Size.LINE)
    return facts


def _hold(actor: Principal, entry: DirectoryEntry, version: int, mine: dict[str, str]) -> None:
    require(actor, "directory:keep", directory_facts(actor, entry))
    lock(entry, version, lambda now: asdict(contact_of(now)), first=_refuse_ended, mine=mine)


def _refuse_ended(entry: DirectoryEntry) -> None:
    if entry.ended_at is not None:
        raise DomainError("This contact was taken out of the directory")


def _note(
    actor: Principal,
    entry: DirectoryEntry,
    kind: DirectoryChangeKind,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    db.session.add(
        DirectoryChange(
            entry_id=entry.id,
            kind=kind,
            before={name: before[name] for name in changed if name in before},
            after={name: after[name] for name in changed if name in after},
            changed_by=actor.user_id,
            changed_at=clock.now(),
        )
    )
    db.session.flush()
    audit.record(f"directory:{kind.value}", entry)
