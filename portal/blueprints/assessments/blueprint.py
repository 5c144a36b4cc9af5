"""The blueprint of assessments, and what its views share: one found with its case or not, and recorded."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, url_for

from portal.access.permissions import Facts
from portal.access.principal import current
from portal.blueprints.cases.blueprint import page_context, view_case
from portal.records.assessments import reading as assessments
from portal.records.assessments.concluding import tool_of
from portal.records.assessments.lifecycle import lead_facts
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.policy import Assessment
from portal.records.assessments.vocabulary import AssessmentKind
from portal.records.cases.model import Case
from portal.web.steps import Link

blueprint = Blueprint("assessments", __name__)


@dataclass(frozen=True)
class AssessmentFound:
    """An assessment, its case, and the tool that it was begun with."""

    assessment: RiskAssessment
    record: Case
    tool: Assessment

    @property
    def screening(self) -> bool:
        """Whether it is the short form."""
        return self.assessment.kind == AssessmentKind.SCREENING

    def facts(self, **more: bool) -> Facts:
        """What decides verbs on it."""
        owns = self.assessment.assessor_id == current().user_id
        return lead_facts(current(), self.record, owner=owns, **more)

    def page(self, *, action: str = "assessment:view") -> dict[str, Any]:
        """What every page of an assessment needs, with the look put on record."""
        case = view_case(self.record.reference, action=action, assessment=self.assessment.reference)
        return {
            **page_context(case),
            "assessment": self.assessment,
            "tool": self.tool,
            "people": assessments.people_of(assessment=self.assessment),
        }

    @property
    def address(self) -> str:
        """Its page."""
        return url_for("assessments.show", reference=self.assessment.reference)

    @property
    def seen(self) -> dict[str, str]:
        """What a form on it begins with: the version that is shown."""
        return {"version": str(self.assessment.version)}

    def step(self) -> dict[str, Any]:
        """What the page of a step on it needs: also whose it is, and the way back to it."""
        page, reference = self.page(), self.assessment.reference
        return page | {
            "back": Link(self.address, f"Assessment {reference}"),
            "caption": f"{page['case'].given_name} {page['case'].family_name}, {reference}",
        }


def find_assessment(reference: str) -> AssessmentFound:
    """The assessment of an address, for whoever reads its case in full; for everyone else there is none."""
    assessment, case = assessments.find_assessment(reference=reference) or abort(404)
    return AssessmentFound(assessment, case, tool_of(case, assessment))
