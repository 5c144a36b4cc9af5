"""A return interview as it stands."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.blueprints.interviews.blueprint import blueprint
from portal.blueprints.interviews.looking import find
from portal.queries import interviews
from portal.vocabulary import InterviewState
from portal.web import interview_words
from portal.web.page import render

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
        "interviews/show.html",
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
        may_record=found.may_record,
        may_try=page["standing"].state in _OPEN,
        may_share=interview.completed_at is not None and bool(interview_words.not_shared(interview)),
    )
