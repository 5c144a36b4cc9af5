"""The panel of a district: what comes before it, its papers, what it says and decides."""

from portal.blueprints.panels import (
    acting,
    following,
    item,
    preparing,
    proposing,
    recording,
    show,
    summing_up,
)
from portal.blueprints.panels.blueprint import blueprint

__all__ = [
    "acting",
    "blueprint",
    "following",
    "item",
    "preparing",
    "proposing",
    "recording",
    "show",
    "summing_up",
]
