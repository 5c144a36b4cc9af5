"""Recording an order or notice on a person or place of concern."""

from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.orders.blueprint import blueprint
from portal.blueprints.orders.looking import address
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.children.presenter import full_name
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.orders import reading as orders
from portal.records.orders.forms import OrderForm
from portal.records.orders.keeping import children_by_reference, record_order
from portal.records.orders.policy import Orders
from portal.records.people.reading import agencies
from portal.web.references import address_of
from portal.web.steps import Link, Words, take

_KEPT = "It is kept with its history, and whoever answers for it is reminded before it runs out."
_NOT_ON_THESE = "Orders and notices are on people, places and groups. Record it there, and link this to it."


@blueprint.route("/concerns/<reference>/orders/new", methods=["GET", "POST"])
@allow("order:record", shows="child")
def new_order(reference: str) -> ResponseReturnValue:
    """What was made, on what, until when, whom it protects."""
    typed = read_reference(reference, Prefix.CONCERN)
    concern = (concerns.find_concern(reference=typed) if typed else None) or abort(404)
    require(current(), "order:record")
    policy, form = current_policy(), OrderForm()
    form.offer_policy(
        policy,
        concern.kind,
        [
            (one.reference, f"{full_name(one)}, {one.reference}")
            for one in orders.linked_children(concern_id=concern.id)
        ],
        [(str(one.id), one.name) for one in agencies.teams_by_name(ids=current().team_ids)],
    )
    offered = policy.of(Orders).types_on(concern.kind)
    return take(
        form,
        lambda: record_order(
            actor=current(),
            concern=concern,
            said=form.order,
            protects=children_by_reference(references=form.protected),
            team_id=form.team_id,
            once=form.sent_once,
        ),
        says=Words(
            heading="Record an order or notice",
            lead=[_KEPT] if offered else (),
            nothing="" if offered else _NOT_ON_THESE,
            button="Record it",
        ),
        page=lambda: _begin(concern),
        to=address,
        done="Recorded",
    )


def _begin(concern: Concern) -> dict[str, Any]:
    audit.record("concern:view", subject_kind="concern", subject_id=concern.id)
    return {
        "caption": ", ".join(filter(None, (concern.name, concern.reference))),
        "back": Link(
            address_of(concern.reference) or url_for("orders.index"), concern.name or concern.reference
        ),
        "marking": True,
    }
