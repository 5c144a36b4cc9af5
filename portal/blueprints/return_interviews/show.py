"""A return interview as it stands."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.return_interviews.blueprint import blueprint
from portal.blueprints.return_interviews.looking import find
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.return_interviews import presenter as interview_words
from portal.records.return_interviews import reading as interviews
from portal.records.return_interviews.model import ReturnInterview
from portal.records.return_interviews.vocabulary import InterviewState
from portal.web.filters import lower_first
from portal.web.page import render

#: What a child spoke of that may be a record of its own: the answer, and what it may tell of.
_TELLS_OF = {
    "where": (ConcernKind.PLACE,),
    "with_whom": (ConcernKind.PERSON, ConcernKind.GROUP),
    "travel": (ConcernKind.VEHICLE,),
    "online": (ConcernKind.PHONE, ConcernKind.ACCOUNT),
}
_OPEN = frozenset(
    {InterviewState.TO_OFFER, InterviewState.OFFERED, InterviewState.ACCEPTED, InterviewState.DECLINED}
)


@blueprint.get("/return-interviews/<reference>")
@allow("interview:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """What was offered, answered, tried, held, said, shared and corrected, and each return."""
    found = find(reference)
    interview, rules = found.interview, found.rules
    page = found.page()
    return render(
        "return_interviews/show.html",
        **page,
        facts=interview_words.facts(rules, interview),
        episodes=interviews.episodes_of(interview_id=interview.id),
        attempts=interviews.attempts(interview_id=interview.id),
        parts=interview_words.parts(rules, interview)
        if interview.answers or interview.carer_information
        else [],
        corrections=interview_words.corrections(
            rules, interview, interviews.changes(interview_id=interview.id) if interview.completed_at else ()
        ),
        shared=interview_words.shared(interview),
        words=interview_words,
        new_concerns=_new_concerns(interview),
        may_record=found.may_record,
        may_try=page["standing"].state in _OPEN,
        may_share=interview.completed_at is not None and bool(interview_words.not_shared(interview)),
    )


def _new_concerns(interview: ReturnInterview) -> list[dict[str, str]]:
    """Where a place, person or thing that the child spoke of is made a record of its own, in one step."""
    if not permitted(current(), "concern:record"):
        return []
    made_from: dict[str, Any] = {"from": interview.reference}
    return [
        {
            "text": f"Record: {lower_first(kind.label)}",
            "href": url_for("concerns.new", kind=kind.value, **made_from),
        }
        for code, kinds in _TELLS_OF.items()
        if interview.answers.get(code)
        for kind in kinds
    ]
