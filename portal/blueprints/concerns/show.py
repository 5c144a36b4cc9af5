"""The page of something of concern, and its history."""

from flask.typing import ResponseReturnValue

from portal import clock, registry
from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.concerns.blueprint import blueprint
from portal.blueprints.concerns.looking import around, find, look
from portal.records.concerns.presenter import words as concern_words
from portal.records.concerns.reading import network as concern_network
from portal.records.concerns.reading import records as concerns
from portal.records.concerns.vocabulary import ConcernKind
from portal.records.plans import presenter as action_words
from portal.records.plans.actions import giving_facts
from portal.web.page import render


@blueprint.get("/<reference>")
@allow("concern:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """What is recorded, what it belongs to, and what else may be the same."""
    concern, person = find(reference), current()
    base = around(concern)
    policy, details = base["policy"], concerns.page_of(concern=concern)
    rows = concerns.links_of(concern_id=concern.id)
    standing, taken_back = concern_words.links(concern, rows, person, policy)
    look(concern, children=[row.child_id for row in rows if row.child_id])
    return render(
        "concerns/show.html",
        **base,
        details=details,
        facts=concern_words.facts(concern, details, policy),
        links=standing,
        taken_back=taken_back,
        notes=concern_words.notes(concerns.notes_of(concern_id=concern.id)),
        releases=concern_words.releases(details.releases),
        suggestions=concern_network.of_concern(concern=concern),
        differences=concern_network.differences_of(concern_id=concern.id),
        can=concern_words.verbs(concern, person),
        parts=registry.parts_on_concern(concern=concern, person=person, policy=policy),
        doing=action_words.on_concern(details.actions),
        may_give=concern.ended_at is None and permitted(person, "action:give", giving_facts(person, concern)),
        kind_of=ConcernKind,
        today=clock.today(),
        wide=True,
    )


@blueprint.get("/<reference>/history")
@allow("concern:view", shows="list")
def history(reference: str) -> ResponseReturnValue:
    """What it said before, who changed it and why."""
    concern = find(reference)
    base = around(concern)
    look(concern, "concern:history")
    rows = concerns.changes_of(concern_id=concern.id)
    return render(
        "concerns/history.html",
        **base,
        history=concern_words.history(rows, concern.kind, base["policy"]),
    )
