"""Who sees to a linked process."""

from uuid import UUID

from sqlalchemy import func, select

from portal.access.principal import Principal
from portal.changes.errors import DomainError
from portal.extensions import db
from portal.records.cases.model import Case, Involvement
from portal.records.linked_processes.policy import LinkedKind
from portal.records.people.model import Agency, Team, User
from portal.vocabulary import ROLES_THAT_SEE_CASES, Sensitivity


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
