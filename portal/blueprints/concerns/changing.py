"""Saying anew what is recorded, what only some may say of it, and who sees it."""

from functools import partial
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.concerns import (
    ABOUT,
    address,
    blueprint,
    find_concern,
    found_to,
    on_concern,
    step_on,
)
from portal.deadlines.rules import last_day
from portal.policy import current_policy
from portal.records.concerns import forms, holding
from portal.records.concerns.keeping import change_concern, end_concern, reopen_concern, review_concern
from portal.records.concerns.policy import Concerns
from portal.records.concerns.presenter.words import described
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.intelligence.forms import offer_grades
from portal.records.intelligence.grading import Grades
from portal.records.people.reading import agencies as people_agencies
from portal.records.requests import reading as requests
from portal.web.fields import Choice
from portal.web.idempotency import attempt
from portal.web.page import see_other
from portal.web.steps import Words, take


@blueprint.route("/<reference>/change", methods=["GET", "POST"])
@allow("concern:change", shows="list")
def change(reference: str) -> ResponseReturnValue:
    """What is recorded, to be said anew; what it said stays in its history."""
    concern, policy = found_to("concern:change", reference), current_policy()
    form = forms.made_for(ConcernKind(concern.kind), policy, new=False)(
        data={"version": str(concern.version)}
    )
    form.offer_words(policy)
    form.start_from(described(concern))
    return on_concern.take(
        concern,
        form,
        lambda **given: change_concern(said=form.described, reason=form.said("reason"), **given),
        Words(heading="Change what is recorded"),
        done="Changed. What it said before is in its history",
    )


@blueprint.route("/<reference>/review", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def review(reference: str) -> ResponseReturnValue:
    """Somebody looked, and it still holds."""
    concern, policy = found_to("concern:keep", reference), current_policy()
    form = forms.ReviewForm.opened(concern)
    form.offer_words(policy)
    form.prefill(risk=concern.risk, review_on=last_day(policy.of(Concerns).review_within, clock.today()))
    return on_concern.take(
        concern,
        form,
        partial(
            review_concern,
            words=form.said("words"),
            review_on=form.review_on.data,
            risk=form.said("risk") or None,
        ),
        Words(heading="Look at it again", above=ABOUT, button="It still holds"),
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
    form = forms.StepForm.opened(concern)
    return on_concern.take(
        concern,
        form,
        partial(end_concern, reason=form.said("words")),
        Words(heading="It is no longer of concern", above=ABOUT, button="End it", warns=True),
        done="Ended. It stays on record and is found again",
        meaning="Nobody has to look at it any more. It stays on record, with its links and its history, and"
        " is found when the same is recorded again.",
    )


@blueprint.route("/<reference>/reopen", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def reopen(reference: str) -> ResponseReturnValue:
    """It is of concern again."""
    concern = found_to("concern:keep", reference)
    form = forms.ReopenForm.opened(concern)
    form.prefill(review_on=last_day(current_policy().of(Concerns).review_within, clock.today()))
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


@blueprint.route("/<reference>/police-status", methods=["GET", "POST"])
@allow("concern:police_status", shows="list")
def police_status(reference: str) -> ResponseReturnValue:
    """How police know a person."""
    concern = found_to("concern:police_status", reference)
    if concern.kind != ConcernKind.PERSON:
        abort(404)
    form = forms.PoliceStatusForm.opened(concern, status=concern.police_status)
    form.offer_words(current_policy())
    return on_concern.take(
        concern,
        form,
        partial(holding.set_police_status, status=form.said("status"), reason=form.said("words")),
        Words(heading="How police know this person", above=ABOUT),
        done="Saved. Everybody who sees this person sees it",
    )


@blueprint.route("/<reference>/grade", methods=["GET", "POST"])
@allow("concern:grade", shows="list")
def grade(reference: str) -> ResponseReturnValue:
    """How reliable what is recorded is."""
    concern = found_to("concern:grade", reference)
    values = {name: getattr(concern, name) for name in ("source_grade", "information_grade", "handling_code")}
    form = forms.GradeForm.opened(concern, **values)
    offer_grades(form, current_policy())
    return on_concern.take(
        concern,
        form,
        partial(
            holding.grade_concern,
            grades=Grades(**{name: form.said(name) for name in values}),
            reason=form.said("words"),
        ),
        Words(heading="Grade it", above=ABOUT, button="Save the grading"),
        done="The grading was saved",
    )


_CLOSELY = (
    "From now on only the team that owns it, the managers of its agency, the hub and those to whom you"
    " release it see it."
)
_AS_OTHERS = "Police, the agencies that recorded and own it and, for a place, its council see it again."


@blueprint.route("/<reference>/release", methods=["GET", "POST"])
@allow("concern:release", shows="list")
def let_see(reference: str) -> ResponseReturnValue:
    """Let the people of another agency see it."""
    concern, form = found_to("concern:release", reference), forms.ReleaseForm()
    agencies = requests.agencies_to_list(without=concern.owner_agency_id)
    form.offer("agency", [Choice(str(one.id), one.name) for one in agencies])
    return on_concern.take(
        concern,
        form,
        lambda **given: holding.release(
            agency_id=UUID(form.said("agency")), reason=form.said("reason"), **given
        ),
        Words(heading="Let another agency see it", above=ABOUT, button="Let them see it"),
        done="They see it now",
        meaning="Everybody who practises in that agency sees it, until you take it back. They do not see who"
        " the children are whose records they do not read.",
    )


@blueprint.post("/<reference>/releases/<uuid:release_id>/withdraw")
@allow("concern:release")
def withdraw(reference: str, release_id: UUID) -> ResponseReturnValue:
    """The people of an agency no longer see it."""
    concern = find_concern(reference)
    with attempt():
        holding.withdraw_release(actor=current(), concern=concern, release_id=release_id)
    return see_other(
        address(concern, "releases"), done="They no longer see it. That they did stays on record"
    )


@blueprint.route("/<reference>/hold", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def hold_closely(reference: str) -> ResponseReturnValue:
    """Hold it closely, or as others again."""
    concern = found_to("concern:keep", reference)
    form = forms.HoldForm.opened(concern)
    closely = form.mean(not concern.sensitivity)
    return on_concern.take(
        concern,
        form,
        partial(holding.hold, restricted=closely, reason=form.said("words")),
        Words(
            heading="Hold it closely" if closely else "Hold it as others again",
            above=ABOUT,
            button="Hold it closely" if closely else "Hold it as others",
        ),
        done="Held closely" if closely else "Held as others again",
        to=url_for("concerns.index"),  # whoever does it may not see it from then on
        meaning=_CLOSELY if closely else _AS_OTHERS,
    )


@blueprint.route("/<reference>/owner", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def give(reference: str) -> ResponseReturnValue:
    """Give it to a team that answers for it from now on."""
    concern = found_to("concern:keep", reference)
    form = forms.GiveForm.opened(concern)
    offered = [one for one in people_agencies.teams_to_choose() if one.id != concern.owner_team_id]
    form.offer("team", [Choice(str(one.id), one.label) for one in offered])
    return on_concern.take(
        concern,
        form,
        lambda **given: holding.hand_over(
            team=people_agencies.find_teams(ids=[UUID(form.said("team"))])[0],
            reason=form.said("words"),
            **given,
        ),
        Words(heading="Give it to another owner", above=ABOUT, button="Give it to them"),
        done="Given. They answer for it now",
        to=url_for("concerns.index"),
        meaning="They review it, and say who else sees it.",
    )
