"""Who sees to a linked process, and what it leaves on record: its history, and the child’s status with it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.changes.versions import insert_now
from portal.extensions import db
from portal.records.cases.model import Case, Involvement
from portal.records.children.model import Child, ChildStatus
from portal.records.children.records import add_status, end_status
from portal.records.entries.citations import check_no_restricted_quotes
from portal.records.linked_processes.model import LinkedNote, LinkedProcess
from portal.records.linked_processes.policy import LinkedKind
from portal.records.linked_processes.vocabulary import LinkedNoteKind
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import ROLES_THAT_SEE_CASES, Sensitivity, Use


def write_note(
    *, actor: Principal, process: LinkedProcess, kind: LinkedNoteKind, words: str = "", **moved: str
) -> LinkedNote:
    """Add to the history of a process.

    Args:
        moved: what it said `before` and `after`, where it says something else now.
    """
    note = LinkedNote(
        process_id=process.id,
        case_id=process.case_id,
        kind=kind,
        words=words.strip(),
        author_id=actor.user_id,
        agency_id=actor.agency_id,
        written_at=clock.now(),
        **moved,
    )
    return insert_now(note)


def write_reference(actor: Principal, process: LinkedProcess, reference: str) -> None:
    """Write the reference in the other service; what it was before stays in the history.

    Raises:
        DomainError: it is too long.
    """
    if len(reference) > 100:  # noqa: PLR2004 - room for any reference
        raise DomainError("Shorten the reference to 100 characters", field="their_reference")
    if reference == process.their_reference:
        return
    before, process.their_reference = process.their_reference, reference
    db.session.flush()
    write_note(actor=actor, process=process, kind=LinkedNoteKind.REFERENCE, before=before, after=reference)


def record(process: LinkedProcess, verb: str, **details: Any) -> None:
    """A row in the trail."""
    audit.record(verb, process, of_case=process, **details)


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
    begun_on = clock.local(process.started_at).date()
    found = current or add_status(actor=actor, child=child, status=status, starts_on=begun_on, told=True)
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
    end_status(actor=actor, child=child, status=status, ends_on=last, told=True)


def owner_columns(owner: User | Team | Agency) -> dict[str, UUID | None]:
    """The columns that say who sees to a process."""
    return {
        "owner_id": owner.id if isinstance(owner, User) else None,
        "owner_team_id": owner.id if isinstance(owner, Team) else None,
        "owner_agency_id": owner.id if isinstance(owner, Agency) else owner.agency_id,
    }


def check_owner(case: Case, owner: User | Team) -> None:
    """Whoever sees to a process is in use and reads the case; on a sealed one they are named on it.

    Raises:
        DomainError: they cannot see to it.
    """
    agency = db.session.get_one(Agency, owner.agency_id)
    if not owner.active or not agency.active:
        raise DomainError("Choose a person or team that is in use", field="owner")
    if isinstance(owner, User) and not ROLES_THAT_SEE_CASES.intersection(owner.roles):
        raise DomainError(f"{owner.name} cannot see to it: their role does not let them", field="owner")
    person_id = owner.id if isinstance(owner, User) else None
    if not db.session.scalar(select(func.ctx.may_see_to(case.id, person_id))):
        raise DomainError("This case is sealed. Choose somebody who is named on it", field="owner")


def chosen_or_usual(
    actor: Principal, case: Case, rule: LinkedKind, chosen: User | Team | None
) -> User | Team | Agency:
    """Who sees to a process: whoever has a personal duty, who was chosen, else who works on the case for the
    service whose process it is, else who leads.
    """
    if rule.personal:
        return db.session.get_one(User, actor.user_id)
    if chosen is not None:
        check_owner(case, chosen)
        return chosen
    return _of_the_service(case, rule) or _leads(actor, case)


def _of_the_service(case: Case, rule: LinkedKind) -> User | Team | None:
    """Who works on the case for the service whose process it is: the agency that leads first."""
    if case.sensitivity != Sensitivity.NORMAL:
        return None
    found = db.session.execute(
        select(Involvement.worker_id, Involvement.team_id)
        .join(Agency, Agency.id == Involvement.agency_id)
        .where(
            Involvement.case_id == case.id,
            Involvement.ended_at.is_(None),
            Agency.sector.in_([sector.value for sector in rule.keepers]),
        )
        .order_by(
            Involvement.agency_id != case.lead_agency_id,
            Involvement.worker_id.is_(None),
            Involvement.started_at,
        )
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    worker = db.session.get(User, found.worker_id) if found.worker_id else None
    return worker if worker and worker.active else db.session.get_one(Team, found.team_id)


def _leads(actor: Principal, case: Case) -> User | Agency:
    lead = db.session.get(User, case.lead_professional_id) if case.lead_professional_id else None
    if lead is not None and lead.active:
        return lead
    if case.sensitivity == Sensitivity.SEALED:
        return db.session.get_one(User, actor.user_id)
    return db.session.get_one(Agency, case.lead_agency_id)
