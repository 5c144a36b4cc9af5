"""Recording an order or notice on a person or place of concern."""

from typing import Any

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.orders.blueprint import blueprint
from portal.forms.choices import identifier
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.children.presenter import full_name
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.orders import reading as orders
from portal.records.orders.checks import OrderSaid, children_by_reference
from portal.records.orders.forms import OrderForm
from portal.records.orders.keeping import record_order
from portal.records.people.reading import teams
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/concerns/<reference>/orders/new", methods=["GET", "POST"])
@allow("order:record", shows="child")
def new_order(reference: str) -> ResponseReturnValue:
    """What was made, on what, until when, whom it protects."""
    typed = read_reference(reference, Prefix.CONCERN)
    concern = (concerns.find_concern(reference=typed) if typed else None) or abort(404)
    require(current(), "order:record")
    policy = current_policy()
    linked = orders.linked_children(concern_id=concern.id)
    form, problem = OrderForm(), None
    form.offer_policy(
        policy,
        concern.kind,
        [(one.reference, f"{full_name(one)}, {one.reference}") for one in linked],
        [(str(one.id), one.name) for one in teams.find_teams(ids=list(current().team_ids))],
    )
    if form.validate_on_submit():
        try:
            with attempt():
                made = _record(concern, form)
        except DomainError as refused:
            problem = refused
        else:
            flash("Recorded")
            return see_other(url_for("orders.show", reference=made.reference))
    audit.record("concern:view", subject_kind="concern", subject_id=concern.id)
    offered = policy.orders.types_on(concern.kind)
    return render(
        "orders/new.html", concern=concern, form=form, problem=problem, offered=offered, marking=True
    )


def _record(concern: Concern, form: OrderForm) -> Any:
    references = list(form.children.data or ()) if "children" in form else []
    if form.said("child").strip():
        references.append(read_reference(form.said("child"), Prefix.CHILD) or form.said("child").strip())
    return record_order(
        actor=current(),
        concern=concern,
        said=OrderSaid(
            kind=form.said("kind"),
            made_by=form.said("made_by"),
            starts_on=form.starts_on.data,
            expires_on=form.last_day,
            review_on=form.review_on.data if form.runs.data == "on" else None,
            conditions=form.said("conditions"),
            served_on=form.served_on.data,
            served_words=form.said("served_words"),
        ),
        protects=children_by_reference(references=references),
        team_id=identifier(form.team.data) if "team" in form else None,
        once=form.sent_once,
    )
