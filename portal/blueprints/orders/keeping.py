"""What happens to an order or notice: served, broken, moved, ended."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.orders.blueprint import blueprint
from portal.blueprints.orders.looking import address, step_on, to_keep
from portal.policy import current_policy
from portal.records.orders.forms import BrokenForm, EndedForm, MovedForm, ServedForm
from portal.records.orders.keeping import end, move, say_broken, serve
from portal.web.steps import Words, take


@blueprint.route("/orders/<reference>/serve", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def serve_order(reference: str) -> ResponseReturnValue:
    """It was served."""
    order = to_keep(reference)
    form = ServedForm(data={"version": str(order.version)})
    return take(
        form,
        lambda: serve(
            actor=current(), order=order, on=form.on.data, words=form.said("words"), version=form.seen_version
        ),
        says=Words(heading="It was served", button="Save"),
        page=lambda: step_on(order),
        to=address(order),
        done="Recorded",
    )


@blueprint.route("/orders/<reference>/broken", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def order_broken(reference: str) -> ResponseReturnValue:
    """Somebody broke it."""
    order, form = to_keep(reference), BrokenForm()
    return take(
        form,
        lambda: say_broken(actor=current(), order=order, on=form.on.data, words=form.said("words")),
        says=Words(heading="It was broken", button="Save"),
        page=lambda: step_on(order),
        to=address(order),
        done="Recorded",
    )


@blueprint.route("/orders/<reference>/move", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def move_order(reference: str) -> ResponseReturnValue:
    """It runs until another day."""
    order = to_keep(reference)
    form = MovedForm(data={"version": str(order.version)})
    return take(
        form,
        lambda: move(
            actor=current(),
            order=order,
            until=form.until.data,
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="It runs until another day", button="Save"),
        page=lambda: step_on(order),
        to=address(order),
        done="Changed. The first day stays on record",
    )


@blueprint.route("/orders/<reference>/end", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def end_order(reference: str) -> ResponseReturnValue:
    """It has ended."""
    order = to_keep(reference)
    form = EndedForm(data={"version": str(order.version)})
    form.offer_policy(current_policy())
    return take(
        form,
        lambda: end(
            actor=current(),
            order=order,
            on=form.on.data,
            outcome=form.said("outcome"),
            words=form.said("words"),
            version=form.seen_version,
        ),
        says=Words(heading="It has ended", button="Save"),
        page=lambda: step_on(order),
        to=address(order),
        done="Ended. It stays on record",
    )
