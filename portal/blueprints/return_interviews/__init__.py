"""Return interviews: of a child, one of them, each step on it, and the list of what social care owes.

The blueprint of return interviews, and what its views share: one found with its child or not.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, request, url_for

from portal.access import audit
from portal.access.permissions import permitted, require
from portal.access.principal import current
from portal.pathway.states import OPEN_CASE_STATES
from portal.policy import Policy
from portal.records.cases.presenter import strip_item
from portal.records.cases.reading import records as case_records
from portal.records.children import presenter as child_page
from portal.records.children.model import Child
from portal.records.missing.presenter.running import with_missing
from portal.records.return_interviews import reading as interviews
from portal.records.return_interviews.beginning import facts_of, policy_for, rules_of
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.policy import ReturnInterviews
from portal.records.return_interviews.presenter import standing
from portal.records.return_interviews.reading import InterviewFound as Row
from portal.records.return_interviews.rules import state_of
from portal.records.return_interviews.vocabulary import InterviewState
from portal.web.filters import lower_first
from portal.web.page import see_other
from portal.web.steps import Link, StepsOn

blueprint = Blueprint("return_interviews", __name__)


@dataclass(frozen=True)
class InterviewOnPage:
    """An interview with its child, and the policy that it was begun under."""

    row: Row
    rules: ReturnInterviews

    @property
    def interview(self) -> ReturnInterview:
        """The record."""
        return self.row.interview

    @property
    def address(self) -> str:
        """Its page."""
        return url_for("return_interviews.show", reference=self.interview.reference)

    @property
    def seen(self) -> dict[str, str]:
        """What a form on it begins with: the version that is shown."""
        return {"version": str(self.interview.version)}

    @property
    def may_record(self) -> bool:
        """Whether the person records what becomes of it."""
        return permitted(current(), "interview:record", facts_of(current(), self.interview))

    def page(self, *, action: str = "interview:view") -> dict[str, Any]:
        """What every page of an interview needs, with the look put on record."""
        audit.record(action, self.interview, child_id=self.interview.child_id)
        return {
            **page_context(self.row.child, policy_for(self.interview)),
            "child_name": self.row.name,
            "interview": self.interview,
            "found": self.row,
            "rules": self.rules,
            "caption": f"{self.row.name}, {self.interview.reference}",
            "back": Link(self.address, f"Return interview {self.interview.reference}"),
            "standing": standing(self.interview),
        }


def find_interview(reference: str) -> InterviewOnPage:
    """The interview of an address, for whoever reads the child’s episodes; for others there is none."""
    row = interviews.find_interview(reference=reference) or abort(404)
    return InterviewOnPage(row, rules_of(row.interview))


def to_record(reference: str, *states: InterviewState) -> InterviewOnPage:
    """The same for whoever records what becomes of it; a step that does not fit is not opened.

    Args:
        states: those in which the step fits; without any it fits in all. Whoever opens it in another is sent
            back to the interview.

    Raises:
        Forbidden: the person only reads it.
    """
    found = find_interview(reference)
    require(current(), "interview:record", facts_of(current(), found.interview))
    now = state_of(found.interview)
    if states and now not in states and request.method != "POST":
        flash(f"This interview is not at that step. It stands at: {lower_first(now.label)}", "problem")
        abort(see_other(found.address))
    return found


on_interview = StepsOn[InterviewOnPage](
    lambda found: {"interview": found.interview}, page=InterviewOnPage.page, to=lambda found: found.address
)


def page_context(child: Child | None, policy: Policy) -> dict[str, Any]:
    """The child with what everyone must know before they act, the child’s open cases, and the marking."""
    cases = case_records.cases_of(child_id=child.id) if child else []
    return {
        "child": child,
        "child_name": child_page.full_name(child) if child else "",
        "cases": [one for one in cases if one.state in OPEN_CASE_STATES],
        "alert_strip": with_missing(
            cases[0].missing_now if cases else None,
            [strip_item(one, policy) for one in case_records.alerts_in(cases)],
        ),
        "marking": True,
    }
