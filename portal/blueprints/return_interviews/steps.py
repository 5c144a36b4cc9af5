"""The steps before and up to the talk: offered, answered, tried, held."""

from flask import url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.return_interviews.blueprint import blueprint
from portal.blueprints.return_interviews.looking import elsewhere, to_record
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
)
from portal.records.return_interviews.offering import (
    add_attempt,
    answer_offer,
    offer_interview,
    offer_with_answer,
)
from portal.records.return_interviews.talking import hold_interview
from portal.records.return_interviews.vocabulary import InterviewOffer
from portal.records.return_interviews.vocabulary import InterviewState as S
from portal.web.steps import Link, Words, take


@blueprint.route("/return-interviews/<reference>/offer", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def offer(reference: str) -> ResponseReturnValue:
    """Record that it was offered, and what the child answered."""
    found = to_record(reference)
    if away := elsewhere(found, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED, S.NOT_OFFERED):
        return away
    interview = found.interview
    by = interview.offered_by or current().name
    form = OfferForm.of(found.rules, **found.seen, by=by, how=interview.offered_how)
    form.start_at(interview.offered_at or clock.now())
    return take(
        form,
        lambda: offer_with_answer(
            actor=current(),
            interview=interview,
            at=form.at,
            by=form.said("by"),
            how=form.said("how"),
            accepted=known(form.answer.data),
            reason=form.said("reason"),
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(
            heading="The interview was offered",
            title=f"Offered, interview {reference}",
            button="Record it",
            instead=Link(
                url_for(".not_offered", reference=reference), "It was not offered, or does not apply"
            ),
        ),
        page=found.page,
        to=found.address,
        done="Recorded",
    )


@blueprint.route("/return-interviews/<reference>/not-offered", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def not_offered(reference: str) -> ResponseReturnValue:
    """Record that it was not offered, or does not apply, and why."""
    found = to_record(reference)
    if away := elsewhere(found, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED, S.NOT_OFFERED):
        return away
    form = NotOfferedForm(data=found.seen)
    return take(
        form,
        lambda: offer_interview(
            actor=current(),
            interview=found.interview,
            offered=InterviewOffer(form.offered.data),
            why_not=form.said("why_not"),
            version=form.seen_version,
        ),
        says=Words(
            heading="No interview was offered",
            title=f"Not offered, interview {reference}",
            lead=["Every child who was missing is offered one. Say openly why this one was not."],
            button="Record it",
        ),
        page=found.page,
        to=found.address,
        done="Recorded",
    )


@blueprint.route("/return-interviews/<reference>/answer", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def answer(reference: str) -> ResponseReturnValue:
    """Record what the child answered."""
    found = to_record(reference)
    if away := elsewhere(found, S.OFFERED, S.ACCEPTED, S.DECLINED):
        return away
    form = AnswerForm.of(found.rules, **found.seen)
    return take(
        form,
        lambda: answer_offer(
            actor=current(),
            interview=found.interview,
            accepted=form.answer.data == YES,
            reason=form.said("reason"),
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(
            heading="What the child answered",
            title=f"What the child answered, interview {reference}",
            button="Record it",
        ),
        page=found.page,
        to=found.address,
        done="Recorded",
    )


@blueprint.route("/return-interviews/<reference>/attempt", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def try_to_reach(reference: str) -> ResponseReturnValue:
    """Record that somebody tried to reach the child."""
    found = to_record(reference)
    if away := elsewhere(found, S.TO_OFFER, S.OFFERED, S.ACCEPTED, S.DECLINED):
        return away
    form = AttemptForm.of(found.rules)
    form.start_at(clock.now())
    return take(
        form,
        lambda: add_attempt(
            actor=current(),
            interview=found.interview,
            at=form.at,
            way=form.said("way"),
            words=form.said("words"),
        ),
        says=Words(
            heading="An attempt to reach the child",
            title=f"An attempt, interview {reference}",
            button="Record it",
        ),
        page=found.page,
        to=found.address,
        done="Recorded",
    )


@blueprint.route("/return-interviews/<reference>/held", methods=["GET", "POST"])
@allow("interview:record", shows="child")
def hold(reference: str) -> ResponseReturnValue:
    """Record that it was held: when, where, by whom, and that they do not care for the child."""
    found = to_record(reference)
    if away := elsewhere(found, S.OFFERED, S.ACCEPTED, S.DECLINED, S.TO_WRITE_UP):
        return away
    form = TalkForm(data=found.seen | interview_words.talk_of(found.interview))
    form.offer_reasons(found.rules)
    form.start_at(found.interview.done_at or clock.now())
    episodes = interviews.episodes_of(interview_id=found.interview.id)
    form.ask_late(may_be=any(interview_words.is_late(row) for row in episodes))
    return take(
        form,
        lambda: hold_interview(
            actor=current(),
            interview=found.interview,
            talk=form.held,
            late=form.late,
            version=form.seen_version,
        ),
        says=Words(
            heading="The interview was held",
            title=f"Held, interview {reference}",
            above="return_interviews/_returns.html",
            button="Record it, and write down what was said",
        ),
        page=found.page,
        to=url_for(".write", reference=reference),
        done="Recorded. Now write down what the child said",
        episodes=episodes,
        words=interview_words,
        returns_caption="Returns that it is about",
    )
