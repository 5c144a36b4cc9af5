"""A case that ended is reopened: it is assessed anew, and those who work on it are told."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access import audit
from portal.access.permissions import require
from portal.access.principal import Principal
from portal.extensions import db
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import current_policy
from portal.records.assessments.lifecycle import lead_facts, move_case
from portal.records.cases.alerts import restart_review_clocks
from portal.records.cases.involvements import add_involvement, current_involvement
from portal.records.cases.model import Case, Involvement
from portal.records.cases.open_cases import state_in_words
from portal.records.closing.checks import closure_of
from portal.records.closing.effects import tell_network
from portal.records.linked_processes.effects import restart_clocks
from portal.records.people.model import Team, User
from portal.services.deadlines import Owner, open_deadline
from portal.services.errors import DomainError
from portal.services.versions import lock, lock_row
from portal.vocabulary import CaseState, Sensitivity
from portal.vocabulary.deadlines import DeadlineKind


def _is_over(case: Case) -> None:
    if case.state in OPEN_CASE_STATES:
        raise DomainError("This case is open")


def reopen_case(
    *, actor: Principal, case: Case, reason: str, version: int, teams: Iterable[Team] = ()
) -> None:
    """Reopen a case. Its child is assessed anew within the time of the policy, counted from now.

    Args:
        reason: what is new.
        version: of the case when the page was opened.
        teams: of those that worked on the case until it ended, whom it needs again.

    Raises:
        Forbidden: the actor neither coordinates nor works for the agency that leads; a team is brought back
            by whoever may bring one onto a case.
        Conflict: somebody changed the case meanwhile.
        DomainError: the case is open, the child has another that is, or no reason was given.
    """
    require(actor, "case:reopen", lead_facts(actor, case))
    lock(case, version, state_in_words, first=_is_over, mine={"State": "Reopened"})
    closure = closure_of(case)
    if closure is None:
        raise DomainError("This case is open")
    if not reason.strip():
        raise DomainError("Say why the case is reopened", field="reason")
    lock_row(closure)  # of two who reopen it, the second sees the first
    if closure.reopened_at is not None:
        raise DomainError("Somebody has just reopened this case")
    now = clock.now()
    closure.reopened_by, closure.reopened_at, closure.reopen_reason = actor.user_id, now, reason.strip()
    db.session.flush()
    _open(case)
    policy = current_policy(case.authority)
    owner = owner_of(case)
    open_deadline(kind=DeadlineKind.ASSESSMENT, subject=case, owner=owner, started_at=now, policy=policy)
    restart_review_clocks(case=case, policy=policy, instead=owner)
    restart_clocks(case=case, policy=policy, instead=owner)
    audit.record(
        "case:reopen",
        subject_kind="case",
        subject_id=case.id,
        child_id=case.child_id,
        case_id=case.id,
        closure=str(closure.id),
    )
    for team in teams:
        if current_involvement(case, team.id) is None:
            add_involvement(actor=actor, case=case, team=team, reason=f"Reopened: {reason.strip()}")
    tell_network(actor=actor, case=case, kind="case_reopened", once=str(closure.id))


def owner_of(case: Case) -> Owner:
    """Who sees to a case: its lead professional while they work for the agency that leads, else it."""
    lead = db.session.get(User, case.lead_professional_id) if case.lead_professional_id else None
    if lead is not None and lead.active and lead.agency_id == case.lead_agency_id:
        return Owner(user_id=lead.id)
    return Owner(agency_id=case.lead_agency_id)


def former_teams(case: Case) -> list[tuple[Team, bool]]:
    """The teams that worked on a case until it ended, each with whether it may still read the case."""
    closure = closure_of(case)
    if closure is None or closure.closed_at is None or case.sensitivity == Sensitivity.SEALED:
        return []
    found = db.session.execute(
        select(Team, Involvement.ended_at)
        .join(Involvement, Involvement.team_id == Team.id)
        .where(
            Involvement.case_id == case.id,
            Involvement.started_at <= closure.closed_at,
            Involvement.ended_at > closure.closed_at,
            Team.active,
        )
        .order_by(Team.name, Team.id)
    ).all()
    return [(team, ended is not None and ended > clock.now()) for team, ended in found]


def _open(case: Case) -> None:
    """The database refuses a second open case of one child, also one that the actor does not see."""
    try:
        with db.session.begin_nested():
            move_case(case, CaseState.AWAITING_ASSESSMENT)
            case.closed_at = None
            case.version += 1
            db.session.flush()
    except IntegrityError as error:
        if "uq_cre_case_open_child" not in str(error.orig):
            raise
        raise DomainError(
            "A case cannot be opened for this child now. Another case of this child is open"
        ) from error
