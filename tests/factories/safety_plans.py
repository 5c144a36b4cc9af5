"""Interim safety plans, written straight into the tables."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.model import new_id
from portal.pathway.references import Prefix, new_reference
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.safety_plans.model import (
    SafetyPlan,
    SafetyPlanAnswer,
    SafetyPlanRenewal,
    SafetyPlanVersion,
)


def make_safety_plan(rows: Session, case: Case, author: User, words: str = "Told") -> SafetyPlan:
    """A plan in force with an answer, a version and a renewal."""
    today = clock.today()
    found = SafetyPlan(
        id=new_id(),
        reference=new_reference(Prefix.SAFETY_PLAN),
        case_id=case.id,
        state="in_force",
        author_id=author.id,
        agency_id=author.agency_id,
        started_at=clock.now(),
        number=1,
        in_force_at=clock.now(),
        valid_from=today,
        valid_until=today + timedelta(days=14),
        policy_version="test",
    )
    rows.add(found)
    rows.flush()
    rows.add_all(parts_of(found, author, words))
    rows.commit()
    return found


def parts_of(plan: SafetyPlan, author: User, words: str = "Told") -> list[Any]:
    """What hangs on a plan, not yet written."""
    return [
        SafetyPlanAnswer(
            id=new_id(),
            plan_id=plan.id,
            item="worries",
            number=1,
            words=words,
            author_id=author.id,
            agency_id=author.agency_id,
            saved_at=clock.now(),
        ),
        SafetyPlanVersion(
            id=new_id(),
            plan_id=plan.id,
            edition=1,
            number=1,
            child_agrees=True,
            carer_agrees=True,
            put_by=author.id,
            put_at=clock.now(),
        ),
        SafetyPlanRenewal(
            id=new_id(),
            plan_id=plan.id,
            before=clock.today(),
            until=clock.today() + timedelta(days=14),
            reason="R",
            renewed_by=author.id,
            renewed_at=clock.now(),
        ),
    ]
