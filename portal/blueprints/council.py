"""The workspace of councils: cases, what they were told, what is asked and due; their places."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import audit
from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.home import workspace_of
from portal.policy import current_policy
from portal.records.concerns.policy import Concerns
from portal.records.places import reading as place_reading
from portal.records.places.presenter import BOARD, board_tabs
from portal.vocabulary import Sector
from portal.web.page import render

blueprint = workspace_of("council", Sector.COUNCIL)


@blueprint.get("/places")
@allow("concern:view", shows="list")
def places() -> ResponseReturnValue:
    """The places of concern in the districts of one's council, those first that need somebody."""
    policy = current_policy()
    known = place_reading.districts_of(agency_id=current().agency_id)
    mine = [one for one in known if one in policy.areas.districts]
    asked = request.args.get("district", "")
    chosen = [asked] if asked in mine else mine
    show = next((one for one in BOARD if one.code == request.args.get("show")), BOARD[0])
    audit.record("council:places", show=show.code)
    return render(
        "council/places.html",
        rows=place_reading.board(districts=chosen, show=show.code),
        policy=policy,
        risks=policy.of(Concerns).risks,
        districts=[policy.areas.districts[code] for code in mine],
        chosen=asked if asked in mine else "",
        tabs=board_tabs(show, lambda code: url_for("council.places", show=code, district=asked or None)),
        show=show,
        most=place_reading.MOST,
        today=clock.today(),
        marking=True,
        wide=True,
    )
