"""District panels."""

from collections.abc import Mapping
from datetime import timedelta

from portal import clock
from portal.records.concerns.model import Concern
from portal.records.meetings.model import Meeting
from portal.records.panels.model import PanelItem
from tests.races.reading import FIRST
from tests.races.scene import Scene
from tests.races.world import World


def _panel(world: World) -> Meeting:
    return world.rows.query(Meeting).filter_by(reference=world.names["panel"]).one()


def _today(world: World) -> Mapping[str, str]:
    """The panel began half an hour ago."""
    _panel(world).starts_at = clock.now() - timedelta(minutes=30)
    return {}


def _soon(world: World) -> Mapping[str, str]:
    """The panel is near enough for its papers to go out."""
    _panel(world).starts_at = clock.now() + timedelta(days=1)
    return {}


def _alone(world: World) -> Mapping[str, str]:
    """No other panel of its district is called."""
    world.rows.query(Meeting).filter(
        Meeting.district == "amber_valley", Meeting.id != _panel(world).id
    ).update({"district": "erewash"})
    return {}


def _proposed(world: World) -> Mapping[str, str]:
    """An item that waits, on a concern that is not held closely."""
    world.rows.query(Concern).filter_by(reference=world.names["panel concern"]).one().sensitivity = 0
    return {"panel item": world.names["panel item of a concern"]}


def _not_proposed(world: World) -> Mapping[str, str]:
    concern = world.rows.query(Concern).filter_by(reference=world.names["panel concern"]).one()
    world.rows.query(PanelItem).filter_by(concern_id=concern.id).delete()
    return {}


ITEM = "/panels/items/{panel item}"

SCENES: dict[str, Scene] = {
    "panels.call_next_panel": Scene("coordinator", before=_alone, fills={"place": "Room {word}"}),
    "panels.decided": Scene("coordinator", page=ITEM, before=_today),
    "panels.said": Scene("coordinator", page=ITEM, before=_today),
    "panels.take_decision_back": Scene("coordinator", before=_today),
    "panels.decline_item": Scene("coordinator", before=_proposed),
    "panels.give_summary_back": Scene("coordinator", page=ITEM + "/summary/1/read"),
    "panels.release_summary": Scene("coordinator", page=ITEM + "/summary/1/read"),
    "panels.papers_out": Scene(
        "coordinator", page="panels.show", before=_soon, after=("panels.release_summary",)
    ),
    "panels.propose_concern": Scene("coordinator", before=_not_proposed),
    "panels.put_something_on": Scene(
        "coordinator", page="panels.prepare", fills={"reference": "{returned case}", "about": "case"}
    ),
    "panels.put_item_on": Scene("coordinator", page="panels.prepare", before=_proposed),
    "panels.give_action": Scene("coordinator", before=_today, fills={"owner": FIRST, "email": None}),
}
