"""Which actions of a plan its page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.pathway.states import OPEN_ACTION_STATES
from portal.records.plans.vocabulary import ActionState


@dataclass(frozen=True)
class Shown:
    """One choice of actions; no states are all of them."""

    code: str
    label: str
    states: tuple[ActionState, ...]
    nothing: str  # what the page says when there are none


OPEN = Shown(
    "open", "To do", tuple(one for one in ActionState if one in OPEN_ACTION_STATES), "Nothing is to be done."
)
DONE = Shown("done", "Done", (ActionState.DONE, ActionState.CONFIRMED), "Nothing is done yet.")
DROPPED = Shown(
    "dropped", "Not needed", (ActionState.NOT_NEEDED, ActionState.COVERED), "No action was given up."
)
EVERY = Shown("all", "All", (), "No action was given yet.")
CHOICES = (OPEN, DONE, DROPPED, EVERY)


def chosen(code: str) -> Shown:
    """The choice of an address; what is still to do when it names none."""
    return next((one for one in CHOICES if one.code == code), OPEN)


def views(counts: Mapping[str, int]) -> Sequence[tuple[Shown, int]]:
    """Each choice with how many actions it holds."""
    return [
        (one, sum(number for state, number in counts.items() if not one.states or state in one.states))
        for one in CHOICES
    ]
