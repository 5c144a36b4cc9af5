"""The workspace of the police: cases, what they were told, what is asked and due; and what only they do."""

from flask.typing import ResponseReturnValue

from portal.access.guard import allow
from portal.access.principal import current
from portal.blueprints.home import workspace_of
from portal.policy import current_policy
from portal.records.concerns.lists import PEOPLE, people_of_concern, statuses
from portal.records.concerns.presenter.words import table
from portal.records.entries.presenter.grading import waiting_lines
from portal.records.intelligence.reading import TO_RELEASE, Whose, waiting
from portal.vocabulary import Sector
from portal.web.listing import ListRoute, ListView, views

blueprint = workspace_of("police", Sector.POLICE)


@blueprint.route("/intelligence", methods=["GET", "POST"])
@allow("intelligence:list", shows="list")
def intelligence() -> ResponseReturnValue:
    """Intelligence under conditions that one's agency may end."""
    view = ListView(
        listing=TO_RELEASE,
        source=waiting(current()),
        route=ListRoute(endpoint="police.intelligence", views=views("All", "whose", Whose)),
        looked="intelligence:list",
        noted={"ground": "agency"},
    )
    return view.page(
        "police/intelligence.html",
        lambda found: {"rows": waiting_lines(found.page.rows)},
        person=current(),
        open_filters=("whose", "long"),
        marking=True,
        wide=True,
    )


@blueprint.route("/people", methods=["GET", "POST"])
@allow("concern:police_status", shows="list")
def people() -> ResponseReturnValue:
    """People of concern by how police know them; of whom nobody has said stand in a view of their own."""
    return _people().page(
        "police/people.html",
        lambda found: table(found.page.rows, current_policy()),
        person=current(),
        open_filters=("status", "stands"),
        marking=True,
        wide=True,
    )


@blueprint.get("/people.csv")
@allow("concern:police_status", shows="list", releases="export")
def download_people() -> ResponseReturnValue:
    """All who fit the filters, in the order of the page, as a file for a spreadsheet."""
    return _people().file("people-of-concern")


def _people() -> ListView:
    ways = ((text, {"status": [code]}) for code, text in statuses())
    route = ListRoute(endpoint="police.people", file="police.download_people", views=(("All", {}), *ways))
    return ListView(listing=PEOPLE, source=people_of_concern(), route=route, looked="concern:list")
