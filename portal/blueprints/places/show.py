"""The page of who watches a place: whoever could, what is known of it, and what is done there."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.places.blueprint import blueprint
from portal.blueprints.places.looking import around, place_of
from portal.policy import current_policy
from portal.records.panels import presenter as panel_view
from portal.records.panels.reading import records as panels
from portal.records.places import presenter as place_words
from portal.records.places import reading as places
from portal.records.places.policy import Guardianship
from portal.records.plans import presenter as action_words
from portal.records.plans.actions import giving_facts
from portal.records.plans.reading import actions as plan_actions
from portal.web.page import render


@blueprint.get("/watching")
@allow("concern:view", shows="list")
def show(reference: str) -> ResponseReturnValue:
    """Who could watch or act there, what is known of the place and what is to be done."""
    place = place_of(reference)
    policy = current_policy(place.authority)
    rows = places.guardians_of(concern_id=place.id)
    steps = places.steps_of(concern_id=place.id) if rows else {}
    given = plan_actions.actions_on(concern_id=place.id)
    may_give = place.ended_at is None and permitted(current(), "action:give", giving_facts(current(), place))
    return render(
        "places/show.html",
        **around(place),
        guardians=place_words.guardians(rows, steps, policy),
        facts=places.facts_of(concern_id=place.id),
        kinds=policy.of(Guardianship).facts,
        lines=[action_words.line(one, policy) for one in given],
        may_give=may_give,
        panels=[panel_view.line(one) for one in panels.of(concerns=[place.id])],
        own_agency=current().agency_id,
        wide=True,
    )
