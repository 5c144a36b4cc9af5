"""Shared cases: lists, the page of one case, and what people who work on it do there."""

from portal.blueprints.cases import (
    alerts,
    closing,
    due_dates,
    entries,
    handing_over,
    involved,
    listing,
    readers,
    sensitivity,
    show,
    taking_off,
)
from portal.blueprints.cases.blueprint import blueprint

__all__ = [
    "alerts",
    "blueprint",
    "closing",
    "due_dates",
    "entries",
    "handing_over",
    "involved",
    "listing",
    "readers",
    "sensitivity",
    "show",
    "taking_off",
]
