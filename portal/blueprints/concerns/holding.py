"""Who sees it: other agencies, only the team that holds it, or another owner."""

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import ABOUT, address, find, found_to, step_on
from portal.records.concerns.forms.steps import GiveForm, HoldForm, ReleaseForm
from portal.records.concerns.holding import hand_over, hold, release, withdraw_release
from portal.records.people.reading import agencies as people_agencies
from portal.records.requests import reading as asking
from portal.web.fields import Choice
from portal.web.page import see_other
from portal.web.steps import Words, take
from portal.web.transaction import attempt

_CLOSELY = (
    "From now on only the team that owns it, the managers of its agency, the hub and those to whom you"
    " release it see it."
)
_AS_OTHERS = "Police, the agencies that recorded and own it and, for a place, its council see it again."


@blueprint.route("/<reference>/release", methods=["GET", "POST"])
@allow("concern:release", shows="list")
def let_see(reference: str) -> ResponseReturnValue:
    """Let the people of another agency see it."""
    concern, form = found_to("concern:release", reference), ReleaseForm()
    agencies = asking.agencies_to_list(without=concern.owner_agency_id)
    form.offer("agency", [Choice(str(one.id), one.name) for one in agencies], prompt=True)
    return take(
        form,
        lambda: release(
            actor=current(), concern=concern, agency_id=UUID(form.said("agency")), reason=form.said("reason")
        ),
        says=Words(heading="Let another agency see it", above=ABOUT, button="Let them see it"),
        page=lambda: step_on(concern),
        to=address(concern),
        done="They see it now",
        meaning="Everybody who practises in that agency sees it, until you take it back. They do not see who"
        " the children are whose records they do not read.",
    )


@blueprint.post("/<reference>/releases/<uuid:release_id>/withdraw")
@allow("concern:release")
def withdraw(reference: str, release_id: UUID) -> ResponseReturnValue:
    """The people of an agency no longer see it."""
    concern = find(reference)
    with attempt():
        withdraw_release(actor=current(), concern=concern, release_id=release_id)
    flash("They no longer see it. That they did stays on record")
    return see_other(address(concern, "releases"))


@blueprint.route("/<reference>/hold", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def hold_closely(reference: str) -> ResponseReturnValue:
    """Hold it closely, or as others again."""
    concern = found_to("concern:keep", reference)
    form = HoldForm(data={"version": str(concern.version)})
    closely = form.mean(not concern.sensitivity)
    return take(
        form,
        lambda: hold(
            actor=current(),
            concern=concern,
            restricted=closely,
            reason=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(
            heading="Hold it closely" if closely else "Hold it as others again",
            above=ABOUT,
            button="Hold it closely" if closely else "Hold it as others",
        ),
        page=lambda: step_on(concern),
        to=url_for("concerns.index"),  # whoever does it may not see it from then on
        done="Held closely" if closely else "Held as others again",
        meaning=_CLOSELY if closely else _AS_OTHERS,
    )


@blueprint.route("/<reference>/owner", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def give(reference: str) -> ResponseReturnValue:
    """Give it to a team that answers for it from now on."""
    concern = found_to("concern:keep", reference)
    form = GiveForm(data={"version": str(concern.version)})
    offered = [one for one in people_agencies.teams_to_choose() if one.id != concern.owner_team_id]
    form.offer("team", [Choice(str(one.id), one.label) for one in offered], prompt=True)
    return take(
        form,
        lambda: hand_over(
            actor=current(),
            concern=concern,
            team=people_agencies.find_teams(ids=[UUID(form.said("team"))])[0],
            reason=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="Give it to another owner", above=ABOUT, button="Give it to them"),
        page=lambda: step_on(concern),
        to=url_for("concerns.index"),
        done="Given. They answer for it now",
        meaning="They review it, and say who else sees it.",
    )
