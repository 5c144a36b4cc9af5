"""Risk assessments: begun, written by several agencies, concluded, agreed to, signed off and read.

The blueprint of assessments: one as a whole, every level of a case, and what its views share.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.permissions import Facts, permitted
from portal.access.principal import current
from portal.blueprints.cases import page_context, reference_of, view_case
from portal.records.assessments import reading as assessments
from portal.records.assessments.concluding import missing_from, tool_of
from portal.records.assessments.document import assessment
from portal.records.assessments.lifecycle import directing_facts, lead_facts
from portal.records.assessments.model import RiskAssessment
from portal.records.assessments.policy import Assessment
from portal.records.assessments.presenter import decided, level_label, level_lines, steps, whole
from portal.records.assessments.vocabulary import AssessmentKind, AssessmentState
from portal.records.cases.model import Case
from portal.records.cases.reading import records as case_records
from portal.records.disclosures.presenter import send
from portal.records.minutes.reading import records as minutes
from portal.web.page import render
from portal.web.pictures.over_time import level_steps
from portal.web.steps import Link, StepsOn

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


on_assessment = StepsOn[AssessmentFound](
    lambda found: {"case": found.record, "assessment": found.assessment},
    page=AssessmentFound.step,
    to=lambda found: found.address,
)


@blueprint.get("/assessments/<reference>")
@allow("assessment:view", shows="case")
def show(reference: str) -> ResponseReturnValue:
    """How far each section has come, what was concluded, and everything that was said."""
    found = find_assessment(reference)
    return render("assessments/show.html", **_whole(found), **_verbs(found))


@blueprint.get("/assessments/<reference>/print")
@allow("assessment:view", shows="case", releases="print")
def print_view(reference: str) -> ResponseReturnValue:
    """The same on paper."""
    found = find_assessment(reference)
    return render("assessments/print.html", **_whole(found, action="assessment:print"), printing=True)


@blueprint.get("/cases/<reference>/level")
@allow("assessment:view", shows="case")
def levels(reference: str) -> ResponseReturnValue:
    """Every level that was decided, as a picture and as a table, and the assessments of the case."""
    record = case_records.find_case(reference=reference_of(reference)) or abort(404)
    case = view_case(reference, action="assessment:levels")
    rows = assessments.levels(case_id=case.id)
    made = assessments.of_case(case_id=case.id)
    return render(
        "assessments/levels.html",
        **page_context(case),
        wide=True,
        levels=level_lines(rows),
        picture=level_steps(decided(rows), rows[0].decided_at, clock.now()) if rows else None,
        made=made,
        waiting=minutes.waiting_levels(case_id=case.id),
        may_settle=permitted(current(), "level:settle", directing_facts(current(), record)),
        level_label=level_label,
        states={state.value: state.label for state in AssessmentState},
    )


def _whole(found: AssessmentFound, *, action: str = "assessment:view") -> dict[str, Any]:
    page = found.page(action=action)
    answers = assessments.answers(assessment_id=found.assessment.id)
    sections = assessments.sections(assessment_id=found.assessment.id)
    return {
        **page,
        **whole(found.assessment, found.tool, answers, case=page["case"]),
        "steps": steps(found.tool, answers, sections, screening=found.screening),
    }


def _verbs(found: AssessmentFound) -> dict[str, Any]:
    """What the person may do to it where it stands."""
    person, state = current(), found.assessment.state
    draft = state == AssessmentState.DRAFT
    wrote = person.user_id in {found.assessment.assessor_id, found.assessment.concluded_by}
    missing = missing_from(case=found.record, assessment=found.assessment) if draft else ()
    return {
        "missing": missing,
        "may_write": draft,
        "may_conclude": draft and permitted(person, "assessment:conclude", found.facts()),
        "may_end": draft and permitted(person, "assessment:abandon", found.facts()),
        "may_agree": state == AssessmentState.WAITING
        and not wrote
        and permitted(person, "assessment:agree", directing_facts(person, found.record)),
        "may_sign_off": state == AssessmentState.FINALISED
        and found.assessment.signed_off_at is None
        and not wrote
        and permitted(person, "assessment:sign_off", found.facts()),
    }


@blueprint.get("/assessments/<reference>/pdf")
@allow("assessment:view", shows="case", releases="export")
def download(reference: str) -> ResponseReturnValue:
    """The PDF of an assessment that is finalised; one that is still written has none."""
    found = find_assessment(reference)
    if found.assessment.finalised_at is None:
        abort(404)
    page = found.page(action="assessment:download")
    made = assessment(
        found=found.assessment,
        tool=found.tool,
        case=page["case"],
        policy=page["policy"],
        alerts=page["alerts"],
        people=page["people"],
    )
    return send(made)
