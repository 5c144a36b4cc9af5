"""The lists of actions: those of oneself and one's teams, and those on places and people of concern."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.permissions import near
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.policy import current_policy
from portal.queries.listing import Listing
from portal.records.disclosures.presenter import send_list
from portal.records.plans import lists, presenter
from portal.records.plans.lists import OVER, OVER_ON_CONCERNS, TO_DO, TO_DO_ON_CONCERNS, Due, Whose
from portal.records.plans.vocabulary import ActionState
from portal.web import listing
from portal.web.page import render


@blueprint.route("/actions", methods=["GET", "POST"])
@allow("action:view", shows="list")
def mine() -> ResponseReturnValue:
    """What is to be done by oneself and one's teams, also on cases that one does not read."""
    shown, whose = _shown(TO_DO, OVER), _whose()
    asked, route = listing.asked(shown), _mine(shown, whose)
    if answer := listing.begin_with(route, asked):
        return answer
    found = lists.find_mine(asked, person=current(), whose=whose)
    audit.record("action:list", ground=whose.value, chosen=asked.query())
    return render(
        "plans/mine.html",
        rows=_lines(found.page.rows),
        list=listing.page(found, route),
        open_filters=("when", "stands"),
        ways=[
            *(_way(one.label, _mine(TO_DO, one), here=route) for one in Whose),
            _way("Done, or no longer needed", _mine(OVER, Whose.ALL), here=route),
        ],
        is_over=shown is OVER,
        confirms=near(current(), "action:confirm"),
        marking=True,
        wide=True,
    )


@blueprint.get("/actions/list.csv")
@allow("action:view", shows="list", releases="export")
def download_mine() -> ResponseReturnValue:
    """All of them that fit the filters, in the order of the page, as a file for a spreadsheet."""
    shown, whose = _shown(TO_DO, OVER), _whose()
    asked = listing.asked(shown)
    rows = lists.mine_for_file(asked, person=current(), whose=whose)
    if rows is None:
        return listing.too_many(_mine(shown, whose), asked)
    audit.record("action:list", ground=whose.value, taken=len(rows), chosen=asked.query())
    return _file(shown, rows)


@blueprint.route("/actions/places-and-people", methods=["GET", "POST"])
@allow("action:view", shows="list")
def on_concerns() -> ResponseReturnValue:
    """The actions on places and people of concern: those of one's agency, or all that one may see."""
    shown, every = _shown(TO_DO_ON_CONCERNS, OVER_ON_CONCERNS), _every()
    asked, route = listing.asked(shown), _on_concerns(shown, every=every)
    if answer := listing.begin_with(route, asked):
        return answer
    found = lists.find_on_concerns(asked, person=current(), every=every)
    audit.record("action:list", every=every, chosen=asked.query())
    return render(
        "plans/on_concerns.html",
        rows=_lines(found.page.rows),
        list=listing.page(found, route),
        open_filters=("when", "stands"),
        ways=[
            _way(text, _on_concerns(kind, every=of_all), here=route)
            for text, kind, of_all in (
                (f"{current().agency_name}’s", TO_DO_ON_CONCERNS, False),
                ("All that you may see", TO_DO_ON_CONCERNS, True),
                ("Done, or no longer needed", OVER_ON_CONCERNS, True),
            )
        ],
        is_over=shown is OVER_ON_CONCERNS,
        marking=True,
        wide=True,
    )


@blueprint.get("/actions/places-and-people.csv")
@allow("action:view", shows="list", releases="export")
def download_on_concerns() -> ResponseReturnValue:
    """All of them that fit the filters, in the order of the page, as a file for a spreadsheet."""
    shown, every = _shown(TO_DO_ON_CONCERNS, OVER_ON_CONCERNS), _every()
    asked = listing.asked(shown)
    rows = lists.on_concerns_for_file(asked, person=current(), every=every)
    if rows is None:
        return listing.too_many(_on_concerns(shown, every=every), asked)
    audit.record("action:list", every=every, taken=len(rows), chosen=asked.query())
    return _file(shown, rows)


def _mine(shown: Listing, whose: Whose) -> listing.ListRoute:
    return listing.ListRoute(
        endpoint="plans.mine",
        file="plans.download_mine",
        fixed={"whose": whose.value, **_show(shown)},
        views=_views(shown),
    )


def _on_concerns(shown: Listing, *, every: bool) -> listing.ListRoute:
    return listing.ListRoute(
        endpoint="plans.on_concerns",
        file="plans.download_on_concerns",
        fixed={"whose": "all" if every else "ours", **_show(shown)},
        views=_views(shown),
    )


#: Views that everybody has of what is still to be done, and of what is over.
_TO_DO: listing.Views = (
    ("All to do", {}),
    *((one.label, {"when": [one.value]}) for one in (Due.OVERDUE, Due.WEEK)),
    (ActionState.BLOCKED.label, {"stands": [ActionState.BLOCKED.value]}),
)
_OVER: listing.Views = (
    ("All", {}),
    ("Done, not confirmed", {"stands": [ActionState.DONE.value]}),
    (ActionState.CONFIRMED.label, {"stands": [ActionState.CONFIRMED.value]}),
)


def _views(shown: Listing) -> listing.Views:
    return _OVER if shown in {OVER, OVER_ON_CONCERNS} else _TO_DO


def _show(shown: Listing) -> dict[str, str]:
    return {"show": "over"} if shown in {OVER, OVER_ON_CONCERNS} else {}


def _shown(to_do: Listing, over: Listing) -> Listing:
    return to_do if request.args.get("show", "open") == "open" else over


def _whose() -> Whose:
    typed = request.args.get("whose")
    return Whose(typed) if typed in set(Whose) else Whose.ALL


def _every() -> bool:
    return request.args.get("whose") == "all"


def _way(text: str, route: listing.ListRoute, *, here: listing.ListRoute) -> dict[str, object]:
    return {"text": text, "href": route.address({}), "current": route.fixed == here.fixed}


def _lines(rows: Sequence[Any]) -> list[presenter.ActionLine]:
    policy = current_policy()
    return [presenter.line(one, policy) for one in rows]


def _file(shown: Listing, rows: Sequence[Any]) -> Response:
    return send_list(
        listing.as_csv(shown, _lines(rows)),
        name="actions",
        case_ids=sorted({row.case_id for row in rows if row.case_id}),
    )
