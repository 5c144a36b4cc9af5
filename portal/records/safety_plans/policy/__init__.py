"""What the partnership decided, with its checks."""

from portal.policy.sections import Section
from portal.records.safety_plans.policy.checks import check_safety_plan
from portal.records.safety_plans.policy.section import SafetyPlanning

SECTIONS = (Section(file="safety_plan", shape=SafetyPlanning, check=check_safety_plan),)
