"""The steps on a return interview: offered, answered, held, written down, completed, shared."""

from functools import partial
from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.return_interviews import InterviewOnPage, blueprint, on_interview, to_record
from portal.changes.errors import Conflict, DomainError
from portal.records.return_interviews import forms, offering, talking
from portal.records.return_interviews import presenter as interview_words
from portal.records.return_interviews import reading as interviews
from portal.records.return_interviews.ending import complete_interview, share_interview
from portal.records.return_interviews.presenter import clashes, words_of
from portal.records.return_interviews.talking import hold_interview, save_words
from portal.records.return_interviews.vocabulary import InterviewOffer, InterviewPart
from portal.records.return_interviews.vocabulary import InterviewState as S
from portal.web.held_words import LooksHeld, check_words
from portal.web.idempotency import attempt
from portal.web.page import render, see_other
from portal.web.steps import Link, Words, autosave, take


@blueprint.route("/return-interviews/<reference>/offer", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def offer(reference: str) -> ResponseReturnValue:
    """Record that it was offered, and what the child answered."""
    found = to_record(reference, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED, S.NOT_OFFERED)
    interview = found.interview
    by = interview.offered_by or current().name
    form = forms.OfferForm.of(found.rules, **found.seen, by=by, how=interview.offered_how)
    form.start_at(interview.offered_at or clock.now())
    return on_interview.take(
        found,
        form,
        lambda **given: offering.offer_with_answer(
            at=form.at,
            by=form.said("by"),
            how=form.said("how"),
            accepted=forms.known(form.answer.data),
            reason=form.said("reason"),
            words=form.said("words"),
            **given,
        ),
        Words(
            heading="The interview was offered",
            title=f"Offered, interview {reference}",
            button="Record it",
            instead=Link(
                url_for(".not_offered", reference=reference), "It was not offered, or does not apply"
            ),
        ),
        done="That the interview was offered was recorded",
    )


@blueprint.route("/return-interviews/<reference>/not-offered", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def not_offered(reference: str) -> ResponseReturnValue:
    """Record that it was not offered, or does not apply, and why."""
    found = to_record(reference, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED, S.NOT_OFFERED)
    form = forms.NotOfferedForm(data=found.seen)
    return on_interview.take(
        found,
        form,
        lambda **given: offering.offer_interview(
            offered=InterviewOffer(form.offered.data), why_not=form.said("why_not"), **given
        ),
        Words(
            heading="No interview was offered",
            title=f"Not offered, interview {reference}",
            lead=["Every child who was missing is offered one. Say openly why this one was not."],
            button="Record it",
        ),
        done="Why no interview was offered was recorded",
    )


@blueprint.route("/return-interviews/<reference>/answer", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def answer(reference: str) -> ResponseReturnValue:
    """Record what the child answered."""
    found = to_record(reference, S.OFFERED, S.ACCEPTED, S.DECLINED)
    form = forms.AnswerForm.of(found.rules, **found.seen)
    return on_interview.take(
        found,
        form,
        partial(
            offering.answer_offer,
            accepted=form.answer.data == forms.YES,
            reason=form.said("reason"),
            words=form.said("words"),
        ),
        Words(
            heading="What the child answered",
            title=f"What the child answered, interview {reference}",
            button="Record it",
        ),
        done="What the child answered was recorded",
    )


@blueprint.route("/return-interviews/<reference>/attempt", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def try_to_reach(reference: str) -> ResponseReturnValue:
    """Record that somebody tried to reach the child."""
    found = to_record(reference, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED)
    form = forms.AttemptForm.of(found.rules)
    form.start_at(clock.now())
    return on_interview.take(
        found,
        form,
        lambda **given: offering.add_attempt(
            at=form.at, way=form.said("way"), words=form.said("words"), **given
        ),
        Words(
            heading="An attempt to reach the child",
            title=f"An attempt, interview {reference}",
            button="Record it",
        ),
        done="The attempt to reach the child was recorded",
    )


@blueprint.route("/return-interviews/<reference>/held", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def hold(reference: str) -> ResponseReturnValue:
    """Record that it was held: when, where, by whom, and that they do not care for the child."""
    found = to_record(reference, S.OFFERED, S.ACCEPTED, S.DECLINED, S.TO_WRITE_UP)
    form = forms.TalkForm(data=found.seen | interview_words.talk_of(found.interview))
    form.offer_reasons(found.rules)
    form.start_at(found.interview.done_at or clock.now())
    episodes = interviews.episodes_of(interview_id=found.interview.id)
    form.ask_late(may_be=any(interview_words.is_late(row) for row in episodes))
    return on_interview.take(
        found,
        form,
        lambda **given: hold_interview(talk=form.held, late=form.late, **given),
        Words(
            heading="The interview was held",
            title=f"Held, interview {reference}",
            above="return_interviews/_returns.html",
            button="Record it, and write down what was said",
        ),
        done="Recorded. Now write down what the child said",
        to=url_for(".write", reference=reference),
        episodes=episodes,
        words=interview_words,
        returns_caption="Returns that it is about",
    )


@blueprint.get("/return-interviews/<reference>/write")
@allow("interview:record", shows="child")
def write(reference: str) -> ResponseReturnValue:
    """What the child said, to write in."""
    found = to_record(reference)
    return _page(found, _form(found))


@blueprint.post("/return-interviews/<reference>/write")
@allow("interview:record", shows="child")
def keep(reference: str) -> ResponseReturnValue:
    """Save what was typed, and read it as a whole."""
    found = to_record(reference)
    form = _form(found)
    if not form.validate_on_submit():
        return _page(found, form)
    try:
        check_words(form)
        with attempt():
            _save(found, form)
    except (Conflict, LooksHeld) as problem:
        return _page(found, form, problem=problem)
    return see_other(url_for("return_interviews.show", reference=found.interview.reference), done="Saved")


@blueprint.post("/return-interviews/<reference>/save")
@allow("interview:record", background=True)
def save(reference: str) -> ResponseReturnValue:
    """Save what is being typed. Where somebody else wrote in the same part meanwhile, both are shown."""
    found = to_record(reference)
    form = _form(found)
    return autosave(
        lambda: _save(found, form),
        differences=lambda both: clashes(found.rules, both),
        stands=lambda: found.interview.version,
        keep=url_for("return_interviews.keep", reference=found.interview.reference),
        write=url_for("return_interviews.write", reference=found.interview.reference),
    )


def _form(found: InterviewOnPage) -> forms.WordsForm:
    shape = forms.words_form(found.rules)
    return shape(data={**words_of(found.interview), "version": str(found.interview.version)})


def _save(found: InterviewOnPage, form: forms.WordsForm) -> int:
    return save_words(actor=current(), interview=found.interview, words=form.given(), seen=form.seen_version)


def _page(found: InterviewOnPage, form: forms.WordsForm, *, problem: DomainError | None = None) -> Response:
    """The form. After a clash a second saving is one that has seen what the other wrote."""
    differences: Any = ()
    if isinstance(problem, Conflict):
        differences = clashes(found.rules, problem.versions)
        form.version.data = str(found.interview.version)
    return render(
        "return_interviews/write.html",
        **found.page(),
        form=form,
        problem=problem,
        differences=differences,
        parts=list(InterviewPart),
    )


@blueprint.route("/return-interviews/<reference>/complete", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def complete(reference: str) -> ResponseReturnValue:
    """Say whether the assessment has to be looked at again, with whom it is shared, and complete it."""
    found = to_record(reference, S.TO_WRITE_UP, S.DECLINED, S.NOT_OFFERED)
    form = forms.CompleteForm(data=found.seen)
    form.offer_reasons(found.rules)
    episodes = interviews.episodes_of(interview_id=found.interview.id)
    owed = found.interview.done_at is None and found.interview.offered != InterviewOffer.NOT_APPLICABLE
    return take(
        form,
        lambda: complete_interview(
            actor=current(),
            interview=found.interview,
            assessment_needed=form.assessment.data == forms.YES,
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


@blueprint.route("/return-interviews/<reference>/correct", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def put_right(reference: str) -> ResponseReturnValue:
    """Put right what came of a completed interview, and when."""
    found = to_record(reference, S.HELD, S.NOT_HELD)
    interview = found.interview
    form = forms.CorrectionForm(data=found.seen | interview_words.came_of(found.rules, interview))
    form.offer_reasons(found.rules)
    form.start_at(offered=interview.offered_at, held=interview.done_at)
    episodes = interviews.episodes_of(interview_id=interview.id)
    return on_interview.take(
        found,
        form,
        lambda **step: talking.put_right(facts=form.facts, reason=form.said("reason"), **step),
        Words(
            heading="Correct what came of it, or when",
            title=f"Correct what came of interview {reference}",
            lead=[
                "How it was stays in the history of the interview, with your reason. What the child said is "
                "corrected where it is written, and stays as it is."
            ],
            above="return_interviews/_returns.html",
            button="Save",
        ),
        done="What came of the interview was corrected",
        episodes=episodes,
        words=interview_words,
        returns_caption="Returns that it is about",
    )


@blueprint.route("/return-interviews/<reference>/share", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def share(reference: str) -> ResponseReturnValue:
    """Share a completed interview with those who act on it."""
    found = to_record(reference)
    form = forms.ShareForm()
    form.offer("receivers", interview_words.not_shared(found.interview))
    shared = interview_words.shared(found.interview)
    return on_interview.take(
        found,
        form,
        lambda **given: share_interview(receivers=form.chosen, **given),
        Words(
            heading="Tell others of the interview",
            title=f"Tell others of interview {reference}",
            lead=[f"Told already: {'; '.join(shared)}."] if shared else (),
            button="Tell them",
        ),
        done="The sharing of the interview was recorded",
    )
