"""The risk assessments of the demonstration, concluded as the level that each case has."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import clock
from portal.access.principal import Principal
from portal.demo.content.acting import Described, Stage, person, reread, team_called
from portal.extensions import db
from portal.pathway.calendar import add_working_days
from portal.policy import current_policy
from portal.records.assessments.concluding import Conclusion, conclude, suggestion_for
from portal.records.assessments.lifecycle import save_section, start_assessment, written_now
from portal.records.assessments.policy import Assessment
from portal.records.assessments.rules import Given
from portal.records.assessments.vocabulary import AssessmentKind, SignAnswer
from portal.records.cases.model import Case
from portal.records.entries.vocabulary import Handling
from portal.records.linked_processes.beginning import Begun, begin, running
from portal.records.linked_processes.model import LinkedProcess
from portal.records.linked_processes.outcomes import take_step
from portal.records.linked_processes.rules import Taken
from portal.records.linked_processes.steps import open_steps
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
from portal.vocabulary import Answer, RiskLevel

_SAID: Mapping[str, str] = {
    "own_words": "“They are my mates. They look after me.” Later: “I can’t just stop going, I owe them.”",
    "wishes": "Wants to go back to college and to see less of the people who keep ringing",
    "happening": "Older people give lifts and money and then ask for something in return",
    "keeps_going": "A debt that grows, and few safe places to be in the evenings. A move would make it worse",
    "how_soon": "Likely to go on unless the contact stops; harm has followed within days before",
}
_THERE: Mapping[RiskLevel, Mapping[str, SignAnswer]] = {
    RiskLevel.HIGH: {
        "made_to_carry": SignAnswer.CURRENT,
        "debt": SignAnswer.CURRENT,
        "missing_episodes": SignAnswer.CURRENT,
        "poverty": SignAnswer.PAST,
    },
    RiskLevel.MEDIUM: {
        "new_older_contacts": SignAnswer.CURRENT,
        "several_phones": SignAnswer.CURRENT,
        "falling_attendance": SignAnswer.RECENT,
    },
    RiskLevel.LOW: {"late_returns": SignAnswer.CURRENT, "friends_exploited": SignAnswer.RECENT},
    RiskLevel.NONE: {},
}


def begin_assessment(actor: Principal, case: Case) -> None:
    """Begin a full assessment and write what the child says."""
    begun = start_assessment(actor=actor, case=case, kind=AssessmentKind.FULL, trigger="case_opened")
    words = {code: Given(words=_SAID[code]) for code in ("own_words", "wishes")}
    save_section(actor=actor, assessment=begun, section="voice", answers=words, seen=0)


def conclude_assessment(actor: Principal, case: Case, level: str) -> None:
    """Write the rest, and conclude."""
    tool, chosen = current_policy(case.authority).of(Assessment), RiskLevel(level)
    begun = written_now(case)
    if begun is None:
        raise LookupError("Nothing was begun on this case.")
    there = _THERE[chosen]
    for section in tool.sections:
        answers = {
            sign.code: Given(
                answer=there[sign.code], words="Seen by several agencies", source="School and police"
            )
            for sign in tool.signs_of(section.code, screening=False)
            if sign.code in there
        }
        answers |= {
            question.code: Given(words=_SAID[question.code])
            for question in tool.questions_of(section.code, screening=False)
            if question.required and section.code != "voice"
        }
        if answers:
            save_section(actor=actor, assessment=begun, section=section.code, answers=answers, seen=0)
    suggested = suggestion_for(case=case, assessment=begun)
    conclude(
        actor=actor,
        case=case,
        assessment=begun,
        conclusion=Conclusion(
            level=chosen,
            reason="What the child says and what several agencies have seen",
            difference_reason="" if suggested.level is chosen else "The signs are of one evening",
            types=tuple(case.types),
            s47=Answer.YES,
            s47_reason="Considered with the police; recorded in the agency’s own system",
            nrm=Answer.NO,
            nrm_reason="No sign of trafficking so far",
        ),
        version=begun.version,
    )


# Plans of the demonstration, their actions, interim safety plans, and processes of other services.


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
            edition=0,
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
        decided = running(case_id=case.id, kind=said["kind"])  # how another ended began it
        if decided is not None:
            return decided.id
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
            answer=said.get("answer"),
            outcome=said.get("outcome"),
            their_reference=said.get("reference", ""),
            late_reason=said.get("late") or ("capacity" if clock.now() > step.due_at else None),
        )
        take_step(actor=actor, process=process, step=step, said=taken, version=process.version)
