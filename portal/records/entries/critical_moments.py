"""Critical moments: each asks whoever leads the case to look at the risk assessment again."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.changes.errors import DomainError, NotFound, require_text
from portal.changes.versions import insert_now, lock_row
from portal.deadlines.changes import (
    Owner,
    cancel_deadlines,
    finish_deadlines,
    open_deadline,
    open_deadlines,
    supersede_deadlines,
)
from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.messages.telling import tell
from portal.messages.vocabulary import Event
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.queries.rows import owner_of as owner_of_duty
from portal.records.cases.facts import lead_of, owner_of
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.entries.facts import about_entry
from portal.records.entries.model import MomentReview
from portal.records.entries.policy import OTHER_MOMENT, Contributions
from portal.records.entries.vocabulary import ADDED, MOMENT, MOMENT_URGENT, REVIEWED, Handling

KIND = DeadlineKind.MOMENT_REVIEW


def moment_of(case: Case, code: str | None, words: str | None) -> tuple[str | None, str | None]:
    """What kind of moment an entry is, and its words: those of the policy where nobody wrote any.

    Raises:
        DomainError: no policy knows the kind.
    """
    said, chosen = (words or "").strip(), code or None
    if chosen is None and not said:
        return None, None
    chosen = chosen or OTHER_MOMENT
    moments = current_policy(case.authority).of(Contributions).moments
    if chosen not in moments:
        raise DomainError("Choose what makes it a critical moment", field="moment")
    return chosen, said or moments.label(chosen)


def is_urgent(case: Case, entry: ChronologyEntry) -> bool:
    """Whether an entry is a critical moment of a kind that cannot wait (policy `contributions.moments`)."""
    if entry.critical_moment is None:
        return False
    kind = current_policy(case.authority).of(Contributions).moments.get(entry.moment or OTHER_MOMENT)
    return kind is not None and kind.urgent


def event_of(case: Case, entry: ChronologyEntry) -> Event:
    """What happened when an entry was added that corrects none."""
    if entry.critical_moment is None:
        return ADDED
    return MOMENT_URGENT if is_urgent(case, entry) else MOMENT


def reaches_lead(actor: Principal, case: Case, handling: Handling, listed: Collection[UUID]) -> None:
    """Let only a critical moment through that the agency which leads may read: it has to act on it.

    Raises:
        DomainError: it may not.
    """
    reads = {
        Handling.NETWORK: True,
        Handling.AGENCIES: case.lead_agency_id in {actor.agency_id, *listed},
        Handling.OWN: case.lead_agency_id == actor.agency_id,
    }
    if not reads[handling]:
        raise DomainError(
            "The agency that leads the case has to read a critical moment. Let it read this, "
            "or do not mark it as one",
            field="handling",
        )


def ask_for_review(*, case: Case, entry: ChronologyEntry) -> None:
    """Open the duty to look at the assessment again, for whoever leads an open case."""
    if case.state in OPEN_CASE_STATES:
        open_deadline(
            kind=KIND,
            subject=entry,
            owner=_owner(case),
            started_at=entry.created_at,
            policy=current_policy(case.authority),
        )


def asked_to_review(*, entry: ChronologyEntry) -> Row[*tuple[Any, ...]] | None:
    """The open duty that a critical moment asks for, with the name of whoever owes it; None where it asks for
    none.
    """
    if entry.critical_moment is None:
        return None
    return db.session.execute(
        select(*Deadline.__table__.c, owner_of_duty(Deadline)).where(
            Deadline.subject_kind == entry.__tablename__,
            Deadline.subject_id == entry.id,
            Deadline.kind == KIND,
            Deadline.state == DeadlineState.OPEN,
        )
    ).first()


def follow_correction(*, case: Case, earlier: ChronologyEntry, entry: ChronologyEntry) -> None:
    """The duty goes over to the correction, with the same dates; for what was no such moment it ends."""
    owed = open_deadlines(subject=earlier, kind=KIND)
    if entry.critical_moment is None:
        cancel_deadlines(subject=earlier, kind=KIND, reason="The entry was corrected: no critical moment")
    elif owed:
        duty = owed[0]
        supersede_deadlines(subject=earlier, kind=KIND, reason="The entry was corrected")
        _owe_again(case, entry, duty)
    elif earlier.critical_moment is None:
        ask_for_review(case=case, entry=entry)


def record_no_change(*, actor: Principal, case: Case, entry: ChronologyEntry, words: str) -> MomentReview:
    """Say that the assessment was looked at after a critical moment and stands, because.

    Raises:
        NotFound: the entry is another case's.
        Forbidden: the actor neither coordinates nor leads nor belongs to the agency that leads.
        DomainError: no reason is given, or nothing is owed.
    """
    if entry.case_id != case.id:
        raise NotFound("There is no such entry on this case")
    require(actor, "moment:review", review_facts(actor, case))
    words = require_text(words, "Say why nothing changes", field="words")
    owed = open_deadlines(subject=entry, kind=KIND)
    for duty in owed:
        lock_row(duty)  # of two who answer, the second sees the first
    if not any(duty.state == DeadlineState.OPEN for duty in owed):
        raise DomainError("This was looked at meanwhile")
    found = MomentReview(
        entry_id=entry.id,
        case_id=case.id,
        words=words,
        reviewed_by=actor.user_id,
        agency_id=actor.agency_id,
        reviewed_at=clock.now(),
    )
    insert_now(found)
    finish_deadlines(subject=entry, kind=KIND)
    audit.record("moment:review", entry, case=case)
    tell(actor=actor, event=REVIEWED, about=about_entry(case, entry), once=str(entry.id))
    return found


def review_facts(actor: Principal, case: Case) -> Facts:
    """What decides who answers for a critical moment."""
    return Facts(
        lead_professional=case.lead_professional_id == actor.user_id,
        own_agency=case.lead_agency_id == actor.agency_id,
    )


def _owner(case: Case) -> Owner:
    """The lead professional, or who owes it in their place; where nobody leads, whoever is to assess."""
    return lead_of(case) if case.lead_professional_id else owner_of(case)


def _owe_again(case: Case, entry: ChronologyEntry, duty: Deadline) -> None:
    found = open_deadline(
        kind=KIND,
        subject=entry,
        owner=_owner(case),
        started_at=duty.started_at,
        due_at=duty.original_due_at,
        source=duty.source,
        confirmed=duty.confirmed,
        policy=current_policy(case.authority),
    )
    if duty.due_at != duty.original_due_at:
        found.due_at, found.move_reason = duty.due_at, duty.move_reason
        db.session.flush()
