"""Looking at a safety plan: found with its case or not, recorded, and what stands on each of its pages."""

from dataclasses import dataclass
from typing import Any

from flask import abort, url_for

from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.blueprints.cases.looking import around, look
from portal.records.cases.model import Case
from portal.records.safety_plans import reading as safety_plans
from portal.records.safety_plans.model import SafetyPlan
from portal.records.safety_plans.policy import SafetyPlanning
from portal.records.safety_plans.presenter import standing
from portal.records.safety_plans.vocabulary import SafetyPlanState
from portal.records.safety_plans.writing import deciding_facts, rules_of
from portal.web.steps import Link


@dataclass(frozen=True)
class Found:
    """A plan, its case, and the policy that it was begun under."""

    plan: SafetyPlan
    record: Case
    rules: SafetyPlanning

    @property
    def address(self) -> str:
        """Its page."""
        return url_for("plans.safety_plan", reference=self.plan.reference)

    @property
    def may_decide(self) -> bool:
        """Whether the person puts it in force, renews and ends it."""
        return permitted(current(), "safety_plan:decide", deciding_facts(current(), self.record))

    @property
    def may_renew(self) -> bool:
        """Whether it can be renewed where it stands, and by the person."""
        by_meeting = self.plan.state == SafetyPlanState.ENDED and self.plan.ended_meeting_id is not None
        return (self.plan.state == SafetyPlanState.IN_FORCE or by_meeting) and self.may_decide

    def page(self, *, action: str = "safety_plan:view", **details: Any) -> dict[str, Any]:
        """What every page of a plan needs, with the look put on record."""
        case = look(self.record.reference, action=action, plan=self.plan.reference, **details)
        return {
            **around(case),
            "caption": f"{case.given_name} {case.family_name}, {self.plan.reference}",
            "back": Link(self.address, f"Safety plan {self.plan.reference}"),
            "plan": self.plan,
            "rules": self.rules,
            "standing": standing(self.plan),
        }


def find(reference: str) -> Found:
    """The plan of an address, for whoever reads its case in full; for everyone else there is none."""
    plan, case = safety_plans.find_safety_plan(reference=reference) or abort(404)
    return Found(plan, case, rules_of(case, plan))


def to_decide(reference: str) -> Found:
    """The same for whoever puts it in force, renews and ends it.

    Raises:
        Forbidden: the person only reads it.
    """
    found = find(reference)
    require(current(), "safety_plan:decide", deciding_facts(current(), found.record))
    return found
