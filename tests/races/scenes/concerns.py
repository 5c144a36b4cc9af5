"""What is of concern, orders, places and the directory."""

from collections.abc import Mapping

from portal.records.children.model import Child
from portal.records.concerns.model import Concern
from tests.factories.concerns import link, make_concern
from tests.races.reading import FIRST
from tests.races.scene import Scene
from tests.races.sending import Sent
from tests.races.world import World


def _pressed(_world: World, token: str) -> Sent:
    return Sent("", (("csrf_token", token),))


def _another_alike(world: World) -> Mapping[str, str]:
    """One of the same kind, that nobody has linked to it."""
    officer = world.person("officer")
    concern = world.rows.query(Concern).filter_by(reference=world.names["concern"]).one()
    other = make_concern(world.rows, officer, kind=concern.kind, name="Another of the kind")
    world.rows.commit()
    return {"other concern": other.reference}


def _held_link(world: World) -> Mapping[str, str]:
    """A link to a child that its agency holds back."""
    officer = world.person("officer")
    concern = world.rows.query(Concern).filter_by(reference=world.names["concern"]).one()
    child = world.rows.query(Child).filter_by(reference=world.names["child"]).one()
    made = link(world.rows, concern, child, officer, do_not_disclose=True)
    world.rows.commit()
    return {"concern link": str(made.id)}


SCENES: dict[str, Scene] = {
    "concerns.index": Scene("officer", page="/concerns?kind=place"),
    "police.intelligence": Scene("officer", page="/police/intelligence?whose=own"),
    "police.people": Scene("officer", page="/police/people?status=not_said"),
    "orders.index": Scene("officer", page="/orders?stands=ours"),
    "concerns.let_link_go": Scene("officer", before=_held_link),
    "concerns.find": Scene("officer", page="/concerns"),
    "concerns.may_be_same": Scene("officer", page="concerns.show"),
    "concerns.link": Scene("officer", page="/concerns/{concern}/links/new?to={other concern}"),
    "concerns.same": Scene("officer", page="concerns.show", by_script=_pressed, before=_another_alike),
    "concerns.reopen": Scene("officer", after=("concerns.end",)),
    "concerns.withdraw": Scene("officer", page="concerns.show"),
    "concerns.differ": Scene(
        "officer", page="concerns.show", by_script=_pressed, after=("concerns.may_be_same",)
    ),
    "directory.change": Scene("officer", fills={"phone": "01632 960004"}),
    "directory.new": Scene("officer", fills={"phone": "01632 960004", "role": FIRST}),
    "directory.check": Scene("officer", page="/directory"),
    "directory.end": Scene("officer", page="directory.change"),
}
