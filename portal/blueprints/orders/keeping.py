"""What happens to an order or notice: served, broken, moved, ended."""

from collections.abc import Callable
from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import require
from portal.access.principal import current
from portal.blueprints.orders.blueprint import blueprint
from portal.blueprints.orders.looking import find, look
from portal.policy import current_policy
from portal.records.orders import reading as orders
from portal.records.orders.forms import BrokenForm, EndedForm, MovedForm, ServedForm
from portal.records.orders.keeping import end, keeping_facts, move, say_broken, serve
from portal.records.orders.model import ConcernOrder
from portal.services.errors import DomainError
from portal.web.page import render, see_other
from portal.web.transaction import attempt


@blueprint.route("/orders/<reference>/serve", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def serve_order(reference: str) -> ResponseReturnValue:
    """It was served."""
    order = _found(reference)
    form = ServedForm(data={"version": str(order.version)})

    def save() -> None:
        serve(
            actor=current(), order=order, on=form.on.data, words=form.said("words"), version=form.seen_version
        )

    return _step(order, form, save, "It was served", "Recorded")


@blueprint.route("/orders/<reference>/broken", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def order_broken(reference: str) -> ResponseReturnValue:
    """Somebody broke it."""
    order, form = _found(reference), BrokenForm()

    def save() -> None:
        say_broken(actor=current(), order=order, on=form.on.data, words=form.said("words"))

    return _step(order, form, save, "It was broken", "Recorded")


@blueprint.route("/orders/<reference>/move", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def move_order(reference: str) -> ResponseReturnValue:
    """It runs until another day."""
    order = _found(reference)
    form = MovedForm(data={"version": str(order.version)})

    def save() -> None:
        move(
            actor=current(),
            order=order,
            until=form.until.data,
            words=form.said("words"),
            version=form.seen_version,
        )

    return _step(order, form, save, "It runs until another day", "Changed. The first day stays on record")


@blueprint.route("/orders/<reference>/end", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def end_order(reference: str) -> ResponseReturnValue:
    """It has ended."""
    order = _found(reference)
    form = EndedForm(data={"version": str(order.version)})
    form.offer_policy(current_policy())

    def save() -> None:
        end(
            actor=current(),
            order=order,
            on=form.on.data,
            outcome=form.said("outcome"),
            words=form.said("words"),
            version=form.seen_version,
        )

    return _step(order, form, save, "It has ended", "Ended. It stays on record")


def _found(reference: str) -> ConcernOrder:
    order = find(reference)
    require(current(), "order:keep", keeping_facts(current(), order))
    return order


def _step(
    order: ConcernOrder, form: Any, save: Callable[[], None], title: str, done: str
) -> ResponseReturnValue:
    """The page of one step, and what becomes of it."""
    problem = None
    if form.validate_on_submit():
        try:
            with attempt():
                save()
        except DomainError as refused:
            problem = refused
        else:
            flash(done)
            return see_other(url_for("orders.show", reference=order.reference))
    look(order)
    row = orders.page_of(order=order)
    what = current_policy().orders.types.label(row.kind)
    return render(
        "orders/step.html", order=row, what=what, form=form, problem=problem, title=title, marking=True
    )
