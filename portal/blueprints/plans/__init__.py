"""What is planned for a child: the plan and its actions, and interim safety plans."""

from portal.blueprints.plans import (
    action,
    changing,
    giving,
    giving_on_concern,
    on_concerns,
    safety,
    safety_deciding,
    safety_document,
    saying,
    show,
    steps,
)
from portal.blueprints.plans.blueprint import blueprint

__all__ = [
    "action",
    "blueprint",
    "changing",
    "giving",
    "giving_on_concern",
    "on_concerns",
    "safety",
    "safety_deciding",
    "safety_document",
    "saying",
    "show",
    "steps",
]
