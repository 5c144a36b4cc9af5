"""Completing a return interview, and sharing it."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.return_interviews.blueprint import blueprint
from portal.blueprints.return_interviews.looking import elsewhere, to_record
from portal.records.return_interviews import presenter as interview_words
from portal.records.return_interviews import reading as interviews
from portal.records.return_interviews.ending import complete_interview, share_interview
from portal.records.return_interviews.forms import YES, CompleteForm, ShareForm
from portal.records.return_interviews.talking import Late
from portal.records.return_interviews.vocabulary import InterviewOffer
from portal.records.return_interviews.vocabulary import InterviewState as S
from portal.services.errors import DomainError
from portal.web.fields import Choice
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/return-interviews/<reference>/complete", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def complete(reference: str) -> ResponseReturnValue:
    """Say whether the assessment has to be looked at again, with whom it is shared, and complete it."""
    found = to_record(reference)
    if away := elsewhere(found, S.TO_WRITE_UP, S.DECLINED, S.NOT_OFFERED):
        return away
    form = CompleteForm(data={"version": str(found.interview.version)})
    form.offer_reasons(found.rules)
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                complete_interview(
                    actor=current(),
                    interview=found.interview,
                    assessment_needed=form.assessment.data == YES,
                    assessment_words=form.said("assessment_words"),
                    receivers=form.chosen,
                    late=Late(form.said("late_reason"), form.said("late_words")),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("The interview is completed")
            return see_other(url_for("return_interviews.show", reference=found.interview.reference))
    episodes = interviews.episodes_of(interview_id=found.interview.id)
    owed = found.interview.done_at is None and found.interview.offered != InterviewOffer.NOT_APPLICABLE
    return render(
        "return_interviews/complete.html",
        **found.page(),
        form=form,
        problem=problem,
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
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                share_interview(actor=current(), interview=found.interview, receivers=form.chosen)
        except DomainError as refused:
            problem = refused
        else:
            flash("Shared")
            return see_other(url_for("return_interviews.show", reference=found.interview.reference))
    page = found.page()
    return render(
        "return_interviews/share.html",
        **page,
        form=form,
        problem=problem,
        shared=interview_words.shared(found.interview),
    )
