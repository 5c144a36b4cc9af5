"""Shared cases: lists, the page of one case, and what people who work on it do there."""

from portal.blueprints.cases import (
    alerts,
    asking_access,
    closing,
    document,
    due_dates,
    entries,
    hand_over_document,
    handing_over,
    index,
    intelligence,
    involved,
    lead,
    moments,
    named,
    reopening,
    sensitivity,
    show,
)
from portal.blueprints.cases.blueprint import blueprint

__all__ = [
    "alerts",
    "asking_access",
    "blueprint",
    "closing",
    "document",
    "due_dates",
    "entries",
    "hand_over_document",
    "handing_over",
    "index",
    "intelligence",
    "involved",
    "lead",
    "moments",
    "named",
    "reopening",
    "sensitivity",
    "show",
]
