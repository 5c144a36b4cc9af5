"""Where the date of a duty comes from: the number of the policy, its source, whether it is agreed."""

from dataclasses import dataclass
from typing import Any

from portal.policy import Figure, Policy, current_policy, policy_of
from portal.policy.terms import Unit
from portal.records.linked_processes.policy import LinkedProcesses, LinkedStepRule
from portal.records.safety_plans.policy import SafetyPlanning
from portal.web.filters import lower_first

_OF_LEVELS = {
    "first_meeting_working_days": "{count} working days from the assessment, for the level {level}",
    "review_working_days": "{count} working days from the last meeting, for the level {level}",
    "assessment_max_days": "an assessment no older than {count} days, for the level {level}",
}
_UNITS = {
    Unit.ELAPSED_HOURS: "hours by the clock",
    Unit.WORKING_DAYS: "working days",
    Unit.DAYS: "days",
    Unit.MONTHS: "months",
    Unit.YEARS: "years",
}


@dataclass(frozen=True)
class DueSource:
    """What a date was reckoned by; `source` is empty where a person set it."""

    number: str
    source: str
    confirmed: bool


def figure_words(figure: Figure) -> str:
    """How long, in words: “15 working days”."""
    return f"{figure.value} {_UNITS[figure.unit]}"


def due_source(row: Any, authority: str | None) -> DueSource:
    """Where the date of a duty comes from, by the policy that it was opened under.

    Args:
        row: something with `source`, `confirmed` and `policy_version`, such as a deadline.
    """
    policy = policy_of(row.policy_version) or current_policy(authority)
    number, source = _words(policy, str(row.source).split("."))
    return DueSource(number, source, bool(row.confirmed))


def _words(policy: Policy, path: list[str]) -> tuple[str, str]:
    match path:
        case ["levels", level, key] if key in _OF_LEVELS and (rule := policy.levels.levels.get(level)):
            words = _OF_LEVELS[key].format(count=getattr(rule, key), level=lower_first(rule.label))
            return words, rule.source
        case ["clocks", code] if clock := policy.clocks.clocks.get(code):
            return f"{clock.value} {_UNITS[clock.unit]}", clock.source
        case ["linked_processes", kind, step, done] if (
            process := policy.of(LinkedProcesses).processes.get(kind)
        ) and (figure := _of_step(process.steps.get(step), done)):
            return figure_words(figure), figure.source
        case ["safety_plan", "lasts_at_most"]:
            most = policy.of(SafetyPlanning).lasts_at_most
            return f"the day that was chosen, at most {most.value} {_UNITS[most.unit]}", most.source
    return "a day that a person chose", ""


def _of_step(step: LinkedStepRule | None, done: str) -> Figure | None:
    """The figure of a step of a linked process, for the time that it comes back."""
    return step.within_after(int(done)) if step and done.isdigit() else None
