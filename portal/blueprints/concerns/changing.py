"""Saying anew what is recorded, that it still holds, that it ended, or that it is of concern again."""

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import around, find, look
from portal.blueprints.concerns.steps import take
from portal.pathway.deadlines import last_day
from portal.policy import current_policy
from portal.records.concerns.forms.keeping import made_for
from portal.records.concerns.forms.steps import ReopenForm, ReviewForm, StepForm
from portal.records.concerns.keeping import change_concern
from portal.records.concerns.presenter.words import described
from portal.records.concerns.records import concern_facts
from portal.records.concerns.reviews import end_concern, reopen_concern, review_concern
from portal.records.concerns.vocabulary import ConcernKind
from portal.services.errors import Conflict, DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/change", methods=["GET", "POST"])
@allow("concern:change", shows="list")
def change(reference: str) -> ResponseReturnValue:
    """What is recorded, to be said anew; what it said stays in its history."""
    concern, policy = find(reference), current_policy()
    require(current(), "concern:change", concern_facts(current(), concern))
    form = made_for(ConcernKind(concern.kind), policy, new=False)()
    form.offer_words(policy)
    problem: DomainError | None = None
    if not form.is_submitted():
        form.fill_in(described(concern))
        form.version.data = str(concern.version)
    elif form.validate():
        try:
            with attempt():
                change_concern(
                    actor=current(),
                    concern=concern,
                    said=form.described,
                    reason=form.said("reason"),
                    version=form.seen_version,
                )
        except DomainError as refused:
            problem = refused
            if isinstance(refused, Conflict):
                form.version.data = str(concern.version)
        else:
            flash("Changed. What it said before is in its history")
            return see_other(url_for("concerns.show", reference=concern.reference))
    look(concern)
    return render("concerns/change.html", **around(concern, policy), form=form, problem=problem)


@blueprint.route("/<reference>/review", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def review(reference: str) -> ResponseReturnValue:
    """Somebody looked, and it still holds."""
    concern, form, policy = find(reference), ReviewForm(), current_policy()
    require(current(), "concern:keep", concern_facts(current(), concern))
    form.offer_words(policy)
    if not form.is_submitted():
        form.risk.data = concern.risk
        form.review_on.process(None, last_day(policy.concerns.review_within, clock.today()))
    return take(
        concern,
        form,
        title="Look at it again",
        button="It still holds",
        done="Looked at. It is looked at again by the day that you set",
        says="If it no longer holds, end it instead: it stays on record and is found again.",
        step=lambda: review_concern(
            actor=current(),
            concern=concern,
            words=form.said("words"),
            review_on=form.review_on.data,
            risk=form.said("risk") or None,
            version=form.seen_version,
        ),
    )


@blueprint.route("/<reference>/end", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def end(reference: str) -> ResponseReturnValue:
    """It is no longer of concern."""
    concern, form = find(reference), StepForm()
    require(current(), "concern:keep", concern_facts(current(), concern))
    if concern.ended_at is not None:
        abort(404)
    return take(
        concern,
        form,
        title="It is no longer of concern",
        button="End it",
        done="Ended. It stays on record and is found again",
        says="Nobody has to look at it any more. It stays on record, with its links and its history, and is"
        " found when the same is recorded again.",
        warns=True,
        step=lambda: end_concern(
            actor=current(), concern=concern, reason=form.said("words"), version=form.seen_version
        ),
    )


@blueprint.route("/<reference>/reopen", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def reopen(reference: str) -> ResponseReturnValue:
    """It is of concern again."""
    concern, form = find(reference), ReopenForm()
    require(current(), "concern:keep", concern_facts(current(), concern))
    if not form.is_submitted():
        form.start(last_day(current_policy().concerns.review_within, clock.today()))
    return take(
        concern,
        form,
        title="It is of concern again",
        button="Open it again",
        done="It is of concern again",
        step=lambda: reopen_concern(
            actor=current(), concern=concern, reason=form.said("words"), review_on=form.review_on.data
        ),
    )
