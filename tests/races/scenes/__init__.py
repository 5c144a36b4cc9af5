"""What routes need to be sent, by route; a route that is not here is sent as `tests/races/scene.py` says."""

from tests.races.scene import Scene
from tests.races.scenes import assessments, cases, children, concerns, hub, meetings, panels, people, plans

SCENES: dict[str, Scene] = {
    **people.SCENES,
    **cases.SCENES,
    **assessments.SCENES,
    **children.SCENES,
    **hub.SCENES,
    **meetings.SCENES,
    **panels.SCENES,
    **concerns.SCENES,
    **plans.SCENES,
}
