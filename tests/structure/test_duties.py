"""Every kind of duty ends: by the verb that does what is owed, and by one after which it is owed no more."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module

import pytest

from portal.deadlines.vocabulary import DeadlineKind
from tests.structure.source import ROOT, parsed

#: What says in Python that a duty was met, or is owed no more.
MET = {"finish_deadline", "finish_deadlines"}
OVER = {"cancel_deadline", "cancel_deadlines", "supersede_deadlines"}
#: The same in the database, where whoever does it may not see the duty.
STATE = re.compile(r"update deadline\b.*?;", re.DOTALL)

#: By which function a kind is met, or owed no more, where its name does not stand beside the call; of the
#: database with `ctx.`.
ELSEWHERE = {
    "met": {
        DeadlineKind.STRATEGY: "portal.records.assessments.levels.meet_what_was_owed",
        DeadlineKind.HIGH_RISK_GROUP: "portal.records.assessments.levels.meet_what_was_owed",
        DeadlineKind.RETURN_INTERVIEW: "portal.records.return_interviews.talking.meet_duties",
        DeadlineKind.LINKED_STEP: "portal.records.linked_processes.outcomes.write_taken",
    },
    "over": {
        DeadlineKind.ASSESSMENT: "portal.records.closing.effects.carry_out",
        DeadlineKind.STRATEGY: "ctx.end_strategy_of",
        DeadlineKind.HIGH_RISK_GROUP: "portal.records.minutes.meeting_outcomes.undo_outcome",
        DeadlineKind.LINKED_STEP: "portal.records.linked_processes.steps.cancel_steps",
        DeadlineKind.STRATEGY_PROMPT: "ctx.drop_prompt",
    },
}
#: Kinds that nothing opens yet.
NOT_YET = {DeadlineKind.ACCESS_REVIEW}
#: Kinds that are owed until they are done, and why: what they are about does not fall away.
UNTIL_DONE = {
    DeadlineKind.TRIAGE: "a form that was sent is decided",
    DeadlineKind.LEVEL_SECOND: "a second person says yes or no, and before that no case ends",
    DeadlineKind.MINUTES_DRAFT: "a meeting that was held has minutes",
    DeadlineKind.MINUTES: "a meeting that was held has minutes",
    DeadlineKind.SIGN_OFF: "a manager says whether they sign it off, also once the case has ended",
    DeadlineKind.SAFETY_PLAN: "the end of the plan is what is owed, and before that no case ends",
    DeadlineKind.ALERT_REVIEW: "whoever ends an alert has looked at it",
    DeadlineKind.ORDER_EXPIRY: "an order ends",
}


def _kinds(node: ast.AST, constants: dict[str, str]) -> Iterator[str]:
    for one in ast.walk(node):
        if (
            isinstance(one, ast.Attribute)
            and isinstance(one.value, ast.Name)
            and one.value.id == "DeadlineKind"
        ):
            yield one.attr.lower()
        elif isinstance(one, ast.Name) and one.id in constants:
            yield constants[one.id]


def ended() -> dict[str, set[str]]:
    """The kinds that calls and the database say are met, and that they say are over."""
    found: dict[str, set[str]] = {"met": set(), "over": set()}
    for path in sorted((ROOT / "portal" / "records").rglob("*.py")):
        tree = parsed(path)
        constants = {
            target.id: kind
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
            for kind in _kinds(node.value, {})
        }
        for function in (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)):
            loops = {
                loop.target.id: set(_kinds(loop.iter, constants))
                for loop in ast.walk(function)
                if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name)
            }
            for call in (one for one in ast.walk(function) if isinstance(one, ast.Call)):
                name = getattr(call.func, "id", "")
                how = "met" if name in MET else "over" if name in OVER else ""
                if how:
                    found[how] |= set(_kinds(call, constants))
                    for one in ast.walk(call):
                        if isinstance(one, ast.Name):
                            found[how] |= loops.get(one.id, set())
    for path in sorted((ROOT / "portal").rglob("*.sql")):
        for statement in STATE.findall(path.read_text("utf-8")):
            kinds = {one.value for one in DeadlineKind if f"'{one.value}'" in statement}
            if "'done'" in statement:
                found["met"] |= kinds
            if "'cancelled'" in statement or "'superseded'" in statement:
                found["over"] |= kinds
    return found


FOUND = ended()


@pytest.mark.parametrize("kind", sorted(set(DeadlineKind) - NOT_YET))
def test_every_kind_of_duty_is_met_by_a_verb_and_falls_away_by_another(kind: DeadlineKind) -> None:
    met = kind in FOUND["met"] or kind in ELSEWHERE["met"]
    over = kind in FOUND["over"] or kind in ELSEWHERE["over"] or kind in UNTIL_DONE
    assert met, "no verb says that it is done"
    assert over, "no verb says that it is owed no more: say in UNTIL_DONE why none has to"


def test_what_is_listed_is_there_and_needed() -> None:
    functions = "\n".join(path.read_text("utf-8") for path in (ROOT / "portal").rglob("*.sql"))
    for how, listed in ELSEWHERE.items():
        for kind, name in listed.items():
            assert kind not in FOUND[how], f"{kind} needs no line: it is found"
            module, _, function = name.rpartition(".")
            if module == "ctx":
                assert f"create function {name}(" in functions, name
            else:
                assert hasattr(import_module(module), function), name
    assert not UNTIL_DONE.keys() & {*FOUND["over"], *ELSEWHERE["over"]}


def test_nothing_opens_what_nothing_ends() -> None:
    opened = "\n".join(path.read_text("utf-8") for path in (ROOT / "portal" / "records").rglob("*.py"))
    for kind in NOT_YET:
        assert f"DeadlineKind.{kind.name}" not in opened, f"{kind} is opened: say what ends it"
