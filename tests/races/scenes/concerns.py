"""What is of concern, orders, places and the directory."""

from tests.races.reading import FIRST
from tests.races.scene import Scene
from tests.races.sending import Sent
from tests.races.world import World


def _pressed(_world: World, token: str) -> Sent:
    return Sent("", (("csrf_token", token),))


SCENES: dict[str, Scene] = {
    "concerns.find": Scene("officer", page="/concerns"),
    "concerns.may_be_same": Scene("officer", page="concerns.show"),
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
