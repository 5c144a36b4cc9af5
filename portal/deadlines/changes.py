"""Duties with a time: opened by policy, moved with a reason, ended once.

Here is also who hears that one moved, or went to somebody else. Whoever is given one is told by its ladder.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from portal import clock, registry
from portal.access.principal import Principal
from portal.changes.errors import DomainError, require_text
from portal.changes.versions import insert_now
from portal.deadlines.model import Deadline
from portal.deadlines.rules import due
from portal.deadlines.vocabulary import BY_A_PERSON, HANDED_OVER, MOVED, DeadlineKind, DeadlineState
from portal.extensions import db
from portal.messages.telling import NOBODY, About, Whom, tell, to_people
from portal.messages.vocabulary import Ground, MessageRecipient
from portal.policy import Clock, Policy, current_policy, policy_of
from portal.reminders.owed import duties
from portal.reminders.receivers import Directory, Duty
from portal.reminders.writing import Receiver
from portal.vocabulary import TriageColour


def tell_of_moving(*, actor: Principal, deadline: Deadline) -> None:
    """Whoever owes it; whoever manages them too, where it is due later than policy first said."""
    duty, directory = _look_up(deadline)
    later = deadline.due_at > deadline.original_due_at
    given = {
        Ground.OWNER: _whom(directory.of(duty, [MessageRecipient.OWNER])),
        Ground.MANAGER: _whom(directory.of(duty, [MessageRecipient.OWNER_MANAGER])) if later else NOBODY,
    }
    once = f"{deadline.id}:{clock.now().isoformat()}"
    tell(actor=actor, event=MOVED, about=_about(duty), given=given, once=once)


def tell_of_handing_over(*, actor: Principal, deadline: Deadline) -> None:
    """Whoever owes it until now; a team or an agency gives it to its own people without being told."""
    if deadline.owner_id is None:
        return
    duty, _ = _look_up(deadline)
    given = {Ground.OWNER_BEFORE: to_people(deadline.owner_id)}
    once = f"{deadline.id}:{clock.now().isoformat()}"
    tell(actor=actor, event=HANDED_OVER, about=_about(duty), given=given, once=once)


def _look_up(deadline: Deadline) -> tuple[Duty, Directory]:
    connection = db.session.connection()
    duty = connection.execute(duties([deadline.id])).one()
    return duty, Directory(connection, [duty])


def _about(duty: Duty) -> About:
    return About(duty.subject_kind, duty.subject_id, duty.reference, duty.case_id)


def _whom(found: Iterable[Receiver]) -> Whom:
    found = list(found)
    return Whom(
        frozenset(one.user_id for one in found if one.user_id),
        frozenset(one.team_id for one in found if one.team_id),
    )


class Subject(Protocol):
    """What a duty can be on: a record whose noun says how such duties are seen (`portal.registry.Duty`)."""

    __tablename__: str

    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True)
class Owner:
    """Who has to see to it: a person, else a team, else an agency."""

    user_id: UUID | None = None
    team_id: UUID | None = None
    agency_id: UUID | None = None


def open_deadline(
    *,
    kind: DeadlineKind,
    subject: Subject,
    owner: Owner,
    started_at: datetime | None = None,
    colour: TriageColour | None = None,
    due_at: datetime | None = None,
    ends_before: datetime | None = None,
    source: str = BY_A_PERSON,
    confirmed: bool = True,
    policy: Policy | None = None,
) -> Deadline:
    """Start the clock that policy gives for `kind` (and `colour`) on `subject`.

    Args:
        started_at: when the clock started; by default now.
        due_at: a date that a person set, where policy gives none (an information request, a meeting), or that
            comes from a rule of the policy that is no clock, such as a level's.
        ends_before: what it is owed for begins then. Where that is still to come, it is due by then.
        source, confirmed: with `due_at`, the policy key that it comes from and whether that is agreed.
        policy: the edition that holds; by default today's, of the case's authority.

    Raises:
        LookupError: policy has no such clock.
    """
    start = started_at or clock.now()
    policy = policy or current_policy(getattr(subject, "authority", None))
    rule = None if due_at else policy.clock(kind, colour)
    ends = due_at or due(rule, start)  # type: ignore[arg-type] # one of the two is there
    if ends_before and start < ends_before < ends:
        ends = ends_before
    deadline = Deadline(
        kind=kind,
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        owner_id=owner.user_id,
        owner_team_id=owner.team_id,
        owner_agency_id=owner.agency_id,
        started_at=start,
        due_at=ends,
        original_due_at=ends,
        state=DeadlineState.OPEN,
        source=_source_of(rule) if rule else source,
        confirmed=rule.confirmed if rule else confirmed,
        policy_version=policy.version,
        **_links(subject),
    )
    return insert_now(deadline)


def _source_of(rule: Clock) -> str:
    """The policy key of a clock, by which reminders choose their ladder."""
    return f"clocks.{rule.code}"


def finish_deadlines(
    *,
    subject: Subject,
    kind: DeadlineKind,
    late_reason: str | None = None,
    at: datetime | None = None,
) -> None:
    """The duty is done. A late one may carry its reason; nothing else of it changes.

    Args:
        at: when it was done, where that is recorded afterwards; by default now.
    """
    for deadline in open_deadlines(subject=subject, kind=kind):
        deadline.late_reason = late_reason
        _end(deadline, DeadlineState.DONE, at)


def finish_deadline(*, deadline: Deadline, late_reason: str | None = None) -> None:
    """One duty of several on a record is done."""
    deadline.late_reason = late_reason
    _end(deadline, DeadlineState.DONE)


def cancel_deadline(*, deadline: Deadline, reason: str) -> None:
    """One duty of several on a record is no longer owed; it counts as neither met nor late."""
    deadline.move_reason = reason
    _end(deadline, DeadlineState.CANCELLED)


def cancel_deadlines(
    *, subject: Subject, kind: DeadlineKind, reason: str, started_at: datetime | None = None
) -> None:
    """The duty is no longer owed; it counts as neither met nor late.

    Args:
        started_at: with it, only the duty whose clock started then.
    """
    for deadline in open_deadlines(subject=subject, kind=kind):
        if started_at is not None and deadline.started_at != started_at:
            continue
        deadline.move_reason = reason
        _end(deadline, DeadlineState.CANCELLED)


def supersede_deadlines(*, subject: Subject, kind: DeadlineKind, reason: str) -> datetime | None:
    """A newer duty takes the place of the open ones, which count as neither met nor late.

    Returns:
        the earliest time at which one of them was first due, or None if none was open.
    """
    replaced = open_deadlines(subject=subject, kind=kind)
    for deadline in replaced:
        deadline.move_reason = reason
        _end(deadline, DeadlineState.SUPERSEDED)
    return min((deadline.original_due_at for deadline in replaced), default=None)


def open_again(*, subject: Subject, deadline: Deadline, owner: Owner) -> Deadline:
    """Owe again what a superseded duty asked for, by its first date, which says how it was reckoned."""
    return open_deadline(
        kind=DeadlineKind(deadline.kind),
        subject=subject,
        owner=owner,
        started_at=deadline.started_at,
        due_at=deadline.original_due_at,
        source=deadline.source,
        confirmed=deadline.confirmed,
        policy=policy_of(deadline.policy_version),
    )


def move_deadline(
    *,
    actor: Principal,
    deadline: Deadline,
    due_at: datetime,
    reason: str,
    rule: Clock | None = None,
    code: str | None = None,
    told: bool = False,
) -> None:
    """Move a due time, with a reason. The original due time stays, so timeliness stays honest.

    The database keeps every move (`deadline_change`). Whoever owes it is told.

    Args:
        told: they hear of it already by what moved it, such as another time of a meeting.
        code: the reason among those of policy `cases.due_date_reasons`, where somebody chose one.
        rule: the clock that holds from now on, if another does; its reminders follow.

    Raises:
        DomainError: no reason was given, or the duty is not open.
    """
    reason = require_text(reason, "Say why the date moves", field="reason")
    if deadline.state != DeadlineState.OPEN:
        raise DomainError("This is no longer due")
    deadline.due_at = due_at
    deadline.move_reason, deadline.move_code = reason, code
    if rule is not None:
        deadline.source, deadline.confirmed = _source_of(rule), rule.confirmed
    db.session.flush()
    if not told:
        tell_of_moving(actor=actor, deadline=deadline)


def hand_deadlines_over(
    *, actor: Principal, subject: Subject, kind: DeadlineKind, owner: Owner, told: bool = False
) -> None:
    """Somebody else owns the duty from now on. Whoever owned it before is told.

    Args:
        told: they hear of it already by what handed it over.
    """
    for deadline in open_deadlines(subject=subject, kind=kind):
        if not told:
            tell_of_handing_over(actor=actor, deadline=deadline)
        deadline.owner_id = owner.user_id
        deadline.owner_team_id = owner.team_id
        deadline.owner_agency_id = owner.agency_id
    db.session.flush()


def open_deadlines(*, subject: Subject, kind: DeadlineKind) -> list[Deadline]:
    """The open duties of one kind on a record, earliest first."""
    return list(
        db.session.scalars(
            select(Deadline)
            .where(
                Deadline.subject_kind == subject.__tablename__,
                Deadline.subject_id == subject.id,
                Deadline.kind == kind,
                Deadline.state == DeadlineState.OPEN,
            )
            .order_by(Deadline.due_at)
        )
    )


def _end(deadline: Deadline, state: DeadlineState, at: datetime | None = None) -> None:
    deadline.state = state
    deadline.ended_at = at or clock.now()
    db.session.flush()


def _links(subject: Subject) -> dict[str, UUID | None]:
    """The columns through which the policies find who may see a deadline."""
    duty = registry.records()[subject.__tablename__].duty
    if duty is None:
        raise LookupError(f"The record {subject.__tablename__} has no duty: say in its noun.py who sees one")
    if duty.own:
        return {duty.own: subject.id}
    return {column: getattr(subject, column) for column in duty.shared}
