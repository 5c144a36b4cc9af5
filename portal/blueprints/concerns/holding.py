"""Who sees it: other agencies, only the team that holds it, or another owner."""

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import find
from portal.blueprints.concerns.steps import take
from portal.records.concerns.forms.steps import GiveForm, HoldForm, ReleaseForm
from portal.records.concerns.holding import hand_over, hold, release, withdraw_release
from portal.records.concerns.records import concern_facts
from portal.records.people.reading import teams
from portal.records.requests.reading import request_choices as asking
from portal.web.fields import Choice
from portal.web.page import see_other
from portal.web.transaction import attempt


@blueprint.route("/<reference>/release", methods=["GET", "POST"])
@allow("concern:release", shows="list")
def let_see(reference: str) -> ResponseReturnValue:
    """Let the people of another agency see it."""
    concern, form = find(reference), ReleaseForm()
    require(current(), "concern:release", concern_facts(current(), concern))
    agencies = asking.agencies_to_list(without=concern.owner_agency_id)
    form.offer("agency", [Choice(str(one.id), one.name) for one in agencies], prompt=True)
    return take(
        concern,
        form,
        title="Let another agency see it",
        button="Let them see it",
        done="They see it now",
        says="Everybody who practises in that agency sees it, until you take it back. They do not see who the"
        " children are whose records they do not read.",
        step=lambda: release(
            actor=current(), concern=concern, agency_id=UUID(form.said("agency")), reason=form.said("reason")
        ),
    )


@blueprint.post("/<reference>/releases/<uuid:release_id>/withdraw")
@allow("concern:release")
def withdraw(reference: str, release_id: UUID) -> ResponseReturnValue:
    """The people of an agency no longer see it."""
    concern = find(reference)
    with attempt():
        withdraw_release(actor=current(), concern=concern, release_id=release_id)
    flash("They no longer see it. That they did stays on record")
    return see_other(url_for("concerns.show", reference=concern.reference, _anchor="releases"))


@blueprint.route("/<reference>/hold", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def hold_closely(reference: str) -> ResponseReturnValue:
    """Hold it closely, or as others again."""
    concern, form = find(reference), HoldForm()
    require(current(), "concern:keep", concern_facts(current(), concern))
    closely = form.mean(not concern.sensitivity)
    return take(
        concern,
        form,
        title="Hold it closely" if closely else "Hold it as others again",
        button="Hold it closely" if closely else "Hold it as others",
        done="Held closely" if closely else "Held as others again",
        says="From now on only the team that owns it, the managers of its agency, the hub and those to whom"
        " you release it see it."
        if closely
        else "Police, the agencies that recorded and own it and, for a place, its council see it again.",
        leads_to=url_for("concerns.index"),  # whoever does it may not see it from then on
        step=lambda: hold(
            actor=current(),
            concern=concern,
            restricted=closely,
            reason=form.said("words"),
            version=form.seen_version,
        ),
    )


@blueprint.route("/<reference>/owner", methods=["GET", "POST"])
@allow("concern:keep", shows="list")
def give(reference: str) -> ResponseReturnValue:
    """Give it to a team that answers for it from now on."""
    concern, form = find(reference), GiveForm()
    require(current(), "concern:keep", concern_facts(current(), concern))
    offered = [one for one in teams.teams_to_choose() if one.id != concern.owner_team_id]
    form.offer("team", [Choice(str(one.id), one.label) for one in offered], prompt=True)

    def step() -> None:
        chosen = teams.find_teams(ids=[UUID(form.said("team"))])
        hand_over(
            actor=current(),
            concern=concern,
            team=chosen[0],
            reason=form.said("words"),
            version=form.seen_version,
        )

    return take(
        concern,
        form,
        title="Give it to another owner",
        button="Give it to them",
        done="Given. They answer for it now",
        says="They review it, and say who else sees it.",
        leads_to=url_for("concerns.index"),
        step=step,
    )
