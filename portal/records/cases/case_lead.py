"""Who leads a case: one agency, and in it a lead professional."""

from uuid import UUID

from sqlalchemy import or_, select

from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.records.cases.grants import write_grant
from portal.records.cases.involvements import check_lead, current_involvement
from portal.records.cases.model import Case, ChronologyEntry
from portal.records.people.model import Agency, Team, User
from portal.services.errors import DomainError
from portal.services.versions import lock
from portal.vocabulary import Sensitivity
from portal.vocabulary.deadlines import DeadlineState


def change_lead(
    *, actor: Principal, case: Case, team: Team, professional: User, reason: str, version: int
) -> None:
    """Give the lead to a team that works on the case and to a person of its agency, who is then its worker.

    The case's duties that the lead before them owned go over to them.

    Args:
        version: the version of the case that the actor saw.

    Raises:
        Forbidden: the actor is neither a coordinator nor a manager of the agency that leads.
        Conflict: somebody changed the case meanwhile.
        DomainError: the team does not work on the case, the person is not theirs, or no reason was given.
    """
    require(actor, "case:lead", Facts(own_agency=case.lead_agency_id == actor.agency_id))
    lock(case, version, _lead_in_words, mine={"Lead": f"{professional.name}, {team.name}"})
    if not reason.strip():
        raise DomainError("Say why the lead changes", field="reason")
    check_lead(team, professional)
    involvement = current_involvement(case, team.id)
    if involvement is None:
        raise DomainError("Bring the team onto the case first", field="lead_team")
    before = {"agency": str(case.lead_agency_id), "professional": str(case.lead_professional_id)}
    _hand_duties_over(case, team, professional)
    if case.sensitivity:
        write_grant(actor=actor, case=case, person=professional, reason="Leads the case")
    involvement.worker_id = professional.id
    audit.record(
        "case:lead",
        subject_kind="case",
        subject_id=case.id,
        child_id=case.child_id,
        case_id=case.id,
        before=before,
        after={"agency": str(team.agency_id), "professional": str(professional.id)},
        reason_given=True,
    )
    case.lead_agency_id = team.agency_id
    case.lead_professional_id = professional.id
    case.version += 1
    db.session.flush()


def _hand_duties_over(case: Case, team: Team, professional: User) -> None:
    """Duties of the lead before: those of the lead agency or its teams, and the lead professional's own."""
    of_agency = select(Team.id).where(Team.agency_id == case.lead_agency_id)
    owned_by: list[UUID] = [case.lead_professional_id] if case.lead_professional_id else []
    duties = select(Deadline).where(
        Deadline.case_id == case.id,
        Deadline.subject_kind.in_((Case.__tablename__, ChronologyEntry.__tablename__)),
        Deadline.state == DeadlineState.OPEN,
        or_(
            Deadline.owner_agency_id == case.lead_agency_id,
            Deadline.owner_team_id.in_(of_agency),
            Deadline.owner_id.in_(owned_by),
        ),
    )
    for duty in db.session.scalars(duties):
        duty.owner_id = professional.id
        duty.owner_team_id = None if case.sensitivity == Sensitivity.SEALED else team.id
        duty.owner_agency_id = None
    db.session.flush()


def _lead_in_words(case: Case) -> dict[str, str]:
    agency = db.session.get_one(Agency, case.lead_agency_id).name
    person = db.session.get(User, case.lead_professional_id) if case.lead_professional_id else None
    return {"Lead": f"{person.name}, {agency}" if person else agency}
