"""What is recorded of a child beside statements: statuses, numbers, other names.

Which records are the same child.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from portal import clock, registry
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, check_past, require_text
from portal.changes.versions import count_change, insert_now, lock, lock_row, take_turns
from portal.extensions import db
from portal.messages.telling import to_teams
from portal.messages.vocabulary import Ground
from portal.model import new_id
from portal.pathway.characters import BadIdentifier, read_identifier
from portal.policy import current_policy
from portal.records.children.model import (
    Child,
    ChildAlias,
    ChildCorrection,
    ChildIdentifier,
    ChildLink,
    ChildRecord,
    ChildStatus,
)
from portal.records.children.recording import write_name_keys
from portal.records.children.telling import tell_of_alerts_by_link, tell_of_child
from portal.records.children.vocabulary import (
    AUTHORITY_CHANGED,
    LINKED,
    STATUS_CHANGED,
    UNLINKED,
    CorrectionPart,
    EligibilityBasis,
)
from portal.records.people.agencies import teams_at
from portal.vocabulary import Desk

#: What `change_record` may change.
RECORD_COLUMNS = frozenset(ChildRecord.__table__.columns.keys()) - {"child_id", "version"}


def add_status(
    *,
    actor: Principal,
    child: Child,
    status: str,
    starts_on: date | None,
    ends_on: date | None = None,
    told: bool = False,
) -> ChildStatus:
    """Record early help, a child in need or protection plan, being looked after and so on.

    It stands beside the exploitation case, never instead of it.

    Args:
        told: another message says it.

    Raises:
        DomainError: policy has no such status, the dates cannot be right, or the agency has it as current.
    """
    require(actor, "child:state")
    if status not in current_policy().people.statuses:
        raise DomainError("Choose a status", field="status")
    check_dates(starts_on, ends_on)
    if ends_on is None and db.session.scalar(_current(child.id, status, actor.agency_id)):
        raise DomainError("Your agency has recorded this as current already", field="status")
    found = ChildStatus(
        child_id=child.id,
        status=status,
        starts_on=starts_on,
        ends_on=ends_on,
        agency_id=actor.agency_id,
    )
    insert_now(found)
    leave_trace("child:state", child, found.id, status=status)
    if not told:
        tell_of_child(actor=actor, event=STATUS_CHANGED, child=child, once=str(found.id))
    return found


def end_status(
    *, actor: Principal, child: Child, status: ChildStatus, ends_on: date, told: bool = False
) -> None:
    """Say that a status came to an end.

    Args:
        told: another message says it.

    Raises:
        Forbidden: another agency recorded it.
        DomainError: the date cannot be right, or it has ended already.
    """
    require(actor, "child:state")
    check_own_agency(actor, status.agency_id)
    if status.ends_on is not None:
        raise DomainError("This has ended already")
    check_dates(status.starts_on, ends_on)
    check_past(ends_on, "The last day cannot be in the future", field="ends_on")
    status.ends_on = ends_on
    db.session.flush()
    leave_trace("child:end_status", child, status.id, status=status.status)
    if not told:
        tell_of_child(actor=actor, event=STATUS_CHANGED, child=child, once=f"ended:{status.id}")


def add_identifier(*, actor: Principal, child: Child, scheme: str, value: str) -> ChildIdentifier:
    """Record the child's number in another system, checked by its check digit where it has one.

    The NHS number is part of who the child is: `portal.records.children.recording.correct_identity`.

    Raises:
        DomainError: policy has no such scheme, or the number fails its check.
    """
    require(actor, "child:state")
    rule = current_policy().people.identifiers.get(scheme)
    if rule is None or scheme == "nhs_number":
        raise DomainError("Choose what sort of number it is", field="scheme")
    try:
        number = read_identifier(rule.check, value)
    except BadIdentifier as bad:
        raise DomainError(bad.message, field="value") from bad
    found = ChildIdentifier(
        id=new_id(), child_id=child.id, scheme=scheme, value=number, agency_id=actor.agency_id
    )
    insert_now(found)
    leave_trace("child:state", child, found.id, scheme=scheme)
    return found


def end_identifier(*, actor: Principal, child: Child, identifier: ChildIdentifier) -> None:
    """Say that a number is wrong or no longer used; it stays to be read.

    Raises:
        Forbidden: another agency recorded it.
    """
    require(actor, "child:state")
    check_own_agency(actor, identifier.agency_id)
    identifier.ended_at = identifier.ended_at or clock.now()
    db.session.flush()
    leave_trace("child:end_identifier", child, identifier.id, scheme=identifier.scheme)


def add_alias(*, actor: Principal, child: Child, name: str, kind: str) -> ChildAlias:
    """Record another name that the child goes by; the child is found by it from now on.

    Raises:
        DomainError: there is no name, or policy has no such kind.
    """
    require(actor, "child:state")
    if kind not in current_policy().people.alias_kinds:
        raise DomainError("Choose what sort of name it is", field="kind")
    alias = ChildAlias(
        id=new_id(), child_id=child.id, name=filled(name, "name"), kind=kind, agency_id=actor.agency_id
    )
    insert_now(alias)
    write_name_keys(child)
    leave_trace("child:state", child, alias.id, alias=kind)
    return alias


def change_record(
    *, actor: Principal, record: ChildRecord, version: int, facts: Mapping[str, Any], reason: str = ""
) -> ChildCorrection:
    """Change what the network knows of a child. What it said before is kept.

    Args:
        version: the version of the record that the actor had before them.
        facts: columns of `ChildRecord`; those that do not differ are left alone.

    Raises:
        Conflict: somebody changed the record since; carries both versions.
        DomainError: nothing differs, or the child counts for a reason that is not written down.
    """
    require(actor, "child:state")
    wanted = {key: value for key, value in facts.items() if key in RECORD_COLUMNS}
    lock(record, version, mine=wanted)
    if wanted.get("eligibility_basis") == EligibilityBasis.OTHER and not wanted.get("eligibility_reason"):
        raise DomainError("Write down why this pathway is the right one", field="eligibility_reason")
    before = {key: getattr(record, key) for key, value in wanted.items() if getattr(record, key) != value}
    if not before:
        raise DomainError("Nothing differs from the record")
    correction = ChildCorrection(
        id=new_id(),
        child_id=record.child_id,
        part=CorrectionPart.RECORD,
        child_version=version,
        before=before,
        after={key: wanted[key] for key in before},
        reason=reason.strip(),
        proposed_by=actor.user_id,
        proposed_agency_id=actor.agency_id,
        accepted=True,
        decided_by=actor.user_id,
        decided_at=clock.now(),
    )
    db.session.add(correction)
    count_change(record, **{key: wanted[key] for key in before})
    audit.record(
        "child:change",
        subject_kind="child",
        subject_id=record.child_id,
        child_id=record.child_id,
        changed=sorted(before),
    )
    _tell_authorities(actor, record, correction)
    return correction


def _tell_authorities(actor: Principal, record: ChildRecord, correction: ChildCorrection) -> None:
    """Social care of an authority that is responsible for the child from now on, or where the child lives."""
    after = correction.after
    new = [after[part] for part in ("responsible_authority", "host_authority") if after.get(part)]
    if new:
        teams = [team for authority in new for team in teams_at(Desk.FRONT_DOOR, authority=authority)]
        tell_of_child(
            actor=actor,
            event=AUTHORITY_CHANGED,
            child=db.session.get_one(Child, record.child_id),
            given={Ground.SOCIAL_CARE: to_teams(*teams)},
            once=str(correction.id),
        )


def check_own_agency(actor: Principal, agency_id: UUID) -> None:
    """Only the agency that said something says it again or ends it."""
    require(actor, "child:restate", Facts(own_agency=agency_id == actor.agency_id))


def check_dates(starts_on: date | None, ends_on: date | None) -> None:
    """Refuse an end before its beginning."""
    if starts_on and ends_on and ends_on < starts_on:
        raise DomainError("The last day must not be before the first", field="ends_on")


def filled(value: str, field: str) -> str:
    """What was typed, tidied; refuse nothing at all."""
    found = "\n".join(line.strip() for line in value.strip().splitlines())
    if not found:
        raise DomainError("Fill this in", field=field)
    return found


def release_facts(actor: Principal, reason: str) -> dict[str, Any]:
    """Who lets what is held back be seen, why and when: what a release of a statement or a link says."""
    return {
        "reason": reason.strip(),
        "released_by": actor.user_id,
        "agency_id": actor.agency_id,
        "released_at": clock.now(),
    }


def _current(child_id: UUID, status: str, agency_id: UUID) -> Any:
    return (
        select(ChildStatus.id)
        .where(
            ChildStatus.child_id == child_id,
            ChildStatus.status == status,
            ChildStatus.agency_id == agency_id,
            ChildStatus.ends_on.is_(None),
        )
        .limit(1)
    )


def leave_trace(action: str, child: Child, subject_id: UUID, **details: Any) -> None:
    """Leave the audit row of a change to a child."""
    audit.record(action, subject_kind="child", subject_id=subject_id, child_id=child.id, **details)


def link_children(*, actor: Principal, child: Child, other: Child, reason: str) -> ChildLink:
    """Say that two records are of one child. Both stay as they are; each shows the other.

    Raises:
        Forbidden: only coordinators link.
        DomainError: no reason, the same record twice, or they are linked already.
    """
    require(actor, "child:link")
    if child.id == other.id:
        raise DomainError("This is the reference of the record that you are on", field="other")
    reason = require_text(reason, "Say how you know that they are the same child", field="reason")
    first, second = sorted((child.id, other.id))
    wait_to_link()
    if db.session.scalar(select(ChildLink.id).where(_between(first, second)).limit(1)):
        raise DomainError("These two records are linked already", field="other")
    link = insert_now(ChildLink(child_a=first, child_b=second, reason=reason, linked_by=actor.user_id))
    for one in (child, other):
        audit.record("child:link", link, child_id=one.id)
        tell_of_child(actor=actor, event=LINKED, child=one, once=str(link.id))
    tell_of_alerts_by_link(actor=actor, child_ids=(first, second), once=str(link.id))
    registry.records_linked(actor=actor, child_ids=(child.id, other.id))
    return link


def wait_to_link() -> None:
    """Wait for whoever links records at this moment, as the database does at each link
    (`ctx.link_takes_its_turn`): first, in a step that changes more of a child and then links it, so that the
    two do not wait for each other.
    """
    take_turns("linked records")


def unlink_children(*, actor: Principal, link: ChildLink, reason: str) -> None:
    """Say that they are two children after all. That they were linked, and why, stays on record.

    Raises:
        Forbidden: only coordinators unlink.
        DomainError: no reason, or they are no longer linked.
    """
    require(actor, "child:link")
    reason = require_text(reason, "Say how you know that they are two children", field="reason")
    lock_row(link)
    if link.unlinked_at is not None:
        raise DomainError("These two records are no longer linked")
    both, once = (link.child_a, link.child_b), f"unlinked:{link.id}"
    tell_of_alerts_by_link(actor=actor, child_ids=both, once=once)  # while they are linked still
    link.unlinked_at = clock.now()
    link.unlinked_by = actor.user_id
    link.unlink_reason = reason
    db.session.flush()
    for child_id in both:
        audit.record("child:unlink", link, child_id=child_id)
        child = db.session.get_one(Child, child_id)
        tell_of_child(actor=actor, event=UNLINKED, child=child, once=once)
    registry.records_linked(actor=actor, child_ids=both)


def _between(first: UUID, second: UUID) -> ColumnElement[bool]:
    return (ChildLink.child_a == first) & (ChildLink.child_b == second) & ChildLink.unlinked_at.is_(None)
