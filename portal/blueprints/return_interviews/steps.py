"""The steps before and up to the talk: offered, answered, tried, held."""

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.return_interviews.blueprint import blueprint
from portal.blueprints.return_interviews.looking import Found, elsewhere, to_record
from portal.records.return_interviews import presenter as interview_words
from portal.records.return_interviews import reading as interviews
from portal.records.return_interviews.forms import (
    YES,
    AnswerForm,
    AttemptForm,
    NotOfferedForm,
    OfferForm,
    TalkForm,
    known,
    said,
)
from portal.records.return_interviews.offering import add_attempt, answer_offer, offer_interview
from portal.records.return_interviews.talking import Late, Talk, hold_interview
from portal.records.return_interviews.vocabulary import InterviewOffer
from portal.records.return_interviews.vocabulary import InterviewState as S
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/return-interviews/<reference>/offer", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def offer(reference: str) -> ResponseReturnValue:
    """Record that it was offered, and what the child answered."""
    found = to_record(reference)
    if away := elsewhere(found, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED, S.NOT_OFFERED):
        return away
    interview = found.interview
    form = OfferForm.of(
        found.rules,
        version=str(interview.version),
        by=interview.offered_by or current().name,
        how=interview.offered_how,
    )
    if not form.is_submitted():
        form.start_at(interview.offered_at or clock.now())
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                _offer(found, form)
        except DomainError as refused:
            problem = refused
        else:
            flash("Recorded")
            return _back(found)
    return render("return_interviews/offer.html", **found.page(), form=form, problem=problem)


def _offer(found: Found, form: OfferForm) -> None:
    interview = found.interview
    offer_interview(
        actor=current(),
        interview=interview,
        offered=InterviewOffer.YES,
        at=form.at,
        by=form.said("by"),
        how=form.said("how"),
        version=form.seen_version,
    )
    answered = known(form.answer.data)
    if answered is not None:
        answer_offer(
            actor=current(),
            interview=interview,
            accepted=answered,
            reason=form.said("reason"),
            words=form.said("words"),
            version=interview.version,
        )


@blueprint.route("/return-interviews/<reference>/not-offered", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def not_offered(reference: str) -> ResponseReturnValue:
    """Record that it was not offered, or does not apply, and why."""
    found = to_record(reference)
    if away := elsewhere(found, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED, S.NOT_OFFERED):
        return away
    form = NotOfferedForm(data={"version": str(found.interview.version)})
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                offer_interview(
                    actor=current(),
                    interview=found.interview,
                    offered=InterviewOffer(form.offered.data),
                    why_not=form.said("why_not"),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Recorded")
            return _back(found)
    return render("return_interviews/not_offered.html", **found.page(), form=form, problem=problem)


@blueprint.route("/return-interviews/<reference>/answer", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def answer(reference: str) -> ResponseReturnValue:
    """Record what the child answered."""
    found = to_record(reference)
    if away := elsewhere(found, S.OFFERED, S.ACCEPTED, S.DECLINED):
        return away
    form = AnswerForm.of(found.rules, version=str(found.interview.version))
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                answer_offer(
                    actor=current(),
                    interview=found.interview,
                    accepted=form.answer.data == YES,
                    reason=form.said("reason"),
                    words=form.said("words"),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Recorded")
            return _back(found)
    return render("return_interviews/answer.html", **found.page(), form=form, problem=problem)


@blueprint.route("/return-interviews/<reference>/attempt", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def try_to_reach(reference: str) -> ResponseReturnValue:
    """Record that somebody tried to reach the child."""
    found = to_record(reference)
    if away := elsewhere(found, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED):
        return away
    form = AttemptForm.of(found.rules)
    if not form.is_submitted():
        form.start_at(clock.now())
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                add_attempt(
                    actor=current(),
                    interview=found.interview,
                    at=form.at,
                    way=form.said("way"),
                    words=form.said("words"),
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Recorded")
            return _back(found)
    return render("return_interviews/attempt.html", **found.page(), form=form, problem=problem)


@blueprint.route("/return-interviews/<reference>/held", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def hold(reference: str) -> ResponseReturnValue:
    """Record that it was held: when, where, by whom, and that they do not care for the child."""
    found = to_record(reference)
    if away := elsewhere(found, S.OFFERED, S.ACCEPTED, S.DECLINED, S.TO_WRITE_UP):
        return away
    form = _talk_form(found)
    episodes = interviews.episodes_of(interview_id=found.interview.id)
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                hold_interview(
                    actor=current(),
                    interview=found.interview,
                    talk=_talk(form),
                    late=Late(form.said("late_reason"), form.said("late_words")),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
        else:
            flash("Recorded. Now write down what the child said")
            return see_other(url_for("return_interviews.write", reference=found.interview.reference))
    more: dict[str, Any] = {"form": form, "problem": problem, "episodes": episodes, "words": interview_words}
    late = any(interview_words.is_late(row) for row in episodes)
    return render("return_interviews/hold.html", **found.page(), **more, may_be_late=late)


def _talk_form(found: Found) -> TalkForm:
    interview = found.interview
    held = interview.done_at is not None
    form = TalkForm(
        data={
            "version": str(interview.version),
            "interviewer": interview.interviewer,
            "independent": YES if interview.independent else None,
            "independent_words": interview.independent_words,
            "place": interview.place,
            "seen_alone": said(interview.seen_alone) if held else None,
            "limits_told": said(interview.limits_told) if held else None,
        }
    )
    form.offer_reasons(found.rules)
    if not form.is_submitted():
        form.start_at(interview.done_at or clock.now())
    return form


def _talk(form: TalkForm) -> Talk:
    return Talk(
        at=form.at,
        interviewer=form.said("interviewer"),
        independent=form.independent.data == YES,
        independent_words=form.said("independent_words"),
        place=form.said("place"),
        seen_alone=known(form.seen_alone.data),
        limits_told=known(form.limits_told.data),
    )


def _back(found: Found) -> ResponseReturnValue:
    return see_other(url_for("return_interviews.show", reference=found.interview.reference))
