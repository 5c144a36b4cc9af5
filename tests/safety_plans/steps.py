"""Steps of a safety plan that the tests share."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.access.principal import Principal
from portal.extensions import db
from portal.records.cases.model import Case
from portal.records.people.model import User
from portal.records.safety_plans.ending import renew
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.reading import edition_now
from portal.records.safety_plans.rules import Agreement
from portal.records.safety_plans.writing import begin_safety_plan, put_in_force, save_words
from tests.told import page_words

Acting = Callable[[User], AbstractContextManager[Principal]]

AGREED = Agreement(child=True, carer=True)
WORDS = {
    "worries": "They wait by the bus stop",
    "what_i_do": "Ring my aunt, then the number below",
    "safe_people": "My aunt, 01632 960111",
    "out_of_hours": "01632 960999",
    "carer_does": "Fetches me from college",
}
WORKERS = {"police_does": "Quietmarker on the address", "plan_risks": "Riskmarker: they see the page"}


def kept(rows: Session, plan: SafetyPlan) -> SafetyPlan:
    """The plan as it is in the database now."""
    rows.rollback()
    rows.expire_all()
    return rows.get_one(SafetyPlan, plan.id)


def begun(acting: Acting, person: User, case: Case, words: dict[str, str] | None = None) -> SafetyPlan:
    """Somebody begins a plan and writes in it."""
    with acting(person) as actor:
        record = db.session.get_one(Case, case.id)
        plan = begin_safety_plan(actor=actor, case=record)
        said = WORDS if words is None else words
        if said:
            save_words(actor=actor, case=record, plan=plan, words=said, seen=plan.number)
        db.session.flush()
        db.session.expunge(plan)
    return plan


def writes(acting: Acting, person: User, case: Case, plan: SafetyPlan, *, seen: int, **words: str) -> int:
    """Somebody writes in a plan, having seen a saving of it."""
    with acting(person) as actor:
        return save_words(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            plan=db.session.get_one(SafetyPlan, plan.id),
            words=words,
            seen=seen,
        )


def holds(
    acting: Acting,
    person: User,
    case: Case,
    plan: SafetyPlan,
    *,
    days: int = 14,
    agreement: Agreement = AGREED,
    **more: Any,
) -> str:
    """Somebody puts a plan in force; what the next page says of telling."""
    with acting(person) as actor:
        found = db.session.get_one(SafetyPlan, plan.id)
        put_in_force(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            plan=found,
            agreement=agreement,
            seen=more.pop("seen", found.number),
            edition=more.pop("edition", edition_now(found)),
            until=clock.today() + timedelta(days=days),
        )
        return page_words()


def renewed(
    acting: Acting,
    person: User,
    case: Case,
    plan: SafetyPlan,
    until: date,
    reason: str = "The meeting is late",
) -> None:
    """Somebody lets a plan last longer."""
    with acting(person) as actor:
        found = db.session.get_one(SafetyPlan, plan.id)
        renew(
            actor=actor,
            case=db.session.get_one(Case, case.id),
            plan=found,
            until=until,
            reason=reason,
            version=found.version,
        )
