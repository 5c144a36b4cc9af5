"""What is done about places and people of concern: licensing, disruption and the like."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.plans.blueprint import blueprint
from portal.policy import current_policy
from portal.records.plans import presenter
from portal.records.plans.reading import actions as plan_actions
from portal.web.page import render


@blueprint.get("/actions/places-and-people")
@allow("action:view", shows="list")
def on_concerns() -> ResponseReturnValue:
    """The actions on places and people of concern that one may see, the worst first."""
    shown = presenter.chosen(request.args.get("show", ""))
    every = request.args.get("whose") == "all"
    rows = plan_actions.on_concerns(agency_id=None if every else current().agency_id, states=shown.states)
    audit.record("action:list", shown=shown.code)
    policy = current_policy()

    mine = "all" if every else "ours"

    def address(whose: str, show: str) -> str:
        return url_for("plans.on_concerns", whose=whose, show=show)

    return render(
        "plans/on_concerns.html",
        lines=[presenter.line(one, policy) for one in rows],
        whose=[
            {"text": label, "href": address(code, shown.code), "current": (code == "all") is every}
            for code, label in (("ours", f"{current().agency_name}’s"), ("all", "All that you may see"))
        ],
        views=[
            {
                "text": one.label,
                "href": address(mine, one.code),
                "current": one == shown,
            }
            for one in presenter.CHOICES
        ],
        shown=shown,
        most=plan_actions.MOST,
        marking=True,
        wide=True,
    )
