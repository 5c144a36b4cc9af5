"""Completing a return interview, and sharing it."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.return_interviews.blueprint import blueprint
from portal.blueprints.return_interviews.looking import elsewhere, to_record
from portal.records.return_interviews import presenter as interview_words
from portal.records.return_interviews import reading as interviews
from portal.records.return_interviews.ending import complete_interview, share_interview
from portal.records.return_interviews.forms import YES, CompleteForm, ShareForm
from portal.records.return_interviews.vocabulary import InterviewOffer
from portal.records.return_interviews.vocabulary import InterviewState as S
from portal.web.fields import Choice
from portal.web.steps import Words, take


@blueprint.route("/return-interviews/<reference>/complete", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def complete(reference: str) -> ResponseReturnValue:
    """Say whether the assessment has to be looked at again, with whom it is shared, and complete it."""
    found = to_record(reference)
    if away := elsewhere(found, S.TO_WRITE_UP, S.DECLINED, S.NOT_OFFERED):
        return away
    form = CompleteForm(data=found.seen)
    form.offer_reasons(found.rules)
    episodes = interviews.episodes_of(interview_id=found.interview.id)
    owed = found.interview.done_at is None and found.interview.offered != InterviewOffer.NOT_APPLICABLE
    return take(
        form,
        lambda: complete_interview(
            actor=current(),
            interview=found.interview,
            assessment_needed=form.assessment.data == YES,
            assessment_words=form.said("assessment_words"),
            receivers=form.chosen,
            late=form.late,
            version=form.seen_version,
        ),
        template="return_interviews/complete.html",
        page=found.page,
        to=found.address,
        done="The interview is completed",
        episodes=episodes,
        may_be_late=owed and any(interview_words.is_late(row) for row in episodes),
        words=interview_words,
    )


@blueprint.route("/return-interviews/<reference>/share", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def share(reference: str) -> ResponseReturnValue:
    """Share a completed interview with those who act on it."""
    found = to_record(reference)
    form = ShareForm()
    form.offer("receivers", [Choice(one, one.label) for one in interview_words.not_shared(found.interview)])
    shared = interview_words.shared(found.interview)
    return take(
        form,
        lambda: share_interview(actor=current(), interview=found.interview, receivers=form.chosen),
        says=Words(
            heading="Share the interview",
            title=f"Share interview {reference}",
            lead=[f"Shared already with: {'; '.join(shared)}."] if shared else (),
            button="Share it",
        ),
        page=found.page,
        to=found.address,
        done="Shared",
    )
