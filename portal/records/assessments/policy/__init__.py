"""What the partnership decided, with its checks."""

from portal.policy.sections import Section
from portal.records.assessments.policy.checks import check_assessment
from portal.records.assessments.policy.section import Assessment

SECTIONS = (Section(file="assessment", shape=Assessment, check=check_assessment),)
