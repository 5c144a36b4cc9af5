"""Teams on a case: who of them works on it, and when their work ends. How they join: `joining`."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from portal import clock
from portal.access import audit
from portal.access.permissions import Facts, require
from portal.access.principal import Principal
from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.pathway.states import OPEN_ACTION_STATES
from portal.records.cases.facts import about_case
from portal.records.cases.grants import close_grant, current_grants, name_person
from portal.records.cases.model import Case, Involvement
from portal.records.cases.vocabulary import GrantKind
from portal.records.people.model import Team, TeamMember, User
from portal.records.plans.model import Action
from portal.services.errors import Conflict, DomainError, NotFound, Versions
from portal.services.messages import tell_people, tell_team
from portal.services.versions import lock_row
from portal.vocabulary import ROLES_THAT_SEE_CASES
from portal.vocabulary.deadlines import DeadlineKind, DeadlineState


def check_lead(team: Team, professional: User | None) -> None:
    """A team that leads is active, and its lead professional works for the same agency.

    Raises:
        DomainError: it or they cannot lead.
    """
    if not team.active:
        raise DomainError("Choose a team that is in use", field="lead_team")
    if professional is not None:
        check_worker(team, professional, field="lead_professional")


def check_worker(team: Team, person: User, *, field: str = "worker") -> None:
    """A worker is an active person of the team's agency whose role lets them see cases.

    Raises:
        DomainError: they are not.
    """
    if not person.active or person.agency_id != team.agency_id:
        raise DomainError("Choose somebody who works for this agency", field=field)
    if not ROLES_THAT_SEE_CASES.intersection(person.roles):
        raise DomainError(f"{person.name} cannot work on cases: their role does not let them", field=field)


def tell_shared(*, actor: Principal, case: Case, involvement: Involvement) -> None:
    """Tell a team that it works on a case from now on, and its worker by e-mail of their own."""
    about, once = about_case(case), str(involvement.id)
    worker = [involvement.worker_id] if involvement.worker_id else []
    tell_people(actor=actor, kind="shared", about=about, people=worker, once=once)
    tell_team(actor=actor, kind="shared", about=about, team_id=involvement.team_id, once=once)


def name_worker(
    *,
    actor: Principal,
    case: Case,
    involvement: Involvement,
    worker: User,
    seen_worker_id: UUID | None,
) -> None:
    """Say who of a team works on the case. On a restricted or sealed case that names them on it, too, and
    takes the name of the worker before them off.

    Args:
        seen_worker_id: whom the actor saw as the worker, so that two people do not undo each other.

    Raises:
        NotFound: the involvement is another case's, or has ended.
        Forbidden: the actor may not name this team's worker, or nobody on a closely held case.
        Conflict: somebody named another worker meanwhile.
        DomainError: the worker is not of the team's agency, or the worker before leads the case.
    """
    lock_row(involvement)
    _must_be_current(case, involvement)
    is_lead = case.lead_professional_id == actor.user_id
    own_agency = involvement.agency_id == actor.agency_id
    require(actor, "worker:name", Facts(lead_professional=is_lead, own_agency=own_agency))
    if involvement.worker_id != seen_worker_id:
        raise Conflict(
            "Somebody else named a worker while you were choosing",
            Versions(theirs={"Worker": _name(involvement.worker_id)}, mine={"Worker": worker.name}),
        )
    check_worker(db.session.get_one(Team, involvement.team_id), worker)
    before = involvement.worker_id
    if before == case.lead_professional_id and before is not None and before != worker.id:
        raise DomainError("This worker leads the case. Change who leads it instead", field="worker")
    if case.sensitivity:
        name_person(actor=actor, case=case, person=worker, reason="Works on the case", tells=False)
        if before not in {None, worker.id}:
            _unname(case, before)
    involvement.worker_id = worker.id
    _record(case, involvement, "worker:name")
    db.session.flush()
    if before != worker.id:
        once = f"{involvement.id}:{clock.now().isoformat()}"
        tell_people(actor=actor, kind="given", about=about_case(case), people=[worker.id], once=once)


def end_involvement(*, actor: Principal, case: Case, involvement: Involvement, reason: str) -> None:
    """Take a team off a case: from now on it reads nothing of it.

    Raises:
        NotFound: the involvement is another case's, or has ended.
        Forbidden: the actor is neither a coordinator nor a manager of the team's agency.
        DomainError: the team leads the case, still owes something on it, such as an action of one of its
            people, or no reason was given.
    """
    lock_row(involvement)
    _must_be_current(case, involvement)
    require(actor, "involvement:end", Facts(own_agency=involvement.agency_id == actor.agency_id))
    if not reason.strip():
        raise DomainError("Say why the team’s work on the case ends", field="reason")
    if _leads(case, involvement):
        raise DomainError("This team leads the case. Change who leads it first")
    owed = _owed(case, involvement)
    if owed:
        raise DomainError(f"This team still has to: {'; '.join(owed)}. Finish it or hand it over first")
    # The row in the trail first: ending one's own team's work ends one's sight of the case.
    _record(case, involvement, "involvement:end")
    if case.sensitivity and involvement.worker_id:
        _unname(case, involvement.worker_id)
    involvement.ended_at = clock.now()
    involvement.ended_by = actor.user_id
    involvement.end_reason = reason.strip()
    db.session.flush()


def _must_be_current(case: Case, involvement: Involvement) -> None:
    if involvement.case_id != case.id or involvement.ended_at is not None:
        raise NotFound("This team does not work on this case")


def _leads(case: Case, involvement: Involvement) -> bool:
    """Whether a case would be without its lead: the lead professional's team, or the agency's last one."""
    if involvement.agency_id != case.lead_agency_id:
        return False
    if involvement.worker_id is not None and involvement.worker_id == case.lead_professional_id:
        return True
    return _is_last_of_agency(case, involvement)


def _is_last_of_agency(case: Case, involvement: Involvement) -> bool:
    others = select(func.count()).where(
        Involvement.case_id == case.id,
        Involvement.agency_id == involvement.agency_id,
        Involvement.ended_at.is_(None),
        Involvement.id != involvement.id,
    )
    return not db.session.scalar(others)


def _owed(case: Case, involvement: Involvement) -> list[str]:
    """What the team or its worker has still to do on the case, in words."""
    kinds = db.session.scalars(
        select(Deadline.kind).where(
            Deadline.case_id == case.id,
            Deadline.state == DeadlineState.OPEN,
            Deadline.kind != DeadlineKind.ACTION,
            or_(Deadline.owner_team_id == involvement.team_id, Deadline.owner_id == involvement.worker_id),
        )
    )
    actions = db.session.scalars(
        select(Action.reference)
        .where(
            Action.case_id == case.id,
            Action.owner_agency_id == involvement.agency_id,
            Action.state.in_(OPEN_ACTION_STATES),
            *_of_team(case, involvement),
        )
        .order_by(Action.due_on, Action.id)
    )
    return [DeadlineKind(kind).label.lower() for kind in kinds] + [f"do action {one}" for one in actions]


def _of_team(case: Case, involvement: Involvement) -> list[ColumnElement[bool]]:
    """Which of an agency's actions hold a team back: those of its own, and of the last team every one."""
    if _is_last_of_agency(case, involvement):
        return []
    people = select(TeamMember.user_id).where(TeamMember.team_id == involvement.team_id)
    return [
        or_(
            Action.owner_team_id == involvement.team_id,
            Action.owner_id == involvement.worker_id,
            Action.owner_id.in_(people),
        )
    ]


def _unname(case: Case, user_id: UUID | None) -> None:
    """Whoever no longer works on a closely held case no longer reads it by name."""
    for grant in current_grants(case):
        if grant.user_id == user_id and grant.kind == GrantKind.NAMED:
            close_grant(case, grant)


def _name(user_id: UUID | None) -> str:
    return db.session.get_one(User, user_id).name if user_id else "Nobody"


def _record(case: Case, involvement: Involvement, action: str) -> None:
    audit.record(
        action,
        subject_kind="involvement",
        subject_id=involvement.id,
        child_id=case.child_id,
        case_id=case.id,
        team=str(involvement.team_id),
    )


def current_involvement(case: Case, team_id: UUID) -> Involvement | None:
    """The involvement of a team that has not ended."""
    return db.session.scalar(
        select(Involvement).where(
            Involvement.case_id == case.id, Involvement.team_id == team_id, Involvement.ended_at.is_(None)
        )
    )
