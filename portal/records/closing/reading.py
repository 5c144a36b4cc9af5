"""How a case ended, and what is handed over: as pages and papers show it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from portal.deadlines.model import Deadline
from portal.deadlines.vocabulary import DeadlineKind, DeadlineState
from portal.extensions import db
from portal.pathway.calendar import ends_a_day
from portal.policy import current_policy, policy_of
from portal.queries.rows import filled, name_of
from portal.records.assessments.model import RiskAssessment
from portal.records.cases.model import AccessGrant, Case, Involvement
from portal.records.cases.vocabulary import GrantKind
from portal.records.closing.model import CaseClosure, HandOver
from portal.records.closing.policy import Closing
from portal.records.closing.vocabulary import WITH_THE_CASE, HandOverKind
from portal.records.people.model import Team, User
from portal.records.plans.model import Action, Plan
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.vocabulary import ROLES_THAT_SEE_CASES, Sensitivity


@dataclass(frozen=True)
class HandOverPaper:
    """A hand-over as whoever reads the case reads it: what a page, a print and a file of it show.

    Attributes:
        id: of the record.
        sections: the heading and the words of each, in the order of the policy that it was begun under.
    """

    id: UUID
    reference: str
    kind: HandOverKind
    service: str
    person: str
    contact: str
    meets_on: date | None
    sections: Sequence[tuple[str, str]]
    saved_by: str
    saved_at: datetime
    finalised_by: str | None
    finalised_at: datetime | None


def hand_overs(*, case: Case, kind: HandOverKind) -> list[HandOverPaper]:
    """The hand-overs of a kind on a case, the latest first."""
    found = db.session.execute(
        select(
            HandOver, name_of(HandOver.saved_by, "saved_by"), name_of(HandOver.finalised_by, "finalised_by")
        )
        .where(HandOver.case_id == case.id, HandOver.kind == kind)
        .order_by(HandOver.started_at.desc())
    ).all()
    return [_paper(case, one, saved_by, finalised_by) for one, saved_by, finalised_by in found]


def _paper(case: Case, hand_over: HandOver, saved_by: str, finalised_by: str | None) -> HandOverPaper:
    policy = policy_of(hand_over.policy_version) or current_policy(case.authority)
    kind = HandOverKind(hand_over.kind)
    return filled(
        HandOverPaper,
        hand_over,
        kind=kind,
        sections=[
            (one.label, hand_over.answers.get(one.code, "")) for one in policy.of(Closing).sections_of(kind)
        ],
        saved_by=saved_by,
        finalised_by=finalised_by,
    )


@dataclass(frozen=True)
class LeftBehind:
    """What ended with a case that is open again, and has not begun again.

    Attributes:
        plan: the reference of the plan that ended with it; empty where another runs, or none did.
        safety_plan: the last that was in force, where none is in force or being written now.
        teams: those that worked on it until it ended and do not now, and until when each still reads it.
        people: the same of people who were named on it.
        actions: those that were open, with what was said becomes of each.
        workers: who was named for a team that is back and has nobody named now, each with the team.
        duties: what was owed on the case itself, with when it was due, and is not owed now.
    """

    plan: str
    safety_plan: SafetyPlan | None
    teams: Sequence[tuple[str, datetime]]
    people: Sequence[tuple[str, datetime]]
    actions: Sequence[Action]
    workers: Sequence[tuple[str, str]]
    duties: Sequence[tuple[str, datetime]]


def left_behind(*, case_id: UUID) -> LeftBehind | None:
    """What ended when a case ended that was reopened since; None once it is assessed again, which says anew
    what it needs, and where it never ended.
    """
    over = db.session.scalar(
        select(CaseClosure)
        .where(CaseClosure.case_id == case_id, CaseClosure.reopened_at.is_not(None))
        .order_by(CaseClosure.reopened_at.desc())
        .limit(1)
    )
    if over is None or over.closed_at is None:
        return None
    assessed = select(RiskAssessment.id).where(
        RiskAssessment.case_id == case_id, RiskAssessment.finalised_at >= over.reopened_at
    )
    if db.session.scalar(assessed.limit(1)) is not None:
        return None
    return LeftBehind(
        _plan_that_ended(case_id, over.closed_at),
        _last_safety_plan(case_id),
        _teams_gone(case_id, over),
        _people_gone(case_id, over),
        db.session.scalars(select(Action).where(Action.id.in_(over.left_over)).order_by(Action.id)).all(),
        _workers_gone(case_id, over),
        _duties_gone(case_id, over),
    )


def _plan_that_ended(case_id: UUID, at: datetime) -> str:
    newest = select(Plan).where(Plan.case_id == case_id).order_by(Plan.ended_at.desc().nulls_first()).limit(1)
    plan = db.session.scalar(newest)
    return plan.reference if plan is not None and plan.ended_at and plan.ended_at >= at else ""


def _last_safety_plan(case_id: UUID) -> SafetyPlan | None:
    of_case = select(SafetyPlan).where(SafetyPlan.case_id == case_id)
    if db.session.scalar(of_case.where(SafetyPlan.state != SafetyPlanState.ENDED)) is not None:
        return None
    was_in_force = of_case.where(SafetyPlan.in_force_at.is_not(None))
    return db.session.scalar(was_in_force.order_by(SafetyPlan.ended_at.desc()).limit(1))


def _teams_gone(case_id: UUID, over: CaseClosure) -> list[tuple[str, datetime]]:
    """Whose work ended with the case. One that came back since, also if it was taken off again, is not among
    them.
    """
    now = aliased(Involvement)
    back = select(now.id).where(
        now.case_id == case_id, now.team_id == Team.id, now.started_at > over.closed_at
    )
    found = db.session.execute(
        select(Team.name, name_of(Team.agency_id, "agency"), Involvement.ended_at)
        .join(Involvement, Involvement.team_id == Team.id)
        .where(
            Involvement.case_id == case_id,
            Involvement.started_at <= over.closed_at,
            Involvement.ended_at > over.closed_at,
            Involvement.end_reason == WITH_THE_CASE[over.kind],
            ~back.exists(),
        )
        .order_by(Team.name, Team.id)
    )
    return [(f"{row.name}, {row.agency}", row.ended_at) for row in found]


def _workers_gone(case_id: UUID, over: CaseClosure) -> list[tuple[str, str]]:
    """Of teams that are back, without anybody named."""
    now = aliased(Involvement)
    found = db.session.execute(
        select(name_of(Involvement.worker_id, "worker"), Team.name)
        .select_from(Involvement)
        .join(Team, Team.id == Involvement.team_id)
        .join(now, and_(now.case_id == case_id, now.team_id == Team.id, now.ended_at.is_(None)))
        .where(
            Involvement.case_id == case_id,
            Involvement.worker_id.is_not(None),
            Involvement.ended_at > over.closed_at,
            Involvement.end_reason == WITH_THE_CASE[over.kind],
            now.started_at > over.closed_at,
            now.worker_id.is_(None),
        )
        .order_by(Team.name, Team.id)
    )
    return [(row.worker, row.name) for row in found]


def _duties_gone(case_id: UUID, over: CaseClosure) -> list[tuple[str, datetime]]:
    """What ended as no longer needed, and nobody owes again."""
    now = aliased(Deadline)
    again = select(now.id).where(now.case_id == case_id, now.kind == Deadline.kind, now.state == "open")
    found = db.session.execute(
        select(Deadline.kind, Deadline.due_at)
        .where(
            Deadline.case_id == case_id,
            Deadline.subject_kind == Case.__tablename__,
            Deadline.state == DeadlineState.CANCELLED,
            Deadline.move_reason == WITH_THE_CASE[over.kind],
            Deadline.ended_at >= over.closed_at,
            ~again.exists(),
        )
        .order_by(Deadline.due_at, Deadline.id)
    )
    return [(DeadlineKind(row.kind).label, row.due_at) for row in found]


def _people_gone(case_id: UUID, over: CaseClosure) -> list[tuple[str, datetime]]:
    """Likewise. A grant does not say why it ended: with the case it ends with a day, and whoever is taken off
    is off at once.
    """
    now = aliased(AccessGrant)
    back = select(now.id).where(
        now.case_id == case_id, now.user_id == User.id, now.starts_at > over.closed_at
    )
    found = db.session.execute(
        select(User.name, name_of(User.agency_id, "agency"), AccessGrant.ends_at)
        .join(AccessGrant, AccessGrant.user_id == User.id)
        .where(
            AccessGrant.case_id == case_id,
            AccessGrant.kind == GrantKind.NAMED,
            AccessGrant.starts_at <= over.closed_at,
            AccessGrant.ends_at > over.closed_at,
            ~back.exists(),
        )
        .order_by(User.name, User.id)
    )
    return [(f"{row.name}, {row.agency}", row.ends_at) for row in found if ends_a_day(row.ends_at)]


def workers_before(case: Case, teams: Collection[UUID]) -> dict[UUID, User]:
    """By team, who worked on a case for it until it ended, where they may still. On one that is closely held
    nobody is named by bringing a team back.
    """
    if case.sensitivity != Sensitivity.NORMAL:
        return {}
    was = (
        select(Involvement.team_id, User)
        .join(User, User.id == Involvement.worker_id)
        .where(Involvement.case_id == case.id, Involvement.team_id.in_(teams))
        .where(User.active, User.agency_id == Involvement.agency_id)
        .order_by(Involvement.started_at, Involvement.id)
    )
    found = db.session.execute(was)
    return {row.team_id: row.User for row in found if ROLES_THAT_SEE_CASES.intersection(row.User.roles)}
