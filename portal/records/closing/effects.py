"""What follows when a case ends: its state, its duties, who works on it, and who is told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select

from portal import clock
from portal.access import audit
from portal.access.principal import Principal
from portal.extensions import db
from portal.models.deadlines import Deadline
from portal.pathway.calendar import end_of_day
from portal.pathway.deadlines import last_day
from portal.pathway.states import OPEN_ACTION_STATES
from portal.policy import current_policy
from portal.records.assessments.lifecycle import move_case
from portal.records.cases.facts import about_case
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.cases.vocabulary import GrantKind
from portal.records.closing.model import CaseClosure
from portal.records.closing.vocabulary import ClosureGround, LeftOver
from portal.records.linked_processes.facts import personal_duties
from portal.records.missing.model import MissingEpisode
from portal.records.people.model import Agency, User
from portal.records.plans.action_changes import end_with_case
from portal.records.plans.model import Action
from portal.records.plans.vocabulary import ActionState
from portal.records.plans.writing import end_plan
from portal.services.deadlines import finish_deadlines
from portal.services.messages import tell_people, tell_team
from portal.vocabulary import CaseState, Role, Sector
from portal.vocabulary.deadlines import DeadlineKind, DeadlineState

#: Why the work of a team, or the sight of a named person, ends with a case.
WITH_THE_CASE = {"closed": "The case was closed", "transferred": "The case was transferred to another area"}


def carry_out(*, actor: Principal, case: Case, closure: CaseClosure) -> None:
    """End a case as its closure says. Whoever worked on it is told, and can still read it for some days.

    The agency that leads keeps the case in sight, and so do coordinators: they hear what is new.
    """
    why = WITH_THE_CASE[closure.kind]
    _settle_actions(actor, case, closure)
    end_plan(actor=actor, case=case)
    _end_duties(case, closure, why)
    move_case(case, CaseState(closure.kind))
    case.closed_at = closure.closed_at
    case.version += 1
    db.session.flush()
    audit.record(
        "case:close" if closure.kind == CaseState.CLOSED else "case:transfer",
        subject_kind="case",
        subject_id=case.id,
        child_id=case.child_id,
        case_id=case.id,
        closure=str(closure.id),
    )
    tell_network(actor=actor, case=case, kind="case_ended", once=str(closure.id))
    _let_go(actor, case, why)


def tell_network(*, actor: Principal, case: Case, kind: str, once: str) -> None:
    """Tell everyone who works on a case or may still read it: teams, or on a closely held case people."""
    about, now = about_case(case), clock.now()
    people: set[UUID] = {case.lead_professional_id} if case.lead_professional_id else set()
    if case.sensitivity:
        named = select(AccessGrant.user_id).where(
            AccessGrant.case_id == case.id,
            or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > now),
            AccessGrant.kind == GrantKind.NAMED,
        )
        people |= set(db.session.scalars(named))
    else:
        on_it = db.session.execute(
            select(Involvement.team_id, Involvement.worker_id).where(
                Involvement.case_id == case.id,
                (Involvement.ended_at.is_(None)) | (Involvement.ended_at > now),
            )
        ).all()
        people |= {row.worker_id for row in on_it if row.worker_id}
        for team_id in sorted({row.team_id for row in on_it}):
            tell_team(actor=actor, kind=kind, about=about, team_id=team_id, once=once)
    tell_people(actor=actor, kind=kind, about=about, people=people, once=once)


def tell_managers(*, actor: Principal, case: Case, closure: CaseClosure) -> None:
    """Tell the managers of the agency that leads that a case waits for a second person; of a closely held
    case only those who read it.
    """
    managers = db.session.execute(
        select(User.id, User.roles).where(User.agency_id == case.lead_agency_id, User.active)
    )
    found = {row.id for row in managers if Role.MANAGER in row.roles}
    if case.sensitivity:
        found &= set(
            db.session.scalars(
                select(AccessGrant.user_id).where(
                    AccessGrant.case_id == case.id,
                    or_(AccessGrant.ends_at.is_(None), AccessGrant.ends_at > clock.now()),
                )
            )
        )
    about = about_case(case)
    tell_people(actor=actor, kind="case_end_asked", about=about, people=found, once=str(closure.id))


def open_duties(case: Case) -> list[Deadline]:
    """Everything that is still owed on a case and on what hangs on it.

    What is owed after a return is owed to the child, and hangs on a case only to be out of sight.
    """
    found = select(Deadline).where(
        Deadline.case_id == case.id,
        Deadline.state == DeadlineState.OPEN,
        Deadline.subject_kind != MissingEpisode.__tablename__,
    )
    return list(db.session.scalars(found.order_by(Deadline.due_at)))


def _settle_actions(actor: Principal, case: Case, closure: CaseClosure) -> None:
    """Every action that is open ends as whoever ended the case said: it is carried on, or not needed."""
    still_owed = select(Action).where(Action.case_id == case.id, Action.state.in_(OPEN_ACTION_STATES))
    for action in db.session.scalars(still_owed.order_by(Action.id)).all():
        said = closure.left_over[str(action.id)]
        carried = said["becomes"] == LeftOver.CARRIED
        end_with_case(
            actor=actor,
            action=action,
            state=ActionState.COVERED if carried else ActionState.NOT_NEEDED,
            words=said["words"] or f"{WITH_THE_CASE[closure.kind]}, and whoever follows up carries it on",
        )


def _end_duties(case: Case, closure: CaseClosure, why: str) -> None:
    """The decision that was owed is made. Nothing else is met: it is no longer needed, which is neither in
    time nor late.
    """
    if closure.ground != ClosureGround.MOVED:
        finish_deadlines(subject=case, kind=DeadlineKind.CASE_END)
    personal = personal_duties(case)
    for duty in open_duties(case):
        if duty.id in personal:
            continue  # the law asks it of one person, whatever becomes of the case
        duty.state, duty.ended_at, duty.move_reason = DeadlineState.CANCELLED, clock.now(), why
    db.session.flush()


def _let_go(actor: Principal, case: Case, why: str) -> None:
    """Teams and named people of other agencies stop working on the case, and read it until policy
    `limits.request_reach` is over. The agency that leads and the hub keep it.
    """
    until = _readable_until(case)
    teams = select(Involvement).where(
        Involvement.case_id == case.id,
        Involvement.ended_at.is_(None),
        Involvement.agency_id != case.lead_agency_id,
    )
    for involvement in db.session.scalars(teams):
        involvement.ended_at, involvement.ended_by = until, actor.user_id
        involvement.end_reason = why
    for grant in db.session.scalars(_others_named(case)):
        grant.ends_at = until
    db.session.flush()


def _others_named(case: Case) -> Select[AccessGrant]:
    keep = (
        select(User.id)
        .join(Agency, Agency.id == User.agency_id)
        .where(or_(User.agency_id == case.lead_agency_id, Agency.sector == Sector.HUB))
    )
    return select(AccessGrant).where(
        AccessGrant.case_id == case.id,
        AccessGrant.kind == GrantKind.NAMED,
        AccessGrant.ends_at.is_(None),
        AccessGrant.user_id.not_in(keep),
    )


def _readable_until(case: Case) -> datetime:
    limit = current_policy(case.authority).clocks.limits.request_reach
    return end_of_day(last_day(limit, clock.today()))
