"""What ``safety_plan.toml`` has to agree on within itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from portal.policy.agreeing import unit
from portal.policy.reader import PolicyError
from portal.policy.terms import Unit
from portal.records.safety_plans.policy.section import SafetyPlanning
from portal.records.safety_plans.vocabulary import SafetyReader

if TYPE_CHECKING:
    from portal.policy.book import Policy


def check_safety_plan(policy: "Policy", file: Path) -> None:
    """A plan lasts some days, says something to everybody, and prints nothing that is for workers.

    :raises PolicyError: at the first thing that does not fit.
    """
    plan = policy.of(SafetyPlanning)
    unit(plan.lasts_at_most, {Unit.WORKING_DAYS, Unit.DAYS}, file, "lasts_at_most")
    for number, one in enumerate(plan.fields, start=1):
        if one.printed and one.reader is SafetyReader.WORKERS:
            raise PolicyError(
                file,
                f"fields[{number}].printed",
                f"“{one.code}” is for workers and would be on the page for the child and the carer.",
                'Set printed = false, or reader = "child" or "carer".',
            )
    for reader in (SafetyReader.CHILD, SafetyReader.CARER):
        if not any(one.required and one.printed for one in plan.fields_for(reader)):
            raise PolicyError(
                file,
                "fields",
                f"Nothing has to be said to: {reader.label.lower()}.",
                f'Add one with reader = "{reader}", printed = true and required = true.',
            )
