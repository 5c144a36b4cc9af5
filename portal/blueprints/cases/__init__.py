"""Shared cases: lists, the page of one case, and what people who work on it do there."""

from portal.blueprints.cases import (
    alerts,
    asking_access,
    document,
    due_dates,
    entries,
    index,
    involved,
    lead,
    named,
    sensitivity,
    show,
)
from portal.blueprints.cases.blueprint import blueprint

__all__ = [
    "alerts",
    "asking_access",
    "blueprint",
    "document",
    "due_dates",
    "entries",
    "index",
    "involved",
    "lead",
    "named",
    "sensitivity",
    "show",
]
