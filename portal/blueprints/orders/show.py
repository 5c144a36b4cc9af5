"""The list of orders and notices, and the page of one."""

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted
from portal.access.principal import current
from portal.blueprints.orders.blueprint import blueprint
from portal.blueprints.orders.looking import find, look
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.records.children.presenter import full_name
from portal.records.orders import presenter as order_words
from portal.records.orders import reading as orders
from portal.records.orders.keeping import keeping_facts
from portal.records.orders.policy import Orders
from portal.web.page import render


@blueprint.get("/orders")
@allow("order:list", shows="list")
def index() -> ResponseReturnValue:
    """What is in force, what runs out first on top; or what has ended."""
    audit.record("order:list")
    ended = request.args.get("show") == "ended"
    after = orders.OrderCursor.read(request.args.get("after"))
    rows, more = orders.in_force(ended=ended, after=after)
    which: dict[str, Any] = {"show": "ended"} if ended else {}
    return render(
        "orders/index.html",
        orders=order_words.lines(rows, current_policy()),
        ended=ended,
        more=url_for("orders.index", **which, after=str(more)) if more else "",
        first=url_for("orders.index", **which) if after else "",
        marking=True,
        wide=True,
    )


@blueprint.get("/children/<reference>/orders")
@allow("order:view", shows="child")
def of_child(reference: str) -> ResponseReturnValue:
    """The orders in force that protect a child, on whom or what the person may see."""
    typed = read_reference(reference, Prefix.CHILD)
    child = (orders.find_protected(reference=typed) if typed else None) or abort(404)
    audit.record("order:of_child", subject_kind="child", subject_id=child.id, child_id=child.id)
    return render(
        "orders/of_child.html",
        child=child,
        name=full_name(child),
        orders=order_words.lines(orders.protecting(child_id=child.id), current_policy()),
        marking=True,
    )


@blueprint.get("/orders/<reference>")
@allow("order:view", shows="child")
def show(reference: str) -> ResponseReturnValue:
    """What it says, whom it protects, and what happened to it."""
    order, policy = find(reference), current_policy()
    row, protects = orders.page_of(order=order), orders.protects(order_id=order.id)
    look(order, children=protects)
    tag, colour = order_words.state(row)
    return render(
        "orders/show.html",
        order=row,
        what=policy.of(Orders).types.label(row.kind),
        tag=tag,
        colour=colour,
        facts=order_words.facts(row, policy, [f"{full_name(one)}, {one.reference}" for one in protects]),
        steps=order_words.step_lines(orders.steps(order_id=order.id)),
        may_keep=order.ended_at is None
        and permitted(current(), "order:keep", keeping_facts(current(), order)),
        marking=True,
    )
