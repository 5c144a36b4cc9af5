"""Interim safety plans of the demonstration: in force, about to run out, and ended."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.demo.content.acting import Stage, reread
from portal.demo.content.reading import Described
from portal.extensions import db
from portal.pathway.calendar import add_working_days
from portal.records.cases.model import Case
from portal.records.safety_plans.ending import end_safety_plan
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.rules import Agreement
from portal.records.safety_plans.writing import begin_safety_plan, put_in_force, save_words


def write(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Write each plan, put it in force, and end it where the file says so."""
    for said in described:
        plan_id = _in_force(stage, said, known[said["child"]])
        if "ended" in said:
            with stage.acting(said["by"], stage.ago(said["ended"])) as actor:
                plan = reread(SafetyPlan, plan_id)
                end_safety_plan(
                    actor=actor,
                    case=reread(Case, plan.case_id),
                    plan=plan,
                    reason=said["reason"],
                    version=plan.version,
                )


def _in_force(stage: Stage, said: Described, child_id: UUID) -> UUID:
    with stage.acting(said["by"], stage.ago(said["at"])) as actor:
        case = db.session.scalars(select(Case).where(Case.child_id == child_id)).one()
        plan = begin_safety_plan(actor=actor, case=case)
        number = save_words(actor=actor, case=case, plan=plan, words=said["says"], seen=plan.number)
        put_in_force(
            actor=actor,
            case=case,
            plan=plan,
            agreement=Agreement(
                child=said.get("child_agrees") != "no",
                carer=True,
                child_words=said.get("child_words", ""),
            ),
            seen=number,
            until=_until(stage, said),
        )
        return plan.id


def _until(stage: Stage, said: Described) -> date:
    """So many days from when it was made, or so many working days from today, such as “+8wd”."""
    if "days" in said:
        return clock.today() + timedelta(days=said["days"])
    return add_working_days(clock.local(stage.now).date(), int(said["until"].strip("+wd")))
