"""Plans of the demonstration, their actions, interim safety plans, and processes of other services."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content.acting import Stage, person, reread, team_called
from portal.demo.content.moments import Described
from portal.extensions import db
from portal.pathway.calendar import add_working_days
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.linked_processes.beginning import Begun, begin
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.rules import Taken
from portal.records.linked_processes.steps import open_steps, take_step
from portal.records.plans.action_changes import end_as_covered
from portal.records.plans.action_steps import add_note, block, confirm, mark_done, start
from portal.records.plans.actions import give_action
from portal.records.plans.model import Action, Plan
from portal.records.plans.vocabulary import ActionPriority, PlanPart
from portal.records.plans.writing import begin_plan, say
from portal.records.safety_plans.ending import end_safety_plan
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.rules import Agreement
from portal.records.safety_plans.writing import begin_safety_plan, put_in_force, save_words


def write(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Write what each plan says, give its actions, and let each go as far as the file says."""
    for said in described:
        with stage.acting(said["by"], stage.ago(said["at"])) as actor:
            case = db.session.scalars(select(Case).where(Case.child_id == known[said["child"]])).one()
            case_id = case.id
            _say(actor, case, begin_plan(actor=actor, case=case), said["says"])
        for given in said["actions"]:
            action_id = _give(stage, case_id, given)
            for step in given.get("steps", ()):
                with stage.acting(step["by"], stage.ago(step["at"])) as actor:
                    take(actor, reread(Action, action_id), step)


def take(actor: Principal, action: Action, step: Described) -> None:
    """Take a step on an action, as a file describes it."""
    _STEPS[step["do"]](actor, action, step)


def _say(actor: Principal, case: Case, plan: Plan, says: Mapping[str, str]) -> None:
    for code, words in says.items():
        not_obtained = words.startswith("Nobody could ask")
        say(actor=actor, plan=plan, case=case, part=PlanPart(code), text=words, not_obtained=not_obtained)


def _give(stage: Stage, case_id: UUID, given: Described) -> UUID:
    with stage.acting(given["by"], stage.ago(given["at"])) as actor:
        action = give_action(
            actor=actor,
            case=reread(Case, case_id),
            what=given["what"],
            measure=given["measure"],
            category=given["category"],
            target=given["target"],
            owner=person(given["owner"]) if "owner" in given else team_called(given["team"]),
            due_on=clock.local(stage.now).date() + timedelta(days=given["due"]),
            priority=ActionPriority(given.get("priority", ActionPriority.NORMAL)),
        )
        return action.id


_STEPS: Mapping[str, Callable[[Principal, Action, Described], object]] = {
    "note": lambda actor, action, step: add_note(
        actor=actor, action=action, text=step["words"], handling=Handling.NETWORK
    ),
    "start": lambda actor, action, _: start(actor=actor, action=action, version=action.version),
    "block": lambda actor, action, step: block(
        actor=actor, action=action, why=step["words"], version=action.version
    ),
    "done": lambda actor, action, step: mark_done(
        actor=actor, action=action, words=step["words"], version=action.version
    ),
    "confirm": lambda actor, action, step: confirm(
        actor=actor, action=action, effect=step["effect"], words=step["words"], version=action.version
    ),
    "covered": lambda actor, action, step: end_as_covered(
        actor=actor, action=action, by=step["words"], version=action.version
    ),
}


def write_safety_plans(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
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


def write_linked(stage: Stage, described: Sequence[Described], known: Mapping[str, UUID]) -> None:
    """Record each process and take its steps."""
    for said in described:
        process_id = _begin(stage, said, known[said["child"]])
        for step in said.get("steps", ()):
            _take(stage, process_id, step)


def _begin(stage: Stage, said: Described, child_id: UUID) -> UUID:
    with stage.acting(said["by"], stage.ago(said["at"])) as actor:
        case = db.session.scalars(select(Case).where(Case.child_id == child_id)).one()
        begun = Begun(
            kind=said["kind"],
            started_at=stage.ago(said["began"] if "began" in said else said["at"]),
            words=said.get("words", ""),
            their_reference=said.get("reference", ""),
            status=said.get("status"),
        )
        return begin(actor=actor, case=case, said=begun).id


def _take(stage: Stage, process_id: UUID, said: Described) -> None:
    with stage.acting(said["by"], stage.ago(said["at"])) as actor:
        process = reread(LinkedProcess, process_id)
        step = next(one for one in open_steps(process) if one.kind == said["step"])
        taken = Taken(
            done_at=clock.now(),
            words=said.get("words", ""),
            outcome=said.get("outcome"),
            their_reference=said.get("reference", ""),
            late_reason=said.get("late") or ("capacity" if clock.now() > step.due_at else None),
        )
        take_step(actor=actor, process=process, step=step, said=taken, version=process.version)
