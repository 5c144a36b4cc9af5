"""Saying anew what is recorded, that it still holds, that it ended, or that it is of concern again."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import ABOUT, address, found_to, step_on
from portal.pathway.deadlines import last_day
from portal.policy import current_policy
from portal.records.concerns.forms.keeping import made_for
from portal.records.concerns.forms.steps import ReopenForm, ReviewForm, StepForm
from portal.records.concerns.keeping import change_concern, end_concern, reopen_concern, review_concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.presenter.words import described
from portal.records.concerns.vocabulary import ConcernKind
from portal.web.steps import Words, take


@blueprint.route("/<reference>/change", methods=["GET", "POST"])
@allow("concern:change", shows="list")
def change(reference: str) -> ResponseReturnValue:
    """What is recorded, to be said anew; what it said stays in its history."""
    concern, policy = found_to("concern:change", reference), current_policy()
    form = made_for(ConcernKind(concern.kind), policy, new=False)(data={"version": str(concern.version)})
    form.offer_words(policy)
    form.start_from(described(concern))
    return take(
        form,
        lambda: change_concern(
            actor=current(),
            concern=concern,
            said=form.described,
            reason=form.said("reason"),
            version=form.seen_version,
        ),
        says=Words(heading="Change what is recorded", button="Save"),
        page=lambda: step_on(concern),
        to=address(concern),
        done="Changed. What it said before is in its history",
    )


@blueprint.route("/<reference>/review", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def review(reference: str) -> ResponseReturnValue:
    """Somebody looked, and it still holds."""
    concern, policy = found_to("concern:keep", reference), current_policy()
    form = ReviewForm(data={"version": str(concern.version)})
    form.offer_words(policy)
    form.start(concern.risk, last_day(policy.of(Concerns).review_within, clock.today()))
    return take(
        form,
        lambda: review_concern(
            actor=current(),
            concern=concern,
            words=form.said("words"),
            review_on=form.review_on.data,
            risk=form.said("risk") or None,
            version=form.seen_version,
        ),
        says=Words(heading="Look at it again", above=ABOUT, button="It still holds"),
        page=lambda: step_on(concern),
        to=address(concern),
        done="Looked at. It is looked at again by the day that you set",
        meaning="If it no longer holds, end it instead: it stays on record and is found again.",
    )


@blueprint.route("/<reference>/end", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def end(reference: str) -> ResponseReturnValue:
    """It is no longer of concern."""
    concern = found_to("concern:keep", reference)
    if concern.ended_at is not None:
        abort(404)
    form = StepForm(data={"version": str(concern.version)})
    return take(
        form,
        lambda: end_concern(
            actor=current(), concern=concern, reason=form.said("words"), version=form.seen_version
        ),
        says=Words(heading="It is no longer of concern", above=ABOUT, button="End it", warns=True),
        page=lambda: step_on(concern),
        to=address(concern),
        done="Ended. It stays on record and is found again",
        meaning="Nobody has to look at it any more. It stays on record, with its links and its history, and"
        " is found when the same is recorded again.",
    )


@blueprint.route("/<reference>/reopen", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def reopen(reference: str) -> ResponseReturnValue:
    """It is of concern again."""
    concern = found_to("concern:keep", reference)
    form = ReopenForm(data={"version": str(concern.version)})
    form.start(last_day(current_policy().of(Concerns).review_within, clock.today()))
    return take(
        form,
        lambda: reopen_concern(
            actor=current(), concern=concern, reason=form.said("words"), review_on=form.review_on.data
        ),
        says=Words(heading="It is of concern again", above=ABOUT, button="Open it again"),
        page=lambda: step_on(concern),
        to=address(concern),
        done="It is of concern again",
    )
