"""The lists of actions: those of oneself and one's teams, and those on places and people of concern."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.permissions import near
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.policy import current_policy
from portal.queries.declared import Due, Listing
from portal.records.plans import lists, presenter
from portal.records.plans.lists import OVER, OVER_ON_CONCERNS, TO_DO, TO_DO_ON_CONCERNS, Whose
from portal.records.plans.vocabulary import ActionState
from portal.web.listing import ListRoute, ListView, Views, views, ways


@blueprint.route("/actions", methods=["GET", "POST"])
@allow("action:view", shows="list")
def mine() -> ResponseReturnValue:
    """What is to be done by oneself and one's teams, also on cases that one does not read."""
    view = _mine()
    return view.page(
        "plans/mine.html",
        lambda found: {"rows": _lines(found.page.rows)},
        open_filters=("when", "stands"),
        ways=ways(
            view.route,
            [
                *((one.label, _route_of_mine(TO_DO, one)) for one in Whose),
                ("Done, or no longer needed", _route_of_mine(OVER, Whose.ALL)),
            ],
        ),
        is_over=view.listing is OVER,
        confirms=near(current(), "action:confirm"),
        marking=True,
        wide=True,
    )


@blueprint.get("/actions/list.csv")
@allow("action:view", shows="list", releases="export")
def download_mine() -> ResponseReturnValue:
    """All of them that fit the filters, in the order of the page, as a file for a spreadsheet."""
    return _mine().file("actions", _lines)


@blueprint.route("/actions/places-and-people", methods=["GET", "POST"])
@allow("action:view", shows="list")
def on_concerns() -> ResponseReturnValue:
    """The actions on places and people of concern: those of one's agency, or all that one may see."""
    view = _on_concerns()
    return view.page(
        "plans/on_concerns.html",
        lambda found: {"rows": _lines(found.page.rows)},
        open_filters=("when", "stands"),
        ways=ways(
            view.route,
            [
                (f"{current().agency_name}’s", _route_on_concerns(TO_DO_ON_CONCERNS, every=False)),
                ("All that you may see", _route_on_concerns(TO_DO_ON_CONCERNS, every=True)),
                ("Done, or no longer needed", _route_on_concerns(OVER_ON_CONCERNS, every=True)),
            ],
        ),
        is_over=view.listing is OVER_ON_CONCERNS,
        marking=True,
        wide=True,
    )


@blueprint.get("/actions/places-and-people.csv")
@allow("action:view", shows="list", releases="export")
def download_on_concerns() -> ResponseReturnValue:
    """All of them that fit the filters, in the order of the page, as a file for a spreadsheet."""
    return _on_concerns().file("actions", _lines)


def _mine() -> ListView:
    shown, typed = _shown(TO_DO, OVER), request.args.get("whose")
    whose = Whose(typed) if typed in set(Whose) else Whose.ALL
    return ListView(
        listing=shown,
        source=lists.mine(shown, current(), whose),
        route=_route_of_mine(shown, whose),
        looked="action:list",
        noted={"ground": whose.value},
    )


def _on_concerns() -> ListView:
    shown, every = _shown(TO_DO_ON_CONCERNS, OVER_ON_CONCERNS), request.args.get("whose") == "all"
    return ListView(
        listing=shown,
        source=lists.on_concerns(shown, current(), every=every),
        route=_route_on_concerns(shown, every=every),
        looked="action:list",
        noted={"every": every},
    )


def _route_of_mine(shown: Listing, whose: Whose) -> ListRoute:
    return _route("mine", whose.value, shown)


def _route_on_concerns(shown: Listing, *, every: bool) -> ListRoute:
    return _route("on_concerns", "all" if every else "ours", shown)


#: Views that everybody has of what is still to be done, and of what is over.
_TO_DO: Views = (
    *views("All to do", "when", (Due.OVERDUE, Due.WEEK)),
    (ActionState.BLOCKED.label, {"stands": [ActionState.BLOCKED.value]}),
)
_OVER: Views = (
    ("All", {}),
    ("Done, not confirmed", {"stands": [ActionState.DONE.value]}),
    (ActionState.CONFIRMED.label, {"stands": [ActionState.CONFIRMED.value]}),
)


def _route(page: str, whose: str, shown: Listing) -> ListRoute:
    is_over = shown in {OVER, OVER_ON_CONCERNS}
    return ListRoute(
        endpoint=f"plans.{page}",
        file=f"plans.download_{page}",
        fixed={"whose": whose, **({"show": "over"} if is_over else {})},
        views=_OVER if is_over else _TO_DO,
    )


def _shown(to_do: Listing, over: Listing) -> Listing:
    return to_do if request.args.get("show", "open") == "open" else over


def _lines(rows: Sequence[Any]) -> list[presenter.ActionLine]:
    policy = current_policy()
    return [presenter.line(one, policy) for one in rows]
