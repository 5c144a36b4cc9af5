"""Interim safety plans as their readers see them: everyone with full reach on the case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Row, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal import clock
from portal.extensions import db
from portal.pathway.references import Prefix
from portal.policy import current_policy
from portal.queries.rows import Rows, name_of
from portal.records.cases.model import Case
from portal.records.cases.reading.records import with_case
from portal.records.children.model import Child, ChildStatement
from portal.records.meetings.model import Meeting, MeetingCase
from portal.records.missing.reading import read_as_same
from portal.records.people.model import User
from portal.records.safety_plans.model import (
    SafetyPlan,
    SafetyPlanAnswer,
    SafetyPlanRenewal,
    SafetyPlanVersion,
)
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.vocabulary import StatementKind


@dataclass(frozen=True)
class Written:
    """One part of a plan as it stands, and who wrote it."""

    words: str
    author: str
    agency: str
    saved_at: datetime


def find_safety_plan(*, reference: str) -> tuple[SafetyPlan, Case] | None:
    """The plan of a reference and its case, if one may see them."""
    return with_case(SafetyPlan, reference=reference, prefix=Prefix.SAFETY_PLAN)


def written(*, plan_id: UUID, up_to: int | None = None) -> dict[str, Written]:
    """What a plan says, by code of policy `safety_plan.fields`; parts that were emptied are left out.

    Args:
        up_to: the number of a saving, to read the plan as it stood then; by default the last.
    """
    found = (
        select(
            SafetyPlanAnswer,
            name_of(SafetyPlanAnswer.author_id, "author"),
            name_of(SafetyPlanAnswer.agency_id, "agency"),
        )
        .where(SafetyPlanAnswer.plan_id == plan_id)
        .order_by(SafetyPlanAnswer.number)
    )
    if up_to is not None:
        found = found.where(SafetyPlanAnswer.number <= up_to)
    latest = {
        row.item: Written(row.words, author, agency, row.saved_at)
        for row, author, agency in db.session.execute(found)
    }
    return {item: one for item, one in latest.items() if one.words}


def if_missing(*, child_id: UUID, items: Sequence[str]) -> Rows:
    """What plans in force say of some items: item, words, reference, valid_until, author, agency, saved_at.
    Also those on records that are linked with the child's, as far as the reader sees that.

    Args:
        items: codes of policy `safety_plan.fields`.
    """
    in_force = (
        select(func.max(SafetyPlanVersion.number))
        .where(SafetyPlanVersion.plan_id == SafetyPlan.id)
        .correlate(SafetyPlan)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            SafetyPlanAnswer.item,
            SafetyPlanAnswer.words,
            SafetyPlanAnswer.saved_at,
            SafetyPlan.reference,
            SafetyPlan.valid_until,
            name_of(SafetyPlanAnswer.author_id, "author"),
            name_of(SafetyPlanAnswer.agency_id, "agency"),
        )
        .select_from(Case)
        .join(SafetyPlan, SafetyPlan.case_id == Case.id)
        .join(SafetyPlanAnswer, SafetyPlanAnswer.plan_id == SafetyPlan.id)
        .where(
            Case.child_id.in_(read_as_same(child_id)),
            SafetyPlan.state == SafetyPlanState.IN_FORCE,
            SafetyPlanAnswer.item.in_(items),
            SafetyPlanAnswer.number <= in_force,
        )
        .ext(distinct_on(SafetyPlanAnswer.item))
        .order_by(SafetyPlanAnswer.item, SafetyPlan.in_force_at.desc(), SafetyPlanAnswer.number.desc())
    ).all()


def versions(*, plan_id: UUID) -> Rows:
    """Every version that was in force, newest first: who agreed, who put it in force and when."""
    return db.session.execute(
        select(SafetyPlanVersion.__table__, User.name.label("by"), name_of(User.agency_id, "agency"))
        .join(User, User.id == SafetyPlanVersion.put_by)
        .where(SafetyPlanVersion.plan_id == plan_id)
        .order_by(SafetyPlanVersion.edition.desc())
    ).all()


def renewals(*, plan_id: UUID) -> Rows:
    """Every time that a plan was made to last longer, in order, by whom and why."""
    return db.session.execute(
        select(SafetyPlanRenewal.__table__, User.name.label("by"), name_of(User.agency_id, "agency"))
        .join(User, User.id == SafetyPlanRenewal.renewed_by)
        .where(SafetyPlanRenewal.plan_id == plan_id)
        .order_by(SafetyPlanRenewal.renewed_at, SafetyPlanRenewal.id)
    ).all()


def of_case(*, case_id: UUID) -> Rows:
    """The plans of a case, newest first, with who began and who ended each."""
    return db.session.execute(
        select(
            SafetyPlan.__table__,
            name_of(SafetyPlan.author_id, "author"),
            name_of(SafetyPlan.agency_id, "agency"),
            name_of(SafetyPlan.ended_by, "ended_by_name"),
            Meeting.reference.label("meeting"),
        )
        .outerjoin(Meeting, Meeting.id == SafetyPlan.ended_meeting_id)
        .where(SafetyPlan.case_id == case_id)
        .order_by(SafetyPlan.started_at.desc(), SafetyPlan.id.desc())
        .limit(50)
    ).all()


def may_end_with(*, meeting: Meeting) -> Sequence[Row[SafetyPlan, Case, str]]:
    """The plans in force on the cases of a meeting with which plans may end, that were not renewed since it
    began; with the case and the name of the child.
    """
    if meeting.kind not in current_policy().of(SafetyPlanning).may_end_with:
        return []
    renewed = select(SafetyPlanRenewal.id).where(
        SafetyPlanRenewal.plan_id == SafetyPlan.id, SafetyPlanRenewal.renewed_at >= meeting.starts_at
    )
    return db.session.execute(
        select(SafetyPlan, Case, (Child.given_name + " " + Child.family_name).label("name"))
        .join(Case, Case.id == SafetyPlan.case_id)
        .join(MeetingCase, MeetingCase.case_id == Case.id)
        .join(Child, Child.id == Case.child_id)
        .where(
            MeetingCase.meeting_id == meeting.id,
            SafetyPlan.state == SafetyPlanState.IN_FORCE,
            ~renewed.exists(),
        )
        .order_by(Child.given_name, SafetyPlan.id)
    ).all()


def facts_of(*, plan: SafetyPlan) -> Any:
    """The row of :func:`of_case` for one plan."""
    return next(row for row in of_case(case_id=plan.case_id) if row.id == plan.id)


def plan_now(case: Case) -> SafetyPlan | None:
    """The one plan of a case that is not ended: being written or in force."""
    return db.session.scalar(
        select(SafetyPlan).where(SafetyPlan.case_id == case.id, SafetyPlan.state != SafetyPlanState.ENDED)
    )


def ended_with(*, meeting_id: UUID) -> dict[UUID, Row[*tuple[Any, ...]]]:
    """By case, the plan that ended with a meeting, as far as one reads it: `reference`, and `ended_at`."""
    found = db.session.execute(
        select(SafetyPlan.case_id, SafetyPlan.reference, SafetyPlan.ended_at)
        .join(MeetingCase, MeetingCase.case_id == SafetyPlan.case_id)  # by an index
        .where(MeetingCase.meeting_id == meeting_id, SafetyPlan.ended_meeting_id == meeting_id)
        .order_by(SafetyPlan.ended_at, SafetyPlan.id)
    )
    return {row.case_id: row for row in found}


def edition_now(plan: SafetyPlan) -> int:
    """The number of the version that is in force; 0 before the first."""
    newest = select(func.max(SafetyPlanVersion.edition)).where(SafetyPlanVersion.plan_id == plan.id)
    return db.session.scalar(newest) or 0


def before_changes(*, plan: SafetyPlan) -> dict[str, Written] | None:
    """What the last version in force says, where the plan was changed since; else None."""
    newest = select(func.max(SafetyPlanVersion.number)).where(SafetyPlanVersion.plan_id == plan.id)
    number = db.session.scalar(newest)
    return written(plan_id=plan.id, up_to=number) if number is not None and number < plan.number else None


def close_untold(plan: SafetyPlan) -> None:
    """Take off the hub's list whom a plan could not be told to, once there is nothing to tell them: it has
    ended, or somebody on that ground was told since.
    """
    db.session.flush()
    db.session.execute(select(func.ctx.close_untold_of_plan(plan.id, clock.now())))


def seen_in(case: Case, said: str) -> Select[bool]:
    """Whether words hold an address or number of the child, of those that may not be told, which one sees."""
    return select(
        select(ChildStatement.id)
        .where(
            ChildStatement.child_id == case.child_id,
            ChildStatement.do_not_disclose,
            ChildStatement.kind.in_((StatementKind.ADDRESS, StatementKind.PHONE)),
            func.ctx.mentions(said, ChildStatement.value, ChildStatement.postcode),
        )
        .exists()
    )


def given_away(case: Case, said: str) -> Select[bool]:
    """The same of all of them, for whoever reads the case."""
    return select(func.ctx.gives_away(case.id, said, type_=Boolean))
