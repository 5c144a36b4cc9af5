"""Orders and notices on people and places of concern: the list, the page of one, and what happens to it."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import permitted, require, require_on
from portal.access.principal import current
from portal.pages import picking
from portal.pathway.references import Prefix, read_reference
from portal.policy import current_policy
from portal.queries.declared import Listing
from portal.records.children.presenter import full_name
from portal.records.concerns.model import Concern
from portal.records.concerns.reading import records as concerns
from portal.records.orders import keeping
from portal.records.orders import presenter as order_words
from portal.records.orders import reading as orders
from portal.records.orders.forms import BrokenForm, EndedForm, MovedForm, OrderForm, ServedForm
from portal.records.orders.lists import ENDED, STANDING, Standing, rows_of
from portal.records.orders.model import ConcernOrder
from portal.records.orders.policy import Orders
from portal.records.people.reading import agencies
from portal.web.listing import ALL, ListRoute, ListView, views, ways
from portal.web.page import render
from portal.web.references import address_of
from portal.web.steps import Link, StepsOn, Words, take

blueprint = Blueprint("orders", __name__)


def find_order(reference: str) -> ConcernOrder:
    """One that the person may see; every other is answered like none."""
    typed = read_reference(reference, Prefix.ORDER)
    return (orders.find_order(reference=typed) if typed else None) or abort(404)


def to_keep(reference: str) -> ConcernOrder:
    """The same for whoever says what happens to it.

    Raises:
        Forbidden: the person only reads it.
    """
    return require_on("order:keep", find_order(reference), keeping.keeping_facts)


def record_viewing(order: ConcernOrder, *, action: str = "order:view", children: Any = ()) -> None:
    """Put the look on record: one row for each child that the page names, and one where it names none."""
    ids: list[UUID | None] = [one.id for one in children] or [None]
    for child_id in ids:
        audit.record(action, order, child_id=child_id)


def address(order: ConcernOrder) -> str:
    """Its page."""
    return url_for("orders.show", reference=order.reference)


def step_on(order: ConcernOrder) -> dict[str, Any]:
    """What the page of a step on it shows, with the look put on record."""
    record_viewing(order)
    row = orders.page_of(order=order)
    what = current_policy().of(Orders).types.label(row.kind)
    return {
        "caption": f"{what}, {row.concern_name}, {row.reference}",
        "back": Link(address(order), what),
        "marking": True,
    }


_on_order = StepsOn[ConcernOrder](
    lambda order: {"order": order},
    page=step_on,
    to=address,
    about=lambda order: orders.records_around(order=order),
)

_KEPT = "It is kept with its history, and whoever answers for it is reminded before it runs out."
_BLIND = (
    "Whoever leads or works on a case of a child whom it protects is told, also if they may not see it: then"
    " they learn that there is an order and who answers for it, not whom it is on or what it says."
)
_BLIND_ENDED = (
    "Whoever leads or works on a case of a child whom it protects is told at once, also if they may not see"
    " it: then they learn that it has ended and who answers for it, not whom it is on. Where another order"
    " took its place, it waits for the hours in which e-mails go out."
)
_BLIND_BROKEN = (
    "Whoever leads or works on a case of a child whom it protects is told at once, also if they may not see"
    " it: then they learn that it was broken and who answers for it, not whom it is on or what happened."
)
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
    form.child.seek(picking.children)
    offered = policy.of(Orders).types_on(concern.kind)
    return take(
        form,
        lambda: keeping.record_order(
            actor=current(),
            concern=concern,
            said=form.order,
            protects=keeping.children_by_reference(references=form.protected),
            team_id=form.team_id,
            once=form.nonce,
        ),
        says=Words(
            heading="Record an order or notice",
            lead=[_KEPT, _BLIND] if offered else (),
            nothing="" if offered else _NOT_ON_THESE,
            button="Record it",
        ),
        page=lambda: _begin(concern),
        about=form.protected,
        to=address,
        done="The order or notice was recorded",
    )


def _begin(concern: Concern) -> dict[str, Any]:
    audit.record("concern:view", concern)
    return {
        "caption": ", ".join(filter(None, (concern.name, concern.reference))),
        "back": Link(
            address_of(concern.reference) or url_for("orders.index"), concern.name or concern.reference
        ),
        "marking": True,
    }


@blueprint.route("/orders", methods=["GET", "POST"])
@allow("order:list", shows="list")
def index() -> ResponseReturnValue:
    """What has not ended, what runs out first on top; or what has."""
    view = _listed()
    return view.page(
        "orders/index.html",
        lambda found: {"rows": order_words.lines(found.page.rows, current_policy())},
        open_filters=("stands", "outcome"),
        ways=ways(view.route, [("Not ended", _route(STANDING)), ("Ended", _route(ENDED))], ALL),
        ended=view.listing is ENDED,
        marking=True,
        wide=True,
    )


@blueprint.get("/orders/list.csv")
@allow("order:list", shows="list", releases="export")
def download() -> ResponseReturnValue:
    """All that fits the filters, in the order of the page, as a file for a spreadsheet."""
    return _listed().file("orders", lambda rows: order_words.lines(rows, current_policy()))


def _listed() -> ListView:
    shown = ENDED if request.args.get("show") == "ended" else STANDING
    return ListView(listing=shown, source=rows_of(shown), route=_route(shown), looked="order:list")


def _route(shown: Listing) -> ListRoute:
    if shown is ENDED:
        return ListRoute(endpoint="orders.index", file="orders.download", fixed={"show": "ended"})
    return ListRoute(endpoint="orders.index", file="orders.download", views=views("All", "stands", Standing))


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
    order, policy = find_order(reference), current_policy()
    row, protects = orders.page_of(order=order), orders.protects(order_id=order.id)
    record_viewing(order, children=protects)
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
        and permitted(current(), "order:keep", keeping.keeping_facts(current(), order)),
        marking=True,
    )


@blueprint.route("/orders/<reference>/serve", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def serve_order(reference: str) -> ResponseReturnValue:
    """It was served."""
    order = to_keep(reference)
    form = ServedForm.opened(order)
    return _on_order.take(
        order,
        form,
        partial(keeping.serve, on=form.on.data, words=form.said("words")),
        Words(heading="It was served"),
        done="That it was served was recorded",
    )


@blueprint.route("/orders/<reference>/broken", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def order_broken(reference: str) -> ResponseReturnValue:
    """Somebody broke it."""
    order, form = to_keep(reference), BrokenForm()
    return _on_order.take(
        order,
        form,
        partial(keeping.say_broken, on=form.on.data, words=form.said("words")),
        Words(heading="It was broken", lead=[_BLIND_BROKEN]),
        done="That it was broken was recorded",
    )


@blueprint.route("/orders/<reference>/move", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def move_order(reference: str) -> ResponseReturnValue:
    """It runs until another day."""
    order = to_keep(reference)
    form = MovedForm.opened(order)
    return _on_order.take(
        order,
        form,
        partial(keeping.move, until=form.until.data, words=form.said("words")),
        Words(heading="It runs until another day"),
        done="Changed. The first day stays on record",
    )


@blueprint.route("/orders/<reference>/end", methods=["GET", "POST"])
@allow("order:keep", shows="list")
def end_order(reference: str) -> ResponseReturnValue:
    """It has ended."""
    order = to_keep(reference)
    form = EndedForm.opened(order)
    form.offer_policy(current_policy())
    return _on_order.take(
        order,
        form,
        partial(keeping.end, on=form.on.data, outcome=form.said("outcome"), words=form.said("words")),
        Words(heading="It has ended", lead=[_BLIND_ENDED]),
        done="Ended. It stays on record",
    )
